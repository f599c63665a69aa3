/** What the bots of the demo game draw and write. */
import { beforeAll, describe, expect, test } from "@jest/globals";

interface Stroke {
  readonly color: string;
  readonly size: number;
  readonly points: readonly (readonly [number, number])[];
}

let strokesFor: (prompt: string, random?: () => number) => Stroke[];
let bluff: (random?: () => number) => string;
let names: readonly string[];
let prompts: readonly string[];
let tidyTitle: (text: string) => string;
let essence: (text: string) => string;
let tidyName: (text: string) => string;

const load = async (name: string) => import(new URL(`../../demo-game/${name}`, import.meta.url).href);

beforeAll(async () => {
  ({ strokesFor } = await load("bots/sketches.js"));
  ({ bluff, BOT_NAMES: names } = await load("bots/words.js"));
  ({ PROMPTS: prompts } = await load("prompts.js"));
  ({ tidyTitle, essence } = await load("titles.js"));
  ({ tidyName } = await load("names.js"));
});

/** Every twelfth of what may be drawn. */
const DRAWS = Array.from({ length: 12 }, (_, index) => index / 12);

/** Without its colour and its wobbling. */
const shapeOf = (strokes: readonly Stroke[]): number[] => strokes.map(({ points }) => points.length);

describe("a bot's drawing", () => {
  test("of every prompt is a few strokes on the paper", () => {
    for (const prompt of prompts) {
      for (const drawn of [0, 0.999]) {
        const strokes = strokesFor(prompt, () => drawn);
        expect(strokes.length).toBeGreaterThan(4);
        for (const { points } of strokes) {
          expect(points.length).toBeGreaterThan(0);
          expect(points.flat().every(Number.isInteger)).toBe(true);
          const outside = points.filter(([x, y]) => x < 0 || x > 640 || y < 0 || y > 800);
          expect(outside).toEqual([]);
        }
      }
    }
  });

  test("shows what kind of thing it is, and no two are the same", () => {
    const kinds = ["a goldfish walking a dog", "an owl with jet lag", "a cat doing its taxes", "a lonely meatball"];
    kinds.push("a snail winning a race", "a house on holiday", "a hug for an octopus", "a pirate at the eye doctor");
    expect(new Set(kinds.map((prompt) => JSON.stringify(shapeOf(strokesFor(prompt))))).size).toBe(kinds.length);
    expect(strokesFor("an owl with jet lag")).not.toEqual(strokesFor("an owl with jet lag"));
    const people = prompts.filter(
      (prompt) => String(shapeOf(strokesFor(prompt))) === String(shapeOf(strokesFor("a pirate"))),
    );
    expect(people.length).toBeLessThan(prompts.length / 2);
  });
});

test("a bot's bluffs are titles as the game takes them, and there are many", () => {
  const bluffs = DRAWS.flatMap((first) =>
    DRAWS.map((second) => {
      const drawn = [first, second];
      return bluff(() => drawn.shift() ?? 0);
    }),
  );
  const meanings = new Set(bluffs.map(essence));
  expect(meanings.size).toBe(144);
  expect(bluffs.map(tidyTitle)).toEqual(bluffs);
  expect(prompts.filter((prompt) => meanings.has(essence(prompt)))).toEqual([]);
});

test("each bot of a full table has a name of its own", () => {
  expect(new Set(names.map(tidyName))).toEqual(new Set(names));
  expect(names).toHaveLength(8);
});
