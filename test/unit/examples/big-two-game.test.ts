/** A game of Big Two in `examples/big-two`: deals, turns, passes, rounds, hands and scores (SEEDS R1–R17), without rooms or clocks. */
import { describe, expect, test } from "@jest/globals";
import {
  createGame,
  deal,
  nextHand,
  pass,
  places,
  play,
  playForSleeper,
  pointsFor,
  publicView,
  seededRandom,
  shuffledDeck,
  type Game,
  type Outcome,
} from "../../../examples/big-two/game.js";
import { choosePlay } from "../../../examples/big-two/strategy.js";
import { DECK, legal, legalPlays, type Variant } from "../../../examples/big-two/rules.js";
import * as fc from "../../support/property-testing.ts";

const cards = (text: string): string[] => text.split(" ");

/** The game after a move that is legal. */
function after(outcome: Outcome): Game {
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.game;
}
const reasonOf = (outcome: Outcome): string => (outcome.ok ? "" : outcome.reason);

/** A deck that deals these hands, and what is left of the deck after them. */
function deckOf(...hands: readonly string[]): string[] {
  const dealt = hands.flatMap(cards);
  return [...dealt, ...DECK.filter((card) => !dealt.includes(card))];
}

/** Four hands, for a script: seat 1 begins with 3♦. */
const FOUR = [
  "3C 4C 5C 6C 7C 8C 9C 10C JC QC KC AC 2C",
  "3D 4D 5D 6D 7D 8D 9D 10D JD QD KD AD 2D",
  "3H 4H 5H 6H 7H 8H 9H 10H JH QH KH AH 2H",
  "3S 4S 5S 6S 7S 8S 9S 10S JS QS KS AS 2S",
] as const;
const fourPlayers = (variant: Partial<Variant> = {}): Game =>
  createGame({ players: 4, deck: deckOf(...FOUR), variant });

/** `pass`, or cards. */
const move = (game: Game, what: string): Game =>
  after(what === "pass" ? pass(game, game.turn) : play(game, game.turn, cards(what)));
const moves = (game: Game, ...list: readonly string[]): Game => list.reduce(move, game);

/** The cards that a view names. */
const named = (game: Game): string[] => DECK.filter((card) => JSON.stringify(publicView(game)).includes(`"${card}"`));

/** Plays a whole game as bots would; `look` sees each state. */
function playOut(game: Game, random: () => number, look: (game: Game) => void = () => {}): Game {
  let now = game;
  while (now.phase !== "game-over") {
    look(now);
    if (now.phase === "hand-over") {
      now = after(nextHand(now, shuffledDeck(random)));
      continue;
    }
    const chosen = choosePlay(now.hands[now.turn] ?? [], { ...publicView(now), variant: now.rules.variant });
    now = chosen === undefined ? after(pass(now, now.turn)) : after(play(now, now.turn, chosen));
  }
  look(now);
  return now;
}

describe("row 103: a hand", () => {
  test("row 103 R1: four players get 13 cards each, and every card once", () => {
    const { hands, aside } = deal(shuffledDeck(seededRandom("deal")), 4);
    expect(hands.map((hand) => hand.length)).toEqual([13, 13, 13, 13]);
    expect(hands.flat().toSorted()).toEqual([...DECK].toSorted());
    expect(aside).toEqual([]);
  });

  test("row 103: the same seed deals the same cards, another one others", () => {
    const [one, same, other] = ["a", "a", "b"].map((seed) => shuffledDeck(seededRandom(seed)));
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
    expect(shuffledDeck(seededRandom(7))).toEqual(shuffledDeck(seededRandom("7")));
  });

  test("row 103: every card comes first about as often", () => {
    const random = seededRandom("fair");
    const counts = new Map<string, number>();
    for (let round = 0; round < 52 * 200; round++) {
      const first = shuffledDeck(random)[0] ?? "";
      counts.set(first, (counts.get(first) ?? 0) + 1);
    }
    expect(counts.size).toBe(52);
    expect(Math.min(...counts.values())).toBeGreaterThan(140);
    expect(Math.max(...counts.values())).toBeLessThan(260);
  });

  test("row 103 R2: the holder of 3♦ begins, with 3♦", () => {
    const game = fourPlayers();
    expect([game.turn, game.first]).toEqual([1, "3D"]);
    expect(reasonOf(play(game, 1, ["4D"]))).toContain("3♦");
    expect(reasonOf(play(game, 0, ["3C"]))).toBe("It is not your turn.");
    const begun = move(game, "3D 4D 5D 6D 7D");
    expect([begun.turn, begun.first, begun.hands[1]?.length]).toEqual([2, null, 8]);
  });

  test("row 103 R3: a play has to be better, of as many cards, and from one's own hand", () => {
    const game = move(fourPlayers(), "3D");
    expect(reasonOf(play(game, 2, ["3H", "4H"]))).toContain("pair");
    expect(reasonOf(play(game, 2, ["4S"]))).toBe("You do not hold 4♠.");
    expect(reasonOf(play(game, 2, ["nonsense"]))).toContain("There is no card");
    expect(reasonOf(play(game, 2, "4H"))).toContain("list");
    expect(move(game, "4H").current).toEqual({ seat: 2, cards: ["4H"] });
  });

  test("row 103 R4: a lead cannot be passed, and after a pass one may play again in the same round", () => {
    const game = fourPlayers();
    expect(reasonOf(pass(game, 1))).toBe("You lead, so you cannot pass.");
    const round = moves(game, "3D", "pass", "4S", "5C", "6D");
    expect(round.turn).toBe(2);
    expect(move(round, "7H").current?.seat).toBe(2);
  });

  test("row 103 R5: when all others have passed in succession the last player leads anything", () => {
    const game = moves(fourPlayers(), "3D", "3H", "pass", "pass", "4D", "pass", "pass");
    expect([game.turn, game.current?.seat]).toEqual([0, 1]);
    const led = move(game, "pass");
    expect([led.turn, led.current, led.passed]).toEqual([1, null, [false, false, false, false]]);
    expect(move(led, "5D").turn).toBe(2);
  });

  test("row 109: with pass out, a player that passed plays no more in the round", () => {
    const game = moves(fourPlayers({ pass: "out" }), "3D", "pass", "4S", "5C");
    expect(game.passed).toEqual([false, false, true, false]);
    const round = moves(game, "6D", "7S"); // seat 2 is left out between them
    expect(round.turn).toBe(0);
    const led = moves(round, "pass", "pass");
    expect([led.turn, led.current, led.passed]).toEqual([3, null, [false, false, false, false]]);
  });

  test("row 103 R6, R15, R17: the hand ends at once when a hand is empty, and cards that are left cost points", () => {
    const hands = ["4D 5D 6D", "3D", "4C 5C 6C", "4H 5H 6H"];
    const game: Game = { ...fourPlayers(), hands: hands.map(cards), turn: 1 };
    const over = move(game, "3D");
    expect(over.phase).toBe("hand-over");
    expect(over.results).toEqual([{ winner: 1, left: [3, 0, 3, 3], points: [3, 0, 3, 3], gain: 9 }]);
    expect(over.scores).toEqual([3, 0, 3, 3]);
    expect(reasonOf(play(over, 2, ["4C"]))).toBe("The hand is over.");
    expect(reasonOf(pass(over, 2))).toBe("The hand is over.");
    expect(reasonOf(nextHand(game, DECK))).toBe("The hand is not over.");
  });

  test.each([
    [1, 1, 1, 1],
    [9, 9, 9, 9],
    [10, 20, 20, 10],
    [12, 24, 24, 12],
    [13, 39, 26, 13],
    [0, 0, 0, 0],
  ])("row 103 R15: %i cards cost %i points, as in B %i, plain %i", (left, u, b, plain) => {
    expect([pointsFor(left), pointsFor(left, "b"), pointsFor(left, "plain")]).toEqual([u, b, plain]);
  });

  test("row 103 R16: hands are played until 50 points, and fewest points win", () => {
    const game: Game = { ...fourPlayers(), hands: [cards("4C"), ["3D"], cards("4H"), cards("4S")] };
    const over = move({ ...game, scores: [49, 30, 48, 30] }, "3D");
    expect([over.phase, over.scores, places(over)]).toEqual(["game-over", [50, 30, 49, 31], [4, 1, 3, 2]]);
    expect(reasonOf(nextHand(over, DECK))).toBe("The game is over.");
    expect(places({ scores: [7, 3, 3, 50] })).toEqual([3, 1, 1, 4]);
    const short = move({ ...game, rules: { ...game.rules, hands: 1 } }, "3D");
    expect(short.phase).toBe("game-over");
  });

  test("row 103 R16: the holder of 3♦ begins each hand, or with leader winner the last winner with anything", () => {
    const ended = (variant: Partial<Variant>): Game => {
      const hands = [cards("4C"), ["3D"], cards("4H"), cards("4S")];
      return move({ ...fourPlayers(variant), hands }, "3D");
    };
    const deck = deckOf(FOUR[1], FOUR[0], FOUR[2], FOUR[3]);
    expect(after(nextHand(ended({}), deck))).toMatchObject({ hand: 2, turn: 0, first: "3D" });
    const free = after(nextHand(ended({ leader: "winner" }), deck));
    expect(free).toMatchObject({ hand: 2, turn: 1, first: null });
    expect(move(free, "4C").turn).toBe(2);
    const first = fourPlayers({ leader: "winner" });
    expect(reasonOf(play(first, 1, ["4D"]))).toContain("3♦"); // no winner yet
  });

  test("row 109: in Taiwan the holder of 3♣ begins", () => {
    expect(fourPlayers({ suits: "CDHS" })).toMatchObject({ turn: 0, first: "3C" });
  });

  test("row 104: what everyone may know has no card but those on the table", () => {
    const game = moves(fourPlayers(), "3D", "4H");
    expect([named(fourPlayers()), named(game)]).toEqual([[], ["4H"]]);
    expect(publicView(game).counts).toEqual([13, 12, 12, 13]);
  });
});

describe("row 103: fewer players", () => {
  test("three get 17 each, and the holder of 3♦ the last card", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const deck = shuffledDeck(seededRandom(seed));
        const { hands, aside } = deal(deck, 3);
        const [sizes, last] = [hands.map((hand) => hand.length).toSorted((one, other) => one - other), deck[51] ?? ""];
        expect([sizes, aside]).toEqual([[17, 17, 18], []]);
        const holder = hands.find((hand) => hand.includes(last === "3D" ? "3C" : "3D"));
        expect(holder).toContain(last);
        expect(holder).toHaveLength(18);
      }),
    );
    const { hands } = deal([...DECK.filter((card) => card !== "3D"), "3D"], 3);
    expect(hands.find((hand) => hand.includes("3D"))).toContain("3C");
  });

  test("two get 17 each, 18 lie aside, and the lowest dealt card begins", () => {
    const game = createGame({ players: 2, deck: [...DECK].toReversed() });
    expect([game.hands.map((hand) => hand.length), game.aside.length]).toEqual([[17, 17], 18]);
    expect(game.first).toBe(game.hands[game.turn]?.[0]);
    expect(game.aside).not.toContain(game.first);
    expect(reasonOf(play(game, game.turn, [game.hands[game.turn]?.[1] ?? ""]))).toContain("first play");
  });
});

describe("row 106: for a sleeper", () => {
  test("row 106: a lead is the lowest single, the first with 3♦, and everything else a pass", () => {
    const game = fourPlayers();
    const first = playForSleeper(game);
    expect(first.current).toEqual({ seat: 1, cards: ["3D"] });
    const passed = playForSleeper(playForSleeper(playForSleeper(first)));
    expect([passed.turn, passed.current]).toEqual([1, null]);
    expect(playForSleeper(passed).current).toEqual({ seat: 1, cards: ["4D"] });
  });

  test("row 106: with lowest it plays its lowest single that is legal, and passes where none is or more cards are played", () => {
    expect(playForSleeper(move(fourPlayers(), "3D"), "lowest").current).toEqual({ seat: 2, cards: ["3H"] });
    expect(playForSleeper(move(fourPlayers(), "3D 4D 5D 6D 7D"), "lowest").current?.seat).toBe(1);
    expect(playForSleeper(moves(fourPlayers(), "3D", "3H", "2S"), "lowest").current?.seat).toBe(3);
  });
});

describe("row 103: whole games", () => {
  const setups = fc.record({
    players: fc.constantFrom(2, 3, 4),
    seed: fc.nat(),
    variant: fc.record({
      straights: fc.constantFrom("pagat", "two-high", "hongkong"),
      flush: fc.constantFrom("suit", "rank"),
      pass: fc.constantFrom("return", "out"),
      bombs: fc.boolean(),
      leader: fc.constantFrom("3D", "winner"),
      suits: fc.constantFrom("DCHS", "CDHS"),
    } as const),
    score: fc.constantFrom("u", "b", "plain"),
  } as const);

  test("row 103, row 107: games of bots end, in all variants; no card appears, vanishes or is played twice; every play is legal", () => {
    fc.assert(
      fc.property(setups, ({ players, seed, variant, score }) => {
        const random = seededRandom(seed);
        const game = createGame({ players, deck: shuffledDeck(random), variant, score });
        let before: Game | undefined;
        const over = playOut(game, random, (now) => {
          const held = [...now.hands.flat(), ...now.aside];
          if (new Set(held).size !== held.length) throw new Error("A card is there twice.");
          if (before?.hand === now.hand && now.current !== null && now.current !== before.current) {
            const options = { first: before.first ?? false, variant };
            const { reason } = legal(before.current?.cards ?? null, now.current.cards, options);
            const heldBefore = before.hands.flat().length + before.aside.length;
            if (reason !== "" || held.length + now.current.cards.length !== heldBefore) throw new Error(reason);
          }
          before = now;
        });
        expect(Math.max(...over.scores)).toBeGreaterThanOrEqual(50);
        expect(over.scores).toEqual(
          over.results.reduce(
            (sums, { points }) => sums.map((sum, seat) => sum + (points[seat] ?? 0)),
            over.scores.map(() => 0),
          ),
        );
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  test("row 103: a seed plays the same game again", () => {
    const [one, same] = ["again", "again"].map((seed) => {
      const random = seededRandom(seed);
      return playOut(createGame({ players: 4, deck: shuffledDeck(random) }), random);
    });
    expect(same).toEqual(one);
  });

  test("row 107: a bot plays what is legal and passes only where it may", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 13 }), fc.boolean(), (seed, size, isLead) => {
        const deck = shuffledDeck(seededRandom(seed));
        const hand = deck.slice(0, size);
        const lead = legalPlays(deck.slice(20, 33), null);
        const current = isLead ? null : { seat: 1, cards: lead[seed % lead.length]?.cards ?? [] };
        const game = { ...fourPlayers(), hands: [hand, ...fourPlayers().hands.slice(1)], first: null, current };
        const chosen = choosePlay(hand, { ...publicView({ ...game, turn: 0 }), variant: {} });
        if (chosen === undefined) expect(isLead).toBe(false);
        else expect(legal(current?.cards ?? null, chosen)).toEqual({ legal: true, reason: "" });
      }),
    );
  });

  test.each([
    [5, {}],
    [1, {}],
    [2.5, {}],
    [4, { flush: "odd" }],
  ])("a game of %s players with %j cannot be made", (players, variant) => {
    expect(() => Reflect.apply(createGame, undefined, [{ players, deck: DECK, variant }])).toThrow(TypeError);
  });
});
