import { expect, test } from "@jest/globals";
import { unmask } from "../../../src/transport/websocket/codec/unmask.ts";

const MASK = [0x37, 0xfa, 0x21, 0x3d];
/** Longer than where going by words begins, and a few rounds of them more. */
const LONGEST = 200;
const WORD_BYTES = 4;

/** What stands around a payload; it may not change. */
function surroundings(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_byte, index) => (index * 31 + 7) & 0xff);
}

test("the mask is taken off a payload of any length, wherever in its memory it begins, and off nothing else", () => {
  for (let place = 0; place < WORD_BYTES; place++) {
    for (let start = WORD_BYTES; start < 2 * WORD_BYTES; start++) {
      for (let length = 0; length <= LONGEST; length++) {
        const memory = surroundings(place + start + length + WORD_BYTES);
        const bytes = new Uint8Array(memory.buffer, place);
        bytes.set(MASK, start - WORD_BYTES);
        const expected = bytes.map((byte, at) =>
          at < start || at >= start + length ? byte : byte ^ (MASK[(at - start) % MASK.length] ?? 0),
        );
        unmask(bytes, start, start + length, start - WORD_BYTES);
        expect([place, start, length, Buffer.compare(bytes, expected)]).toEqual([place, start, length, 0]);
      }
    }
  }
});

test("a mask of zeros leaves everything as it is", () => {
  const bytes = surroundings(LONGEST);
  bytes.fill(0, 0, WORD_BYTES);
  const before = Buffer.from(bytes);
  unmask(bytes, WORD_BYTES, LONGEST, 0);
  expect(before.equals(bytes)).toBe(true);
});
