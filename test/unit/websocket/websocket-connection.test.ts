import { describe, expect, test } from "@jest/globals";
import type { ConnectionHandler, DepartureReason } from "../../../src/room/ports.ts";
import { CLOSE_CODES } from "../../../src/protocol/close-codes.ts";
import { WriteScheduler } from "../../../src/transport/websocket/write-scheduler.ts";
import { WebSocketConnection } from "../../../src/transport/websocket/websocket-connection.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import { makeFrame, OPCODE } from "../../support/raw-client.ts";
import { closing } from "../../support/websocket/broken-frames.ts";
import { acceptWith } from "../../support/websocket/accept.ts";
import { endOfTurn, FakeStream } from "../../support/websocket/fake-stream.ts";
import { inWords, type Heard } from "../../support/websocket/heard.ts";
import { callOf, callsOf, createWriterBench, takeAll } from "../../support/websocket/writer-bench.ts";
import { createWsEnd } from "../../support/websocket/ws-end.ts";

interface Bench {
  readonly stream: FakeStream;
  readonly port: WebSocketConnection;
  /** What the handler was told, in words. */
  readonly told: string[];
  /** The peer says this; the handler has heard it when this resolves. */
  readonly say: (...frames: readonly Buffer[]) => Promise<void>;
  /** What a client of `ws` has read. */
  readonly sent: () => string[];
  /** What it was asked by pings, when the turn is over. */
  readonly pings: () => Promise<string[]>;
}

/** The bytes in `head` have come with the handshake. */
async function setUp(head: Buffer = Buffer.alloc(0), now: () => number = () => 0): Promise<Bench> {
  const stream = new FakeStream();
  const scheduler = new WriteScheduler();
  const told: string[] = [];
  const port = new WebSocketConnection(
    ownerWith({ now, onEnded: () => told.push("ended") }),
    scheduler,
    acceptWith({ stream, scheduler, maxPayload: 1_000_000, head }),
  );
  port.handler = {
    ...IDLE_HANDLER,
    message: (data: Uint8Array, isText: boolean) => {
      told.push(isText ? `text ${Buffer.from(data).toString()}` : `${data.length} bytes`);
    },
    part: () => told.push("part"),
    drained: () => told.push("drained"),
    confirmed: (count: number) => told.push(`confirmed ${count}`),
    gone: (why: DepartureReason) => told.push(`gone ${why}`),
    ban: () => void told.push("pings too often"),
  };
  await endOfTurn(); // from now on what the peer says is read as it comes
  return {
    stream,
    port,
    told,
    async say(...frames) {
      stream.push(Buffer.concat(frames));
      await endOfTurn();
    },
    sent: () => readBack(stream).map((heard) => inWords(heard)),
    async pings() {
      await endOfTurn();
      return readBack(stream).flatMap((heard) => (heard.kind === "ping" ? [heard.data.toString()] : []));
    },
  };
}

/** The manager of a connection, which meets no bug. */
function ownerWith({ now = () => 0, onEnded = () => {} }: { now?: () => number; onEnded?: () => void }) {
  return {
    budget: unlimitedMemory(),
    now,
    onBug: (error: unknown): never => {
      throw error;
    },
    onToken: () => {},
    onEnded,
  };
}

/** The place of a peer that says nothing of interest. */
const IDLE_HANDLER: ConnectionHandler = {
  ids: {},
  message() {},
  part() {},
  gone() {},
  drained() {},
  confirmed() {},
  ban() {},
  idleRank() {},
};

function readBack(stream: FakeStream): readonly Heard[] {
  const client = createWsEnd(1_000_000, { isServer: false });
  client.read(stream.bytes);
  return client.heard;
}

/** So many pings a second, spread over it, for so many seconds. */
async function ping(perSecond: number, seconds: number, opcode: number = OPCODE.ping): Promise<readonly string[]> {
  let now = 0;
  const { told, say } = await setUp(Buffer.alloc(0), () => now);
  for (let count = 0; count < perSecond * seconds; count++) {
    now = (count * 1_000) / perSecond;
    await say(makeFrame(opcode));
  }
  return told;
}

describe("a WebSocket as a port", () => {
  test("tells its handler what the peer says, the bytes that came with the handshake first", async () => {
    const { told, say } = await setUp(makeFrame(OPCODE.text, "first"));
    await say(makeFrame(OPCODE.text, "second"), makeFrame(OPCODE.binary, "third"), makeFrame(OPCODE.pong, "c12"));
    expect(told).toEqual(["text first", "text second", "5 bytes", "confirmed 12"]);
  });

  test("tells that part of a message has come, whether its frame was cut or is one of several, and nothing of the kind once it is whole or unwanted", async () => {
    const { port, told, say } = await setUp();
    const frame = makeFrame(OPCODE.text, "in two");
    await say(frame.subarray(0, 7));
    await say(frame.subarray(7, 9));
    await say(frame.subarray(9));
    await say(makeFrame(OPCODE.text, "of ", { isFinal: false }));
    await say(makeFrame(OPCODE.continuation, "two"), frame);
    expect(told).toEqual(["part", "part", "text in two", "part", "text of two", "text in two"]);
    port.close("kicked");
    await say(frame.subarray(0, 7));
    expect(told).toHaveLength(6);
  });

  test("asks once more with a probe what is not confirmed, since a peer need not answer pings but the newest", async () => {
    const { port, told, say, pings } = await setUp();
    for (const count of [5, 9]) port.confirm(count);
    await say(makeFrame(OPCODE.pong, "c5"));
    port.probe();
    expect(await pings()).toEqual(["c5", "c9", "p1c9"]);
    await say(makeFrame(OPCODE.pong, "p1c9"));
    expect(told).toEqual(["confirmed 5", "confirmed 9"]);
    port.probe();
    expect((await pings()).at(-1)).toBe("p2");
  });

  test("measures the way by the probe that it began with, however many more are under way", async () => {
    let now = 0;
    const { port, say } = await setUp(Buffer.alloc(0), () => now);
    const seen: (number | undefined)[] = [];
    const answered = new Map([
      [3, "p1"],
      [4, "p2"],
      [5, "p3"],
      [8, "p4"], // was sent after three seconds
    ]);
    for (let second = 0; second <= 8; second++) {
      now = second * 1_000;
      const pong = answered.get(second);
      if (pong !== undefined) await say(makeFrame(OPCODE.pong, pong));
      seen.push(port.rtt);
      port.probe();
    }
    expect(seen.slice(2)).toEqual([undefined, 3_000, 3_000, 3_000, 3_000, 3_000, 5_000]);
  });

  test("does not take the answer to a later probe for that to the one that measures, which the peer has passed over", async () => {
    let now = 0;
    const { port, say } = await setUp(Buffer.alloc(0), () => now);
    port.probe();
    now = 13_000;
    port.probe();
    now = 13_020;
    await say(makeFrame(OPCODE.pong, "p2"));
    expect(port.rtt).toBeUndefined();
    port.probe();
    now = 13_050;
    await say(makeFrame(OPCODE.pong, "p3"));
    expect(port.rtt).toBe(30);
  });

  test("tells nothing that the peer says after it was closed, and answers nothing but the Close", async () => {
    const { port, stream, told, say, sent } = await setUp();
    port.close("kicked", "why");
    port.send(Buffer.from("never"), true);
    await say(
      makeFrame(OPCODE.text, "but"),
      makeFrame(OPCODE.ping),
      makeFrame(OPCODE.close, closing(1000)),
      makeFrame(3),
    );
    expect(told).toEqual(["gone left"]);
    expect(sent()).toEqual(["close 4503"]);
    expect(stream.hasEnded).toBe(true);
  });

  test("answers a Close with its code and no reason, and hangs up", async () => {
    const { stream, told, say } = await setUp();
    await say(makeFrame(OPCODE.close, closing(3_000, "because")), makeFrame(OPCODE.text, "behind"));
    expect(told).toEqual(["gone cut"]);
    expect(stream.bytes.toString("hex")).toBe("88020bb8");
    expect(stream.hasEnded).toBe(true);
  });

  test("says of a fault what it is, and hangs up; its handler hears of it at once", async () => {
    const { stream, told, say, sent } = await setUp();
    await say(makeFrame(OPCODE.text, "good"), makeFrame(3), makeFrame(OPCODE.text, "behind"));
    expect(told).toEqual(["text good", "gone protocol_error"]);
    expect(sent()).toEqual([`close ${CLOSE_CODES.protocol_error.code}`]);
    expect(stream.hasEnded).toBe(true);
  });

  test("says of a peer that half-closes that it is gone, though what waits for it has not left yet", async () => {
    const { port, stream, told } = await setUp();
    stream.takesAtOnce = () => false;
    for (const text of ["a", "b"]) port.send(Buffer.from(text), true);
    stream.push(null);
    await endOfTurn();
    expect(told).toEqual(["gone cut"]);
    while (stream.isHolding) {
      stream.takeHeld();
      await endOfTurn();
    }
    expect(stream.bytes.toString("hex")).toBe("810161810162");
    expect(stream.hasEnded).toBe(true);
  });

  test("says of a connection that breaks that it is gone, and that it has ended, once", async () => {
    const { port, stream, told } = await setUp();
    stream.destroy(new Error("the cable was pulled"));
    await endOfTurn();
    port.send(Buffer.from("too late"), true);
    await endOfTurn();
    expect(told).toEqual(["gone cut", "ended"]);
  });

  test("answers the first ping of a read at once, and of the others the newest", async () => {
    const { say, sent } = await setUp();
    await say(...["1", "2", "3", "4"].map((payload) => makeFrame(OPCODE.ping, payload)));
    await endOfTurn();
    expect(sent()).toEqual([
      `pong of 1 bytes ${Buffer.from("1").toString("hex")}`,
      `pong of 1 bytes ${Buffer.from("4").toString("hex")}`,
    ]);
  });

  test("answers no ping while the socket takes nothing, and then the newest alone", async () => {
    const { port, stream, say, sent } = await setUp();
    stream.takesAtOnce = () => false;
    port.send(Buffer.from("a"), true);
    for (let count = 0; count < 1_000; count++) await say(makeFrame(OPCODE.ping, `${count}`));
    expect(port.queued).toBe(3);
    stream.takesAtOnce = () => true;
    stream.takeHeld();
    await endOfTurn();
    expect(sent()).toEqual(["text of 1 bytes 61", `pong of 3 bytes ${Buffer.from("999").toString("hex")}`]);
  });

  test("P5.8.5 answers a peer whose admission is undecided when it is let in, behind what it has said, and only the newest ping", async () => {
    const { port, say, sent, told } = await setUp();
    const { handler = IDLE_HANDLER } = port;
    port.hold();
    const isThere = port.isStillThere(); // reads for a moment
    await say(makeFrame(OPCODE.ping, "1"), makeFrame(OPCODE.text, "hi"), makeFrame(OPCODE.ping, "2"));
    expect(await isThere).toBe(true);
    expect(sent()).toEqual([]);
    port.letIn({ ...handler, message: () => port.send(Buffer.from("a"), true) });
    await endOfTurn();
    expect(sent()).toEqual(["text of 1 bytes 61", `pong of 1 bytes ${Buffer.from("2").toString("hex")}`]);
    expect(told).toEqual([]);
  });

  test("P5.8.5 answers no ping of a peer that is refused", async () => {
    const { port, say, sent } = await setUp();
    port.hold();
    const isThere = port.isStillThere();
    await say(makeFrame(OPCODE.ping, "let in?"));
    await isThere;
    port.close("room_full");
    await endOfTurn();
    expect(sent().map((frame) => frame.split(" ")[0])).toEqual(["close"]);
  });

  test("P5.8.5 says of a peer that pings 200 times a second for five seconds that it does", async () => {
    expect(await ping(200, 5)).toEqual([]);
    expect((await ping(200, 6))[0]).toBe("pings too often");
  });

  test("P5.8.5 lets a peer ping 100 times a second for ever, and more for a while", async () => {
    expect(await ping(100, 20)).toEqual([]);
    expect(await ping(1_000, 4)).toEqual([]);
  });

  test("P5.8.5 says so of one that sends as many pongs for which nothing was asked, too", async () => {
    expect(await ping(200, 5, OPCODE.pong)).toEqual([]);
    expect((await ping(200, 6, OPCODE.pong))[0]).toBe("pings too often");
    expect(await ping(100, 20, OPCODE.pong)).toEqual([]);
  });

  test("P5.8.5 lets a peer answer every ping, however many the server sends", async () => {
    let now = 0;
    const { port, told, say } = await setUp(Buffer.alloc(0), () => now);
    for (let count = 0; count < 2_000; count++) {
      now = count * 5;
      port.probe();
      await say(makeFrame(OPCODE.pong, `p${count + 1}`));
    }
    expect(told).toEqual([]);
  });

  test("P5.9.6 drops, when it is replaced, what its socket does not have yet, and sends the Close behind a whole frame", async () => {
    const { port, stream, sent } = await setUp();
    stream.takesAtOnce = () => false;
    for (const text of ["taken", "dropped", "dropped, too"]) port.send(Buffer.from(text), true);
    port.close("replaced");
    expect(port.queued).toBeLessThan(100);
    await takeAll(stream);
    expect(sent().map((frame) => frame.split(" ")[0])).toEqual(["text", "close"]);
  });

  test("reads nothing while it is paused, and again when it is closed, or the peer's Close would never be read", async () => {
    const { port, stream, told, say } = await setUp();
    port.pause();
    await say(makeFrame(OPCODE.text, "later"));
    expect(told).toEqual([]);
    port.resume();
    await endOfTurn();
    expect(told).toEqual(["text later"]);
    port.pause();
    await say(makeFrame(OPCODE.close, closing(1000)));
    port.close("kicked");
    port.pause(); // too late
    await endOfTurn();
    expect(told).toEqual(["text later", "gone left"]);
    expect(stream.hasEnded).toBe(true);
  });
});

/** A peer, and two others that get a frame for each time that it says "ask". */
function setUpThree() {
  const turn = new WriteScheduler();
  const others = [createWriterBench(turn), createWriterBench(turn)];
  const stream = new FakeStream();
  const handler = {
    ...IDLE_HANDLER,
    message(data: Uint8Array) {
      for (const other of others) if (Buffer.from(data).toString() === "ask") other.send("answer");
    },
    confirmed: () => others[0]?.send("confirmed"),
  };
  const accept = acceptWith({ stream, scheduler: turn, maxPayload: 1_000 });
  const port = new WebSocketConnection(ownerWith({}), turn, accept);
  port.handler = handler;
  return {
    turn,
    handler,
    port,
    hear: (bytes: Buffer) => stream.emit("data", bytes),
    first: others[0] ?? createWriterBench(),
    others,
  };
}

describe("what a read brings for others", () => {
  const ask = makeFrame(OPCODE.text, "ask");
  const silent = makeFrame(OPCODE.text, "silent");

  test("is written together where it is for one of them", async () => {
    const { hear, others, first } = setUpThree();
    others.length = 1;
    hear(Buffer.concat([ask, ask]));
    expect(callsOf(first)).toEqual([]);
    await endOfTurn();
    expect(callsOf(first)).toEqual([callOf("answer", "answer")]);
  });

  test("is written before the read is over where nothing follows", () => {
    const { hear, others } = setUpThree();
    hear(Buffer.concat([ask, silent]));
    expect(others.map((other) => callsOf(other))).toEqual([[callOf("answer")], [callOf("answer")]]);
  });

  test("knows of a pong, too, whether it is the last", async () => {
    const { hear, others, first } = setUpThree();
    others.length = 1;
    const pong = makeFrame(OPCODE.pong, "c1");
    hear(Buffer.concat([pong, ask]));
    await endOfTurn();
    expect(callsOf(first)).toEqual([callOf("confirmed", "answer")]);
  });

  test("is written though the read ended in an exception", () => {
    const { hear, handler, first } = setUpThree();
    handler.message = () => {
      first.send("answer");
      throw new Error("a bug");
    };
    expect(() => hear(Buffer.concat([ask, ask]))).toThrow("a bug");
    expect(callsOf(first)).toEqual([callOf("answer")]);
  });

  test("goes to the others though one connection was cut meanwhile", () => {
    const { hear, handler, others } = setUpThree();
    const [cut, whole] = others;
    handler.message = () => {
      cut?.send("lost");
      cut?.stream.destroy();
      whole?.send("answer");
    };
    hear(Buffer.from(ask));
    expect(whole && callsOf(whole)).toEqual([callOf("answer")]);
  });
});
