import { describe, expect, test } from "@jest/globals";
import { Decoder } from "cbor-x";
import { encodeCbor, writtenCbor } from "../../../src/protocol/cbor-writer.ts";
import { toHex } from "./cbor-shapes.ts";

const reader = new Decoder({ useRecords: false, mapsAsObjects: true });

/** That any value can be read again, by us and by others, `sdk-cbor.test.ts` and `host-encoder.test.ts` say. */
describe("the CBOR writer", () => {
  test("what has no item in CBOR is refused, and the next frame is whole", () => {
    expect(() => encodeCbor({ before: "it", at: [1, 2, () => 3] })).toThrow("CBOR has no item for a function.");
    expect(reader.decode(encodeCbor({ after: [1] }))).toEqual({ after: [1] });
  });

  test.each([
    [2 ** 32 - 1, 0x1a],
    [2 ** 32, 0xfb],
    [-(2 ** 32), 0x3a],
    [-(2 ** 32) - 1, 0xfb],
    [999_999_999_999_999, 0xfb],
  ])("%d is no integer of which cbor-x makes a bigint", (integer, head) => {
    const frame = encodeCbor(integer);
    expect(frame[0]).toBe(head);
    expect(reader.decode(frame)).toBe(integer);
  });

  test("a write inside another write disturbs neither", () => {
    const outer = {
      before: 1,
      get inner() {
        return encodeCbor("inner");
      },
      after: 2,
    };
    expect(reader.decode(encodeCbor(outer))).toEqual({ before: 1, inner: Buffer.from(encodeCbor("inner")), after: 2 });
  });

  test("after more than a megabyte the next frame is whole, and its own", () => {
    const large = encodeCbor({ data: new Uint8Array(2 ** 20).fill(7) });
    const small = encodeCbor("small");
    expect([large.length > 2 ** 20, small.length, small.buffer.byteLength]).toEqual([true, 6, 6]);
    expect(large.at(-1)).toBe(7);
  });

  test("every item is in bytes of its own, however long it is and whatever is written after it", () => {
    const frames = [0, 1, 500, 511, 512, 1_024, 70_000].map((length) => encodeCbor("x".repeat(length)));
    encodeCbor(new Uint8Array(200_000));
    expect(frames.map((frame) => String(reader.decode(frame)).length)).toEqual([0, 1, 500, 511, 512, 1_024, 70_000]);
    expect(frames.map(({ length }) => length)).toEqual(frames.map(({ buffer }) => buffer.byteLength));
  });

  test("what was written once is never written again, though much is written behind it", () => {
    const frames = Array.from({ length: 3_000 }, (_, index) => {
      encodeCbor("y".repeat(index % 97 === 0 ? 9_000 : index % 40));
      return writtenCbor((writer) => writer.value({ index, x: [7] }));
    });
    const large = writtenCbor((writer) => writer.value("x".repeat(10_000)));
    expect(frames.map((frame): unknown => reader.decode(frame))).toEqual(frames.map((_, index) => ({ index, x: [7] })));
    expect([reader.decode(large), large.buffer.byteLength]).toEqual(["x".repeat(10_000), large.length]);
    expect(new Set(frames.map(({ buffer }) => buffer)).size).toBeLessThan(20);
  });

  test.each(["é", "aé", "a long text that ends with é", "\uD800", "a\uD800"])("text is UTF-8: %j", (text) => {
    expect(reader.decode(encodeCbor(text))).toBe(Buffer.from(text).toString()); // half a character becomes U+FFFD
  });

  test("what an object has inherited is not written, as what a page has put on all objects", () => {
    const heir: object = Object.setPrototypeOf({ a: 1 }, { ofThePage: () => 1 });
    expect(toHex(encodeCbor(heir))).toBe("a1616101");
  });
});
