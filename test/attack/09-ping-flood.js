/** One phone that sends pings as fast as it can: each once was answered, and one phone took a whole core. */
import { once } from "node:events";
import { WebSocket } from "ws";
import { openRoomFrom } from "./clients.js";

const PINGS = 100;
/** The server closes it after five seconds (P5.8.5). */
const FULL_MS = 8_000;
const nextTurn = () => new Promise((resolve) => void setImmediate(resolve));
const RATE_LIMITED = 4029;

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 9,
  title: "Pings as fast as one phone can send them",
  async run({ scale, startServer }) {
    const server = await startServer();
    const host = await openRoomFrom(server.ws);
    const phone = new WebSocket(`${server.ws}/${host.code}`);
    await once(phone, "open");
    let sent = 0;
    const closed = once(phone, "close");

    const cpuBefore = server.cpuMs();
    const startedAt = performance.now();
    while (phone.readyState === WebSocket.OPEN && performance.now() - startedAt < FULL_MS * scale) {
      for (let count = 0; count < PINGS && phone.readyState === WebSocket.OPEN; count++, sent++) phone.ping();
      await nextTurn();
    }
    const isOpen = phone.readyState === WebSocket.OPEN;
    const closedWith = isOpen ? 0 : (await closed)[0];
    const seconds = (performance.now() - startedAt) / 1_000;
    const again = new WebSocket(`${server.ws}/${host.code}`);
    const [closedAgainWith] = isOpen ? [0] : await once(again, "close");
    const figures = {
      "pings sent": sent,
      "seconds until closed": Number(seconds.toFixed(1)),
      "processor of the server, ms": server.cpuMs() - cpuBefore,
    };
    const broken = [];
    if (scale >= 1 && closedWith !== RATE_LIMITED) broken.push(`The phone was closed with ${closedWith}, not 4029.`);
    if (scale >= 1 && closedAgainWith !== RATE_LIMITED) {
      broken.push(`The phone came back at once and was closed with ${closedAgainWith}, not 4029.`);
    }
    if (scale < 1 && closedWith !== 0)
      broken.push(`The phone was closed with ${closedWith} after ${seconds} s of five.`);
    const health = await fetch(`${server.url}/healthz`);
    if (health.status !== 200) broken.push(`/healthz answered ${health.status}.`);
    for (const socket of [phone, again]) socket.terminate();
    host.socket.terminate();
    return { figures, broken };
  },
};
