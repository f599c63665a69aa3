/** A host that says as much as its line carries: reports of health, frames to one phone, frames to long lists. And a phone that does nothing but ping. */
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { WebSocket } from "ws";

/** Processor time that one such host may take of each second. */
const MAX_CORE = 0.6;
const TICK_MS = 20;
/** A phone may ping too often for five seconds; a busy machine may take longer to read so many. */
const MAX_PING_MS = 15_000;
const PINGS_PER_WRITE = 10_000;
/** An empty ping, masked with zeros (RFC 6455, section 5.2). */
const PING = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 9,
  title:
    "A host asks for health 5,000 times a second, then sends 20,000 frames a second, then lists of 4,096 recipients",
  async run({ scale, startServer }) {
    const server = await startServer();
    const host = await connect(`${server.ws}/CREATE?format=json`);
    const key = await new Promise((resolve) => {
      host.on("message", (/** @type {Buffer} */ data) => {
        const event = JSON.parse(data.toString());
        if (event.cmd === "prepare_reply") resolve(event.key);
      });
      host.send(JSON.stringify({ cmd: "prepare", max_players: 250, name: "attack" }));
    });
    const phones = [];
    for (let count = 0; count < Math.max(10, 249 * scale); count++) phones.push(await connect(`${server.ws}/${key}`));
    let pings = 0;
    for (const phone of phones) phone.on("ping", () => (pings += 1));
    /** @type {Record<string, number>} */
    const told = {};
    host.on("message", (/** @type {Buffer} */ data) => {
      const { cmd, code } = JSON.parse(data.toString());
      told[code ?? cmd] = (told[code ?? cmd] ?? 0) + 1;
    });

    const seconds = Math.max(0.6, 3 * scale);
    const kinds = {
      "health 5,000 times a second": { perSecond: 5_000, command: { cmd: "health", every: 1 } },
      "to 20,000 times a second": { perSecond: 20_000, command: { cmd: "to_str", to: [1], data: "x" } },
      "to everybody 5,000 times a second": { perSecond: 5_000, command: { cmd: "to_str", to: [], data: "x" } },
      "4,096 recipients 500 times a second": {
        perSecond: 500,
        command: { cmd: "to_str", to: Array.from({ length: 4_096 }, () => 1), data: "x" },
      },
    };
    /** @type {Record<string, string | number>} */
    const figures = {};
    const broken = [];
    for (const [what, { perSecond, command }] of Object.entries(kinds)) {
      for (const name of Object.keys(told)) delete told[name];
      pings = 0;
      const spent = server.cpuMs();
      const took = await flood(host, JSON.stringify(command), perSecond, seconds);
      const core = (server.cpuMs() - spent) / took;
      figures[`${what}: part of a core`] = core.toFixed(2);
      // What was saved up for a burst is spent in the first seconds, so the short form says less.
      if (scale === 1 && core > MAX_CORE) broken.push(`${what} took ${core.toFixed(2)} of a core.`);
      const allowed = Math.ceil(took / 1_000) + 1;
      if ((told.health ?? 0) > allowed) broken.push(`${what}: ${told.health} reports of health in ${took} ms.`);
      if ((told.rate_limited ?? 0) > allowed) broken.push(`${what}: told rate_limited ${told.rate_limited} times.`);
      if (pings > allowed * phones.length * 2) broken.push(`${what}: ${pings} pings to ${phones.length} phones.`);
    }
    if (scale === 1) {
      const { pings: sent, tookMs, ending, core } = await floodWithPings(server, key);
      figures["pings of one phone: a second"] = Math.round((sent * 1_000) / tookMs);
      figures["pings of one phone: closed after, ms"] = Math.round(tookMs);
      figures["pings of one phone: part of a core"] = core.toFixed(2);
      figures["pings of one phone: how it ended"] = ending;
      if (ending !== "4029" && ending !== "cut") broken.push(`A phone that only pings: ${ending}.`);
    }
    if (host.readyState !== WebSocket.OPEN) broken.push("The host was closed for what it said.");
    const isWell = (await fetch(`${server.url}/healthz`)).status === 200;
    if (!isWell) broken.push("The server does not answer any more.");
    for (const socket of [host, ...phones]) socket.terminate();
    return { figures, broken };
  },
};

/**
 * Says the same so many times a second; returns for how many milliseconds.
 * @param {WebSocket} host @param {string} text @param {number} perSecond @param {number} seconds
 */
async function flood(host, text, perSecond, seconds) {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;
  let sent = 0;
  while (performance.now() < endsAt) {
    const due = ((performance.now() - startedAt) * perSecond) / 1_000;
    // What the server does not read waits in the kernel, and here no more than this.
    while (sent < due && host.bufferedAmount < 1_048_576) {
      host.send(text);
      sent += 1;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, TICK_MS);
    });
  }
  return Math.round(performance.now() - startedAt);
}

/**
 * Joins over bare TCP and pings as fast as the line carries it, until it is closed.
 * @param {import("./attack.js").AttackedServer} server @param {string} key
 */
async function floodWithPings(server, key) {
  const socket = connectTcp(server.port, "127.0.0.1");
  socket.on("error", () => {}); // `close` follows
  const answered = once(socket, "data");
  socket.write(
    `GET /${key} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  await answered;
  // A system that still has unread pings when the server hangs up resets the connection, and may lose the Close frame with it.
  const end = { how: "" };
  socket.on("data", (/** @type {Buffer} */ data) => {
    const at = data.lastIndexOf(0x88); // the server's Close is the last thing it says
    if (at !== -1 && data.length >= at + 4) end.how = String(data.readUInt16BE(at + 2));
  });
  socket.on("close", () => {
    if (end.how === "") end.how = "cut";
  });
  const block = Buffer.alloc(PINGS_PER_WRITE * PING.length, PING);
  const startedAt = performance.now();
  const spent = server.cpuMs();
  let pings = 0;
  while (end.how === "" && performance.now() - startedAt < MAX_PING_MS) {
    if (socket.writableLength < block.length) {
      socket.write(block);
      pings += PINGS_PER_WRITE;
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  const tookMs = performance.now() - startedAt;
  const core = (server.cpuMs() - spent) / tookMs;
  socket.destroy();
  return { pings, tookMs, ending: end.how === "" ? "not closed" : end.how, core };
}

/** @param {string} url @returns {Promise<WebSocket>} */
function connect(url) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.on("open", () => resolve(socket));
    socket.on("error", reject);
  });
}
