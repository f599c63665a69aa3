/** How the sums of several nodes become one, against a plain count of the same votes. */
import { expect, test } from "@jest/globals";
import { MAX_TALLIED_TEXTS, type TallyCounts, type TallyPlace } from "../../../src/room/tally.ts";
import { VoteRound } from "../../../src/room/vote-round.ts";
import { array, assert, integer, property, record } from "../../support/property-testing.ts";

const NODES = 3;

function sumOf({ tally, other = 0 }: TallyCounts): number {
  return Object.values(tally).reduce((all, count) => all + count, other);
}

/** So many texts, each with two votes. */
function texts(from: number, count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`text ${from + index}`, 2]));
}

/** A round as it is counted at its home (the last of its parts) and at other nodes, which tell the home their sums. */
class SpreadRound {
  readonly home: VoteRound;
  readonly #parts: readonly VoteRound[];

  constructor(poll: string | undefined) {
    this.home = new VoteRound(1, poll);
    this.#parts = [...Array.from({ length: NODES }, () => new VoteRound(1, poll)), this.home];
  }

  vote(node: number, text: string, former: TallyPlace | undefined): TallyPlace {
    return this.#part(node).vote(text, former);
  }

  tell(node: number): void {
    const part = this.#part(node);
    if (part !== this.home && part.hasNews) this.home.count(part, part.takeReport());
  }

  tellAll(): void {
    for (let node = 0; node < NODES; node++) this.tell(node);
  }

  #part(node: number): VoteRound {
    return this.#parts[node] ?? this.home;
  }
}

/** `isTold`: the node tells its sum behind this vote. */
const votes = array(
  record({
    watcher: integer({ min: 0, max: 200 }),
    text: integer({ min: 0, max: 150 }),
    isTold: integer({ min: 0, max: 3 }),
  }),
  { maxLength: 500 },
);

test("P5.6.2 in a poll the sums of all nodes hold the newest vote of each watcher, whenever each node tells its own", () => {
  assert(
    property(votes, (given) => {
      const round = new SpreadRound("song");
      const places = new Map<number, TallyPlace>();
      const newest = new Map<number, string>();
      for (const { watcher, text: number, isTold } of given) {
        const text = `text ${number}`;
        const node = watcher % (NODES + 1);
        places.set(watcher, round.vote(node, text, places.get(watcher)));
        newest.set(watcher, text);
        if (isTold === 0) round.tell(node);
      }
      round.tellAll();
      const counts = round.home.takeReport();
      expect(sumOf(counts)).toBe(newest.size);
      for (const [text, count] of Object.entries(counts.tally)) {
        expect(count).toBeGreaterThan(0);
        expect(count).toBeLessThanOrEqual([...newest.values()].filter((chosen) => chosen === text).length);
      }
      const expected = new Map<string, number>();
      for (const text of newest.values()) expected.set(text, (expected.get(text) ?? 0) + 1);
      if (counts.other === undefined) expect(counts.tally).toEqual(Object.fromEntries(expected));
    }),
  );
});

test("P5.6.4 without a poll each vote of each node is in one report, whenever each node tells its sum", () => {
  assert(
    property(votes, (given) => {
      const round = new SpreadRound(undefined);
      let told = 0;
      for (const { watcher, text, isTold } of given) {
        round.vote(watcher % (NODES + 1), `text ${text}`, undefined);
        if (isTold === 0) round.tell(watcher % (NODES + 1));
        if (isTold === 1) told += sumOf(round.home.takeReport());
      }
      round.tellAll();
      told += sumOf(round.home.takeReport());
      expect(told).toBe(given.length);
    }),
  );
});

test("P5.6.3 of the texts of all nodes sixty-four are told by themselves, and one that loses its votes makes room", () => {
  const round = new VoteRound(1, "song");
  const [one, two] = [{}, {}];
  round.count(one, { tally: texts(0, 64) });
  round.count(two, { tally: texts(60, 64), other: 5 });
  const { tally, other } = round.takeReport();
  expect(Object.keys(tally)).toHaveLength(MAX_TALLIED_TEXTS);
  expect(tally).toMatchObject({ "text 0": 2, "text 63": 4 });
  expect(other).toBe(60 * 2 + 5);
  round.count(one, { tally: texts(60, 4) });
  round.count(two, { tally: { ...texts(60, 4), ["text 100"]: 3 } });
  expect(round.takeReport()).toEqual({
    tally: { ...texts(60, 4), "text 60": 4, "text 61": 4, "text 62": 4, "text 63": 4, "text 100": 3 },
  });
});

test("P5.6.2 what a node has told stays counted when it says nothing more, and a node of the same name begins anew", () => {
  const round = new VoteRound(1, "song");
  const node = {};
  round.count(node, { tally: { a: 3 } });
  round.forget(node);
  round.count(node, { tally: { a: 1 } });
  expect(round.takeReport()).toEqual({ tally: { a: 4 } });
});
