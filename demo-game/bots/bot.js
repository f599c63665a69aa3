// oxlint-disable-next-line import/no-absolute-path -- the server serves the SDK there
import "/sdk/controls.js";
// oxlint-disable-next-line import/no-absolute-path -- as above
import { joinRoom } from "/sdk/couchwire.js";
import { newLuck } from "../chance.js";
import { MOST_INK } from "../ink.js";
import { createSheet, inkOf, pictureOf } from "../phone/draw.js";
import { strokesFor } from "./sketches.js";
import { bluff } from "./words.js";

/**
 * A bot: to the game a phone like any other. It joins the room through the SDK, hears what phones hear, and answers after a pause as people
 * make one.
 */

/** The size of the sheet that the sketches are made for. */
const [WIDTH, HEIGHT] = [640, 800];
/** A drawing takes longer than a word. */
const DRAW_FACTOR = 1.6;
/** The most of a phase that a bot takes. */
const MOST_OF_PHASE = 0.6;

/** The strokes as `<cw-draw>` has them. */
const strokesOn = (prompt) =>
  strokesFor(prompt).map(({ color, size, points }, id) => {
    return { id, color, width: size / WIDTH, points: points.flatMap(([x, y]) => [x / WIDTH, y / HEIGHT]), end: true };
  });

/** What a bot does on which screen. A title may be refused; then it thinks of another. */
const ACTS = {
  draw: async (me, { prompt }) => me.send(await pictureOf(createSheet(strokesOn(prompt)))),
  title: async (me) => {
    while (me.state.get("screen")?.screen === "title" && (await me.ask("title", bluff())));
  },
  vote: async (me, { options }) => {
    const open = options.filter(({ isOwn }) => !isOwn);
    const chosen = open[Math.floor(Math.random() * open.length)];
    if (chosen) me.emit("vote", chosen.option);
  },
};

/**
 * @param {object} plan
 * @param {string} plan.code
 * @param {string} plan.pin empty: no PIN
 * @param {string} plan.name
 * @param {object} plan.meta what the phone says of itself beside its name
 * @param {object} plan.storage where its session is kept
 * @param {number} plan.thinkSeconds how long it thinks, half as long to one and a half times as long
 * @param {() => void} plan.onEnd it is no longer in the room
 */
export function createBot({ code, pin, name, meta, storage, thinkSeconds, onEnd }) {
  const me = joinRoom({
    code,
    name,
    meta: { ...meta, luck: newLuck() },
    storage,
    keepAwake: false,
    ...(pin && { pin }),
  });
  let turn = "";
  let told = null;
  let timer = null;
  let inkTimer = null;

  function plan(message, factor = 1) {
    clearTimeout(timer);
    told = message;
    const usual = thinkSeconds * factor * (0.5 + Math.random());
    const left = ((me.state.get("until") ?? Infinity) - me.now()) / 1000;
    const seconds = Math.min(usual, MOST_OF_PHASE * Math.max(0, left));
    timer = setTimeout(act, 1000 * seconds);
    clearInterval(inkTimer);
    if (message.screen === "draw") splash(inkOf(strokesOn(message.prompt)), seconds);
  }

  /** The easel on the TV fills while the bot draws. */
  function splash(colors, seconds) {
    let count = 0;
    inkTimer = setInterval(
      () => {
        count += 1;
        me.emit("ink", colors.slice(0, count).slice(-MOST_INK), { volatile: true, ttl: 10_000 });
        if (count >= colors.length) clearInterval(inkTimer);
      },
      (1000 * seconds) / (colors.length + 1),
    );
  }

  function act() {
    clearTimeout(timer);
    timer = null;
    // A title that finds no answer is no matter: the phase ends without it.
    ACTS[told.screen](me, told).catch(() => {});
  }

  function look(message) {
    const next = `${message?.turn} ${message?.screen}`;
    if (next === turn) return;
    turn = next;
    clearTimeout(timer);
    timer = null;
    clearInterval(inkTimer);
    told = null;
    if (ACTS[message?.screen]) plan(message, message.screen === "draw" ? DRAW_FACTOR : 1);
  }

  me.state.on("screen", look);
  me.on("time-up", () => timer !== null && act());
  me.on("press", (what) => what === "start" && me.emit("start"));
  me.on("gap", () => {
    // An answer may be lost.
    turn = "";
    look(me.state.get("screen"));
  });
  me.on("close", () => {
    clearTimeout(timer);
    clearInterval(inkTimer);
    told = null;
    onEnd();
  });
  return { close: () => me.close() };
}
