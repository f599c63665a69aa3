/** A guesser in the host's own network. Behind a proxy that is not configured, all clients are in one network. */
import { Agent, get } from "node:http";
import { inParallel, openRoomFrom } from "./clients.js";

const GUESSES = 6_339;
const AT_LEAST = 1_500;
const WIDTH = 8;
/** At once and then a second, of the defaults. */
const ALLOWED = { atOnce: 600, perSecond: 10 };
const LETTERS = "AEIOUBCDFGHJKMNP";

/** A code that no room has: it begins with a vowel. @param {number} number */
function wrongCode(number) {
  const letters = [0, 1, 2].map((place) => LETTERS.charAt((number >> (4 * place)) & 15));
  return `A${letters.join("")}`;
}

/** @type {import("./attack.js").Attack} */
export const attack = {
  row: 7,
  title: "Room codes guessed from the host's own network",
  async run({ scale, startServer }) {
    const server = await startServer({ guessLimit: 60 });
    const { socket, code = "" } = await openRoomFrom(server.ws);
    const agent = new Agent({ keepAlive: true, maxSockets: WIDTH });
    /** @param {string} path @param {import("node:http").RequestOptions} [options] @returns {Promise<number>} */
    const statusOf = (path, options = { agent }) =>
      new Promise((resolve, reject) => {
        get(`${server.url}/${path}`, options, (response) => {
          response.resume().on("end", () => resolve(response.statusCode ?? 0));
        }).on("error", reject);
      });

    const guesses = Math.max(AT_LEAST, Math.round(GUESSES * scale));
    const startedAt = performance.now();
    let [tried, answered, found] = [0, 0, 0];
    // Each wrong guess is followed by the right code: what it finds out after so many guesses.
    await inParallel(guesses, WIDTH, async (number) => {
      const isWrong = (await statusOf(wrongCode(number))) === 404;
      tried += 1;
      if (isWrong) answered += 1;
      if (tried > 2 * ALLOWED.atOnce && (await statusOf(code)) === 200) found += 1;
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    const elsewhere = await statusOf(code, { localAddress: "127.0.0.2" });
    agent.destroy();
    socket.terminate();

    /** @type {string[]} */
    const broken = [];
    const learnable = ALLOWED.perSecond * seconds + 1;
    if (answered > ALLOWED.atOnce + learnable) broken.push(`It was told of ${answered} codes that they are wrong.`);
    if (found > learnable) broken.push(`It found the right code ${found} times after ${2 * ALLOWED.atOnce} guesses.`);
    if (elsewhere !== 200) broken.push(`A phone elsewhere was answered ${elsewhere}.`);
    return {
      figures: {
        guesses: guesses,
        answered: answered,
        "right code found after all": found,
        "took, s": Math.round(seconds),
      },
      broken,
    };
  },
};
