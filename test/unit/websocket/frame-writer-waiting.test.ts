import { describe, expect, test } from "@jest/globals";
import { WriteScheduler } from "../../../src/transport/websocket/write-scheduler.ts";
import { FrameWriter } from "../../../src/transport/websocket/codec/frame-writer.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import { OPCODE } from "../../support/raw-client.ts";
import { endOfTurn, FakeStream } from "../../support/websocket/fake-stream.ts";
import {
  callOf,
  callsOf,
  createWriterBench,
  frameOf,
  framesOf,
  takeAll,
  type WriterBench,
} from "../../support/websocket/writer-bench.ts";

/** From this size on a payload is handed over and not copied. */
const LARGE_BYTES = 16_384;

describe("a socket that does not take all at once", () => {
  test("keeps a large payload waiting without the much larger frame that it came in", () => {
    const { stream, writer } = createWriterBench();
    stream.takesAtOnce = () => false;
    const frame = new Uint8Array(4_194_304).fill(7);
    writer.send(OPCODE.binary, frame.subarray(0, LARGE_BYTES));
    const payload = stream.calls.flat().at(-1);
    expect(payload?.equals(frame.subarray(0, LARGE_BYTES))).toBe(true);
    expect(payload?.buffer.byteLength).toBe(LARGE_BYTES);
  });

  test("is given the rest in one piece when it has taken what it was given, and then all has drained, once", async () => {
    const bench = createWriterBench();
    const { stream, writer } = bench;
    stream.takesAtOnce = () => false;
    bench.send("first");
    expect(writer.queued).toBe(frameOf("first").length);
    for (const payload of ["second", "third"]) bench.send(payload);
    await endOfTurn();
    bench.send("fourth");
    await endOfTurn();
    const waiting = framesOf("first", "second", "third", "fourth");
    expect([stream.calls.length, writer.queued, writer.isBusy, bench.drained]).toEqual([1, waiting.length, true, 0]);
    stream.takeHeld();
    await endOfTurn();
    expect(callsOf(bench)).toEqual([callOf("first"), callOf("second", "third", "fourth")]);
    expect([writer.queued, bench.drained]).toEqual([framesOf("second", "third", "fourth").length, 0]);
    stream.takeHeld();
    await endOfTurn();
    expect([writer.queued, writer.isBusy, bench.drained]).toEqual([0, false, 1]);
    await endOfTurn();
    expect([stream.calls.length, bench.drained]).toEqual([2, 1]);
  });

  test("is given in one piece what several reads brought meanwhile, and large frames as they are", async () => {
    const bench = createWriterBench();
    const { stream, writer } = bench;
    stream.takesAtOnce = () => false;
    const payloads = ["a", "b", "c", Buffer.alloc(20_000, 1), "d"];
    for (const payload of payloads) {
      bench.nextRead();
      bench.send(payload);
      await endOfTurn();
    }
    expect(writer.queued).toBe(framesOf(...payloads).length);
    stream.takeHeld();
    await endOfTurn();
    expect(stream.calls.map((pieces) => pieces.length)).toEqual([1, 3]);
    expect(stream.bytes.equals(framesOf(...payloads))).toBe(true);
  });

  test("is written to at once again when all has drained", async () => {
    const bench = createWriterBench();
    bench.stream.takesAtOnce = () => false;
    for (const payload of ["a", "b"]) bench.send(payload);
    await endOfTurn();
    bench.stream.takesAtOnce = () => true;
    bench.stream.takeHeld();
    await endOfTurn();
    bench.nextRead();
    bench.send("c");
    expect(callsOf(bench)).toEqual([callOf("a"), callOf("b"), callOf("c")]);
    await endOfTurn();
    expect(bench.drained).toBe(1);
  });

  test("tells of every time that it has drained, once each", async () => {
    const bench = createWriterBench();
    bench.stream.takesAtOnce = () => false;
    for (let times = 1; times <= 3; times++) {
      bench.nextRead();
      bench.send("a");
      await endOfTurn();
      bench.stream.takeHeld();
      await endOfTurn();
      expect(bench.drained).toBe(times);
    }
  });

  test("is said to have drained only after what the same turn still brought has left as well", async () => {
    const bench = createWriterBench();
    bench.stream.takesAtOnce = () => false;
    for (const payload of ["a", "b"]) bench.send(payload);
    bench.stream.takeHeld(); // all that it was given, but not all that was sent
    expect(bench.drained).toBe(0);
    await endOfTurn();
    expect(callsOf(bench)).toEqual([callOf("a"), callOf("b")]);
    expect(bench.drained).toBe(0);
    bench.stream.takeHeld();
    await endOfTurn();
    expect(bench.drained).toBe(1);
  });

  test("is busy by more than it takes, and not by what waits for the end of the turn", () => {
    const bench = createWriterBench();
    bench.stream.takesAtOnce = () => false;
    bench.send(Buffer.alloc(bench.stream.writableHighWaterMark + LARGE_BYTES));
    expect(bench.writer.isBusy).toBe(true);
    expect(bench.writer.queued).toBeGreaterThan(bench.stream.writableHighWaterMark);
  });

  test("because of what another part wrote, such as the handshake, gets the frames behind that", async () => {
    const bench = createWriterBench();
    const { stream } = bench;
    stream.takesAtOnce = () => false;
    stream.write(Buffer.from("handshake"));
    for (const payload of ["a", "b"]) bench.send(payload);
    await endOfTurn();
    await takeAll(stream);
    bench.nextRead();
    bench.send("c");
    await takeAll(stream);
    expect(stream.bytes.equals(Buffer.concat([Buffer.from("handshake"), framesOf("a", "b", "c")]))).toBe(true);
    expect([bench.writer.queued, bench.writer.isBusy]).toEqual([0, false]);
  });

  test("and is cut says nothing of having drained", async () => {
    const bench = createWriterBench();
    bench.stream.takesAtOnce = () => false;
    for (const payload of ["a", "b", "c"]) bench.send(payload);
    await endOfTurn();
    bench.stream.destroy();
    await endOfTurn();
    await endOfTurn();
    expect(bench.drained).toBe(0);
  });

  test("may be sent more from where it is said to have drained", async () => {
    const turn = new WriteScheduler();
    const stream = new FakeStream();
    stream.takesAtOnce = () => false;
    let left = 5;
    const writer = new FrameWriter(
      stream,
      turn,
      {
        onDrained: () => {
          if (left-- > 0) writer.send(OPCODE.binary, Buffer.from(`${left}`));
        },
      },
      unlimitedMemory().open({ cut() {} }),
    );
    writer.send(OPCODE.binary, Buffer.from("5"));
    await takeAll(stream);
    expect(stream.bytes.equals(framesOf("5", "4", "3", "2", "1", "0"))).toBe(true);
    expect(left).toBe(-1);
  });
});

function createTlsBench(): WriterBench {
  const bench = createWriterBench(undefined, undefined, new FakeStream({ encrypted: true }));
  bench.stream.takesAtOnce = () => false;
  return bench;
}

describe("a socket with TLS, which tells of each write in a later turn", () => {
  /** So much one turn may send before the socket is busy. */
  const MEBIBYTE = 1_048_576;
  /** Turns after which what is not told of counts as the peer's. */
  const GRACE_TURNS = 4;

  test("is not busy by what one turn sends, and owes nothing, until the turns that TLS takes are over", async () => {
    const bench = createTlsBench();
    for (let sent = 0; sent < 10; sent++) bench.send(Buffer.alloc(100_000));
    expect([bench.writer.isBusy, bench.writer.queued]).toEqual([false, 0]);
    for (let turn = 0; turn < GRACE_TURNS; turn++) await endOfTurn();
    expect([bench.writer.isBusy, bench.writer.queued > 999_999]).toEqual([true, true]);
    await takeAll(bench.stream);
    expect([bench.writer.isBusy, bench.writer.queued, bench.drained]).toEqual([false, 0, 1]);
  });

  test("is busy past a mebibyte in the same turn, which is not held against its peer, and tells when it has drained", async () => {
    const bench = createTlsBench();
    let sent = 0;
    while (!bench.writer.isBusy && sent < 100) {
      bench.send(Buffer.alloc(100_000));
      sent += 1;
    }
    expect(sent).toBe(Math.ceil(MEBIBYTE / 100_000));
    expect(bench.writer.queued).toBe(0);
    await takeAll(bench.stream);
    expect([bench.writer.isBusy, bench.drained]).toEqual([false, 1]);
  });

  test("is busy behind an answer to the handshake that is not told of either, and tells when it has drained", async () => {
    const bench = createTlsBench();
    bench.stream.write(Buffer.from("handshake"));
    for (let sent = 0; sent < 30; sent++) bench.send(Buffer.alloc(50_000));
    expect(bench.writer.isBusy).toBe(true);
    bench.stream.takeHeld(); // before the turn ends
    bench.stream.takesAtOnce = () => true;
    await takeAll(bench.stream);
    expect([bench.writer.isBusy, bench.drained]).toEqual([false, 1]);
  });
});

describe("the end of a stream", () => {
  test("is written behind all that was gathered, at once", () => {
    const bench = createWriterBench();
    for (const payload of ["a", "b", Buffer.alloc(20_000, 1), "c"]) bench.send(payload);
    bench.writer.end();
    expect(bench.stream.bytes.equals(framesOf("a", "b", Buffer.alloc(20_000, 1), "c"))).toBe(true);
    expect(bench.stream.writableEnded).toBe(true);
  });

  test("waits for a socket that does not take all at once, and nothing is lost", async () => {
    const bench = createWriterBench();
    bench.stream.takesAtOnce = () => false;
    for (const payload of ["a", "b", "c"]) bench.send(payload);
    await endOfTurn();
    bench.send("d");
    bench.writer.end();
    expect(bench.stream.hasEnded).toBe(false);
    await takeAll(bench.stream);
    expect(bench.stream.bytes.equals(framesOf("a", "b", "c", "d"))).toBe(true);
    expect(bench.stream.hasEnded).toBe(true);
  });

  test("that was cut in the middle of it all is no exception, and nothing is written any more", async () => {
    const bench = createWriterBench();
    bench.stream.takesAtOnce = () => false;
    for (const payload of ["a", "b"]) bench.send(payload);
    bench.stream.destroy();
    bench.send("c");
    await endOfTurn();
    bench.send("d");
    bench.writer.end();
    await endOfTurn();
    expect(bench.stream.bytes.equals(framesOf("a"))).toBe(true);
  });
});
