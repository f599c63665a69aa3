/** Connections that send requests ahead with thousands of headers each: one such request takes up twenty times what a browser's does. */
import { once } from "node:events";
import { connect } from "node:net";
import { MEBIBYTE, mebibytes, serverMemory, pause } from "./peers.js";

const CONNECTIONS = 12;
/** Fewer than what gets a connection cut off for having sent too many ahead. */
const REQUESTS = 200;
/** Node reads so many of a request, and 16 KiB of them. */
const HEADERS = 2_000;
const BUDGET = 32 * MEBIBYTE;
/** Connections whose requests fit into the budget together. */
const MOST_THAT_FIT = 3;
const LOOKS = 100;
const LOOK_EVERY_MS = 50;

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 5,
  title: "Pipelined requests of 2,000 headers each, never read",
  async run({ scale, startServer }) {
    const server = await startServer({ memory: BUDGET });
    const connections = Math.max(6, Math.round(CONNECTIONS * scale));
    const before = server.rss();
    const headers = Array.from({ length: HEADERS }, (_none, index) => `${index.toString(36)}:\r\n`).join("");
    const requests = `GET /sdk/couchwire.js HTTP/1.1\r\nHost: x\r\n${headers}\r\n`.repeat(REQUESTS);
    const sockets = await Promise.all(
      Array.from({ length: connections }, async () => {
        const socket = connect(server.port, "127.0.0.1");
        socket.on("error", () => {}); // the server may cut it off
        await once(socket, "connect");
        socket.pause();
        socket.write(requests);
        return socket;
      }),
    );
    let memory = await serverMemory(server);
    let peak = 0;
    const expected = connections - MOST_THAT_FIT;
    for (let look = 0; look < LOOKS && memory.cuts < expected; look++) {
      await pause(LOOK_EVERY_MS);
      memory = await serverMemory(server);
      peak = Math.max(peak, server.rss() - before);
    }
    for (const socket of sockets) socket.destroy();
    const broken = [];
    if (memory.cuts < expected) broken.push(`${memory.cuts} of ${connections} connections were cut, not ${expected}.`);
    if (memory.used > BUDGET) broken.push(`${memory.used} bytes are held; ${BUDGET} are allowed.`);
    return { figures: { "connections cut": memory.cuts, "memory more, MiB": mebibytes(peak) }, broken };
  },
};
