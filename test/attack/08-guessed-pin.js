/** A PIN tried from 486 networks of one site: each had guesses of its own, so 1234 was found in half a second. */
import { knock, openRoomFrom, inParallel } from "./clients.js";

const PIN = 1234;
const NETWORKS = 486;
const WIDTH = 10;
/** At once and then a second, of the defaults: twice `guessLimit` a room. */
const ALLOWED = { atOnce: 120, perSecond: 1 };

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 8,
  title: "A PIN guessed from many /64 networks of one /48",
  async run({ scale, startServer }) {
    const server = await startServer({ trustProxy: "loopback" });
    const { socket, code, events } = await openRoomFrom(server.ws, "127.0.0.1", { pin: String(PIN) });
    const guesses = Math.max(2 * ALLOWED.atOnce, Math.round((PIN + 1) * scale));
    const startedAt = performance.now();
    let [refused, found] = [0, 0];
    await inParallel(guesses, WIDTH, async (number) => {
      const pin = PIN + 1 - guesses + number; // the last one is right
      const forwardedFor = `2001:db8:1:${(number % NETWORKS).toString(16)}::1`;
      const tried = await knock(`${server.ws}/${code}?pin=${pin}`, { forwardedFor });
      if (tried.isIn) found += 1;
      if (tried.closeCode === 4501) refused += 1;
      tried.socket.terminate();
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    const honest = await knock(`${server.ws}/${code}?pin=${PIN}`, { forwardedFor: "2001:db8:2::1" });
    const told = events.filter(({ cmd }) => cmd === "guessing");
    for (const each of [socket, honest.socket]) each.terminate();

    /** @type {string[]} */
    const broken = [];
    if (found > 0) broken.push("The PIN was found.");
    if (refused > ALLOWED.atOnce + ALLOWED.perSecond * seconds + 1) broken.push(`${refused} PINs were looked at.`);
    if (!honest.isIn) broken.push(`A phone elsewhere with the right PIN was closed with ${honest.closeCode}.`);
    if (told.length === 0) broken.push("The host heard nothing.");
    return {
      figures: { "PINs tried": guesses, "looked at": refused, "the host was told of": Number(told[0]?.["count"] ?? 0) },
      broken,
    };
  },
};
