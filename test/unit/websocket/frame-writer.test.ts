import { describe, expect, test } from "@jest/globals";
import { WriteScheduler } from "../../../src/transport/websocket/write-scheduler.ts";
import { OPCODE } from "../../support/raw-client.ts";
import { endOfTurn } from "../../support/websocket/fake-stream.ts";
import { callOf, callsOf, createWriterBench, frameOf, framesOf } from "../../support/websocket/writer-bench.ts";
import { createWsEnd } from "../../support/websocket/ws-end.ts";

/** From this size on a payload is handed over and not copied. */
const LARGE_BYTES = 16_384;
/** So much is not kept until the end of the turn. */
const MUCH_BYTES = 65_536;
const MEBIBYTE = 1_048_576;

describe("one frame", () => {
  test.each([
    ["RFC 6455's text", OPCODE.text, "Hello", "810548656c6c6f"],
    ["RFC 6455's ping", OPCODE.ping, "Hello", "890548656c6c6f"],
    ["an empty binary message", OPCODE.binary, "", "8200"],
    ["a Close", OPCODE.close, Buffer.from([0x03, 0xe8]), "880203e8"],
  ])("%s is written as the RFC has it", (_what, opcode, payload, expected) => {
    const { stream, writer } = createWriterBench();
    writer.send(opcode, Buffer.from(payload));
    expect(stream.bytes.toString("hex")).toBe(expected);
  });

  describe.each([0, 1, 17, 126])("led by %i bytes", (leadLength) => {
    const lead = Buffer.alloc(leadLength, 9);

    test.each([0, 1, 125, 126, 127, 1_000, LARGE_BYTES - 1, LARGE_BYTES, 65_534, 65_535, 65_536, 65_537, MEBIBYTE])(
      "of %i bytes leaves at once, in one system call, and a client of ws reads it",
      (length) => {
        const { stream, writer } = createWriterBench();
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
    const bench = createWriterBench();
    bench.send(Buffer.alloc(LARGE_BYTES - 1));
    expect(bench.stream.calls.map((pieces) => pieces.length)).toEqual([1]);
  });

  test("that is large is not copied, and no bytes of the caller are changed", () => {
    const { stream, writer } = createWriterBench();
    const payload = Buffer.alloc(LARGE_BYTES, 7);
    writer.send(OPCODE.binary, payload);
    const [[, second] = []] = stream.calls;
    expect(second?.buffer).toBe(payload.buffer);
    expect(payload.every((byte) => byte === 7)).toBe(true);
  });
});

describe("what one event sends to many", () => {
  test("is framed once, for all of them", () => {
    const turn = new WriteScheduler();
    const [one, other] = [createWriterBench(turn), createWriterBench(turn)];
    const payload = Buffer.from("hello");
    for (const { writer } of [one, other]) writer.send(OPCODE.binary, payload);
    expect(callsOf(one)).toEqual([callOf("hello")]);
    expect(other.stream.calls[0]?.[0]).toBe(one.stream.calls[0]?.[0]);
  });

  test.each<[what: string, opcode: number, lead: string, isNextRead: boolean]>([
    ["another kind of frame", OPCODE.text, "", false],
    ["something before it", OPCODE.binary, "lead", false],
    ["another event, since the owner of a buffer may have changed it", OPCODE.binary, "", true],
  ])("is not mistaken for %s", (_what, opcode, lead, isNextRead) => {
    const turn = new WriteScheduler();
    const [one, other] = [createWriterBench(turn), createWriterBench(turn)];
    const payload = Buffer.from("hello");
    one.writer.send(OPCODE.binary, payload);
    if (isNextRead) {
      other.nextRead();
      payload.write("HELLO");
    }
    other.writer.send(opcode, payload, Buffer.from(lead));
    expect(other.stream.bytes.equals(frameOf(Buffer.concat([Buffer.from(lead), payload]), opcode))).toBe(true);
  });
});

describe("a frame that goes ahead of the next", () => {
  test.each([
    ["a small one", Buffer.from("next")],
    ["a large one", Buffer.alloc(LARGE_BYTES)],
    ["one that is too much to gather", Buffer.alloc(MUCH_BYTES)],
  ])("is written with it at once, in one system call: %s", async (_what, next) => {
    const bench = createWriterBench();
    bench.writer.sendCorked(OPCODE.binary, Buffer.from("ahead"));
    expect(bench.stream.calls).toEqual([]);
    bench.send(next);
    expect(callsOf(bench)).toEqual([callOf("ahead", next)]);
    bench.nextRead();
    bench.send("later");
    expect(bench.stream.calls).toHaveLength(2);
    await endOfTurn();
    expect(bench.stream.calls).toHaveLength(2);
  });

  test("two of them go with it too", () => {
    const bench = createWriterBench();
    for (const ahead of ["one", "two"]) bench.writer.sendCorked(OPCODE.binary, Buffer.from(ahead));
    bench.send("three");
    expect(callsOf(bench)).toEqual([callOf("one", "two", "three")]);
  });

  test("is gathered with it where the socket has had its write, and what follows in that turn too", async () => {
    const bench = createWriterBench();
    bench.send("first");
    bench.writer.sendCorked(OPCODE.binary, Buffer.from("ahead"));
    bench.send("next");
    expect(callsOf(bench)).toEqual([callOf("first")]);
    await endOfTurn();
    expect(callsOf(bench)).toEqual([callOf("first"), callOf("ahead", "next")]);
    bench.nextRead();
    bench.writer.sendCorked(OPCODE.binary, Buffer.from("a"));
    bench.send("b");
    bench.send("c");
    expect(bench.stream.calls).toHaveLength(3);
    await endOfTurn();
    expect(callsOf(bench).slice(2)).toEqual([callOf("a", "b"), callOf("c")]);
  });
});

describe("a turn of the event loop", () => {
  test("in which one frame that comes causes several writes the first at once, and all others together at its end", async () => {
    const bench = createWriterBench();
    for (const payload of ["one", "two", "three", "four"]) bench.send(payload);
    expect(callsOf(bench)).toEqual([callOf("one")]);
    await endOfTurn();
    expect(callsOf(bench)).toEqual([callOf("one"), callOf("two", "three", "four")]);
    await endOfTurn();
    expect(bench.stream.calls).toHaveLength(2);
  });

  test("with a single frame writes once, and its end writes nothing", async () => {
    const bench = createWriterBench();
    for (let turn = 1; turn <= 5; turn++) {
      bench.nextRead();
      bench.send(`${turn}`);
      expect(bench.stream.calls).toHaveLength(turn);
      await endOfTurn();
    }
    expect(bench.stream.calls).toHaveLength(5);
  });

  test("in which several reads bring one frame each writes each at once", async () => {
    const bench = createWriterBench();
    for (const payload of ["a", "b", "c"]) {
      bench.nextRead();
      bench.send(payload);
    }
    expect(callsOf(bench)).toEqual(["a", "b", "c"].map((payload) => callOf(payload)));
    await endOfTurn();
    expect(bench.stream.calls).toHaveLength(3);
  });

  test("in which something is gathered already gathers what further reads bring", async () => {
    const bench = createWriterBench();
    for (const payload of ["a", "b"]) bench.send(payload);
    for (const payload of ["c", "d"]) {
      bench.nextRead();
      bench.send(payload);
    }
    expect(callsOf(bench)).toEqual([callOf("a")]);
    await endOfTurn();
    expect(callsOf(bench)).toEqual([callOf("a"), callOf("b", "c", "d")]);
  });

  test("keeps the order of frames written at once, gathered and large", async () => {
    const bench = createWriterBench();
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
    const bench = createWriterBench();
    const payloads = [Buffer.alloc(20_000, 1), "a", Buffer.alloc(20_000, 2), "b"];
    for (const payload of payloads) bench.send(payload);
    expect(callsOf(bench)).toEqual([callOf(payloads[0] ?? "")]);
    await endOfTurn();
    expect(bench.stream.calls).toHaveLength(2);
    expect(bench.stream.bytes.equals(framesOf(...payloads))).toBe(true);
  });

  test.each([
    ["of small frames", 1_000, 50],
    ["of tiny frames", 1, 5_000],
    ["around the largest gathering", 16_000, 4],
  ])("with less than 64 KiB %s writes at most twice", async (_what, length, count) => {
    const bench = createWriterBench();
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
    const bench = createWriterBench();
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
    const turn = new WriteScheduler();
    const benches = [createWriterBench(turn), createWriterBench(turn), createWriterBench(turn)];
    for (const payload of ["a", "b", "c"]) for (const bench of benches) bench.send(payload);
    expect(benches.map((bench) => callsOf(bench))).toEqual(benches.map(() => [callOf("a")]));
    await endOfTurn();
    expect(benches.map((bench) => callsOf(bench))).toEqual(benches.map(() => [callOf("a"), callOf("b", "c")]));
  });

  test("does not count what only waits for its end as waiting", () => {
    const bench = createWriterBench();
    for (const payload of ["a", "b", Buffer.alloc(20_000)]) bench.send(payload);
    expect([bench.writer.queued, bench.writer.isBusy, bench.drained]).toEqual([0, false, 0]);
  });

  test("that brings nothing that has to wait says nothing of having drained", async () => {
    const bench = createWriterBench();
    for (let round = 0; round < 3; round++) {
      bench.nextRead();
      for (const payload of ["a", "b", Buffer.alloc(20_000)]) bench.send(payload);
      await endOfTurn();
    }
    await endOfTurn();
    expect(bench.drained).toBe(0);
  });
});
