import { describe, expect, test } from "@jest/globals";
import { WriteScheduler } from "../../../src/transport/websocket/write-scheduler.ts";
import { OPCODE } from "../../support/raw-client.ts";
import { endOfTurn } from "../../support/websocket/fake-stream.ts";
import { callOf, callsOf, createWriterBench } from "../../support/websocket/writer-bench.ts";

/** From this size on a payload is handed over and not copied. */
const LARGE_BYTES = 16_384;

/** Two sockets of one server, and a read that goes on for as long as the test likes. */
function createRead() {
  const turn = new WriteScheduler();
  const [one, other] = [createWriterBench(turn), createWriterBench(turn)];
  const read = { isMoreAtHand: false };
  turn.beginRead(read);
  return {
    one,
    other,
    read,
    /** What a frame causes behind which the read has brought more. */
    more: (work: () => void) => {
      read.isMoreAtHand = true;
      work();
    },
    /** What its last frame causes. */
    last: (work: () => void) => {
      read.isMoreAtHand = false;
      work();
      turn.endRead();
    },
  };
}

describe("a read that has brought several frames", () => {
  test("for one socket has them written together, when the turn ends", async () => {
    const { one, more, last } = createRead();
    more(() => one.send("a"));
    more(() => one.send("b"));
    last(() => one.send("c"));
    expect(callsOf(one)).toEqual([]);
    await endOfTurn();
    expect(callsOf(one)).toEqual([callOf("a", "b", "c")]);
  });

  test("for a socket each has all of them written at once, before the next", async () => {
    const { one, other, more, last } = createRead();
    more(() => one.send("a"));
    expect(callsOf(one)).toEqual([]);
    more(() => other.send("b"));
    expect(callsOf(one)).toEqual([callOf("a")]);
    last(() => undefined);
    expect(callsOf(other)).toEqual([callOf("b")]);
    await endOfTurn();
    expect([one, other].map(({ stream }) => stream.calls.length)).toEqual([1, 1]);
  });

  test("for one socket and then for another has each socket's written together", async () => {
    const { one, other, more, last } = createRead();
    for (const payload of ["a", "b"]) more(() => one.send(payload));
    more(() => other.send("c"));
    last(() => other.send("d"));
    await endOfTurn();
    expect(callsOf(one)).toEqual([callOf("a", "b")]);
    expect(callsOf(other)).toEqual([callOf("c", "d")]);
  });

  test("of which only the first is for anybody has that written when the read is over", () => {
    const { one, more, last } = createRead();
    more(() => one.send("a"));
    last(() => undefined);
    expect(callsOf(one)).toEqual([callOf("a")]);
  });

  test("of which only the last is for anybody has that written at once", () => {
    const { one, more, read } = createRead();
    more(() => undefined);
    read.isMoreAtHand = false;
    one.send("a");
    expect(callsOf(one)).toEqual([callOf("a")]);
  });

  test("has one written at once that is large, and what follows when the turn ends", async () => {
    const { one, more, last } = createRead();
    const large = Buffer.alloc(LARGE_BYTES, 1);
    more(() => one.send(large));
    expect(callsOf(one)).toEqual([callOf(large)]);
    last(() => one.send("b"));
    await endOfTurn();
    expect(callsOf(one)).toEqual([callOf(large), callOf("b")]);
  });

  test("has a large one written behind the one that was held", async () => {
    const { one, more, last } = createRead();
    const large = Buffer.alloc(LARGE_BYTES, 1);
    more(() => one.send("a"));
    last(() => one.send(large));
    await endOfTurn();
    expect(callsOf(one)).toEqual([callOf("a", large)]);
  });

  test("has what goes ahead written behind the one that was held", async () => {
    const { one, more, last } = createRead();
    more(() => one.send("a"));
    last(() => {
      one.writer.sendCorked(OPCODE.binary, Buffer.from("b"));
      one.send("c");
    });
    await endOfTurn();
    expect(callsOf(one)).toEqual([callOf("a", "b", "c")]);
  });

  test("has the end of a stream written behind the one that was held, at once", () => {
    const { one, more } = createRead();
    more(() => one.send("a"));
    more(() => one.writer.end());
    expect(callsOf(one)).toEqual([callOf("a")]);
    expect(one.stream.hasEnded).toBe(true);
  });

  test("does not count the one that is held as waiting", () => {
    const { one, more } = createRead();
    more(() => one.send("a"));
    expect([one.writer.queued, one.writer.isBusy]).toEqual([0, false]);
  });
});
