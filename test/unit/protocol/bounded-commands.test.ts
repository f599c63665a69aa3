import { describe, expect, test } from "@jest/globals";
import { encode } from "cborg";
import { isWebAddress, MAX_RECIPIENTS } from "../../../src/protocol/command-fields.ts";
import { decodeHostFrame } from "../../../src/protocol/decode-host-frame.ts";
import { toOwned } from "../../../src/room/borrowed-buffer.ts";
import { largeHostFrames } from "../../support/large-host-frames.ts";

function used(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const to = (ids: readonly number[]): Uint8Array => encode({ cmd: "to", to: ids, data: Uint8Array.of(7) });

describe("a host frame that would cost everybody", () => {
  test("P2.5 may name as many recipients as the limit says, and no more", () => {
    const ids = Array.from({ length: MAX_RECIPIENTS }, () => 1);
    expect(decodeHostFrame(to(ids), false)).toMatchObject({ ok: true });
    expect(decodeHostFrame(to([...ids, 1]), false)).toMatchObject({
      ok: false,
      failure: { code: "too_large", in: "to", reason: expect.stringContaining(`at most ${MAX_RECIPIENTS}`) },
    });
  });

  test("P2.5 leaves nothing of itself in memory but the data, however large it was", () => {
    const frame = encode({ cmd: "to", to: [], data: Uint8Array.of(7), padding: new Uint8Array(100_000) });
    const decoded = decodeHostFrame(frame, false);
    if (!decoded.ok || decoded.value.cmd !== "to") throw new Error("The frame was refused.");
    const kept = toOwned(decoded.value.data);
    expect([...kept]).toEqual([7]);
    expect(kept.buffer.byteLength).toBeLessThan(1_000);
  });
});

describe("a `join_url`", () => {
  test("P5.3.9 is read once, however long it is, or this test would take hours", () => {
    const address = `http://${"a".repeat(1_000_000)}`;
    expect(isWebAddress(address)).toBe(true);
    expect(isWebAddress(`${address} `)).toBe(false);
    expect(isWebAddress("http://")).toBe(false);
  });
});

describe("a host frame of four mebibytes", () => {
  test.each(largeHostFrames())("takes no more than twice its size to read: $what", ({ frame, isText }) => {
    decodeHostFrame(frame, isText); // what V8 compiles is not the frame's
    const before = used();
    const decoded = decodeHostFrame(frame, isText);
    const taken = used() - before;
    expect(taken).toBeLessThan(2 * frame.length);
    expect(typeof decoded.ok).toBe("boolean");
  });
});
