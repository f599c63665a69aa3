import { describe, expect, test } from "@jest/globals";
import { createHostEncoder } from "../../../src/protocol/host-encoder.ts";
import { HostDesk } from "../../../src/room/host-desk.ts";
import { keep, keepCount } from "../../../src/room/lent-bytes.ts";
import { PlainChannel } from "../../../src/room/plain-channel.ts";
import { FrameReader } from "../../../src/transport/websocket/frame-reader.ts";
import { makeFrame, OPCODE } from "../../support/raw-client.ts";
import { HandPort } from "../../support/sessions/hand-port.ts";
import { endOfTurn } from "../../support/websocket/hand-stream.ts";
import { createWriterBench, takeAll } from "../../support/websocket/writer-bench.ts";

/** From this size on memory is given back. */
const LARGE_BYTES = 16_384;
const MEBIBYTE = 1_048_576;

/** A buffer that is nobody else's, as sockets bring them. */
function chunkOf(bytes: Uint8Array): Buffer {
  const chunk = Buffer.allocUnsafeSlow(bytes.length);
  chunk.set(bytes);
  return chunk;
}

function fail(): never {
  throw new Error("Nothing but messages was sent.");
}

/** A reader whose listener does this with every message. */
function readerFor(onMessage: (data: Uint8Array) => void): FrameReader {
  return new FrameReader({ onMessage, onPing: fail, onPong: fail, onClose: fail, onFault: fail }, MEBIBYTE);
}

const large = Buffer.alloc(LARGE_BYTES, 7);
const frame = makeFrame(OPCODE.binary, large);

describe("a large message", () => {
  test("that nobody keeps is given back at once, whether it came in one piece or in two", () => {
    const seen: number[] = [];
    const views: Uint8Array[] = [];
    const reader = readerFor((data) => {
      seen.push(data.length);
      views.push(data);
    });
    const whole = chunkOf(frame);
    reader.read(whole);
    const [head, tail] = [chunkOf(frame.subarray(0, LARGE_BYTES)), chunkOf(frame.subarray(LARGE_BYTES))];
    reader.read(head);
    expect(head).toHaveLength(0);
    reader.read(tail);
    expect(seen).toEqual([LARGE_BYTES, LARGE_BYTES]);
    expect([whole.length, ...views.map(({ length }) => length)]).toEqual([0, 0, 0]);
  });

  test("that somebody keeps stays, and so does all that came with it", () => {
    const kept: Uint8Array[] = [];
    const reader = readerFor((data) => void kept.push(keep(data)));
    const whole = chunkOf(Buffer.concat([frame, frame]));
    reader.read(whole);
    const [head, tail] = [chunkOf(frame.subarray(0, 9)), chunkOf(frame.subarray(9))];
    reader.read(head);
    reader.read(tail);
    expect(kept.every((data) => large.equals(data))).toBe(true);
    expect(kept).toHaveLength(3);
  });

  test("is given back although a small part of it was copied for keeping", () => {
    const kept: Uint8Array[] = [];
    const reader = readerFor((data) => void kept.push(keep(data.subarray(0, 64))));
    const chunk = chunkOf(frame);
    reader.read(chunk);
    expect(chunk).toHaveLength(0);
    expect(kept).toEqual([new Uint8Array(64).fill(7)]);
  });

  test.each([
    ["is small", chunkOf(makeFrame(OPCODE.binary, Buffer.alloc(1_000)))],
    ["is a part of a larger buffer", chunkOf(Buffer.concat([Buffer.alloc(8), frame])).subarray(8)],
  ])("is left alone where the buffer %s", (_what, chunk) => {
    readerFor(() => {}).read(chunk);
    expect(chunk.length).toBeGreaterThan(0);
  });
});

/** Whether what this does keeps anything. */
function isKept(action: () => void): boolean {
  const before = keepCount();
  action();
  return keepCount() > before;
}

describe("a room says that it keeps", () => {
  test("a volatile frame that has to wait, of a phone without a session", () => {
    const channel = new PlainChannel();
    const port = new HandPort();
    channel.attach(port, { isExact: false }, () => []);
    expect(isKept(() => channel.sendVolatile(large, false))).toBe(false);
    port.isBusy = true;
    expect(isKept(() => channel.sendVolatile(large, false))).toBe(true);
  });

  test("a checkpoint", () => {
    const desk = new HostDesk({
      ticket: { isExact: false, session: "a session" },
      encoder: createHostEncoder("cbor", "string"),
      epoch: "life",
      bufferBytes: MEBIBYTE,
      sendQueue: MEBIBYTE,
      now: () => 0,
      onDeaf: () => {},
    });
    expect(isKept(() => desk.save(large, undefined))).toBe(true);
  });
});

describe("a writer says that it keeps a payload", () => {
  test("not when the socket takes it at once", () => {
    const bench = createWriterBench();
    expect(isKept(() => bench.send(large))).toBe(false);
    bench.nextRead();
    expect(isKept(() => bench.send("small"))).toBe(false);
  });

  test("when the socket takes only a part of it, and as long as it takes nothing", async () => {
    const bench = createWriterBench();
    bench.stream.takesAtOnce = () => false;
    expect(isKept(() => bench.send(large))).toBe(true);
    bench.nextRead();
    expect(isKept(() => bench.send(large))).toBe(true);
    await takeAll(bench.stream);
  });

  test("when it is gathered until the turn ends, but not a small one, which is copied", async () => {
    const bench = createWriterBench();
    bench.send("first");
    expect(isKept(() => bench.send("second"))).toBe(false);
    expect(isKept(() => bench.send(large))).toBe(true);
    await endOfTurn();
  });
});
