/**
 * The rules of Big Two: what is a combination, and what beats what. The server and the phones load this same file, so a phone greys out what the server would
 * refuse. It imports nothing, keeps nothing, and never throws: whatever is wrong with a play comes back as a sentence.
 *
 * A card is a string, its rank and its suit: "3D" is the three of diamonds, "10S" the ten of spades.
 */

/**
 * @typedef {string} Card
 * @typedef {"single" | "pair" | "triple" | "straight" | "flush" | "full house" | "four of a kind" | "straight flush"} Kind
 *
 * @typedef {object} Variant What people play differently from place to place.
 * @property {"pagat" | "two-high" | "hongkong"} straights `pagat`: A-2-3-4-5 is the lowest, 10-J-Q-K-A the highest. `two-high`: the two is above the ace,
 *   J-Q-K-A-2 is the highest, and neither A-2-3-4-5 nor 2-3-4-5-6 is one. `hongkong`: A-2-3-4-5 is the highest, 2-3-4-5-6 the next, then 10-J-Q-K-A
 * @property {"suit" | "rank"} flush what decides between two flushes: the suit, or the ranks from the highest down and then the suit
 * @property {"return" | "out"} pass `return`: a player that passed may play again in the same round. `out`: not before the next round
 * @property {boolean} bombs four of a kind with a fifth card, and a straight flush, beat any other number of cards
 * @property {"3D" | "winner"} leader which player begins a hand: the holder of the lowest card, with that card, or the last winner, with any
 * @property {"DCHS" | "CDHS"} suits the suits from low to high. With `CDHS` (Taiwan) the lowest card is 3♣
 *
 * @typedef {object} Combination
 * @property {Kind} kind
 * @property {number} size how many cards
 * @property {number} strength of two combinations of one size the larger beats the smaller
 * @property {string} name for people, such as "a pair of 9s"
 *
 * @typedef {object} LegalOptions
 * @property {boolean | Card} [first] whether this is the first play of the hand, which has to contain the lowest card; or the card that it has to contain
 * @property {Partial<Variant>} [variant]
 *
 * @typedef {object} Verdict
 * @property {boolean} legal
 * @property {string} reason why not, as a sentence for the player; "" for a legal play
 */

/** From low to high. */
export const RANKS = Object.freeze(["3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K", "A", "2"]);
export const SUIT_SIGNS = Object.freeze({ D: "♦", C: "♣", H: "♥", S: "♠" });
export const DECK = Object.freeze(RANKS.flatMap((rank) => Object.keys(SUIT_SIGNS).map((suit) => rank + suit)));

/** The allowed values of each field of a variant; the first is the default. */
export const VARIANTS = Object.freeze({
  straights: ["pagat", "two-high", "hongkong"],
  flush: ["suit", "rank"],
  pass: ["return", "out"],
  bombs: [false, true],
  leader: ["3D", "winner"],
  suits: ["DCHS", "CDHS"],
});

/** @type {Readonly<Variant>} */
export const DEFAULT_VARIANT = Object.freeze({
  straights: "pagat",
  flush: "suit",
  pass: "return",
  bombs: false,
  leader: "3D",
  suits: "DCHS",
});

/** Sequences of five ranks from the lowest to the highest; the suit of the `top` card decides between two of the same ranks. */
const NATURAL = ["A", ...RANKS.filter((rank) => rank !== "2" && rank !== "A")];
NATURAL.splice(1, 0, "2");
NATURAL.push("A");
const SEQUENCES = {
  pagat: windows(NATURAL).map((ranks) => ({ ranks, top: ranks[4] })),
  "two-high": windows([...RANKS]).map((ranks) => ({ ranks, top: ranks[4] })),
  hongkong: [
    ...windows(RANKS.slice(0, -1)).map((ranks) => ({ ranks, top: ranks[4] })),
    { ranks: ["2", "3", "4", "5", "6"], top: "2" },
    { ranks: ["A", "2", "3", "4", "5"], top: "2" },
  ],
};
/** The same by the set of its ranks, a bit each. */
const STRAIGHTS = Object.fromEntries(
  Object.entries(SEQUENCES).map(([name, sequences]) => [
    name,
    new Map(sequences.map(({ ranks, top }, order) => [maskOf(ranks), { order, top: RANKS.indexOf(top) }])),
  ]),
);

/** The five-card kinds from low to high. */
const FIVES = ["straight", "flush", "full house", "four of a kind", "straight flush"];
/** Above every strength within a kind: 13 to the power of 5, four times. */
const KIND_STEP = 2_000_000;

/** @type {Map<string, { rank: number, suit: string }>} */
const CARDS = new Map(DECK.map((card) => [card, { rank: RANKS.indexOf(card.slice(0, -1)), suit: card.slice(-1) }]));

function windows(ranks) {
  return ranks.slice(4).map((_, start) => ranks.slice(start, start + 5));
}

function maskOf(ranks) {
  return ranks.reduce((mask, rank) => mask | (1 << RANKS.indexOf(rank)), 0);
}

/** @returns {boolean} whether this is one of the 52 cards, written as this module writes them */
export function isCard(card) {
  return typeof card === "string" && CARDS.has(card);
}

/** @param {Card} card @returns {string} for people, such as "10♠" */
export function cardName(card) {
  return isCard(card) ? card.slice(0, -1) + SUIT_SIGNS[card.slice(-1)] : "no card";
}

/** Where a card stands among all 52, from 0 for the lowest. @param {Card} card @param {Partial<Variant>} [variant] */
export function orderOf(card, variant) {
  const { rank, suit } = CARDS.get(card) || { rank: 0, suit: "D" };
  return rank * 4 + suitsOf(variant).indexOf(suit);
}

/** A copy, lowest card first. @param {readonly Card[]} cards @param {"rank" | "suit"} [by] @param {Partial<Variant>} [variant] @returns {Card[]} */
export function sortCards(cards, by = "rank", variant) {
  const suits = suitsOf(variant);
  const key = (card) => (by === "suit" ? 100 * suits.indexOf(card.slice(-1)) : 0) + orderOf(card, variant);
  return [...cards].sort((one, other) => key(one) - key(other));
}

/** The lowest card of the deck, which begins a hand. @param {Partial<Variant>} [variant] @returns {Card} */
export function lowestCard(variant) {
  return `3${suitsOf(variant)[0]}`;
}

function suitsOf(variant) {
  return (variant && variant.suits) || DEFAULT_VARIANT.suits;
}

/**
 * Fills in what a variant leaves out.
 * @param {unknown} variant
 * @returns {{ variant: Readonly<Variant>, reason: "" } | { variant: undefined, reason: string }} `reason` says what is wrong and what is allowed
 */
export function readVariant(variant) {
  if (variant === undefined || variant === null) return { variant: DEFAULT_VARIANT, reason: "" };
  if (typeof variant !== "object") return { variant: undefined, reason: "A variant is an object of rules." };
  const read = { ...DEFAULT_VARIANT };
  for (const [field, allowed] of Object.entries(VARIANTS)) {
    const value = variant[field];
    if (value === undefined) continue;
    if (!allowed.includes(value)) return { variant: undefined, reason: `${field} is ${listed(allowed)}.` };
    read[field] = value;
  }
  return { variant: read, reason: "" };
}

const listed = (values) => values.map((value) => JSON.stringify(value)).join(" or ");

/**
 * Whether a play is legal on what lies on the table. Takes anything, for players may send anything.
 * @param {unknown} current the cards that lie there; `null` where the player leads
 * @param {unknown} play the cards, in any order
 * @param {LegalOptions} [options]
 * @returns {Verdict}
 */
export function legal(current, play, options) {
  const { first, variant: wanted } = options || {};
  const { variant, reason: badVariant } = readVariant(wanted);
  if (variant === undefined) return illegal(badVariant);
  const isLead = current === null || current === undefined;
  const fault = faultOf(play, isLead);
  if (fault !== "") return illegal(fault);
  const combination = combinationOf(play, variant);
  if (combination === undefined) return illegal(whyNothing(play, variant));
  const needed = isCard(first) ? first : lowestCard(variant);
  if (first && (isCard(first) || variant.leader === "3D") && !play.includes(needed)) {
    return illegal(`The first play of a hand has to contain ${cardName(needed)}.`);
  }
  if (isLead) return LEGAL;
  const lying = faultOf(current, false) === "" ? combinationOf(current, variant) : undefined;
  if (lying === undefined) return illegal("What lies on the table is no combination.");
  return beats(combination, lying, variant) ? LEGAL : illegal(whyTooLow(combination, lying));
}

const LEGAL = Object.freeze({ legal: true, reason: "" });
const illegal = (reason) => Object.freeze({ legal: false, reason });

/** @param {Combination} combination @param {Combination} lying @param {Readonly<Variant>} variant @returns {boolean} */
export function beats(combination, lying, variant) {
  if (combination.size === lying.size) return combination.strength > lying.strength;
  return variant.bombs && isBomb(combination);
}

const isBomb = ({ kind }) => kind === "four of a kind" || kind === "straight flush";

/** What is wrong with a list of cards before anyone asks what it makes; "" for nothing. */
function faultOf(cards, isLead) {
  if (!Array.isArray(cards)) return 'A play is a list of cards, such as ["3D"].';
  if (cards.length === 0) return isLead ? "You lead: play at least one card." : "Choose cards to play, or pass.";
  if (cards.length > 5) return "No combination has more than five cards.";
  for (let index = 0; index < cards.length; index++) {
    const card = cards[index];
    if (!isCard(card)) return typeof card === "string" ? `There is no card "${card.slice(0, 8)}".` : NOT_TEXT;
    if (cards.indexOf(card) !== index) return `There is only one ${cardName(card)}.`;
  }
  return "";
}

const NOT_TEXT = 'A card is a text, such as "3D".';

/**
 * What cards make together.
 * @param {readonly Card[]} cards one to five different cards
 * @param {Readonly<Variant>} variant
 * @returns {Combination | undefined} `undefined`: nothing
 */
export function combinationOf(cards, variant = DEFAULT_VARIANT) {
  const { suits } = variant;
  const size = cards.length;
  // Ranks that occur at least once, twice, and so on, a bit for each rank.
  let [once, twice, thrice, fourfold] = [0, 0, 0, 0];
  let [highest, suitsSeen] = [-1, 0];
  for (const card of cards) {
    const { rank, suit } = CARDS.get(card);
    const bit = 1 << rank;
    fourfold |= thrice & bit;
    thrice |= twice & bit;
    twice |= once & bit;
    once |= bit;
    const suitOrder = suits.indexOf(suit);
    suitsSeen |= 1 << suitOrder;
    highest = Math.max(highest, rank * 4 + suitOrder);
  }
  const rank = highest >> 2;
  if (size === 1) return { kind: "single", size, strength: highest, name: cardName(cards[0]) };
  if (size === 2 && twice !== 0) return { kind: "pair", size, strength: highest, name: `a pair of ${plural(rank)}` };
  if (size === 3 && thrice !== 0) return { kind: "triple", size, strength: rank, name: `three ${plural(rank)}` };
  if (size !== 5) return undefined;
  if (fourfold !== 0) return five("four of a kind", rankOf(fourfold), `four ${plural(rankOf(fourfold))}`);
  if (thrice !== 0) {
    // Three and two: both ranks occur twice.
    return twice === once ? five("full house", rankOf(thrice), `a full house of ${plural(rankOf(thrice))}`) : undefined;
  }
  if (twice !== 0) return undefined;
  const isOneSuit = (suitsSeen & (suitsSeen - 1)) === 0;
  const straight = STRAIGHTS[variant.straights].get(once);
  if (straight !== undefined) {
    const top = cards.find((card) => CARDS.get(card).rank === straight.top);
    const strength = straight.order * 4 + suits.indexOf(CARDS.get(top).suit);
    const kind = isOneSuit ? "straight flush" : "straight";
    return five(kind, strength, `a ${kind} up to ${cardName(top)}`);
  }
  if (!isOneSuit) return undefined;
  const suit = rankOf(suitsSeen);
  const strength = variant.flush === "suit" ? suit * 13 + rank : ranksDown(once) * 4 + suit;
  return five("flush", strength, `a flush of ${SUIT_SIGNS[suits[suit]]} up to ${RANKS[rank]}`);
}

const PLURALS = { J: "jacks", Q: "queens", K: "kings", A: "aces" };
const plural = (rank) => PLURALS[RANKS[rank]] || `${RANKS[rank]}s`;

/** The number of the only bit. */
const rankOf = (bit) => 31 - Math.clz32(bit);

function five(kind, strength, name) {
  return { kind, size: 5, strength: FIVES.indexOf(kind) * KIND_STEP + strength, name };
}

/** Five different ranks as one number: the highest counts most. */
function ranksDown(mask) {
  let number = 0;
  for (let rank = RANKS.length - 1; rank >= 0; rank--) if ((mask & (1 << rank)) !== 0) number = number * 13 + rank;
  return number;
}

function whyNothing(cards, variant) {
  const ranks = cards.map((card) => CARDS.get(card).rank);
  const kinds = new Set(ranks).size;
  if (cards.length === 2) return "Two cards have to be a pair: two of one rank.";
  if (cards.length === 3) return "Three cards have to be a triple: three of one rank.";
  if (cards.length === 4 && kinds === 1) return "Four of a kind is played with a fifth card.";
  if (cards.length === 4 && ranks.some((rank) => ranks.filter((other) => other === rank).length === 3)) {
    return "A triple takes no single card with it: play three cards, or a full house of five.";
  }
  if (cards.length === 4 && kinds === 2) return "Two pairs are no combination.";
  if (cards.length === 4) return "No combination has four cards.";
  const mask = ranks.reduce((bits, rank) => bits | (1 << rank), 0);
  if (variant.straights !== "two-high" && mask === maskOf(["J", "Q", "K", "A", "2"])) {
    return "A 2 does not rank high in straights: the highest ends with the ace.";
  }
  if (
    variant.straights === "two-high" &&
    (mask === maskOf(NATURAL.slice(0, 5)) || mask === maskOf(NATURAL.slice(1, 6)))
  )
    return "A 2 does not rank low in straights: the lowest begins with the 3.";
  if (isRoundTheCorner(mask)) return "A straight does not go round the corner.";
  return "Five cards have to be a straight, a flush, a full house, four of a kind with a fifth card, or a straight flush.";
}

/** Five ranks in a row, were the king followed by ace and two and so on. */
function isRoundTheCorner(mask) {
  const circle = NATURAL.slice(0, 13);
  return circle.some((_, start) => maskOf([0, 1, 2, 3, 4].map((step) => circle[(start + step) % 13])) === mask);
}

const NUMBERS = ["no cards", "one card", "two cards", "three cards", "four cards", "five cards"];

function whyTooLow(combination, lying) {
  if (combination.size !== lying.size) {
    return `Play ${NUMBERS[lying.size]}, as many as lie on the table, or pass.`;
  }
  const hasHigherSuit = combination.kind === lying.kind && combination.name === lying.name;
  return `That is too low: it has to beat ${lying.name}${hasHigherSuit ? ", with a higher suit" : ""}.`;
}

/**
 * All legal plays of a hand, weakest first, those of fewer cards before those of more.
 * @param {readonly Card[]} hand
 * @param {readonly Card[] | null} current
 * @param {LegalOptions} [options]
 * @returns {{ cards: Card[], combination: Combination }[]}
 */
export function legalPlays(hand, current, options) {
  const { first, variant: wanted } = options || {};
  const { variant } = readVariant(wanted);
  if (variant === undefined || !Array.isArray(hand)) return [];
  const cards = sortCards([...new Set(hand.filter(isCard))], "rank", variant);
  const lying = current && faultOf(current, false) === "" ? combinationOf(current, variant) : undefined;
  if (current && lying === undefined) return [];
  const needed = isCard(first) ? first : first && variant.leader === "3D" ? lowestCard(variant) : undefined;
  const plays = [];
  for (const candidate of candidates(cards, lying === undefined || variant.bombs ? 0 : lying.size, variant)) {
    if (needed !== undefined && !candidate.includes(needed)) continue;
    const combination = combinationOf(candidate, variant);
    if (combination === undefined) continue;
    if (lying === undefined || beats(combination, lying, variant)) plays.push({ cards: candidate, combination });
  }
  return plays.sort(
    ({ combination: one }, { combination: other }) => one.size - other.size || one.strength - other.strength,
  );
}

/** Every set of these cards that is a combination, each once. `size` 0: of any size. */
function candidates(cards, size, variant) {
  const byRank = RANKS.map(() => []);
  for (const card of cards) byRank[CARDS.get(card).rank].push(card);
  const found = [];
  if (size === 0 || size === 1) found.push(...cards.map((card) => [card]));
  if (size === 0 || size === 2) found.push(...byRank.flatMap((same) => choose(same, 2)));
  if (size === 0 || size === 3) found.push(...byRank.flatMap((same) => choose(same, 3)));
  if (size === 0 || size === 5) found.push(...fives(cards, byRank, variant));
  return found;
}

function fives(cards, byRank, variant) {
  const found = [];
  for (const { ranks } of SEQUENCES[variant.straights]) {
    const groups = ranks.map((rank) => byRank[RANKS.indexOf(rank)]);
    if (groups.every((group) => group.length > 0)) found.push(...products(groups));
  }
  const straights = STRAIGHTS[variant.straights];
  for (const suit of variant.suits) {
    const same = cards.filter((card) => card.endsWith(suit));
    found.push(...choose(same, 5).filter((flush) => !straights.has(maskOf(flush.map((card) => card.slice(0, -1))))));
  }
  for (const same of byRank) {
    const others = byRank.filter((other) => other !== same);
    const pairs = same.length >= 3 ? others.flatMap((other) => choose(other, 2)) : [];
    for (const triple of choose(same, 3)) for (const pair of pairs) found.push([...triple, ...pair]);
    if (same.length === 4) for (const card of others.flat()) found.push([...same, card]);
  }
  return found;
}

/** One of each group, in all ways. */
function products(groups) {
  return groups.reduce((lists, group) => lists.flatMap((list) => group.map((card) => list.concat(card))), [[]]);
}

/** All ways to take `count` of these cards. */
function choose(cards, count, from = 0) {
  if (count === 0) return [[]];
  const found = [];
  for (let index = from; index <= cards.length - count; index++) {
    for (const rest of choose(cards, count - 1, index + 1)) found.push([cards[index]].concat(rest));
  }
  return found;
}
