import { beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Connection } from "../../../src/transport/connection.ts";
import { WebSocketConnection } from "../../../src/transport/websocket/websocket-connection.ts";
import { WriteScheduler } from "../../../src/transport/websocket/write-scheduler.ts";
import { SlotSet } from "../../../src/room/slot-set.ts";
import { createHeartbeat } from "../../../src/transport/heartbeat.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { makeFrame, OPCODE } from "../../support/raw-client.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import { acceptWith } from "../../support/websocket/accept.ts";
import { FakeStream } from "../../support/websocket/fake-stream.ts";

const PING_MS = 8_000;
const IDLE_MS = 30_000;
const LARGEST_PAYLOAD = 250_000;

beforeEach(() => void jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] }));

interface Peer {
  readonly stream: FakeStream;
  readonly connection: Connection;
  /** Pings that it has got. */
  readonly pings: () => number;
}

/** So many peers that all came at the same moment, and a clock that moves when the test says so. */
function setUp(count: number) {
  let time = 0;
  const now = (): number => time;
  const connections = new SlotSet<Connection>();
  const heartbeat = createHeartbeat(connections, { pingMs: PING_MS, idleMs: IDLE_MS, now });
  onTestEnd(() => heartbeat.close());
  const turn = new WriteScheduler();
  const owner = {
    onBug: (error: unknown): never => {
      throw error;
    },
    budget: unlimitedMemory(),
    now,
    onToken: () => {},
    onEnded: (connection: Connection) => void connections.delete(connection),
  };
  const join = (): Peer => {
    const stream = new FakeStream();
    const connection = new WebSocketConnection(
      owner,
      turn,
      acceptWith({ stream, scheduler: turn, maxPayload: LARGEST_PAYLOAD }),
    );
    connections.add(connection);
    heartbeat.begin(connection);
    const pings = (): number => stream.calls.flat().filter(([first]) => first === (0x80 | OPCODE.ping)).length;
    return { stream, connection, pings };
  };
  return {
    join,
    connections,
    peers: Array.from({ length: count }, join),
    time: () => time,
    /** Lets time pass in small steps, and looks after each. */
    pass: (ms: number, look?: () => void) => {
      for (const end = time + ms; time < end;) {
        time += 5;
        turn.event += 1; // each of its steps is a turn of its own
        jest.advanceTimersByTime(5);
        look?.();
      }
    },
    /** The whole process stands still. */
    standStill: (ms: number) => {
      time += ms;
    },
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const sum = (peers: readonly Peer[]): number => peers.reduce((all, { pings }) => all + pings(), 0);

describe("pings", () => {
  test("to many peers that came at once go out a few at a time, one to each in an interval", () => {
    const { peers, pass } = setUp(512);
    let before = 0;
    let most = 0;
    pass(PING_MS / 2 - 5);
    expect(sum(peers)).toBe(0);
    pass(PING_MS / 2 + 1_200, () => {
      most = Math.max(most, sum(peers) - before);
      before = sum(peers);
    });
    expect(peers.map(({ pings }) => pings())).toEqual(peers.map(() => 1));
    expect(most).toBeLessThanOrEqual(512 / 32);
  });

  test("go to every peer, whichever came or went in the middle of a round", () => {
    const { peers, join, pass, connections } = setUp(40);
    pass(PING_MS / 4 + 300);
    for (const { connection } of peers.slice(0, 20)) connections.delete(connection);
    const late = join();
    pass(PING_MS);
    expect(peers.slice(20).map(({ pings }) => pings())).toEqual(peers.slice(20).map(() => 1));
    pass(1_200);
    expect(late.pings()).toBe(1);
  });
});

const ping = (payload: string): Buffer =>
  Buffer.concat([Buffer.from([0x80 | OPCODE.ping, payload.length]), Buffer.from(payload)]);

/** One peer, a sixteenth of an interval before its first ping is due. */
function setUpOne(begin: (peer: Peer) => void = () => {}) {
  const bench = setUp(1);
  const [peer] = bench.peers;
  if (peer === undefined) throw new Error("There is one.");
  const port = peer.connection;
  begin(peer);
  while (peer.connection.pingAt - bench.time() > PING_MS / 16) bench.pass(5);
  return { ...bench, peer, port, calls: () => peer.stream.calls.map((pieces) => Buffer.concat(pieces)) };
}

describe("a ping that is due soon", () => {
  test("leaves in one write with what is sent meanwhile, and not once more when it is due", () => {
    const { port, calls, pass } = setUpOne();
    expect(calls()).toEqual([]);
    port.send(Buffer.from("state"), true);
    expect(calls()).toEqual([Buffer.concat([ping("p1"), Buffer.from("\x81\x05state", "latin1")])]);
    pass(PING_MS / 2);
    expect(calls()).toHaveLength(1);
  });

  test("leaves with what is sent to a host, too, which is in two parts", () => {
    const { port, calls } = setUpOne();
    port.sendParts(Buffer.from("from"), Buffer.from("data"));
    expect(calls()).toEqual([Buffer.concat([ping("p1"), Buffer.from("\x82\x08fromdata", "latin1")])]);
  });

  test("leaves by itself when it is due and nothing was sent", () => {
    const { calls, pass } = setUpOne();
    pass(PING_MS / 16 + 1_100);
    expect(calls()).toEqual([ping("p1")]);
  });

  test("waits until it is due where what is sent only waits, too", () => {
    const { port, pass } = setUpOne(({ stream, connection }) => {
      stream.takesAtOnce = () => false;
      connection.send(Buffer.from("one"), true);
    });
    port.send(Buffer.from("two"), true);
    expect(port.unanswered).toBe(0);
    pass(PING_MS / 16 + 1_100);
    expect(port.unanswered).toBe(1);
  });

  test("measures the way from when it has left", async () => {
    const { peer, port, pass } = setUpOne();
    port.send(Buffer.from("state"), true);
    pass(35);
    peer.stream.push(makeFrame(OPCODE.pong, "p1"));
    await nextTurn();
    expect(port.rtt).toBe(35);
  });

  test("that has left so is to be answered within a whole interval, or the peer is closed", () => {
    const { port, pass } = setUpOne();
    port.send(Buffer.from("state"), true);
    pass(PING_MS - 50);
    for (let sent = 0; sent < 10; sent++) port.send(Buffer.from("state"), true);
    expect(port.isClosing).toBe(false);
    pass(PING_MS / 8 + 1_100);
    expect(port.isClosing).toBe(true);
  });

  test("that its write did not take has not left: a peer that uploads and does not read is closed by the next one", async () => {
    const { peer, port, pass } = setUpOne();
    peer.stream.takesAtOnce = () => false;
    port.send(Buffer.from("state"), true);
    expect(port.isPingStuck).toBe(true);
    for (let seconds = 0; seconds < PING_MS / 1_000 + 2; seconds++) {
      peer.stream.push(makeFrame(OPCODE.binary, Buffer.alloc(5_000)));
      await nextTurn();
      pass(1_000);
    }
    expect(port.isClosing).toBe(true);
  });

  test("and leaves late, since the process was held up, is answered in time within a whole interval, too", () => {
    const { port, pass, standStill, time } = setUpOne();
    standStill(PING_MS / 8); // no longer than a round or two, so it trusts what it sees
    const leftAt = time();
    port.send(Buffer.from("state"), true);
    expect(port.pingAt).toBe(leftAt + PING_MS);
    pass(PING_MS - 50);
    expect([port.unanswered, port.isClosing]).toEqual([1, false]);
  });

  test("is no second one while the last is not answered", () => {
    const { peer, port, pass } = setUpOne();
    const sends = (ms: number): void => pass(ms, () => port.send(Buffer.from("s"), true));
    sends(PING_MS - 50);
    const pings = peer.stream.bytes.toString("latin1").split("\x89\x02p").length - 1;
    expect([pings, port.unanswered]).toEqual([1, 1]);
  });
});

describe("answers", () => {
  test("one who answers no ping is closed by the next one, and one who does is not", async () => {
    const { peers, pass } = setUp(2);
    const [mute, lively] = peers;
    pass(PING_MS + 1_100);
    lively?.stream.push(makeFrame(OPCODE.pong, "p"));
    await nextTurn();
    pass(PING_MS + 1_100);
    expect([mute?.connection.isClosing, lively?.connection.isClosing]).toEqual([true, false]);
  });

  test("one whose pong waits behind what it was already sending is alive, however long that takes", async () => {
    const { peers, pass } = setUp(1);
    const [slow] = peers;
    const frame = makeFrame(OPCODE.binary, Buffer.alloc(LARGEST_PAYLOAD));
    const bytesPerSecond = 3_000;
    for (let at = 0; at < frame.length; at += bytesPerSecond) {
      slow?.stream.push(Buffer.from(frame.subarray(at, at + bytesPerSecond)));
      await nextTurn();
      pass(1_000);
    }
    expect(frame.length / bytesPerSecond).toBeGreaterThan((2 * IDLE_MS) / 1_000);
    expect(slow?.connection.isClosing).toBe(false);
    expect(slow?.pings()).toBeGreaterThan(6);
    pass(2 * PING_MS); // and now it says nothing more, and still answers nothing
    expect(slow?.connection.isClosing).toBe(true);
  });

  test("one who sends a good deal for ever and answers no ping is closed in the end", async () => {
    const { peers, pass } = setUp(1);
    const [deaf] = peers;
    const seconds = { first: 0, closed: 0 };
    for (let second = 1; seconds.closed === 0 && second < 1_000; second++) {
      deaf?.stream.push(makeFrame(OPCODE.binary, Buffer.alloc(5_000)));
      await nextTurn();
      pass(1_000);
      if (deaf?.pings() === 1) seconds.first ||= second;
      if (deaf?.connection.isClosing === true) seconds.closed = second;
    }
    const pingsInVain = Math.round((seconds.closed - seconds.first) / (PING_MS / 1_000));
    expect(pingsInVain).toBe(16);
  });

  test("one who sends a good deal and does not read is closed by the next one: its ping has not even left", async () => {
    const { peers, pass } = setUp(1);
    const [jammed] = peers;
    if (jammed !== undefined) jammed.stream.takesAtOnce = () => false;
    jammed?.connection.send(Buffer.alloc(1_000), false);
    for (let seconds = 0; seconds < 19; seconds++) {
      jammed?.stream.push(makeFrame(OPCODE.binary, Buffer.alloc(5_000)));
      await nextTurn();
      pass(1_000);
    }
    expect(jammed?.connection.isClosing).toBe(true);
  });

  test("one who uploads is not closed for what we sent after the ping and it has not taken yet", async () => {
    const { peers, pass } = setUp(1);
    const [slow] = peers;
    const upload = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        slow?.stream.push(makeFrame(OPCODE.binary, Buffer.alloc(5_000)));
        await nextTurn();
        pass(1_000);
      }
    };
    while (slow?.pings() === 0) await upload(1);
    if (slow !== undefined) slow.stream.takesAtOnce = () => false;
    slow?.connection.send(Buffer.alloc(1_000), false);
    await upload(PING_MS / 1_000 + 1);
    expect(slow?.connection.isClosing).toBe(false);
    expect(slow?.connection.queued).toBeGreaterThan(0);
  });

  test("one who talks a little and answers no ping is closed by the next one", async () => {
    const { peers, pass } = setUp(1);
    const [deaf] = peers;
    for (let seconds = 0; seconds < 19; seconds++) {
      for (let inputs = 0; inputs < 20; inputs++) deaf?.stream.push(makeFrame(OPCODE.binary, Buffer.alloc(24)));
      await nextTurn();
      pass(1_000);
    }
    expect(deaf?.connection.isClosing).toBe(true);
  });

  test("no peer is closed after the process itself stood still", () => {
    const { peers, pass, standStill } = setUp(40);
    pass(PING_MS + 1_100);
    standStill(10 * IDLE_MS);
    pass(100);
    expect(peers.map(({ connection }) => connection.isClosing)).toEqual(peers.map(() => false));
  });
});
