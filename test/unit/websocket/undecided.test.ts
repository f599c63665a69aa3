/** Connections whose admission takes its time: what they may do meanwhile, for how long, and how many there may be. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Rejection } from "../../../src/admission/connect-request.ts";
import type { ConnectionHandler } from "../../../src/room/ports.ts";
import { Connection } from "../../../src/transport/connection.ts";
import { EarlyFrames } from "../../../src/transport/early-frames.ts";
import { FakeHub } from "../../support/room/fake-hub.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import { makeFrame, OPCODE } from "../../support/raw-client.ts";
import {
  type ArrivingPeer,
  answerClose,
  closeCode,
  DRAIN_MS,
  startDrain,
  isClosed,
  openTransport,
  settled,
} from "../../support/websocket/arriving.ts";

type Answer = (rejection?: Rejection) => void;

/** Each peer waits until the test answers; the answers in the order of arrival. */
function setUp(maxConnections = 2_000) {
  const answers: Answer[] = [];
  const failures: ((error: Error) => void)[] = [];
  const authorize = (): Promise<Rejection | undefined> =>
    new Promise((resolve, reject) => {
      answers.push(resolve);
      failures.push(reject);
    });
  const hub = new FakeHub();
  const opened = hub.open({ session: "host" });
  opened.host.takeEvents();
  return { ...openTransport({ hub, maxConnections, authorizer: { authorize } }), ...opened, answers, failures };
}

const SESSION = "?session=a-session-of-sixteen-or-more";
const HELLO = makeFrame(OPCODE.text, "hello");
/** What a browser says whose page is closed. */
const GOING_AWAY = makeFrame(OPCODE.close, Buffer.of(0x03, 0xe9));

/** Does nothing. */
const QUIET: ConnectionHandler = {
  ids: {},
  message() {},
  part() {},
  drained() {},
  confirmed() {},
  gone() {},
  ban() {},
  idleRank() {},
};

beforeEach(() => void jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] }));
afterEach(() => void jest.useRealTimers());

describe("P5.9.11 a connection that is undecided", () => {
  test("is accepted, and not read: what came with the handshake and behind it waits in order for the room", async () => {
    const { knock, code, answers, room, host } = setUp();
    const { client, stream, heard } = knock(`/${code}`, undefined, HELLO);
    client.write(makeFrame(OPCODE.text, "again"));
    await settled();
    expect(Buffer.concat(heard).toString()).toMatch(/^HTTP\/1.1 101 /);
    expect([stream.isPaused(), room.playerCount, host.takeEvents()]).toEqual([true, 0, []]);
    answers[0]?.();
    await settled();
    expect(host.takeEvents()).toMatchObject([
      { cmd: "player_joined" },
      { cmd: "state" },
      { cmd: "from_str", data: "hello" },
      { cmd: "from_str", data: "again" },
    ]);
    expect(stream.isPaused()).toBe(false);
  });

  test("has a place, and no player's", async () => {
    const { knock, code, answers, room, connections } = setUp();
    knock(`/${code}`);
    expect([connections.connectionCount, room.playerCount]).toEqual([1, 0]);
    answers[0]?.();
    await settled();
    expect([connections.connectionCount, room.playerCount]).toEqual([1, 1]);
  });

  test("is closed with 1013 after five seconds, and the answer that comes then seats no player", async () => {
    const { knock, code, answers, refused, connections, room } = setUp();
    const { heard, client } = knock(`/${code}`);
    client.write(HELLO);
    jest.advanceTimersByTime(4_999);
    await settled();
    expect(isClosed(heard)).toBe(false);
    jest.advanceTimersByTime(1);
    await settled();
    expect([closeCode(heard), refused, connections.connectionCount]).toEqual([1013, ["overloaded"], 0]);
    answers[0]?.();
    await settled();
    expect(room.playerCount).toBe(0);
  });

  test("is cut off after that time where its peer has hung up, and the answer has not come", async () => {
    const { knock, code, refused, connections } = setUp();
    const { stream, client } = knock(`/${code}`);
    stream.cork(); // what the server sends stays with it, so it cannot hang up either
    stream.emit("end");
    client.pause();
    jest.advanceTimersByTime(5_000);
    await settled();
    expect([stream.destroyed, connections.connectionCount, refused]).toEqual([true, 0, []]);
  });

  test("is told why it is refused, and displaces no other", async () => {
    const { knock, code, answers, refused, connections } = setUp();
    const { heard } = knock(`/${code}`);
    answers[0]?.({ name: "unauthorized" });
    await settled();
    expect([closeCode(heard), refused, connections.connectionCount]).toEqual([4501, ["unauthorized"], 0]);
    expect(jest.getTimerCount()).toBe(2); // the heartbeat, and the time for the answer to the Close
  });

  test.each([
    ["hangs up", ({ client }: ArrivingPeer) => client.end()],
    ["says something and then closes", ({ client }: ArrivingPeer) => client.write(Buffer.concat([HELLO, GOING_AWAY]))],
    ["says something and then hangs up", ({ client }: ArrivingPeer) => client.end(HELLO)],
    ["breaks", ({ stream }: ArrivingPeer) => stream.destroy(new Error("broken"))],
  ])("leaves no seat and no place behind where it %s", async (_, hangUp) => {
    const { knock, code, answers, refused, connections, room, host } = setUp();
    const peer = knock(`/${code}${SESSION}`);
    await settled();
    hangUp(peer);
    await settled();
    answers[0]?.();
    await settled();
    expect([room.playerCount, refused, host.takeEvents(), connections.connectionCount]).toEqual([0, [], [], 0]);
  });

  test("says so much that reading stops, and loses none of it", async () => {
    const { knock, code, answers, host } = setUp();
    const { client } = knock(`/${code}`);
    const large = makeFrame(OPCODE.binary, Buffer.alloc(1_000, 7));
    for (let count = 0; count < 300; count++) client.write(large);
    await settled();
    answers[0]?.();
    await settled();
    await settled();
    expect(host.takeEvents()).toHaveLength(2 + 300); // player_joined and state come first
  });

  test("is closed with 1011 where a step fails", async () => {
    const { knock, code, failures, bugs } = setUp();
    const { heard } = knock(`/${code}`);
    failures[0]?.(new Error("no directory"));
    await settled();
    expect([closeCode(heard), bugs]).toEqual([1011, [new Error("no directory")]]);
  });

  test("ends alone where its handler throws at once that all is sent", async () => {
    const bug = new Error("a bug");
    const handler: ConnectionHandler = {
      ...QUIET,
      drained() {
        throw bug;
      },
    };
    const { knock, bugs } = openTransport({
      admission: {
        async admit(port) {
          await settled();
          if (port instanceof Connection) port.handler?.drained();
          return { at: "admitted", handler };
        },
      },
    });
    const { heard } = knock("/AAAA");
    await settled();
    await settled();
    expect([closeCode(heard), bugs[0]]).toEqual([1011, bug]);
  });

  test("is one of a thousand at most, a tenth of which is kept for other networks", async () => {
    const { knock, code, answers, refused, connections } = setUp();
    for (let count = 0; count < 950; count++) knock(`/${code}`, "203.0.113.7");
    expect([connections.connectionCount, refused.length]).toEqual([900, 50]);
    for (let count = 0; count < 150; count++) knock(`/${code}`, "10.0.0.2");
    expect([connections.connectionCount, refused.length]).toEqual([1_000, 100]);
    expect(answers).toHaveLength(1_000); // no more is asked than may wait
    for (const answer of answers) answer({ name: "unauthorized" });
    await settled();
    expect([connections.connectionCount, refused.length]).toEqual([0, 1_100]);
  });

  test("is closed with 1012 when the server ends, which does not wait for its answer", async () => {
    const { knock, code, connections } = setUp();
    const { heard, client } = knock(`/${code}`);
    const isOver = startDrain(() => connections.drain());
    await settled();
    expect([closeCode(heard), isOver()]).toEqual([1012, false]);
    answerClose(client);
    await settled();
    expect([isOver(), jest.getTimerCount()]).toEqual([true, 0]);
  });

  test("takes its place from an idle one where there is no other, and keeps it when it is let in", async () => {
    const { knock, answers, connections, refused } = setUp(20);
    const idle = Array.from({ length: 18 }, () => knock("/CREATE", "203.0.113.7"));
    for (const answer of answers.splice(0)) answer();
    await settled();
    jest.advanceTimersByTime(5_000);
    for (let count = 0; count < 3; count++) knock("/CREATE", "10.0.0.2");
    await settled();
    expect([idle.filter(({ heard }) => isClosed(heard)).length, connections.connectionCount]).toEqual([1, 20]);
    for (const answer of answers) answer();
    await settled();
    expect([connections.connectionCount, refused]).toEqual([20, ["overloaded"]]);
    const drained = connections.drain();
    jest.advanceTimersByTime(DRAIN_MS);
    await drained;
  });
});

describe("a connection that the admission puts into a waiting line", () => {
  test.each([
    ["at once", <T>(outcome: T) => outcome],
    ["later", <T>(outcome: T) => Promise.resolve(outcome)],
  ])("is open: it holds a place, and the line is told what the peer says (%s)", async (_, answer) => {
    const told: string[] = [];
    const line: ConnectionHandler = {
      ...QUIET,
      message: (data) => void told.push(Buffer.from(data).toString()),
      gone: (why) => void told.push(`gone: ${why}`),
    };
    const { knock, connections, refused } = openTransport({
      admission: { admit: () => answer({ at: "queued", handler: line } as const) },
    });
    const { client, heard } = knock("/AAAA", undefined, HELLO);
    await settled();
    expect([told, connections.connectionCount, isClosed(heard)]).toEqual([["hello"], 1, false]);
    client.write(GOING_AWAY);
    await settled();
    client.end();
    await settled();
    expect([told[1], connections.connectionCount, refused]).toEqual(["gone: cut", 0, []]);
  });
});

/** Holds frames of 1,000 bytes; what it asks its connection for is written down. */
function hold(count: number) {
  const asked: string[] = [];
  const memory = unlimitedMemory().open({ cut() {} });
  const frames = new EarlyFrames(memory, {
    stop: () => void asked.push("stop"),
    end: (name) => void asked.push(name),
  });
  for (let index = 0; index < count; index++) frames.message(Buffer.alloc(1_000, index), false);
  return { frames, memory, asked };
}

describe("the frames of a connection that is undecided", () => {
  test("P5.9.11 stop the reading at 64 KiB, and end a peer that sends as much again all the same with 4029", () => {
    expect(hold(61).asked).toEqual([]);
    expect(new Set(hold(62 + 65).asked)).toEqual(new Set(["stop"]));
    expect(hold(62 + 66).asked.at(-1)).toBe("rate_limited");
  });

  test("count as memory until they are passed on in order, or the peer is gone", () => {
    const { frames, memory } = hold(3);
    expect(memory.bytes).toBeGreaterThanOrEqual(3_000);
    const told: (number | undefined)[] = [];
    frames.passOn({ drained() {}, message: (data) => void told.push(data[0]) });
    expect([told, memory.bytes]).toEqual([[0, 1, 2], 0]);
    const gone = hold(3);
    gone.frames.gone();
    expect(gone.memory.bytes).toBe(0);
  });
});
