/** The rules of Big Two in `examples/big-two`: the vectors, every hand of five cards that there is, and orders that hold for any cards. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import {
  beats,
  combinationOf,
  DECK,
  DEFAULT_VARIANT,
  legal,
  legalPlays,
  lowestCard,
  orderOf,
  readVariant,
  sortCards,
  VARIANTS,
  type Variant,
  type Verdict,
} from "../../../examples/big-two/rules.js";
import { seededRandom, shuffledDeck } from "../../../examples/big-two/game.js";
import * as fc from "../../support/property-testing.ts";

interface Case {
  readonly id: number;
  readonly current: string[] | null;
  readonly play: string[];
  readonly legal: boolean;
  readonly first?: boolean;
  readonly why: string;
}

const CASES: readonly Case[] = JSON.parse(readFileSync(new URL("../../cases/big-two.json", import.meta.url), "utf8"));

const cards = (text: string): string[] => text.split(" ");
const withVariant = (variant: Partial<Variant>): Readonly<Variant> => ({ ...DEFAULT_VARIANT, ...variant });
const judge = (current: string | null, play: string, variant: Partial<Variant> = {}, first = false): boolean =>
  legal(current === null ? null : cards(current), cards(play), { first, variant }).legal;

/** Every set of five of the 52 cards, in one array that is used again. */
function forEachFive(look: (five: readonly string[]) => void): void {
  const five: string[] = [];
  const choose = (from: number, at: number): void => {
    if (at === 5) return look(five);
    for (const [index, card] of DECK.entries()) {
      if (index < from) continue;
      five[at] = card;
      choose(index + 1, at + 1);
    }
  };
  choose(0, 0);
}

/** How many of them are what, by variant. */
function countKinds(variants: Record<string, Readonly<Variant>>): Record<string, Record<string, number>> {
  const counts: Record<string, Record<string, number>> = {};
  for (const name of Object.keys(variants)) counts[name] = {};
  const counted = Object.entries(variants).map(([name, variant]) => [counts[name] ?? {}, variant] as const);
  forEachFive((five) => {
    for (const [kinds, variant] of counted) {
      const kind = combinationOf(five, variant)?.kind ?? "nothing";
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
  });
  return counts;
}

describe("row 102: the rules of Big Two", () => {
  test("there are 44 vectors", () => {
    expect(CASES).toHaveLength(44);
  });

  test.each(CASES.map((each) => [each.id, each.why, each] as const))(
    "row 102 vector %i: %s",
    (_id, _why, { current, play, first = false, legal: isLegal }) => {
      const verdict = legal(current, play, { first });
      expect(verdict.legal).toBe(isLegal);
      expect(verdict.reason === "").toBe(isLegal);
    },
  );

  test("row 102, row 109: a deck has the hands of five cards that poker has, and with two-high one straight of ten less", () => {
    const counts = countKinds({ pagat: DEFAULT_VARIANT, twoHigh: withVariant({ straights: "two-high" }) });
    expect(counts.pagat).toEqual({
      nothing: 2_598_960 - 10_200 - 5_108 - 3_744 - 624 - 40,
      straight: 10_200,
      flush: 5_108,
      "full house": 3_744,
      "four of a kind": 624,
      "straight flush": 40,
    });
    expect(counts.twoHigh).toMatchObject({
      straight: 9_180,
      flush: 5_112,
      "full house": 3_744,
      "four of a kind": 624,
      "straight flush": 36,
    });
  }, 120_000);
});

describe("row 109: the variants of Big Two", () => {
  test.each([
    ["straights: two-high", { straights: "two-high" }, [23, 24, 25]],
    ["straights: hongkong", { straights: "hongkong" }, [25]],
    ["flush: rank", { flush: "rank" }, [27]],
    ["bombs", { bombs: true }, [37]],
    ["pass: out", { pass: "out" }, []],
    ["leader: winner", { leader: "winner" }, [42]],
    ["suits: CDHS", { suits: "CDHS" }, [7, 43, 44]],
  ] as const)("row 109: of the vectors, %s turns only those that it is about", (_name, variant, turned) => {
    const other = CASES.filter(({ current, play, first = false, legal: isLegal }) => {
      return legal(current, play, { first, variant }).legal !== isLegal;
    });
    expect(other.map(({ id }) => id)).toEqual(turned);
  });

  test("row 109: with two-high J-Q-K-A-2 is the highest straight, and neither A-2-3-4-5 nor 2-3-4-5-6 is one", () => {
    const variant = { straights: "two-high" } as const;
    expect(judge("10D JC QH KS AS", "JD QC KD AC 2D", variant)).toBe(true);
    expect(judge(null, "2D 3C 4D 5H 6D", variant)).toBe(false);
    expect(judge(null, "AD 2C 3H 4S 5D", variant)).toBe(false);
  });

  test("row 109: in Hong Kong A-2-3-4-5 is the highest straight, 2-3-4-5-6 the next, and J-Q-K-A-2 is none", () => {
    const variant = { straights: "hongkong" } as const;
    expect(judge("10D JC QH KS AS", "2D 3C 4D 5H 6D", variant)).toBe(true);
    expect(judge("2S 3C 4D 5H 6S", "AD 2C 3H 4S 5D", variant)).toBe(true);
    expect(judge("AD 2C 3H 4S 5S", "AC 2D 3D 4C 5D", variant)).toBe(false); // the two decides: 2♣ is above 2♦
    expect(judge(null, "JD QC KD AC 2D", variant)).toBe(false);
    expect(judge("3D 4C 5H 6S 7D", "10D JC QH KS AS", variant)).toBe(true);
  });

  test("row 109: flushes by rank compare card by card from the highest, and the suit last", () => {
    const variant = { flush: "rank" } as const;
    expect(judge("4S 6S 7S 8S 10S", "3D 5D 6D 7D JD", variant)).toBe(true);
    expect(judge("4S 6S 7S 8S JS", "3D 5D 6D 9D JD", variant)).toBe(true);
    expect(judge("4D 6D 7D 8D JD", "4C 6C 7C 8C JC", variant)).toBe(true);
    expect(judge("4C 6C 7C 8C JC", "4D 6D 7D 8D JD", variant)).toBe(false);
  });

  test("row 109: a bomb beats any number of cards, and only a higher one of five beats a bomb", () => {
    const variant = { bombs: true } as const;
    expect(judge("2H 2S", "3D 4D 5D 6D 7D", variant)).toBe(true);
    expect(judge("3D 3C 3H 3S 4D", "2S", variant)).toBe(false);
    expect(judge("3D 3C 3H 3S 4D", "4C 4H 4S 4D 5D", variant)).toBe(true);
    expect(judge("2S", "3D 3C 3H 4D 4S", variant)).toBe(false); // a full house is none
  });

  test("row 109: in Taiwan diamonds are above clubs, and 3♣ begins", () => {
    const variant = { suits: "CDHS" } as const;
    expect(judge("3C", "3D", variant)).toBe(true);
    expect(judge("3D", "3C", variant)).toBe(false);
    expect(judge("4C 6C 7C 8C KC", "3D 5D 6D 7D 9D", variant)).toBe(true);
    expect(judge(null, "3C", variant, true)).toBe(true);
    expect(judge(null, "3D", variant, true)).toBe(false);
    expect(lowestCard(variant)).toBe("3C");
  });

  test("row 109: where the last winner leads, it leads anything", () => {
    expect(judge(null, "4D", { leader: "winner" }, true)).toBe(true);
    expect(legal(null, ["4D"], { first: "3D", variant: { leader: "winner" } }).reason).toContain("3♦");
  });

  test.each(Object.entries(VARIANTS))("row 109: %s says what is allowed", (field, allowed) => {
    for (const value of allowed) expect(readVariant({ [field]: value }).reason).toBe("");
    const verdict = legal(null, ["3D"], { variant: { [field]: "odd" } });
    expect(verdict.legal).toBe(false);
    for (const value of allowed) expect(verdict.reason).toContain(JSON.stringify(value));
  });
});

const anyVariant = fc
  .record({
    straights: fc.constantFrom("pagat", "two-high", "hongkong"),
    flush: fc.constantFrom("suit", "rank"),
    bombs: fc.boolean(),
    suits: fc.constantFrom("DCHS", "CDHS"),
  } as const)
  .map(withVariant);
const someCards = (least: number, most: number): fc.Arbitrary<string[]> =>
  fc.shuffledSubarray([...DECK], { minLength: least, maxLength: most });

/** Hands out of which many combinations can be made: of few ranks, or of few suits. */
const richHand = fc.oneof(
  someCards(5, 17),
  fc.shuffledSubarray(DECK.slice(0, 24), { minLength: 10, maxLength: 14 }),
  fc.shuffledSubarray(
    DECK.filter((card) => /[HS]$/.test(card)),
    { minLength: 10, maxLength: 14 },
  ),
);

/** Every set of up to five cards of a hand. */
function subsets(hand: readonly string[], size: number): string[][] {
  if (size === 0) return [[]];
  return hand.flatMap((card, index) => subsets(hand.slice(index + 1), size - 1).map((rest) => [card].concat(rest)));
}
const keyOf = (play: readonly string[]): string => play.toSorted().join(" ");

/** `legal` with anything, as no type would let it pass. */
const anyVerdict = (...values: readonly unknown[]): Verdict => Reflect.apply(legal, undefined, values);

describe("row 102: any cards", () => {
  test("row 102: of two combinations at most one beats the other, and of two singles or pairs exactly one", () => {
    fc.assert(
      fc.property(someCards(2, 17), anyVariant, fc.nat(), fc.nat(), (hand, variant, one, other) => {
        const all = legalPlays(hand, null, { variant });
        const [a, b] = [all[one % all.length], all[other % all.length]];
        if (a === undefined || b === undefined) return;
        const [up, down] = [legal(a.cards, b.cards, { variant }).legal, legal(b.cards, a.cards, { variant }).legal];
        expect(up && down).toBe(false);
        const isApart = a.cards.every((card) => !b.cards.includes(card));
        if (isApart && a.combination.size === b.combination.size) expect(up || down).toBe(true);
      }),
    );
  });

  test("row 102: what beats a combination beats all that this one beats, within a size", () => {
    fc.assert(
      fc.property(richHand, anyVariant, fc.nat(), fc.nat(), fc.nat(), (hand, variant, ...picks) => {
        const all = legalPlays(hand, null, { variant });
        const fives = all.filter(({ combination }) => combination.size === 5);
        const from = fives.length > 2 ? fives : all.filter(({ combination }) => combination.size === 1);
        const [a, b, c] = picks.flatMap((pick) => from[pick % from.length]?.combination ?? []);
        if (a === undefined || b === undefined || c === undefined) return;
        if (beats(a, b, variant) && beats(b, c, variant)) expect(beats(a, c, variant)).toBe(true);
      }),
    );
  });

  test("row 102: the order of the cards in a play changes nothing", () => {
    fc.assert(
      fc.property(someCards(1, 5), fc.option(someCards(1, 5)), anyVariant, (play, current, variant) => {
        const turned = legal(current, [...play].toReversed(), { variant });
        expect(turned).toEqual(legal(current, play, { variant }));
      }),
    );
  });

  test("row 102: legalPlays finds exactly what legal allows, weakest first", () => {
    fc.assert(
      fc.property(
        fc.oneof(someCards(1, 9), fc.shuffledSubarray(DECK.slice(0, 16), { maxLength: 9 })),
        anyVariant,
        fc.nat(),
        fc.boolean(),
        (hand, variant, pick, first) => {
          const held = new Set(hand);
          const leads = legalPlays(
            shuffledDeck(seededRandom(pick))
              .filter((card) => !held.has(card))
              .slice(0, 8),
            null,
            { variant },
          );
          const current = pick % 3 === 0 ? null : (leads[pick % leads.length]?.cards ?? null);
          const options = { variant, first: first && current === null };
          const found = legalPlays(hand, current, options);
          const sets = [1, 2, 3, 4, 5].flatMap((size) => subsets(hand, size));
          const allowed = sets.filter((play) => legal(current, play, options).legal);
          expect(found.map((play) => keyOf(play.cards)).toSorted()).toEqual(allowed.map(keyOf).toSorted());
          for (const [index, { combination }] of found.entries()) {
            const before = found[index - 1]?.combination;
            if (before?.size === combination.size) expect(combination.strength).toBeGreaterThanOrEqual(before.strength);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("row 102: whatever comes in, a verdict comes out, and a sentence where it is not legal", () => {
    const anyPlay = fc.oneof(fc.anything(), fc.array(fc.oneof(fc.anything(), fc.constantFrom(...DECK))));
    fc.assert(
      fc.property(anyPlay, anyPlay, fc.anything(), (current, play, options) => {
        const verdict = anyVerdict(current, play, options);
        expect(typeof verdict.legal).toBe("boolean");
        expect(verdict.reason).toMatch(verdict.legal ? /^$/ : /^[A-Z0-9a-z].*\.$/);
      }),
    );
  });

  test.each([
    [undefined, "A play is a list"],
    ["3D", "A play is a list"],
    [[3], "A card is a text"],
    [["1D"], 'There is no card "1D".'],
    [["3d"], 'There is no card "3d".'],
    [["__proto__"], 'There is no card "__proto_".'],
    [["3D", "3D"], "There is only one 3♦."],
    [DECK, "more than five"],
  ])("row 102: %j is refused with what is wrong", (play, reason) => {
    expect(legal(null, play).reason).toContain(reason);
  });

  test("row 102: what lies on the table has to be a combination too", () => {
    expect(legal(["5D", "6D"], ["7D", "7C"]).reason).toBe("What lies on the table is no combination.");
    expect(legal([], ["7D"]).reason).toBe("What lies on the table is no combination.");
  });

  test("cards are sorted by rank or by suit", () => {
    const hand = cards("2D 3S 10H 3D AC 10D");
    expect(sortCards(hand)).toEqual(cards("3D 3S 10D 10H AC 2D"));
    expect(sortCards(hand, "suit")).toEqual(cards("3D 10D 2D AC 10H 3S"));
    expect(DECK.map((card) => orderOf(card))).toEqual(DECK.map((_, order) => order));
  });
});
