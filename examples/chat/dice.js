/** Dice as people write them: `/roll 2d6+1`. */
const ROLL = /^\/roll(?:\s+(\d{0,3})d(\d{1,4})(?:\s*\+\s*(\d{1,3}))?)?\s*$/i;
const MAX_DICE = 20;
const MAX_SIDES = 1_000;

/** @typedef {{ count: number, sides: number, plus: number }} Dice */

/** @param {string} text @returns {Dice | string} the dice, or a sentence that says what is wrong with them */
export function parseRoll(text) {
  const found = ROLL.exec(text);
  if (found === null) return "Roll like this: /roll 2d6, or /roll d20+3.";
  const [, count = "", sides = "6", plus = "0"] = found;
  const dice = { count: count === "" ? 1 : Number(count), sides: Number(sides), plus: Number(plus) };
  if (dice.count < 1 || dice.count > MAX_DICE) return `Roll 1 to ${MAX_DICE} dice at once.`;
  if (dice.sides < 2 || dice.sides > MAX_SIDES) return `A die has 2 to ${MAX_SIDES} sides.`;
  return dice;
}

/** @param {Dice} dice @param {() => number} random From 0 to less than 1. */
export function roll({ count, sides, plus }, random) {
  const faces = Array.from({ length: count }, () => 1 + Math.floor(random() * sides));
  return { faces, total: faces.reduce((sum, face) => sum + face, plus) };
}

/** @param {Dice} dice */
export function diceText({ count, sides, plus }) {
  return `${count}d${sides}${plus > 0 ? `+${plus}` : ""}`;
}
