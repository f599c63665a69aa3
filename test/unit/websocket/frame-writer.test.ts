import { describe, expect, test } from "@jest/globals";
import { EventLoopTurn } from "../../../src/transport/websocket/event-loop-turn.ts";
import { FrameWriter } from "../../../src/transport/websocket/frame-writer.ts";
import { OPCODE } from "../../support/raw-client.ts";
import { Dice, seedOfThisRun } from "../../support/sessions/dice.ts";
import { endOfTurn, HandStream } from "../../support/websocket/hand-stream.ts";
import { createWsEnd } from "../../support/websocket/ws-end.ts";

/** From this size on a payload is handed over and not copied. */
const LARGE_BYTES = 16_384;
/** So much is not kept until the end of the turn. */
const MUCH_BYTES = 65_536;
const MEBIBYTE = 1_048_576;

interface Bench {
  readonly stream: HandStream;
  readonly writer: FrameWriter;
  /** Some socket has brought something: what is sent from now on is an answer to that. */
  nextRead(): void;
  /** How often all had left. */
  drained: number;
  send(payload: Uint8Array | string): void;
}

function setUp(turn = new EventLoopTurn()): Bench {
  const stream = new HandStream();
  const bench: Bench = {
    stream,
    nextRead: () => (turn.event += 1),
    drained: 0,
    writer: new FrameWriter(stream, turn, {
      onDrained: () => {
        bench.drained += 1;
      },
    }),
    send: (payload) => bench.writer.send(OPCODE.binary, Buffer.from(payload)),
  };
  return bench;
}

/** As RFC 6455 (5.2) writes a server's frame; our own words, so that the writer is not measured by itself. */
function frameOf(payload: Uint8Array | string, opcode: number = OPCODE.binary): Buffer {
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = bytes.length < 126 ? bytes.length : bytes.length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(bytes.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(bytes.length), 2);
  return Buffer.concat([head, bytes]);
}

const framesOf = (...payloads: (Uint8Array | string)[]): Buffer => Buffer.concat(payloads.map((one) => frameOf(one)));

function callsOf({ stream }: Bench): string[] {
  return stream.calls.map((pieces) => Buffer.concat(pieces).toString("hex"));
}

const hex = (bytes: Buffer): string => bytes.toString("hex");

describe("one frame", () => {
  test.each([
    ["RFC 6455's text", OPCODE.text, "Hello", "810548656c6c6f"],
    ["RFC 6455's ping", OPCODE.ping, "Hello", "890548656c6c6f"],
    ["an empty binary message", OPCODE.binary, "", "8200"],
    ["a Close", OPCODE.close, Buffer.from([0x03, 0xe8]), "880203e8"],
  ])("%s is written as the RFC has it", (_what, opcode, payload, expected) => {
    const { stream, writer } = setUp();
    writer.send(opcode, Buffer.from(payload));
    expect(hex(stream.bytes)).toBe(expected);
  });

  describe.each([0, 1, 17, 126])("led by %i bytes", (leadLength) => {
    const lead = Buffer.alloc(leadLength, 9);

    test.each([0, 1, 125, 126, 127, 1_000, LARGE_BYTES - 1, LARGE_BYTES, 65_534, 65_535, 65_536, 65_537, MEBIBYTE])(
      "of %i bytes leaves at once, in one system call, and a client of ws reads it",
      (length) => {
        const { stream, writer } = setUp();
        const payload = Buffer.alloc(length, 7);
        writer.send(OPCODE.binary, payload, lead);
        const whole = Buffer.concat([lead, payload]);
        expect(stream.calls).toHaveLength(1);
        expect(stream.bytes.equals(frameOf(whole))).toBe(true);
        const client = createWsEnd(2 * MEBIBYTE, { isServer: false });
        client.read(stream.bytes);
        expect(client.heard.map((heard) => "data" in heard && heard.data.equals(whole))).toEqual([true]);
      },
    );
  });

  test("that is small is one piece with its head", () => {
    const bench = setUp();
    bench.send(Buffer.alloc(LARGE_BYTES - 1));
    expect(bench.stream.calls.map((pieces) => pieces.length)).toEqual([1]);
  });

  test("that is large is not copied, and nobody's bytes are changed", () => {
    const { stream, writer } = setUp();
    const payload = Buffer.alloc(LARGE_BYTES, 7);
    writer.send(OPCODE.binary, payload);
    const [[, second] = []] = stream.calls;
    expect(second?.buffer).toBe(payload.buffer);
    expect(payload.every((byte) => byte === 7)).toBe(true);
  });
});

describe("a turn of the event loop", () => {
  test("in which one read brings several frames writes the first at once, and all others together at its end", async () => {
    const bench = setUp();
    for (const payload of ["one", "two", "three", "four"]) bench.send(payload);
    expect(callsOf(bench)).toEqual([hex(framesOf("one"))]);
    await endOfTurn();
    expect(callsOf(bench)).toEqual([hex(framesOf("one")), hex(framesOf("two", "three", "four"))]);
    await endOfTurn();
    expect(bench.stream.calls).toHaveLength(2);
  });

  test("with a single frame writes once, and its end writes nothing", async () => {
    const bench = setUp();
    for (let turn = 1; turn <= 5; turn++) {
      bench.nextRead();
      bench.send(`${turn}`);
      expect(bench.stream.calls).toHaveLength(turn);
      await endOfTurn();
    }
    expect(bench.stream.calls).toHaveLength(5);
  });

  test("in which several reads bring one frame each writes each at once", async () => {
    const bench = setUp();
    for (const payload of ["a", "b", "c"]) {
      bench.nextRead();
      bench.send(payload);
    }
    expect(callsOf(bench)).toEqual(["a", "b", "c"].map((payload) => hex(framesOf(payload))));
    await endOfTurn();
    expect(bench.stream.calls).toHaveLength(3);
  });

  test("in which something is gathered already gathers what further reads bring", async () => {
    const bench = setUp();
    for (const payload of ["a", "b"]) bench.send(payload);
    for (const payload of ["c", "d"]) {
      bench.nextRead();
      bench.send(payload);
    }
    expect(callsOf(bench)).toEqual([hex(framesOf("a"))]);
    await endOfTurn();
    expect(callsOf(bench)).toEqual([hex(framesOf("a")), hex(framesOf("b", "c", "d"))]);
  });

  test("keeps the order of frames written at once, gathered and large", async () => {
    const bench = setUp();
    const payloads = [
      "a",
      "b",
      Buffer.alloc(20_000, 1),
      "c",
      "d",
      Buffer.alloc(30_000, 2),
      Buffer.alloc(16_384, 3),
      "e",
    ];
    for (const payload of payloads) bench.send(payload);
    await endOfTurn();
    expect(bench.stream.bytes.equals(framesOf(...payloads))).toBe(true);
  });

  test("that begins with a large frame keeps what follows for its end as well", async () => {
    const bench = setUp();
    const payloads = [Buffer.alloc(20_000, 1), "a", Buffer.alloc(20_000, 2), "b"];
    for (const payload of payloads) bench.send(payload);
    expect(callsOf(bench)).toEqual([hex(framesOf(payloads[0] ?? ""))]);
    await endOfTurn();
    expect(bench.stream.calls).toHaveLength(2);
    expect(bench.stream.bytes.equals(framesOf(...payloads))).toBe(true);
  });

  test.each([
    ["of small frames", 1_000, 50],
    ["of tiny frames", 1, 5_000],
    ["around the largest gathering", 16_000, 4],
  ])("with less than 64 KiB %s writes at most twice", async (_what, length, count) => {
    const bench = setUp();
    const payloads = Array.from({ length: count }, (_payload, index) => Buffer.alloc(length, index));
    for (const payload of payloads) bench.send(payload);
    await endOfTurn();
    expect(bench.stream.calls).toHaveLength(2);
    expect(bench.stream.bytes.equals(framesOf(...payloads))).toBe(true);
  });

  test.each([
    ["small frames", 1_000],
    ["large frames", 20_000],
    ["very large frames", 300_000],
  ])("with very many %s does not keep them all until its end", async (_what, length) => {
    const bench = setUp();
    const payloads = Array.from({ length: Math.ceil(MEBIBYTE / length) }, (_payload, index) =>
      Buffer.alloc(length, index),
    );
    let sent = 0;
    for (const payload of payloads) {
      bench.send(payload);
      sent += frameOf(payload).length;
      expect(sent - bench.stream.bytes.length).toBeLessThan(MUCH_BYTES);
    }
    await endOfTurn();
    expect(bench.stream.bytes.equals(framesOf(...payloads))).toBe(true);
  });

  test("is each socket's own: several are written to at once, and all at its end", async () => {
    const turn = new EventLoopTurn();
    const benches = [setUp(turn), setUp(turn), setUp(turn)];
    for (const payload of ["a", "b", "c"]) for (const bench of benches) bench.send(payload);
    expect(benches.map((bench) => callsOf(bench))).toEqual(benches.map(() => [hex(framesOf("a"))]));
    await endOfTurn();
    expect(benches.map((bench) => callsOf(bench))).toEqual(
      benches.map(() => [hex(framesOf("a")), hex(framesOf("b", "c"))]),
    );
  });

  test("does not count what only waits for its end as waiting", () => {
    const bench = setUp();
    for (const payload of ["a", "b", Buffer.alloc(20_000)]) bench.send(payload);
    expect([bench.writer.queued, bench.writer.isBusy, bench.drained]).toEqual([0, false, 0]);
  });

  test("that brings nothing that has to wait says nothing of having drained", async () => {
    const bench = setUp();
    for (let round = 0; round < 3; round++) {
      bench.nextRead();
      for (const payload of ["a", "b", Buffer.alloc(20_000)]) bench.send(payload);
      await endOfTurn();
    }
    await endOfTurn();
    expect(bench.drained).toBe(0);
  });
});

describe("a socket that does not take all at once", () => {
  test("is given the rest in one piece when it has taken what it was given, and then all has drained, once", async () => {
    const bench = setUp();
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
    expect(callsOf(bench)).toEqual([hex(framesOf("first")), hex(framesOf("second", "third", "fourth"))]);
    expect([writer.queued, bench.drained]).toEqual([framesOf("second", "third", "fourth").length, 0]);
    stream.takeHeld();
    await endOfTurn();
    expect([writer.queued, writer.isBusy, bench.drained]).toEqual([0, false, 1]);
    await endOfTurn();
    expect([stream.calls.length, bench.drained]).toEqual([2, 1]);
  });

  test("is given in one piece what several reads brought meanwhile, and large frames as they are", async () => {
    const bench = setUp();
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
    const bench = setUp();
    bench.stream.takesAtOnce = () => false;
    for (const payload of ["a", "b"]) bench.send(payload);
    await endOfTurn();
    bench.stream.takesAtOnce = () => true;
    bench.stream.takeHeld();
    await endOfTurn();
    bench.nextRead();
    bench.send("c");
    expect(callsOf(bench)).toEqual([hex(framesOf("a")), hex(framesOf("b")), hex(framesOf("c"))]);
    await endOfTurn();
    expect(bench.drained).toBe(1);
  });

  test("tells of every time that it has drained, once each", async () => {
    const bench = setUp();
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
    const bench = setUp();
    bench.stream.takesAtOnce = () => false;
    for (const payload of ["a", "b"]) bench.send(payload);
    bench.stream.takeHeld(); // all that it was given, but not all that was sent
    expect(bench.drained).toBe(0);
    await endOfTurn();
    expect(callsOf(bench)).toEqual([hex(framesOf("a")), hex(framesOf("b"))]);
    expect(bench.drained).toBe(0);
    bench.stream.takeHeld();
    await endOfTurn();
    expect(bench.drained).toBe(1);
  });

  test("is busy by more than it takes, and not by what waits for the end of the turn", () => {
    const bench = setUp();
    bench.stream.takesAtOnce = () => false;
    bench.send(Buffer.alloc(bench.stream.writableHighWaterMark + LARGE_BYTES));
    expect(bench.writer.isBusy).toBe(true);
    expect(bench.writer.queued).toBeGreaterThan(bench.stream.writableHighWaterMark);
  });

  test("because of what somebody else wrote, such as the handshake, gets the frames behind that", async () => {
    const bench = setUp();
    const { stream } = bench;
    stream.takesAtOnce = () => false;
    stream.write(Buffer.from("handshake"));
    for (const payload of ["a", "b"]) bench.send(payload);
    await endOfTurn();
    await takeAll(stream);
    bench.nextRead();
    bench.send("c");
    await takeAll(stream);
    expect(stream.bytes.toString("hex")).toBe(hex(Buffer.concat([Buffer.from("handshake"), framesOf("a", "b", "c")])));
    expect([bench.writer.queued, bench.writer.isBusy]).toEqual([0, false]);
  });

  test("and is cut says nothing of having drained", async () => {
    const bench = setUp();
    bench.stream.takesAtOnce = () => false;
    for (const payload of ["a", "b", "c"]) bench.send(payload);
    await endOfTurn();
    bench.stream.destroy();
    await endOfTurn();
    await endOfTurn();
    expect(bench.drained).toBe(0);
  });

  test("may be sent more from where it is said to have drained", async () => {
    const turn = new EventLoopTurn();
    const stream = new HandStream();
    stream.takesAtOnce = () => false;
    let left = 5;
    const writer = new FrameWriter(stream, turn, {
      onDrained: () => {
        if (left-- > 0) writer.send(OPCODE.binary, Buffer.from(`${left}`));
      },
    });
    writer.send(OPCODE.binary, Buffer.from("5"));
    await takeAll(stream);
    expect(stream.bytes.equals(framesOf("5", "4", "3", "2", "1", "0"))).toBe(true);
    expect(left).toBe(-1);
  });
});

describe("the end of a stream", () => {
  test("is written behind all that was gathered, at once", () => {
    const bench = setUp();
    for (const payload of ["a", "b", Buffer.alloc(20_000, 1), "c"]) bench.send(payload);
    bench.writer.end();
    expect(bench.stream.bytes.equals(framesOf("a", "b", Buffer.alloc(20_000, 1), "c"))).toBe(true);
    expect(bench.stream.writableEnded).toBe(true);
  });

  test("waits for a socket that does not take all at once, and nothing is lost", async () => {
    const bench = setUp();
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
    const bench = setUp();
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

const SEED = seedOfThisRun();
const RUNS = 150;
const STEPS = 120;
const SIZES = [0, 1, 5, 125, 126, 300, 1_024, 4_000, 16_383, 16_384, 20_000, 65_535, 65_536, 90_000];

/** Takes whatever is given, until a turn of the event loop brings no more. */
async function takeAll(stream: HandStream): Promise<void> {
  do {
    stream.takeHeld();
    await endOfTurn();
  } while (stream.isHolding);
}

/** Sends at random to a socket of random moods, and looks at everything after each step. */
async function run(
  seed: number,
): Promise<{ readonly drained: number; readonly calls: number; readonly frames: number }> {
  const dice = new Dice(seed);
  const bench = setUp();
  const { stream, writer } = bench;
  let mood = 1;
  stream.takesAtOnce = () => dice.chance(mood);
  const sent: Buffer[] = [];
  let sentBytes = 0;
  for (let step = 0; step < STEPS; step++) {
    if (dice.chance(0.05)) mood = dice.pick([0, 0.5, 1]) ?? 1;
    if (dice.chance(0.7)) bench.nextRead();
    const burst = dice.chance(0.1) ? 30 : dice.below(4);
    for (let count = 0; count < burst; count++) {
      const size = dice.chance(0.3) ? (dice.pick(SIZES) ?? 0) : dice.below(200);
      const opcode = dice.pick([OPCODE.text, OPCODE.binary, OPCODE.ping]) ?? OPCODE.text;
      const payload = Buffer.alloc(size, dice.below(256));
      const lead = Buffer.alloc(dice.chance(0.5) ? 0 : dice.below(30), dice.below(256));
      writer.send(opcode, payload, lead);
      sent.push(frameOf(Buffer.concat([lead, payload]), opcode));
      sentBytes += sent.at(-1)?.length ?? 0;
    }
    if (dice.chance(0.5)) await endOfTurn();
    if (dice.chance(0.4)) stream.takeHeld();
    if (dice.chance(0.3)) await endOfTurn();
    if (writer.queued > sentBytes)
      throw new Error(`SEED=${seed}: ${writer.queued} wait of ${sentBytes} that were sent`);
  }
  const wasBehind = stream.isHolding;
  const drainedBefore = bench.drained;
  await takeAll(stream);
  if (!stream.bytes.equals(Buffer.concat(sent))) throw new Error(`SEED=${seed}: not what was sent`);
  if (wasBehind && bench.drained === drainedBefore) throw new Error(`SEED=${seed}: it has drained and nobody was told`);
  if (writer.queued !== 0 || writer.isBusy) throw new Error(`SEED=${seed}: nothing is left and yet it waits`);
  return { drained: bench.drained, calls: stream.calls.length, frames: sent.length };
}

test(`whatever is sent when, and however slowly it is taken, all of it leaves in order (seed ${SEED})`, async () => {
  let drained = 0;
  let calls = 0;
  let frames = 0;
  for (let count = 0; count < RUNS; count++) {
    const ran = await run(SEED + count);
    drained += ran.drained;
    calls += ran.calls;
    frames += ran.frames;
  }
  expect(drained).toBeGreaterThan(RUNS); // there was waiting
  expect(calls).toBeLessThan(frames); // and gathering
});
