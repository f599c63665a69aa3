/** How a bot plays. It is told what any phone is told: its own hand, and the table. */
import { optionsFor } from "./game.js";
import { legalPlays, sortCards } from "./rules.js";

/** @typedef {import("./rules.js").Card} Card */

/** From this rank on a single is worth keeping: ace and two. */
const VALUABLE_ORDER = 44;

/**
 * The cards that a bot plays; `undefined` where it passes.
 * @param {readonly Card[]} hand
 * @param {ReturnType<typeof import("./game.js").publicView> & { variant: Partial<import("./rules.js").Variant> }} table
 * @returns {Card[] | undefined}
 */
export function choosePlay(hand, table) {
  const { current, counts, turn, variant } = table;
  const plays = legalPlays(hand, current && current.cards, optionsFor(hand, table));
  if (plays.length === 0) return undefined;
  const out = plays.find(({ cards }) => cards.length === hand.length);
  if (out !== undefined) return out.cards;
  const fewest = Math.min(...counts.filter((_, seat) => seat !== turn));
  return current === null ? lead(plays, hand, fewest, variant) : follow(plays, hand, fewest);
}

/** Leads with as many cards as go with the lowest one. A player with one card left gets no single that it can beat. */
function lead(plays, hand, fewest, variant) {
  const many = fewest === 1 ? plays.filter(({ cards }) => cards.length > 1) : plays;
  if (many.length === 0) return plays[plays.length - 1].cards;
  const lowest = sortCards(hand, "rank", variant)[0];
  const withLowest = many.filter(({ cards }) => cards.includes(lowest));
  const from = withLowest.length > 0 ? withLowest : many;
  const size = from[from.length - 1].cards.length;
  return from.find(({ cards }) => cards.length === size).cards;
}

/** Follows with the weakest play that breaks nothing better, and keeps its highest cards while the others hold many. */
function follow(plays, hand, fewest) {
  if (fewest === 1) return plays[plays.length - 1].cards;
  const whole = plays.find(({ cards }) => !breaksSet(cards, hand)) || plays[0];
  const isEarly = fewest > 6 && hand.length > 6;
  const { kind, strength } = whole.combination;
  const isDear = kind === "single" ? strength >= VALUABLE_ORDER + 4 : whole.cards.some((card) => card.startsWith("2"));
  return isEarly && isDear && whole.cards.length < 5 ? undefined : whole.cards;
}

/** Whether a play takes some cards of a rank and leaves others of it, such as one of a pair. */
function breaksSet(cards, hand) {
  return cards.some((card) => hand.some((other) => rankOf(other) === rankOf(card) && !cards.includes(other)));
}

const rankOf = (card) => card.slice(0, -1);
