/** How votes are counted, against a plain count of the same votes. */
import { expect, test } from "@jest/globals";
import { MAX_TALLIED_TEXTS, Tally, type TallyPlace } from "../../../src/room/tally.ts";
import { array, assert, integer, property, record } from "../../support/property-testing.ts";

test("P5.6 each vote counts once, and texts past the sixty-fourth are counted together", () => {
  const tally = new Tally();
  for (let number = 0; number < 10_000; number++) tally.vote(`text ${number}`);
  for (let number = 0; number < 5; number++) tally.vote("text 7");
  const { tally: votes, other } = tally.counts;
  expect(Object.keys(votes)).toHaveLength(MAX_TALLIED_TEXTS);
  expect(votes["text 7"]).toBe(6);
  expect(other).toBe(10_000 - MAX_TALLIED_TEXTS);
});

test("P5.6 a text that objects have by themselves is a text like any other", () => {
  const tally = new Tally();
  for (const text of ["__proto__", "constructor", "", "toString", "__proto__"]) tally.vote(text);
  expect(Object.entries(tally.counts.tally)).toEqual([
    ["__proto__", 2],
    ["constructor", 1],
    ["", 1],
    ["toString", 1],
  ]);
});

test("P5.6 a vote that moves leaves its text, and a text without votes makes room for another", () => {
  const tally = new Tally();
  const first = tally.vote("only one");
  for (let number = 1; number < MAX_TALLIED_TEXTS; number++) tally.vote(`text ${number}`);
  const other = tally.vote("one too many");
  expect(tally.counts.other).toBe(1);
  tally.vote("text 1", first);
  expect(tally.counts.tally).not.toHaveProperty("only one");
  tally.vote("one too many", other);
  expect(tally.counts.other).toBeUndefined();
  expect(tally.counts.tally).toMatchObject({ "text 1": 2, "one too many": 1 });
});

test("P5.6 the votes of a poll are the newest of each watcher, in whatever order they move", () => {
  const votes = array(record({ watcher: integer({ min: 0, max: 100 }), text: integer({ min: 0, max: 70 }) }), {
    maxLength: 400,
  });
  assert(
    property(votes, (given) => {
      const tally = new Tally();
      const places = new Map<number, TallyPlace>();
      const newest = new Map<number, string>();
      for (const { watcher, text } of given) {
        places.set(watcher, tally.vote(`text ${text}`, places.get(watcher)));
        newest.set(watcher, `text ${text}`);
        const { tally: counted, other = 0 } = tally.counts;
        const sum = Object.values(counted).reduce((all, count) => all + count, 0);
        expect(sum + other).toBe(newest.size);
        expect(Object.keys(counted).length).toBeLessThanOrEqual(MAX_TALLIED_TEXTS);
        for (const [name, count] of Object.entries(counted)) {
          const all = [...newest.values()].filter((chosen) => chosen === name).length;
          expect(count).toBeGreaterThan(0);
          expect(count).toBeLessThanOrEqual(all);
        }
        if (other === 0)
          expect(counted[`text ${text}`]).toBe([...newest.values()].filter((name) => name === `text ${text}`).length);
      }
    }),
  );
});
