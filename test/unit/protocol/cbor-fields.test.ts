import { describe, expect, test } from "@jest/globals";
import { Encoder } from "cbor-x";
import { decodeFirst, encode as encodeWithCborg } from "cborg";
import * as fc from "../../support/property-testing.ts";
import { budget } from "../../support/seeded-random.ts";
import { checkCborMap, type CheckedMap } from "../../../src/protocol/cbor-fields.ts";
import { MAX_CONTAINERS, MAX_DEPTH, MAX_ITEMS, MAX_MAP_ENTRIES } from "../../../src/protocol/frame-value.ts";
import { commands, head, writeInSomeShape } from "./cbor-shapes.ts";
import { fromHex } from "../../support/hex.ts";
import { wellFormedEnd } from "./well-formed.ts";

const cborX = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });

const { value: jsonLike } = fc.letrec<{ value: unknown; leaf: unknown; list: unknown[]; map: Record<string, unknown> }>(
  (tie) => ({
    leaf: fc.oneof(
      fc.boolean(),
      fc.constantFrom(null, undefined),
      fc.integer(),
      fc.double(),
      fc.string({ unit: "binary", maxLength: 30 }),
      fc.uint8Array({ maxLength: 30 }),
    ),
    list: fc.array(tie("value"), { maxLength: 4 }),
    map: fc.dictionary(fc.string({ maxLength: 6 }), tie("value"), { maxKeys: 4 }),
    value: fc.oneof({ maxDepth: 4, depthIdentifier: "cbor" }, tie("leaf"), tie("list"), tie("map")),
  }),
);
const maps = fc.dictionary(fc.string({ maxLength: 8 }), jsonLike, { maxKeys: 5 });

const writtenMaps = fc.oneof(
  maps.map((map) => encodeWithCborg(map)),
  maps.map((map) => new Uint8Array(cborX.encode(map))),
  fc.tuple(fc.gen(), commands).map(([choose, command]) => writeInSomeShape(choose, command)),
);

function accepted(bytes: Uint8Array): CheckedMap | undefined {
  const result = checkCborMap(bytes);
  return result.ok ? result.value : undefined;
}

function reasonFor(bytes: Uint8Array): string {
  const result = checkCborMap(bytes);
  return result.ok ? "accepted" : result.failure;
}

/** `{"x": …}` with that item for a value. */
function mapOf(...item: readonly (number | readonly number[])[]): Uint8Array {
  return Uint8Array.from([0xa1, 0x61, 0x78, ...item.flat()]);
}

/** `{"data": …}` with that item for a value. */
function data(...item: readonly (number | readonly number[])[]): Uint8Array {
  return Uint8Array.from([0xa1, 0x64, ...Buffer.from("data"), ...item.flat()]);
}

function depth(levels: number): Uint8Array {
  return mapOf(...Array<number>(levels - 1).fill(0x81), 0x00);
}

function indefiniteDepth(levels: number): Uint8Array {
  return mapOf(...Array<number>(levels - 1).fill(0x9f), ...Array<number>(levels - 1).fill(0xff));
}

/** So many containers in all: the map, an array, and the others in it. */
function containers(count: number, one: readonly number[]): Uint8Array {
  return mapOf(head(4, count - 2, 2), Array.from({ length: count - 2 }, () => one).flat());
}

/** Entries of a map, no two of one name. */
function numberedEntries(count: number): number[] {
  return Array.from({ length: count }, (_entry, index) => [0x64, ...Buffer.from(`${index}`.padStart(4)), 0x00]).flat();
}

function entries(count: number): Uint8Array {
  return Uint8Array.from([...head(5, count, 2), ...numberedEntries(count)]);
}

function indefiniteEntries(count: number): Uint8Array {
  return Uint8Array.from([0xbf, ...numberedEntries(count), 0xff]);
}

describe("the check of a host's CBOR", () => {
  test("accepts every map that another library writes, and tells where it ends and how many entries it has", () => {
    fc.assert(
      fc.property(maps, fc.uint8Array({ maxLength: 8 }), (map, padding) => {
        for (const item of [encodeWithCborg(map), cborX.encode(map)]) {
          expect(accepted(new Uint8Array(Buffer.concat([item, padding])))).toMatchObject({
            end: item.length,
          });
        }
      }),
    );
  });

  test("refuses every map that is cut off, wherever it is", () => {
    fc.assert(
      fc.property(writtenMaps, (item) => {
        const beginnings = Array.from(item, (_byte, length) => item.subarray(0, length));
        expect(beginnings.filter((beginning) => accepted(beginning) !== undefined)).toEqual([]);
      }),
    );
  });

  test("finds the same end as RFC 8949's reference and as cborg, whatever byte is another", () => {
    fc.assert(
      fc.property(writtenMaps, fc.nat(), fc.integer({ min: 1, max: 255 }), (item, position, change) => {
        const mutated = item.slice();
        const at = position % item.length;
        mutated[at] = (mutated[at] ?? 0) ^ change;
        const checked = accepted(mutated);
        if (checked === undefined) return;
        expect(wellFormedEnd(mutated)?.end).toBe(checked.end);
        const end = endByCborg(mutated);
        if (end !== undefined) expect(end).toBe(checked.end);
      }),
      { numRuns: budget(3_000) },
    );
  });

  test("accepts of any bytes only what RFC 8949 calls well-formed", () => {
    const tokens = fc.oneof(
      fc.nat({ max: 255 }),
      fc.constantFrom(0x61, 0x78, 0xbf, 0x9f, 0x7f, 0xff, 0xa1, 0x80, 0xd8),
    );
    fc.assert(
      fc.property(fc.array(tokens, { maxLength: 24 }), (tail) => {
        for (const first of [0xa1, 0xbf]) {
          const bytes = Uint8Array.from([first, ...tail]);
          const checked = accepted(bytes);
          if (checked !== undefined) expect(wellFormedEnd(bytes)?.end).toBe(checked.end);
        }
      }),
      { numRuns: budget(5_000) },
    );
  });

  test.each([
    ["an array of definite length", "a1 6178 8101"],
    ["an array of indefinite length in a map of definite length", "a1 6178 9f01ff"],
    ["an empty array of indefinite length", "a1 6178 9fff"],
    ["a map of indefinite length in an array in a map", "a1 6178 81 bfff"],
    ["text in chunks", "a1 6178 7f 6161 6162 ff"],
    ["no chunk at all", "a1 6178 5fff"],
    ["a key in chunks", "a1 7f 6178 ff 01"],
    ["an indefinite map with an indefinite array", "bf 6178 9f ff ff"],
  ])("ends a field with %s where it ends, and the map with it", (_shape, hex) => {
    const item = fromHex(hex);
    for (const padding of ["", "00", "6178", "ff", "a1617801"]) {
      expect(accepted(fromHex(`${hex} ${padding}`))).toMatchObject({ end: item.length });
    }
  });

  test("refuses doubles among the outermost keys, however they are written, and no others", () => {
    expect(reasonFor(fromHex("a3 6178 01 6178 02 6179 a1 617a 00"))).toContain("stands twice");
    expect(reasonFor(fromHex("a2 6178 01 7f 6178 60 ff 02"))).toContain("stands twice");
    expect(reasonFor(fromHex("bf 6178 01 780178 02 ff"))).toContain("stands twice");
    expect(accepted(fromHex("bf 6178 bf 617a 00 617a 00 ff 6179 02 ff"))).toBeDefined();
  });

  test("finds where the known fields lie, and no others", () => {
    const fields = accepted(fromHex("a4 6178 01 63636d64 6161 62746f 8101 6179 02"))?.fields ?? new Map();
    expect([...fields]).toEqual([
      ["cmd", { from: 8, to: 10 }],
      ["to", { from: 13, to: 15 }],
    ]);
  });
});

describe("the limits of the check", () => {
  test("MAX_DEPTH levels pass, one more does not", () => {
    expect(accepted(depth(MAX_DEPTH))).toBeDefined();
    expect(accepted(indefiniteDepth(MAX_DEPTH))).toBeDefined();
    expect(reasonFor(depth(MAX_DEPTH + 1))).toContain(`deeper than ${MAX_DEPTH} levels`);
    expect(reasonFor(indefiniteDepth(MAX_DEPTH + 1))).toContain(`deeper than ${MAX_DEPTH} levels`);
  });

  test("20,000 nested arrays, maps or tags are refused", () => {
    expect(reasonFor(depth(20_000))).toContain("nested deeper");
    expect(reasonFor(indefiniteDepth(20_000))).toContain("nested deeper");
    expect(reasonFor(mapOf(...Array.from({ length: 20_000 }, () => [0xa1, 0x61, 0x78])))).toContain("nested deeper");
    expect(reasonFor(mapOf(...Array<number>(20_000).fill(0xc1)))).toContain("CBOR tag 1 ");
    expect(reasonFor(mapOf(...Array.from({ length: 20_000 }, () => [0xd8, 0x40])))).toContain("CBOR tag 64 ");
  });

  test.each([
    ["arrays", [0x80]],
    ["arrays of indefinite length", [0x9f, 0xff]],
    ["maps", [0xa0]],
    ["byte strings in chunks", [0x5f, 0xff]],
    ["texts in chunks", [0x7f, 0x60, 0xff]],
  ])("MAX_CONTAINERS %s pass, one more does not", (_kind, one) => {
    expect(accepted(containers(MAX_CONTAINERS, one))).toBeDefined();
    expect(reasonFor(containers(MAX_CONTAINERS + 1, one))).toContain(`more than ${MAX_CONTAINERS} arrays`);
  });

  test("MAX_MAP_ENTRIES entries pass, one more does not", () => {
    expect(accepted(entries(MAX_MAP_ENTRIES))).toBeDefined();
    expect(accepted(indefiniteEntries(MAX_MAP_ENTRIES))).toBeDefined();
    expect(reasonFor(entries(MAX_MAP_ENTRIES + 1))).toContain(`more than ${MAX_MAP_ENTRIES} entries`);
    expect(reasonFor(indefiniteEntries(MAX_MAP_ENTRIES + 1))).toContain(`more than ${MAX_MAP_ENTRIES} entries`);
  });

  test("MAX_ITEMS items of any kind pass, one more does not: keys, values, tags and chunks of strings count", () => {
    const kinds: readonly (readonly [string, readonly number[], number])[] = [
      ["integers", [0x00], 1],
      ["empty texts", [0x60], 1],
      ["floats", [0xf9, 0x00, 0x00], 1],
      ["tagged byte strings", [0xd8, 0x40, 0x40], 2],
    ];
    for (const [, item, count] of kinds) {
      // The map, its key, and the list are three.
      const most = Math.floor((MAX_ITEMS - 3) / count);
      const list = (length: number): Uint8Array => mapOf(0x9f, Array.from({ length }, () => item).flat(), 0xff);
      expect(accepted(list(most))).toBeDefined();
      expect(reasonFor(list(most + 1))).toContain(`more than ${MAX_ITEMS} items`);
    }
    for (const [chunked, chunk] of [
      [0x5f, 0x40],
      [0x7f, 0x60],
    ] as const) {
      expect(accepted(mapOf(chunked, Array<number>(MAX_ITEMS - 3).fill(chunk), 0xff))).toBeDefined();
      expect(reasonFor(mapOf(chunked, Array<number>(MAX_ITEMS - 2).fill(chunk), 0xff))).toContain("items");
    }
  });

  test("P2.5 the integers of a `data` list may be as many as the frame holds; other items in it count", () => {
    const many = Array<number>(1_000_000).fill(0);
    expect(accepted(data(head(4, many.length, 4), many))).toBeDefined();
    expect(accepted(data(0x9f, many, 0xff))).toBeDefined();
    expect(reasonFor(data(0x9f, many.fill(0xf6), 0xff))).toContain(`more than ${MAX_ITEMS} items`);
    expect(reasonFor(mapOf(0x9f, many.fill(0), 0xff))).toContain(`more than ${MAX_ITEMS} items`);
  });

  test.each([2n ** 31n, 2n ** 32n - 1n, 2n ** 40n, 2n ** 53n, 2n ** 60n, 2n ** 64n - 1n])(
    "a head that claims %p of anything is refused, at any level and in a chunk",
    (claim) => {
      const width = claim < 2n ** 32n ? 4 : 8;
      for (const major of [2, 3, 4, 5]) {
        const claiming = head(major, claim, width);
        expect(reasonFor(mapOf(claiming))).toMatch(/claims more than the frame holds/);
        expect(reasonFor(mapOf(0x81, 0x9f, claiming, 0x00))).toMatch(/claims more than the frame holds/);
        expect(reasonFor(mapOf(0x5f, head(2, claim, width)))).toMatch(/claims more than the frame holds/);
        expect(reasonFor(mapOf(0xd8, 0x40, head(2, claim, width)))).toMatch(/claims more than the frame holds/);
      }
      expect(reasonFor(Uint8Array.from(head(5, claim, width)))).toMatch(/claims more than the frame holds/);
      expect(reasonFor(Uint8Array.from([0xa1, ...head(3, claim, width)]))).toMatch(/claims more than the frame holds/);
    },
  );

  test.each([
    ["an empty frame", ""],
    ["an array", "80"],
    ["text", "6178"],
    ["null", "f6"],
    ["a break alone", "ff"],
    ["a tag on the map", "d9d9f7 a0"],
    ["a key that is an integer", "a1 01 02"],
    ["a key that is bytes", "a1 4178 02"],
    ["a key that is null", "a1 f6 02"],
    ["a key that is an integer, further in", "a1 6178 a1 01 02"],
    ["a break in the middle of an entry", "bf 6178 ff"],
    ["a break in a map of definite length", "a1 ff"],
    ["a break for a value", "a1 6178 ff"],
    ["a break in an array of definite length", "a1 6178 82 01 ff"],
    ["reserved additional information", "a1 6178 1c"],
    ["an integer of indefinite length", "a1 6178 1f"],
    ["a tag of indefinite length", "a1 6178 df"],
    ["a simple value that is not assigned", "a1 6178 e0"],
    ["a simple value in two bytes", "a1 6178 f8ff"],
    ["a date", "a1 6178 c1 00"],
    ["a big number", "a1 6178 c2 41ff"],
    ["a tag for bytes on text", "a1 6178 d840 6161"],
    ["a tag for bytes on an array", "a1 6178 d840 80"],
    ["a tag for bytes on chunks", "a1 6178 d840 5fff"],
    ["a tag of cbor-x's records", "a1 6178 d9dfff 83 19e000 80 80"],
    ["a chunk of another type", "a1 6178 7f 4161 ff"],
    ["a chunk in chunks", "a1 6178 7f 7f ff ff"],
    ["an item in chunks that is no string", "a1 6178 5f 01 ff"],
    ["text that is not UTF-8", "a1 6178 62 c328"],
    ["half a surrogate pair in text", "a1 6178 63 eda080"],
    ["an overlong form in text", "a1 6178 62 c080"],
    ["a character over two chunks", "a1 6178 7f 61c3 61a9 ff"],
    ["a key that is not UTF-8", "a1 61ff 00"],
  ])("refuses %s", (_what, hex) => {
    expect(accepted(fromHex(hex))).toBeUndefined();
  });
});

/** Where cborg says that the first item ends; `undefined` where it reads less than we do, such as tags. */
function endByCborg(bytes: Uint8Array): number | undefined {
  try {
    const [, rest] = decodeFirst(bytes, {
      allowUndefined: true,
      allowInfinity: true,
      allowNaN: true,
      allowBigInt: true,
    });
    return bytes.length - rest.length;
  } catch {
    return undefined; // refused: by its own limits, or because the item is broken, which the RFC's reference judges
  }
}
