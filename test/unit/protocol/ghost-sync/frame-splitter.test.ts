import { describe, expect, test } from "@jest/globals";
import { FrameSplitter } from "../../../../src/protocol/ghost-sync/frame-splitter.ts";
import * as fc from "../../../support/property-testing.ts";

const MAX = 100_000;

function frame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + payload.length);
  new DataView(bytes.buffer).setUint32(0, payload.length);
  bytes.set(payload, 4);
  return bytes;
}

/** All payloads that are whole now. */
function taken(splitter: FrameSplitter): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  for (let next = splitter.next(); next !== undefined; next = splitter.next()) {
    if (!(next instanceof Uint8Array)) throw new Error(`${next.size} bytes are too many`);
    payloads.push(new Uint8Array(next));
  }
  return payloads;
}

describe("P7.2 any fragmentation is read, row 64", () => {
  test("P7.2 frames that are cut anywhere come out whole and in order", () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 1, maxLength: 8 });
    const pieces = fc.array(fc.integer({ min: 1, max: 6_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lengths, pieces, (sizes, cuts) => {
        const sent = sizes.map((size, index) => new Uint8Array(size).map((_, at) => at * (index + 3)));
        const bytes = Buffer.concat(sent.map(frame));
        const splitter = new FrameSplitter(MAX);
        const came: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const end = at + (cuts[turn % cuts.length] ?? 1);
          splitter.push(new Uint8Array(bytes.subarray(at, end)));
          came.push(...taken(splitter));
          at = end;
        }
        expect(came.map((payload) => Buffer.from(payload).toString("base64"))).toEqual(
          sent.map((payload) => Buffer.from(payload).toString("base64")),
        );
        expect([splitter.isAmid, splitter.heldBytes]).toEqual([false, 0]);
      }),
    );
  });

  test("P7.2 byte by byte", () => {
    const sent = [new Uint8Array([1, 2, 3]), new Uint8Array(0), new Uint8Array(300).fill(7)];
    const splitter = new FrameSplitter(MAX);
    const came = Array.from(Buffer.concat(sent.map(frame)), (byte) => {
      splitter.push(new Uint8Array([byte]));
      return taken(splitter);
    }).flat();
    expect(came).toEqual(sent);
  });

  test("P7.2 frames that are not taken yet wait for it, with what comes behind them", () => {
    const splitter = new FrameSplitter(MAX);
    splitter.push(frame(new Uint8Array([1])));
    splitter.push(frame(new Uint8Array([2])));
    expect(splitter.next()).toEqual(new Uint8Array([1]));
    splitter.push(frame(new Uint8Array([3])));
    expect(splitter.isAmid).toBe(true);
    expect(taken(splitter)).toEqual([new Uint8Array([2]), new Uint8Array([3])]);
  });

  test("a frame that has begun keeps no larger buffer alive than it needs", () => {
    const read = new Uint8Array(65_536);
    read.set(frame(new Uint8Array([1])), 0);
    const splitter = new FrameSplitter(MAX);
    splitter.push(read.subarray(0, 5 + 2));
    expect(taken(splitter)).toHaveLength(1);
    expect(splitter.heldBytes).toBeLessThanOrEqual(4_096);
  });
});

describe("P7.5 a prefix over the limit", () => {
  test("P7.5 is refused with its size, again and again", () => {
    const splitter = new FrameSplitter(MAX);
    splitter.push(new Uint8Array([0xff, 0xff, 0xff, 0xff]));
    expect(splitter.next()).toEqual({ size: 4_294_967_295, max: MAX });
    expect(splitter.next()).toEqual({ size: 4_294_967_295, max: MAX });
    expect(splitter.heldBytes).toBe(4);
  });

  test("P7.5 one byte makes the difference", () => {
    const splitter = new FrameSplitter(3);
    splitter.push(frame(new Uint8Array(3)));
    expect(splitter.next()).toEqual(new Uint8Array(3));
    splitter.push(frame(new Uint8Array(4)));
    expect(splitter.next()).toEqual({ size: 4, max: 3 });
  });

  test("P7.5 a length that is allowed and never comes costs a page of memory", () => {
    const splitter = new FrameSplitter(MAX);
    splitter.push(frame(new Uint8Array(MAX)).subarray(0, 10));
    expect(splitter.next()).toBeUndefined();
    expect(splitter.heldBytes).toBeLessThanOrEqual(4_096);
  });
});
