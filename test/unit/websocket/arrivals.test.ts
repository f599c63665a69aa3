/** Peers that are refused on arrival: how they are counted, and how a server that ends waits for them. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { RoomObserver } from "../../../src/room/room-observer.ts";
import { FakeHub } from "../../support/room/fake-hub.ts";
import { makeFrame, OPCODE } from "../../support/raw-client.ts";
import { RecordingObserver } from "../../support/room/recording-observer.ts";
import {
  answerClose,
  closeCode,
  DRAIN_MS,
  startDrain,
  isClosed,
  openTransport as openArrivals,
  settled,
} from "../../support/websocket/arriving.ts";

/** Throws for each phone that gets no seat. */
function brokenObserver(): RoomObserver {
  return Object.assign(new RecordingObserver(), {
    joinRefused() {
      throw new Error("a bug");
    },
  });
}

const openTransport = (maxConnections?: number) =>
  openArrivals({
    hub: new FakeHub({ observer: brokenObserver() }),
    ...(maxConnections !== undefined && { maxConnections }),
  });

beforeEach(() => void jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] }));
afterEach(() => void jest.useRealTimers());

describe("a peer whose admission meets a bug", () => {
  test("P4.1 1011 is refused like any other: told so, counted, and given no place", async () => {
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

/** So many peers from this network, one after the other. */
function fill(come: ReturnType<typeof openTransport>["knock"], path: string, address: string, count: number) {
  return Array.from({ length: count }, () => come(path, address));
}

describe("a server that is full", () => {
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
    expect(idle.every(({ heard }) => !isClosed(heard))).toBe(true); // a refused peer displaces none
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

describe("a drain", () => {
  test.each([
    ["was refused", 4504],
    ["met a bug on arrival", 1011],
  ])(
    "waits for a peer that %s and does not hang up, though all others have, and cuts it off when its time is over",
    async (_, code) => {
      const { hub, connections, knock: come } = openTransport();
      const { room, code: locked } = hub.open();
      room.command({ cmd: "start" });
      const { stream, heard } = come(code === 1011 ? `/${locked}` : "/AAAA");
      await settled();
      expect(closeCode(heard)).toBe(code);
      const { client: host } = come("/CREATE");

      const isOver = startDrain(() => connections.drain());
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

  test("tells newcomers of the restart, and waits for none that comes when its time is over", async () => {
    const { connections, refused, knock: come } = openTransport();
    come("/CREATE");
    const isOver = startDrain(() => connections.drain());
    const early = come("/CREATE");
    await settled();
    expect([closeCode(early.heard), refused]).toEqual([1012, ["restarting"]]);
    jest.advanceTimersByTime(DRAIN_MS);
    const late = come("/CREATE");
    await settled();
    expect([isOver(), early.stream.destroyed, late.stream.destroyed]).toEqual([true, true, true]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("does not wait for a refused peer any longer than it stays", async () => {
    const { connections, knock: come } = openTransport();
    const { client } = come("/AAAA");
    await settled();
    const isOver = startDrain(() => connections.drain());
    await settled();
    expect(isOver()).toBe(false);
    answerClose(client);
    await settled();
    expect(isOver()).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });
});
