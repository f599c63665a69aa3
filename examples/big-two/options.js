/** What may be different from table to table, read from what a program (`meta`) or a TV page (`data`) says. */
import { DEFAULT_UNTIL, MAX_PLAYERS, SCORINGS } from "./game.js";
import { DEFAULT_VARIANT, readVariant } from "./rules.js";

/**
 * @typedef {object} TableOptions
 * @property {Readonly<import("./rules.js").Variant>} variant the rules
 * @property {import("./game.js").Scoring} score
 * @property {number} until the game ends with the hand after which a player has so many points
 * @property {number} hands … or after so many hands; 0: as many as it takes
 * @property {number} turnSeconds how long a player may think
 * @property {"pass" | "lowest"} onTimeout what the server does for a player that thinks longer and does not lead: it passes, or plays the lowest legal single
 * @property {number} takeoverSeconds how long a player may be away before a bot plays for it
 * @property {number} pauseSeconds how long the result of a hand is shown before the next one is dealt
 * @property {readonly [number, number]} thinkMs how long bots think: the least and the most, in milliseconds
 * @property {number} bots how many bots sit down at once; with four the game begins
 * @property {string | number | undefined} seed deals the same cards for the same seed. Without one nobody can foretell them
 */

/** @type {Readonly<TableOptions>} */
export const DEFAULT_OPTIONS = Object.freeze({
  variant: DEFAULT_VARIANT,
  score: "u",
  until: DEFAULT_UNTIL,
  hands: 0,
  turnSeconds: 30,
  onTimeout: "pass",
  takeoverSeconds: 60,
  pauseSeconds: 15,
  thinkMs: Object.freeze([700, 1500]),
  bots: 0,
  seed: undefined,
});

const MAX_SEED_LENGTH = 64;

/** By option, a sentence's end that says what is allowed, and the check. */
const CHECKS = {
  score: oneOf(SCORINGS),
  until: wholeNumber(1, 1000),
  hands: wholeNumber(0, 1000),
  turnSeconds: numberFrom(1, 3600),
  onTimeout: oneOf(["pass", "lowest"]),
  takeoverSeconds: numberFrom(0, 86_400),
  pauseSeconds: numberFrom(0, 3600),
  thinkMs: {
    allowed: "two numbers of milliseconds up to 60000, the least and the most",
    fits: (value) =>
      Array.isArray(value) &&
      value.length === 2 &&
      value.every((ms) => ms >= 0 && ms <= 60_000) &&
      value[0] <= value[1],
  },
  bots: wholeNumber(0, MAX_PLAYERS),
  seed: {
    allowed: `a number, or a text of at most ${MAX_SEED_LENGTH} characters`,
    fits: (value) => Number.isFinite(value) || (typeof value === "string" && value.length <= MAX_SEED_LENGTH),
  },
};

function oneOf(values) {
  return { allowed: values.map((value) => `"${value}"`).join(" or "), fits: (value) => values.includes(value) };
}

function wholeNumber(least, most) {
  return {
    allowed: `a whole number from ${least} to ${most}`,
    fits: (value) => Number.isInteger(value) && value >= least && value <= most,
  };
}

function numberFrom(least, most) {
  return {
    allowed: `a number from ${least} to ${most}`,
    fits: (value) => typeof value === "number" && value >= least && value <= most,
  };
}

/**
 * Fills in what is left out.
 * @param {unknown} input
 * @returns {{ options: Readonly<TableOptions>, reason: "" } | { options: undefined, reason: string }}
 */
export function readOptions(input) {
  if (input === undefined || input === null) return { options: DEFAULT_OPTIONS, reason: "" };
  if (typeof input !== "object" || Array.isArray(input)) return wrong("The options of a table are an object.");
  const { variant: wanted, ...others } = input;
  const { variant, reason } = readVariant(wanted);
  if (variant === undefined) return wrong(`variant: ${reason}`);
  for (const [name, value] of Object.entries(others)) {
    const check = Object.prototype.hasOwnProperty.call(CHECKS, name) ? CHECKS[name] : undefined;
    if (check === undefined) return wrong(`A table has no option ${name.slice(0, 32)}. It has ${KNOWN}.`);
    if (value !== undefined && !check.fits(value)) return wrong(`${name} has to be ${check.allowed}.`);
  }
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  return { options: Object.freeze({ ...DEFAULT_OPTIONS, ...given, variant }), reason: "" };
}

const wrong = (reason) => ({ options: undefined, reason });
const KNOWN = ["variant", ...Object.keys(CHECKS)].join(", ");
