/** A bot: a member of the room like any other. It gets the frames that a phone gets, and answers with the messages that a phone sends. */
import { defineBot } from "couchwire";
import { choosePlay } from "./strategy.js";

/**
 * @param {{ name: string, thinkMs: readonly [number, number] }} options
 * @returns {import("couchwire").Bot}
 */
export function createBot({ name, thinkMs }) {
  /** What each bot knows: its hand, the rules, and the last move that it has answered. */
  const minds = new WeakMap();
  return defineBot({
    name,
    thinkMs,
    onMessage(me, message) {
      const mind = minds.get(me) || { hand: undefined, variant: undefined, answered: -1 };
      minds.set(me, mind);
      if (message.type === "hand") mind.hand = message;
      if (message.type === "seats") mind.variant = message.variant;
      if (message.type !== "table" || mind.hand === undefined || !isMyTurn(message, mind)) return;
      const { move } = message;
      mind.answered = move;
      const cards = choosePlay(mind.hand.cards, { ...message, variant: mind.variant });
      me.send(cards === undefined ? { type: "pass", move } : { type: "play", cards, move });
    },
  });
}

/** The table is told again when a guest comes or goes: a bot answers each move once. */
function isMyTurn({ phase, turn, hand, move }, { hand: mine, answered }) {
  return phase === "playing" && turn === mine.seat && hand === mine.hand && move !== answered;
}
