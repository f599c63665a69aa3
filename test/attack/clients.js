/** Clients of the attacks: honest ones and others, from any address of loopback. */
import { WebSocket } from "ws";

/**
 * @typedef {object} Host
 * @property {WebSocket} socket
 * @property {string | undefined} code The room's code; `undefined` where none was opened.
 * @property {string} why The close code or the reason for that.
 * @property {Record<string, unknown>[]} events All that the host has been told.
 */

/**
 * A host that connects and prepares a room.
 * @param {string} ws
 * @param {string} [localAddress]
 * @param {Record<string, unknown>} [fields] More for `prepare`.
 * @returns {Promise<Host>}
 */
export function openRoomFrom(ws, localAddress = "127.0.0.1", fields = {}) {
  const socket = new WebSocket(`${ws}/CREATE?format=json`, { localAddress, perMessageDeflate: false });
  /** @type {Record<string, unknown>[]} */
  const events = [];
  return new Promise((resolve) => {
    const end = (/** @type {string | undefined} */ code, /** @type {string} */ why) =>
      resolve({ socket, code, why, events });
    socket.on("error", () => {});
    socket.on("open", () => socket.send(JSON.stringify({ cmd: "prepare", max_players: 8, ...fields })));
    socket.on("message", (/** @type {Buffer} */ data) => {
      const event = JSON.parse(data.toString());
      events.push(event);
      if (event.cmd === "prepare_reply") end(event.key, "");
      if (event.cmd === "error") end(undefined, event.reason);
    });
    socket.on("close", (code) => end(undefined, String(code)));
  });
}

/**
 * A socket that connects and says nothing more, and whether it is let in.
 * @param {string} url
 * @param {{ readonly localAddress?: string; readonly forwardedFor?: string }} [from]
 * @returns {Promise<{ readonly socket: WebSocket; readonly isIn: boolean; readonly closeCode: number }>}
 */
export function knock(url, { localAddress = "127.0.0.1", forwardedFor } = {}) {
  const headers = forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor };
  const socket = new WebSocket(url, { localAddress, headers, perMessageDeflate: false });
  return new Promise((resolve) => {
    socket.on("error", () => {});
    // A socket that is refused has its Close before the answer to its ping.
    socket.on("open", () => socket.ping());
    socket.on("pong", () => resolve({ socket, isIn: true, closeCode: 0 }));
    socket.on("close", (closeCode) => resolve({ socket, isIn: false, closeCode }));
  });
}

/**
 * Does something so many times, some of them at once.
 * @param {number} count
 * @param {number} width
 * @param {(index: number) => Promise<unknown>} work
 */
export async function inParallel(count, width, work) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
