/**
 * A game of Big Two as a pure state machine: deals, turns, passes, rounds, hands, scores. It has no clock, no chance and no players of its own: a deck comes in
 * shuffled, a seat is a number, and each function returns a new game or says why not. The game is plain data that JSON can carry.
 */
import { cardName, DECK, isCard, legal, legalPlays, lowestCard, orderOf, readVariant, sortCards } from "./rules.js";

/**
 * @typedef {import("./rules.js").Card} Card
 * @typedef {import("./rules.js").Variant} Variant
 * @typedef {"u" | "b" | "plain"} Scoring `u`: a point for each card that is left, two each from 10 cards on, three each for 13 or more. `b`: two each from 10
 *   on. `plain`: a point each
 *
 * @typedef {object} GameRules
 * @property {Readonly<Variant>} variant
 * @property {Scoring} score
 * @property {number} until the game ends with the hand after which a player has so many points
 * @property {number} hands … or after so many hands; 0: as many as it takes
 *
 * @typedef {object} HandResult
 * @property {number} winner
 * @property {number[]} left cards that each seat had left
 * @property {number[]} points what each seat gets for them
 * @property {number} gain the sum of these, which the winner would get in a game for chips
 *
 * @typedef {object} Game
 * @property {GameRules} rules
 * @property {"playing" | "hand-over" | "game-over"} phase
 * @property {number} hand from 1
 * @property {Card[][]} hands by seat, lowest card first
 * @property {Card[]} aside cards that are in no hand, with two players
 * @property {number} turn the seat whose turn it is
 * @property {Card | null} first the card that the first play of the hand has to contain; `null` where there is none, or no longer
 * @property {{ seat: number, cards: Card[] } | null} current what has to be beaten; `null` where the turn is a lead
 * @property {boolean[]} passed by seat: in this round, since the last play (with `pass: "out"` since the round began)
 * @property {number[]} scores by seat
 * @property {HandResult[]} results of the hands that are over
 *
 * @typedef {{ ok: true, game: Game } | { ok: false, reason: string }} Outcome `reason` is a sentence for the player
 */

export const SCORINGS = Object.freeze(["u", "b", "plain"]);
export const MIN_PLAYERS = 2;
export const MAX_PLAYERS = 4;
export const DEFAULT_UNTIL = 50;

/** A shuffled deck. @param {() => number} random as `Math.random` @returns {Card[]} */
export function shuffledDeck(random) {
  const deck = [...DECK];
  for (let last = deck.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [deck[last], deck[other]] = [deck[other], deck[last]];
  }
  return deck;
}

/** The same numbers for the same seed (sfc32): for tests and replays. Real games take a source that cannot be guessed. @param {string | number} seed */
export function seededRandom(seed) {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (const character of String(seed)) {
    a ^= character.codePointAt(0);
    for (let round = 0; round < 4; round++) next();
  }
  for (let round = 0; round < 12; round++) next();
  return next;
}

/**
 * Deals a deck: to four 13 cards each; to three 17 each, and the last to the holder of the lowest card (if it is that card itself, to the holder of the next
 * lowest); to two 17 each, and 18 aside.
 * @param {readonly Card[]} deck @param {number} players @param {Partial<Variant>} [variant]
 * @returns {{ hands: Card[][], aside: Card[] }}
 */
export function deal(deck, players, variant) {
  const size = players === MAX_PLAYERS ? 13 : 17;
  const hands = Array.from({ length: players }, (_, seat) => deck.slice(seat * size, (seat + 1) * size));
  const rest = deck.slice(players * size);
  if (players === 3) {
    const lowest = lowestCard(variant);
    const next = sortCards(DECK, "rank", variant)[1];
    const wanted = rest[0] === lowest ? next : lowest;
    hands.find((hand) => hand.includes(wanted)).push(rest[0]);
  }
  return {
    hands: hands.map((hand) => sortCards(hand, "rank", variant)),
    aside: players === 2 ? rest : [],
  };
}

/**
 * A game whose first hand is dealt.
 * @param {{ players: number, deck: readonly Card[], variant?: Partial<Variant>, score?: Scoring, until?: number, hands?: number }} setup
 * @returns {Game}
 */
export function createGame({ players, deck, variant, score = "u", until = DEFAULT_UNTIL, hands = 0 }) {
  const read = readVariant(variant);
  if (read.variant === undefined) throw new TypeError(read.reason);
  if (!Number.isInteger(players) || players < MIN_PLAYERS || players > MAX_PLAYERS) {
    throw new TypeError("Two to four can play.");
  }
  const rules = { variant: read.variant, score, until, hands };
  return dealtHand({ rules, hand: 0, scores: Array.from({ length: players }, () => 0), results: [] }, deck);
}

/** The next hand. @param {Game} game @param {readonly Card[]} deck @returns {Outcome} */
export function nextHand(game, deck) {
  if (game.phase === "playing") return refused("The hand is not over.");
  if (game.phase === "game-over") return refused("The game is over.");
  return { ok: true, game: dealtHand(game, deck) };
}

function dealtHand({ rules, hand, scores, results }, deck) {
  const { hands, aside } = deal(deck, scores.length, rules.variant);
  const dealt = sortCards(hands.flat(), "rank", rules.variant);
  const isLedByWinner = rules.variant.leader === "winner" && results.length > 0;
  return {
    rules,
    phase: "playing",
    hand: hand + 1,
    hands,
    aside,
    turn: isLedByWinner ? results[results.length - 1].winner : hands.findIndex((cards) => cards.includes(dealt[0])),
    first: isLedByWinner ? null : dealt[0],
    current: null,
    passed: scores.map(() => false),
    scores,
    results,
  };
}

/** Plays cards. @param {Game} game @param {number} seat @param {unknown} cards what a player sent @returns {Outcome} */
export function play(game, seat, cards) {
  const waiting = whyNotNow(game, seat);
  if (waiting !== "") return refused(waiting);
  const hand = game.hands[seat];
  const foreign = Array.isArray(cards) ? cards.find((card) => isCard(card) && !hand.includes(card)) : undefined;
  if (foreign !== undefined) return refused(`You do not hold ${cardName(foreign)}.`);
  const current = game.current === null ? null : game.current.cards;
  const verdict = legal(current, cards, { first: game.first || false, variant: game.rules.variant });
  if (!verdict.legal) return refused(verdict.reason);
  const hands = game.hands.map((held, each) => (each === seat ? held.filter((card) => !cards.includes(card)) : held));
  const isOut = game.rules.variant.pass === "out";
  const passed = isOut ? game.passed : game.passed.map(() => false);
  const played = { ...game, hands, passed, first: null, current: { seat, cards: [...cards] } };
  if (hands[seat].length === 0) return { ok: true, game: endedHand(played, seat) };
  return { ok: true, game: { ...played, turn: seatAfter(played, seat) } };
}

/** Passes. @param {Game} game @param {number} seat @returns {Outcome} */
export function pass(game, seat) {
  const waiting = whyNotNow(game, seat);
  if (waiting !== "") return refused(waiting);
  if (game.current === null) return refused("You lead, so you cannot pass.");
  const passed = game.passed.map((before, each) => before || each === seat);
  const leader = game.current.seat;
  if (passed.every((has, each) => has || each === leader)) {
    return { ok: true, game: { ...game, passed: passed.map(() => false), current: null, turn: leader } };
  }
  return { ok: true, game: { ...game, passed, turn: seatAfter({ ...game, passed }, seat) } };
}

const refused = (reason) => ({ ok: false, reason });

function whyNotNow(game, seat) {
  if (game.phase === "game-over") return "The game is over.";
  if (game.phase === "hand-over") return "The hand is over.";
  return game.turn === seat ? "" : "It is not your turn.";
}

/** The seat whose turn is next. A seat that is out of the round is left out. */
function seatAfter({ scores, passed, current, rules }, seat) {
  let next = (seat + 1) % scores.length;
  while (rules.variant.pass === "out" && passed[next] && next !== current.seat) next = (next + 1) % scores.length;
  return next;
}

/**
 * What the server plays for a seat whose time is over: where it leads, its lowest legal single; else it passes, or with `"lowest"` plays its lowest legal single
 * if singles are played.
 * @param {Game} game
 * @param {"pass" | "lowest"} [onTimeout]
 * @returns {Game}
 */
export function playForSleeper(game, onTimeout = "pass") {
  const { turn, hands, first, current, rules } = game;
  const isSingle = current === null || (onTimeout === "lowest" && current.cards.length === 1);
  const options = { first: first || false, variant: rules.variant };
  const singles = isSingle ? legalPlays(hands[turn], current && current.cards, options) : [];
  const lowest = singles.find(({ combination }) => combination.kind === "single");
  const outcome = lowest === undefined ? pass(game, turn) : play(game, turn, lowest.cards);
  return outcome.ok ? outcome.game : game;
}

function endedHand(game, winner) {
  const left = game.hands.map((hand) => hand.length);
  const points = left.map((count) => pointsFor(count, game.rules.score));
  const scores = game.scores.map((score, seat) => score + points[seat]);
  const gain = points.reduce((sum, each) => sum + each, 0);
  const results = [...game.results, { winner, left, points, gain }];
  const { until, hands } = game.rules;
  const isOver = scores.some((score) => score >= until) || (hands > 0 && results.length >= hands);
  return { ...game, phase: isOver ? "game-over" : "hand-over", scores, results };
}

/** Points for the cards that are left. @param {number} count @param {Scoring} [score] */
export function pointsFor(count, score = "u") {
  if (score === "plain" || count < 10) return count;
  return count * (score === "u" && count >= 13 ? 3 : 2);
}

/** Each seat's place, from 1; equal points share one. @param {Pick<Game, "scores">} game @returns {number[]} */
export function places({ scores }) {
  return scores.map((score) => 1 + scores.filter((other) => other < score).length);
}

/**
 * What everyone may know of a game as it goes on. It names no card but those that lie on the table: which card the first play has to contain is for its holder
 * to see, its lowest one.
 * @param {Game} game
 */
export function publicView({ phase, hand, hands, turn, first, current, passed, scores, results }) {
  return {
    phase,
    hand,
    counts: hands.map((cards) => cards.length),
    turn: phase === "playing" ? turn : null,
    isFirst: first !== null,
    current,
    passed,
    scores,
    result: phase === "playing" ? null : results[results.length - 1],
  };
}

/** The rules that decide what is legal now. @param {Readonly<Variant>} variant */
export function publicVariant({ straights, flush, bombs, suits, pass: passing }) {
  return { straights, flush, bombs, suits, pass: passing };
}

/**
 * The options of `legal` for the hand whose turn it is.
 * @param {readonly Card[]} hand @param {{ isFirst: boolean, variant: Partial<Variant> }} table
 */
export function optionsFor(hand, { isFirst, variant }) {
  return { first: isFirst && hand.length > 0 ? lowestOf(hand, variant) : false, variant };
}

function lowestOf(hand, variant) {
  return hand.reduce((low, card) => (orderOf(card, variant) < orderOf(low, variant) ? card : low));
}
