import { describe, expect, test } from "@jest/globals";
import { compact, toOwned } from "../../../src/room/borrowed-buffer.ts";
import { PassthroughSession } from "../../../src/session/passthrough-session.ts";
import { memoryOf } from "../../support/room/memory-budget.ts";
import { FakePort } from "../../support/room/fake-port.ts";
import { createWriterBench } from "../../support/websocket/writer-bench.ts";

const MEBIBYTE = 1_048_576;
const LARGE_BYTES = 16_384;

/** A frame of this size as a read brings it: a small part of a large buffer. */
function viewOfLargeBuffer(bytes: number): Uint8Array {
  return new Uint8Array(MEBIBYTE).fill(7).subarray(1_000, 1_000 + bytes);
}

describe("bytes that are stored do not keep the buffer that they came in", () => {
  test.each([1, 64, 65, LARGE_BYTES])("%i bytes", (bytes) => {
    const kept = toOwned(viewOfLargeBuffer(bytes));
    expect(kept).toEqual(new Uint8Array(bytes).fill(7));
    expect(kept.buffer.byteLength).toBe(bytes);
  });

  test("a buffer of which they are the most part is stored as it is", () => {
    const whole = new Uint8Array(LARGE_BYTES);
    expect(toOwned(whole)).toBe(whole);
  });

  test("P5.5 a kept frame does not keep the large buffer that it came in", () => {
    const small = compact(viewOfLargeBuffer(10));
    expect(small.buffer.byteLength).toBe(10);
    const large = new Uint8Array(LARGE_BYTES).subarray(1);
    expect(compact(large)).toBe(large);
  });

  test("a volatile frame that waits for a phone without a session", () => {
    const sent: Uint8Array[] = [];
    class Port extends FakePort {
      override send(data: Uint8Array): void {
        sent.push(data);
      }
    }
    const channel = new PassthroughSession(memoryOf(1_000), () => 0);
    const port = new Port();
    channel.attach(port, { isReliable: false }, () => []);
    port.isBusy = true;
    channel.sendPassing(viewOfLargeBuffer(100), false, { name: "", expiresAt: Infinity });
    port.isBusy = false;
    channel.flush();
    expect(sent.map(({ length, buffer }) => [length, buffer.byteLength])).toEqual([[100, 100]]);
  });

  test("a large payload that waits for the end of the turn", () => {
    const { stream, writer } = createWriterBench();
    writer.send(2, Buffer.from("first"));
    writer.send(2, viewOfLargeBuffer(LARGE_BYTES));
    writer.end();
    expect(stream.calls.flat().at(-1)?.buffer.byteLength).toBe(LARGE_BYTES);
  });
});
