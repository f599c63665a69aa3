/**
 * 9,000 sessions in 100 rooms whose hosts fill all that is kept and queued for them, each with bytes of its own; and an honest room beside
 * them. Some of the phones never read, some read and never acknowledge, some have hung up.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { openSocket, mebibytes, MEBIBYTE, serverMemory, openJsonRoom, pause } from "./peers.js";

const ROOMS = 100;
const PHONES_A_ROOM = 90;
const FRAME_BYTES = 96 * 1_024;
/** What a connection itself costs, with its buffers in the process; and what V8 leaves lying about. */
const CONNECTION_BYTES = 48 * 1_024;
const MAX_GARBAGE = 320 * MEBIBYTE;
/** What is about to go may be over the limit by so much for a moment. */
const SLACK = 1.25;

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 12,
  title: "9,000 hostile sessions in 100 rooms fill what is kept for them, beside one honest room",
  async run({ scale, startServer }) {
    const isWhole = scale === 1;
    const server = await startServer(isWhole ? {} : { memory: 24 * MEBIBYTE, hostRate: 0 });
    const honest = await openHonestRoom(server.ws);
    const calmServer = await startServer();
    const elsewhere = await openHonestRoom(calmServer.ws);
    try {
      return await attackBeside({ honest, elsewhere, server, isWhole });
    } finally {
      honest.close();
      elsewhere.close();
    }
  },
};

/** @typedef {Awaited<ReturnType<typeof openHonestRoom>>} HonestRoom */

/**
 * `elsewhere` is a room on a server that is not attacked. It shows how long a room waits for the processors alone, which the attackers use as well.
 * @param {{ honest: HonestRoom, elsewhere: HonestRoom, server: import("./attack.js").AttackedServer, isWhole: boolean }} options
 */
async function attackBeside({ honest, elsewhere, server, isWhole }) {
  const rooms = isWhole ? ROOMS : 6;
  const phonesARoom = isWhole ? PHONES_A_ROOM : 50;
  const quiet = honest.play();
  await pause(isWhole ? 2_000 : 300);
  honest.stop();
  const { p99: quietP99 } = await quiet;

  const attackers = await Promise.all(
    Array.from({ length: rooms }, (_, index) => openHostileRoom(server.ws, index, phonesARoom)),
  );
  const before = server.rss();
  let [mostUsed, mostGrown] = [0, 0];
  const attackState = { isOver: false };
  const watching = (async () => {
    while (!attackState.isOver) {
      mostUsed = Math.max(mostUsed, (await serverMemory(server)).used);
      mostGrown = Math.max(mostGrown, server.rss() - before);
      await pause(50);
    }
  })();
  const playing = honest.play();
  const playingElsewhere = elsewhere.play();
  await Promise.all(attackers.map((attacker) => attacker.fill()));
  attackState.isOver = true;
  honest.stop();
  elsewhere.stop();
  const { p99, received, wrong } = await playing;
  const { p99: elsewhereP99 } = await playingElsewhere;
  await watching;
  const { limit, cuts } = await memoryAfterAll(server);

  const broken = [...wrong];
  if (mostUsed > limit * SLACK) broken.push(`${mebibytes(mostUsed)} MiB were used of ${mebibytes(limit)}.`);
  if (cuts === 0) broken.push("Nothing was cut, so this was no attack.");
  const mostAllowed = limit * SLACK + rooms * phonesARoom * CONNECTION_BYTES + MAX_GARBAGE;
  if (mostGrown > mostAllowed) broken.push(`The server grew by ${mebibytes(mostGrown)} MiB.`);
  for (const attacker of attackers) attacker.end();
  const figures = {
    sessions: rooms * phonesARoom,
    "budget, MiB": mebibytes(limit),
    "most that was used of it, MiB": mebibytes(mostUsed),
    "memory grew by, MiB": mebibytes(mostGrown),
    "holders that were cut": cuts,
    "honest frames": received,
    "honest p99 in quiet, ms": quietP99,
    "honest p99 under attack, ms": p99,
    "p99 meanwhile on a server that is not attacked, ms": elsewhereP99,
  };
  return { figures, broken };
}

/** The server's memory once it has taken in what the attackers sent, as far as one sees: when it has cut something, or after five seconds. */
async function memoryAfterAll(server) {
  let memory = await serverMemory(server);
  for (let look = 0; memory.cuts === 0 && look < 100; look++) {
    await pause(50);
    memory = await serverMemory(server);
  }
  return memory;
}

/** @param {string} ws @param {number} index @param {number} count */
async function openHostileRoom(ws, index, count) {
  // Each from a network of its own, or the limits of one network would hold the attack up.
  const address = `127.1.${index}.1`;
  const { host, code } = await openJsonRoom(ws, { address });
  /** @type {import("ws").WebSocket[]} */
  const phones = [];
  for (let phone = 0; phone < count; phone++) {
    const kind = phone % 3;
    const url = `${ws}/${code}?session=made-up-session-${index}-${phone}`;
    const options = { address, isReading: kind === 1, ...(kind < 2 && { subprotocol: "couchwire.v1" }) };
    const socket = await openSocket(url, options);
    if (kind === 2) socket.terminate();
    else phones.push(socket);
  }
  return {
    /** Sends each phone a frame of its own. */
    async fill() {
      for (let player = 1; player <= count; player++) {
        const data = String(player % 10).repeat(FRAME_BYTES);
        host.send(JSON.stringify({ cmd: "to_str", to: [player], data, ...(player % 2 === 0 && { retain: "a" }) }));
        // The attackers are one process: each gives the others their turn.
        while (host.bufferedAmount > MEBIBYTE && host.readyState === host.OPEN) await pause(5);
      }
      while (host.bufferedAmount > 0 && host.readyState === host.OPEN) await pause(5);
    },
    end() {
      for (const socket of [host, ...phones]) socket.terminate();
    },
  };
}

/**
 * The honest room, in a process of its own: what keeps the attackers' process busy does not make it wait.
 * @param {string} ws
 */
async function openHonestRoom(ws) {
  const child = fork(fileURLToPath(new URL("honest-room.js", import.meta.url)), [ws], { execArgv: [] });
  await once(child, "message");
  return {
    /** Plays until `stop`; returns what became of it. @returns {Promise<{ p99: number, received: number, wrong: string[] }>} */
    async play() {
      child.send("play");
      const [report] = await once(child, "message");
      return report;
    },
    stop: () => child.send("stop"),
    close: () => child.kill(),
  };
}
