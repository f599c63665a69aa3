/** Who is turned away on arrival: how that is counted, and how a server that ends waits for them. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { duplexPair, type Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createWebSocketTransport } from "../../../src/transport/websocket/websocket-transport.ts";
import { HandHub } from "../../support/hand-hub.ts";
import { HANDSHAKE_HEADERS, makeFrame, OPCODE } from "../../support/raw-client.ts";
import { RecordingObserver } from "../../support/room-ports.ts";

/** How long the goodbye waits for anybody; less than a Close is waited for otherwise. */
const DRAIN_MS = 2_000;
const HANDSHAKE = Object.fromEntries(
  Object.entries(HANDSHAKE_HEADERS).map(([name, value]) => [name.toLowerCase(), value]),
);

/** Meets a bug whenever somebody is not let in. */
class BrokenObserver extends RecordingObserver {
  override joinRefused(): void {
    throw new Error("a bug");
  }
}

function openTransport() {
  const hub = new HandHub({ observer: new BrokenObserver() });
  const bugs: unknown[] = [];
  const refused: string[] = [];
  const transport = createWebSocketTransport({
    hub: hub.hub,
    bytes: "array",
    wsEngine: "codec",
    maxConnections: 10,
    maxPayload: 1_000,
    maxHostPayload: 1_000,
    pingMs: 3_600_000,
    idleMs: 7_200_000,
    now: () => performance.now(),
    addressOf: () => "10.0.0.1",
    onBug: (error) => void bugs.push(error),
    onRefused: (why) => void refused.push(why),
  });
  return { hub, bugs, refused, transport, knock: (path: string) => knock(transport, path) };
}

/** Somebody on a line that the test holds at both ends. */
function knock(transport: ReturnType<typeof createWebSocketTransport>, path: string) {
  const [stream, client] = duplexPair();
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method: "GET", url: path, httpVersion: "1.1", headers: { host: "here", ...HANDSHAKE } });
  const heard: Buffer[] = [];
  client.on("data", (bytes: Buffer) => heard.push(bytes));
  client.on("end", () => client.end());
  transport.handleUpgrade(request, stream, Buffer.alloc(0));
  return { stream, client, heard };
}

/** The code of the Close that is all that comes behind the handshake. */
function closeCode(heard: readonly Buffer[]): number {
  const bytes = Buffer.concat(heard);
  const close = bytes.subarray(bytes.indexOf("\r\n\r\n") + 4);
  expect(close[0]).toBe(0x80 | OPCODE.close);
  return close.readUInt16BE(2);
}

/** What is on its way in this process has arrived. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => void jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] }));
afterEach(() => void jest.useRealTimers());

describe("whoever meets a bug on arrival", () => {
  test("P4.1 1011 is turned away like anybody else: told so, counted, and in nobody's place", async () => {
    const { hub, bugs, refused, transport, knock: come } = openTransport();
    const { room, code } = hub.open();
    room.command({ cmd: "start" });
    const { heard } = come(`/${code}`);
    await settled();
    expect(closeCode(heard)).toBe(1011);
    expect(bugs).toEqual([new Error("a bug")]);
    expect(refused).toEqual(["internal_error"]);
    expect(transport.connectionCount).toBe(0);
    const closed = transport.close();
    jest.advanceTimersByTime(DRAIN_MS);
    await closed;
  });
});

describe("the goodbye", () => {
  test.each([
    ["was refused", 4504],
    ["met a bug on arrival", 1011],
  ])(
    "waits for one who %s and does not hang up, though all others have, and cuts it off when its time is over",
    async (_, code) => {
      const { hub, transport, knock: come } = openTransport();
      const { room, code: locked } = hub.open();
      room.command({ cmd: "start" });
      const { stream, heard } = come(code === 1011 ? `/${locked}` : "/AAAA");
      await settled();
      expect(closeCode(heard)).toBe(code);
      const { client: host } = come("/CREATE");

      const isOver = goodbye(() => transport.close());
      answerClose(host);
      await settled();
      expect([isOver(), transport.connectionCount]).toEqual([false, 0]);
      jest.advanceTimersByTime(DRAIN_MS - 1);
      await settled();
      expect([isOver(), stream.destroyed]).toEqual([false, false]);
      jest.advanceTimersByTime(1);
      await settled();
      expect([isOver(), stream.destroyed]).toEqual([true, true]);
      expect(jest.getTimerCount()).toBe(0);
    },
  );

  test("does not wait for one who was refused any longer than it stays", async () => {
    const { transport, knock: come } = openTransport();
    const { client } = come("/AAAA");
    await settled();
    const isOver = goodbye(() => transport.close());
    await settled();
    expect(isOver()).toBe(false);
    answerClose(client);
    await settled();
    expect(isOver()).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });
});

/** Ends the server; the answer tells whether that is over. */
function goodbye(close: () => Promise<void>): () => boolean {
  let isOver = false;
  void close().then(() => (isOver = true));
  return () => isOver;
}

function answerClose(client: Duplex): void {
  client.write(makeFrame(OPCODE.close, Buffer.of(0x11, 0x98)));
}
