/** The ink on the TV's easels. It is plain JavaScript, so what is used of it is typed here. */
import { describe, expect, test } from "@jest/globals";

interface InkModule {
  MOST_INK: number;
  readInk: (colors: unknown) => readonly number[];
  blots: (colors: readonly number[], seed: number) => string;
}
// In a variable, so that the compiler does not look into the page's scripts.
const file = "../../demo-game/ink.js";
const { MOST_INK, readInk, blots }: InkModule = await import(file);

describe("ink", () => {
  test.each([undefined, null, "red", 7, {}, { length: 3 }])("a phone that says %j has no ink", (colors) => {
    expect(readInk(colors)).toEqual([]);
  });

  test("only colours that there are count, and of many strokes the last", () => {
    expect(readInk([0, 6, 7, -1, "1e9", null, 1.5, [], 2])).toEqual([0, 6, 2]);
    expect(readInk(Array.from({ length: 5_000 }, () => 3))).toHaveLength(MOST_INK);
  });

  test("every stroke is one blot, and a blot stays where it is when more follow", () => {
    const few = blots([0, 1, 2], 5);
    const more = blots([0, 1, 2, 3], 5);
    expect(few.match(/<g /g)).toHaveLength(3);
    expect(more.startsWith(few)).toBe(true);
    expect(blots([0, 1, 2], 6)).not.toBe(few);
  });

  test("all blots lie on the sheet", () => {
    const places = [
      ...blots(
        Array.from({ length: MOST_INK }, () => 0),
        3,
      ).matchAll(/cx="([-\d.]+)" cy="([-\d.]+)"/g),
    ];
    expect(places).toHaveLength(MOST_INK);
    for (const [, x, y] of places)
      expect([Math.abs(Number(x) - 50) < 75, Math.abs(Number(y) - 50) < 70]).toEqual([true, true]);
  });
});
