/** Hosts and phones of an attacker, as the library `ws` makes them: they come from any loopback address, and read only if they want to. */
import { WebSocket } from "ws";

export const MEBIBYTE = 1_048_576;
const SAMPLE_MS = 25;

/**
 * @typedef {object} PeerOptions
 * @property {string} [address] Where it comes from, of 127.0.0.0/8.
 * @property {string} [subprotocol]
 * @property {boolean} [isReading] `false`: it reads nothing after its handshake.
 */

/** @param {string} url @param {PeerOptions} [options] @returns {Promise<WebSocket>} */
export function openSocket(url, { address = "127.0.0.1", subprotocol, isReading = true } = {}) {
  const options = { perMessageDeflate: false, localAddress: address };
  const socket = new WebSocket(url, subprotocol === undefined ? [] : [subprotocol], options);
  socket.on("error", () => {}); // an attacker does not mind how it ends
  return new Promise((resolve) => {
    socket.on("open", () => {
      if (!isReading) socket.pause();
      resolve(socket);
    });
    socket.on("close", () => resolve(socket));
  });
}

/**
 * A host that speaks JSON, in an open room.
 * @param {string} ws @param {{ address?: string, session?: string }} [options]
 * @returns {Promise<{ host: WebSocket, code: string }>}
 */
export async function openJsonRoom(ws, { address, session } = {}) {
  const query = session === undefined ? "" : `&session=${session}`;
  const host = await openSocket(`${ws}/CREATE?format=json${query}`, { address });
  const answered = nextEvent(host, "prepare_reply");
  host.send(JSON.stringify({ cmd: "prepare", max_players: 250, name: "attack" }));
  const { key } = await answered;
  return { host, code: key };
}

/** The next event of that name. @param {WebSocket} host @param {string} name @returns {Promise<any>} */
export function nextEvent(host, name) {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`the host was closed before it heard ${name}`));
    const hear = (/** @type {Buffer} */ data) => {
      const event = JSON.parse(data.toString());
      if (event.cmd !== name) return;
      host.off("message", hear).off("close", fail);
      resolve(event);
    };
    host.on("message", hear).on("close", fail);
  });
}

/** Resolves when the server has followed all that the host has said. @param {WebSocket} host */
export async function untilAnswered(host) {
  const answered = nextEvent(host, "error");
  host.send('{"cmd":"is anybody there"}');
  await answered;
}

/** Sends, and waits where more than so much has not left this process. @param {WebSocket} socket @param {string} text */
export async function sendPaced(socket, text) {
  socket.send(text);
  while (socket.bufferedAmount > 4 * MEBIBYTE && socket.readyState === WebSocket.OPEN) await pause(SAMPLE_MS);
}

/** @param {import("./attack.js").AttackedServer} server @returns {Promise<{ used: number, limit: number, cuts: number }>} */
export async function serverMemory(server) {
  const answer = await fetch(`${server.url}/healthz`);
  const { memory } = await answer.json();
  return memory;
}

/**
 * Looks at the memory of a server while something happens: the most that it took up, above what it took up before.
 * @template T
 * @param {import("./attack.js").AttackedServer} server
 * @param {() => Promise<T>} action
 * @returns {Promise<{ grownBytes: number, result: T }>}
 */
export async function watchMemory(server, action) {
  const before = server.rss();
  let most = before;
  const look = () => (most = Math.max(most, server.rss()));
  const timer = setInterval(look, SAMPLE_MS);
  try {
    const result = await action();
    look();
    return { grownBytes: most - before, result };
  } finally {
    clearInterval(timer);
  }
}

/** @param {number} ms @returns {Promise<void>} */
export function pause(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** @param {number} bytes */
export function mebibytes(bytes) {
  return Math.round(bytes / MEBIBYTE);
}
