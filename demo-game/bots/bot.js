// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import { joinRoom } from "/sdk/couchwire.js";
import { MOST_INK } from "../ink.js";
import { inkOf } from "../phone/draw.js";
import { createPad } from "../phone/pad.js";
import { strokesFor } from "./sketches.js";
import { bluff } from "./words.js";

/**
 * A bot: to the game a phone like any other. It joins the room through the SDK, hears what phones hear, and answers after a pause as people
 * make one.
 */

/** A drawing takes longer than a word. */
const DRAW_FACTOR = 1.6;
/** The most of a phase that a bot takes. */
const MOST_OF_PHASE = 0.6;

/** What a bot does on which screen. */
const ACTS = {
  draw: async ({ prompt }) => createPad(strokesFor(prompt)).bytes(),
  title: async () => ({ type: "title", text: bluff() }),
  vote: async ({ options }) => {
    const open = options.filter(({ isOwn }) => !isOwn);
    const chosen = open[Math.floor(Math.random() * open.length)];
    return chosen && { type: "vote", option: chosen.option };
  },
};

/**
 * @param {object} plan
 * @param {string} plan.code
 * @param {string} plan.pin empty: no PIN
 * @param {object} plan.hello what the phone says of itself
 * @param {object} plan.storage where its session is kept
 * @param {number} plan.thinkSeconds how long it thinks, half as long to one and a half times as long
 * @param {() => void} plan.onEnd it is no longer in the room
 */
export function createBot({ code, pin, hello, storage, thinkSeconds, onEnd }) {
  const me = joinRoom({ code, name: hello.name, storage, keepAwake: false, ...(pin && { pin }) });
  let turn = "";
  let told = null;
  let timer = null;
  let inkTimer = null;

  function plan(message, factor = 1) {
    clearTimeout(timer);
    told = message;
    const usual = thinkSeconds * factor * (0.5 + Math.random());
    const seconds = Math.min(usual, MOST_OF_PHASE * (message.seconds || usual));
    timer = setTimeout(() => void act(), 1000 * seconds);
    clearInterval(inkTimer);
    if (message.screen === "draw") splash(inkOf(strokesFor(message.prompt)), seconds);
  }

  /** The easel on the TV fills while the bot draws. */
  function splash(colors, seconds) {
    let count = 0;
    inkTimer = setInterval(
      () => {
        count += 1;
        me.send({ type: "ink", colors: colors.slice(0, count).slice(-MOST_INK) }, { volatile: "ink", ttl: 10_000 });
        if (count >= colors.length) clearInterval(inkTimer);
      },
      (1000 * seconds) / (colors.length + 1),
    );
  }

  async function act() {
    clearTimeout(timer);
    timer = null;
    const message = told;
    const answer = await ACTS[message.screen](message);
    // Painting takes a moment, in which the phase may end.
    if (answer && told === message) me.send(answer);
  }

  me.on("json", (message) => {
    if (message.type === "welcome") me.send({ type: "hello", ...hello });
    else if (message.type === "refused" && told && told.screen === "title") plan(told);
    else if (message.type === "time-up" && timer !== null) void act();
    else if (message.type === "screen") {
      const next = `${message.turn} ${message.screen}`;
      if (next === turn) return;
      turn = next;
      clearTimeout(timer);
      timer = null;
      clearInterval(inkTimer);
      told = null;
      if (ACTS[message.screen]) plan(message, message.screen === "draw" ? DRAW_FACTOR : 1);
    }
  });
  const askAgain = () => {
    turn = "";
    me.send({ type: "again" });
  };
  me.on("open", ({ isResumed }) => {
    if (!isResumed) askAgain();
  });
  me.on("gap", askAgain);
  me.on("close", () => {
    clearTimeout(timer);
    clearInterval(inkTimer);
    told = null;
    onEnd();
  });
  return { close: () => me.close() };
}
