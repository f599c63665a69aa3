import { COLORS, randomFace, withColor } from "../avatar.js";
import { createBot } from "../bots/bot.js";
import { BOT_NAMES } from "../bots/words.js";
import { PIN } from "./pin.js";

/**
 * The bots that this TV lets play. They are phones to the game: each has a connection and a seat of its own. A TV page that is loaded anew
 * lets them come back to their seats.
 */
const STORE = "scrawlywags:bots";

/** The tab's storage, or none. */
const storage = {
  getItem(key) {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null; // storage is forbidden
    }
  },
  setItem(key, value) {
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // Storage is forbidden or full: the bots last as long as the page.
    }
  },
  removeItem(key) {
    try {
      sessionStorage.removeItem(key);
    } catch {
      // As above.
    }
  },
};

/** A part of the storage for one bot: two that shared it would share a seat. */
const storageOf = (number) => ({
  getItem: (key) => storage.getItem(`${STORE}:${number}:${key}`),
  setItem: (key, value) => storage.setItem(`${STORE}:${number}:${key}`, value),
  removeItem: (key) => storage.removeItem(`${STORE}:${number}:${key}`),
});

function stored() {
  try {
    return JSON.parse(storage.getItem(STORE)) ?? {};
  } catch {
    return {}; // something else is there
  }
}

/**
 * @param {import("/sdk/couchwire.js").HostRoom} room
 * @param {number} thinkSeconds
 */
export function createBots(room, thinkSeconds) {
  /** What only this TV and its bots know: a phone that says it is a bot is none. */
  let mark = Array.from({ length: 4 }, () => Math.random().toString(36).slice(2)).join("");
  /** A recording is replayed: its bots have the mark of another TV. */
  const isReplay = new URLSearchParams(location.search).has("replay");
  let last = 0;
  /** @type {Map<number, { name: string, face: string, close: () => void }>} */
  const bots = new Map();

  const save = () => {
    const known = [...bots].map(([number, { name, face }]) => ({ number, name, face }));
    storage.setItem(STORE, JSON.stringify({ code: room.code, mark, last, known }));
  };

  function join({ number, name, face }) {
    const bot = createBot({
      code: room.code,
      pin: PIN,
      name,
      meta: { face, bot: { number, mark } },
      storage: storageOf(number),
      thinkSeconds,
      onEnd() {
        if (bots.get(number)?.close !== bot.close) return;
        bots.delete(number);
        save();
      },
    });
    bots.set(number, { name, face, close: bot.close });
  }

  const before = stored();
  if (room.isRestored && before.code === room.code) {
    ({ mark, last } = before);
    for (const known of before.known) join(known);
  }

  return {
    get count() {
      return bots.size;
    },
    add() {
      last++;
      const face = withColor(randomFace(), last % COLORS.length);
      const taken = new Set([...bots.values()].map(({ name }) => name));
      join({ number: last, name: BOT_NAMES.find((name) => !taken.has(name)) ?? "Bot", face });
      save();
    },
    remove(number) {
      bots.get(number)?.close();
    },
    /** The number of the bot that says this of itself, or `null` where it is a person's phone. */
    numberIn({ bot }) {
      if (isReplay && Number.isInteger(bot?.number)) return bot.number;
      return bot && bot.mark === mark && bots.has(bot.number) ? bot.number : null;
    },
    /** They play no other game. */
    leave() {
      for (const { close } of bots.values()) close();
    },
    /** The room is another one: the bots come along. */
    moveAlong() {
      const known = [...bots].map(([number, { name, face }]) => ({ number, name, face }));
      const lines = [...bots.values()];
      bots.clear();
      for (const { close } of lines) close();
      for (const each of known) join(each);
      save();
    },
  };
}
