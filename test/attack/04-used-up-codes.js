/** A host that opens a room, stops it, and opens the next: each code rests for a minute, until none was left for anybody. */
import { inParallel, openRoomFrom } from "./clients.js";

const ROOMS = 20_000;
const AT_ONCE = 40;
const ALLOWED_AT_ONCE = 30;

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 4,
  title: "Rooms that one address opens and stops, 40 at a time",
  async run({ scale, startServer }) {
    const server = await startServer();
    const startedAt = performance.now();
    let opened = 0;
    /** @type {Set<string>} */
    const reasons = new Set();
    await inParallel(Math.round((ROOMS * scale) / 4), AT_ONCE, async () => {
      const { socket, code, why } = await openRoomFrom(server.ws);
      if (code === undefined) reasons.add(why);
      else opened += 1;
      socket.terminate();
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    const honest = await openRoomFrom(server.ws, "127.0.0.2");
    honest.socket.terminate();

    /** @type {string[]} */
    const broken = [];
    if (opened > ALLOWED_AT_ONCE + seconds + 1) broken.push(`The attacker got ${opened} rooms.`);
    if (honest.code === undefined) broken.push(`A TV elsewhere got no room: ${honest.why}`);
    return {
      figures: {
        "rooms of the attacker": opened,
        "it was told": [...reasons].join(" / "),
        "took, s": Math.round(seconds),
      },
      broken,
    };
  },
};
