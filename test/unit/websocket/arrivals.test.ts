/** Who is turned away on arrival: how that is counted, and how a server that ends waits for them. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { duplexPair, type Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createAdmission } from "../../../src/admission/admission.ts";
import { ConnectionManager } from "../../../src/transport/connection-manager.ts";
import type { RoomObserver } from "../../../src/room/room-observer.ts";
import { createWebSocketTransport } from "../../../src/transport/websocket/websocket-transport.ts";
import { FakeHub } from "../../support/fake-hub.ts";
import { HANDSHAKE_HEADERS, makeFrame, OPCODE } from "../../support/raw-client.ts";
import { unlimitedMemory } from "../../support/memory-budget.ts";
import { RecordingObserver } from "../../support/room-ports.ts";

/** How long the goodbye waits for anybody; less than a Close is waited for otherwise. */
const DRAIN_MS = 2_000;
const HANDSHAKE = Object.fromEntries(
  Object.entries(HANDSHAKE_HEADERS).map(([name, value]) => [name.toLowerCase(), value]),
);

/** Meets a bug at each phone that gets no seat. */
function brokenObserver(): RoomObserver {
  return Object.assign(new RecordingObserver(), {
    joinRefused() {
      throw new Error("a bug");
    },
  });
}

function openTransport(maxConnections = 10) {
  const addresses = new Map<Socket, string>();
  const hub = new FakeHub({ observer: brokenObserver() });
  const bugs: unknown[] = [];
  const refused: string[] = [];
  const connections = new ConnectionManager({
    admission: createAdmission({ hub: hub.hub, bytes: "array" }),
    budget: unlimitedMemory(),
    maxConnections,
    pingMs: 3_600_000,
    idleMs: 7_200_000,
    now: () => performance.now(),
    onBug: (error) => void bugs.push(error),
    onRefused: (why) => void refused.push(why),
  });
  const transport = createWebSocketTransport({
    connections,
    wsEngine: "codec",
    maxPayload: 1_000,
    maxHostPayload: 1_000,
    addressOf: ({ socket }) => addresses.get(socket) ?? "10.0.0.1",
  });
  return {
    hub,
    bugs,
    refused,
    connections,
    knock: (path: string, address?: string) =>
      knock(transport, path, (socket) => void (address !== undefined && addresses.set(socket, address))),
  };
}

/** Somebody on a line that the test holds at both ends. */
function knock(
  transport: ReturnType<typeof createWebSocketTransport>,
  path: string,
  onSocket: (socket: Socket) => void,
) {
  const [stream, client] = duplexPair();
  const request = new IncomingMessage(new Socket());
  onSocket(request.socket);
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

/** Whether the last thing that came is a Close. */
function isClosed(heard: readonly Buffer[]): boolean {
  return heard.at(-1)?.[0] === (0x80 | OPCODE.close);
}

/** What is on its way in this process has arrived. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => void jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] }));
afterEach(() => void jest.useRealTimers());

describe("whoever meets a bug on arrival", () => {
  test("P4.1 1011 is turned away like anybody else: told so, counted, and in nobody's place", async () => {
    const { hub, bugs, refused, connections, knock: come } = openTransport();
    const { room, code } = hub.open();
    room.command({ cmd: "start" });
    const { heard } = come(`/${code}`);
    await settled();
    expect(closeCode(heard)).toBe(1011);
    expect(bugs).toEqual([new Error("a bug")]);
    expect(refused).toEqual(["internal_error"]);
    expect(connections.connectionCount).toBe(0);
    const closed = connections.drain();
    jest.advanceTimersByTime(DRAIN_MS);
    await closed;
  });
});

/** One from this network after the other until there is no place. */
function fill(come: ReturnType<typeof openTransport>["knock"], path: string, address: string, count: number) {
  return Array.from({ length: count }, () => come(path, address));
}

describe("a house that is full", () => {
  const STADIUM = "203.0.113.7";
  const PREPARE = makeFrame(OPCODE.text, JSON.stringify({ cmd: "prepare", max_players: 250 }));

  test("P5.9.10 one network leaves the last tenth of the connections to others", async () => {
    const { connections, knock: come } = openTransport(100);
    fill(come, "/CREATE", STADIUM, 95);
    expect(connections.connectionCount).toBe(90);
    fill(come, "/CREATE", "10.0.0.2", 15);
    expect(connections.connectionCount).toBe(100);
    const closed = connections.drain();
    jest.advanceTimersByTime(DRAIN_MS);
    await closed;
  });

  test("P5.9.10 idle hosts of the largest network give way to others, before its silent phones; those that are in use stay", async () => {
    const { refused, connections, hub, knock: come } = openTransport(100);
    const { code } = hub.open({ address: STADIUM });
    const host = come("/CREATE?format=json", STADIUM);
    host.client.write(PREPARE);
    const [talking, silent, idle] = [
      fill(come, `/${code}`, STADIUM, 4),
      fill(come, `/${code}`, STADIUM, 4),
      fill(come, "/CREATE", STADIUM, 81),
    ];
    for (const { client } of talking) client.write(makeFrame(OPCODE.text, "hello"));
    fill(come, "/CREATE", "10.0.0.2", 10);
    expect(connections.connectionCount).toBe(100);
    await settled();
    jest.advanceTimersByTime(60_000);
    fill(come, "/AAAA", "10.0.0.3", 5);
    await settled();
    expect(idle.every(({ heard }) => !isClosed(heard))).toBe(true); // for those who were refused nobody had to go
    fill(come, "/CREATE", "10.0.0.3", 40);
    await settled();
    expect(idle.map(({ heard }) => isClosed(heard)).filter(Boolean)).toHaveLength(40);
    expect(idle[0]?.heard.at(-1)?.readUInt16BE(2)).toBe(1013);
    for (const { heard } of [host, ...talking, ...silent]) expect(isClosed(heard)).toBe(false);
    expect([connections.connectionCount, refused.filter((why) => why === "overloaded").length]).toEqual([100, 40]);
    const closed = connections.drain();
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
      const { hub, connections, knock: come } = openTransport();
      const { room, code: locked } = hub.open();
      room.command({ cmd: "start" });
      const { stream, heard } = come(code === 1011 ? `/${locked}` : "/AAAA");
      await settled();
      expect(closeCode(heard)).toBe(code);
      const { client: host } = come("/CREATE");

      const isOver = goodbye(() => connections.drain());
      answerClose(host);
      await settled();
      expect([isOver(), connections.connectionCount]).toEqual([false, 0]);
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
    const { connections, knock: come } = openTransport();
    const { client } = come("/AAAA");
    await settled();
    const isOver = goodbye(() => connections.drain());
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
