/** Volatile and retained frames for phones that are away. */
import {
  openSocket,
  mebibytes,
  MEBIBYTE,
  serverMemory,
  nextEvent,
  openJsonRoom,
  untilAnswered,
  sendPaced,
  watchMemory,
} from "./peers.js";

/** `seatBuffer`, and what a kept frame costs beside its bytes. */
const MAX_SEAT_BYTES = 1.1 * MEBIBYTE;
/** What V8 may leave lying about. */
const MAX_GARBAGE = 160 * MEBIBYTE;

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 10,
  title: "A host sends volatile and retained frames of up to 4 MiB to 100 phones that are away",
  async run({ scale, startServer }) {
    // The rate of hosts is another defence: this one has to hold by itself.
    const server = await startServer({ hostRate: 0, awayMs: 0 });
    const { host, code } = await openJsonRoom(server.ws);
    const seats = Math.round(Math.max(12, 100 * scale));
    for (let index = 0; index < seats; index++) {
      const phone = await openSocket(`${server.ws}/${code}?session=made-up-session-${index}`);
      const isAway = nextEvent(host, "player_away");
      phone.terminate();
      await isAway;
    }
    const { grownBytes } = await watchMemory(server, async () => {
      for (let player = 1; player <= seats; player++) {
        const to = [player];
        const fill = String(player % 10);
        for (const name of ["a", "b", "c", "d"]) {
          await sendPaced(host, JSON.stringify({ cmd: "to_str", to, data: fill.repeat(600_000), retain: name }));
        }
        const data = fill.repeat(4 * MEBIBYTE - 100);
        await sendPaced(host, JSON.stringify({ cmd: "to_str", to, data, volatile: true }));
      }
      await untilAnswered(host);
    });
    const { used } = await serverMemory(server);
    const broken = [];
    if (used > seats * MAX_SEAT_BYTES) broken.push(`${seats} seats hold ${mebibytes(used)} MiB.`);
    if (grownBytes > seats * MAX_SEAT_BYTES + MAX_GARBAGE) {
      broken.push(`The server grew by ${mebibytes(grownBytes)} MiB for ${seats} seats.`);
    }
    host.terminate();
    return { figures: { seats, "kept, MiB": mebibytes(used), "memory grew by, MiB": mebibytes(grownBytes) }, broken };
  },
};
