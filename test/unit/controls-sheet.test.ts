import { describe, expect, test } from "@jest/globals";
import { MAX_POINTS, Sheet } from "../../src/sdk/controls/sheet.ts";

const ink = { color: "#111", width: 0.02 };

describe("a sheet", () => {
  test("joins the pieces of a stroke, takes back and empties, and takes the emptying back", () => {
    const sheet = new Sheet();
    expect(sheet.isEmpty).toBe(true);
    expect(sheet.add({ id: 1, points: [0.1, 0.1], ...ink })).toBe(true);
    expect(sheet.add({ id: 1, points: [0.2, 0.2], ...ink, end: true })).toBe(true);
    expect(sheet.add({ id: 2, points: [0.5, 0.5], ...ink, pressures: [0.4], end: true })).toBe(true);
    expect(sheet.pieces).toEqual([
      { id: 1, points: [0.1, 0.1, 0.2, 0.2], ...ink, end: true },
      { id: 2, points: [0.5, 0.5], ...ink, pressures: [0.4], end: true },
    ]);
    sheet.add({ id: 2, points: [], color: "", width: 0, undo: true });
    expect([sheet.pieces.length, sheet.lastId]).toEqual([1, 1]);
    sheet.add({ id: 3, points: [], color: "", width: 0, clear: true });
    expect([sheet.isEmpty, sheet.lastId]).toEqual([true, 3]);
    sheet.add({ id: 3, points: [], color: "", width: 0, undo: true });
    expect([sheet.isEmpty, sheet.lastId]).toEqual([false, 1]);
  });

  test("comes out of its own pieces as it was", () => {
    const sheet = new Sheet();
    const copy = new Sheet();
    sheet.add({ id: 1, points: [0, 0, 1, 1], ...ink, end: true });
    sheet.add({ id: 2, points: [], color: "", width: 0, clear: true });
    sheet.add({ id: 3, points: [0.3, 0.3], ...ink });
    for (const piece of JSON.parse(JSON.stringify(sheet.pieces))) expect(copy.add(piece)).toBe(true);
    expect(copy.pieces).toEqual(sheet.pieces);
  });

  test.each([
    ["nothing", null],
    ["a text", "ink"],
    ["no id", { points: [], ...ink }],
    ["no points", { id: 1, ...ink }],
    ["half a point", { id: 1, points: [0.1], ...ink }],
    ["a point that is none", { id: 1, points: [0.1, null], ...ink }],
    ["an endless color", { id: 1, points: [], ...ink, color: "r".repeat(65) }],
    ["a negative width", { id: 1, points: [], ...ink, width: -1 }],
    ["an undo of what is not there", { id: 9, points: [], color: "", width: 0, undo: true }],
  ])("takes no piece that is %s", (_, piece) => {
    const sheet = new Sheet();
    expect(sheet.add(piece)).toBe(false);
    expect(sheet.pieces).toEqual([]);
  });

  test("holds so many points and strokes, and has room again when one is taken back", () => {
    const sheet = new Sheet();
    const points = Array.from({ length: MAX_POINTS }, () => 0.5);
    expect(sheet.add({ id: 1, points, ...ink, end: true })).toBe(true);
    expect(sheet.add({ id: 2, points, ...ink, end: true })).toBe(true);
    expect(sheet.isFull).toBe(true);
    expect(sheet.add({ id: 3, points: [0, 0], ...ink })).toBe(false);
    sheet.add({ id: 2, points: [], color: "", width: 0, undo: true });
    expect(sheet.add({ id: 3, points: [0, 0], ...ink })).toBe(true);

    const dotted = new Sheet();
    for (let id = 1; id <= 5_000; id++) expect(dotted.add({ id, points: [0, 0], ...ink, end: true })).toBe(true);
    expect(dotted.add({ id: 5_001, points: [0, 0], ...ink })).toBe(false);
  });
});
