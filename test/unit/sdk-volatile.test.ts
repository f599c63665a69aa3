import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { SCHEMA } from "../../src/config/schema.ts";
import { PlayerRateLimiter } from "../../src/room/player-rate-limiter.ts";
import { joinRoom, type JoinRoomOptions } from "../../src/sdk/join-room.ts";
import { PLAYER_BURST, PLAYER_BYTES, PLAYER_RATE } from "../../src/sdk/send-rate.ts";
import { createFakeNetwork, type FakeSocket } from "../support/fake-socket.ts";

const fetchBefore = globalThis.fetch;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] });
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
});
afterEach(() => {
  jest.useRealTimers();
  globalThis.fetch = fetchBefore;
});

async function join(options: JoinRoomOptions = {}) {
  const network = createFakeNetwork();
  const warnings: string[] = [];
  const me = joinRoom({
    code: "BCDF",
    server: "http://tv",
    WebSocket: network.WebSocket,
    warn: (sentence) => void warnings.push(sentence),
    ...options,
  });
  await Promise.resolve(); // the line begins when the page's own code has run
  network.socket.greet();
  return { me, network, warnings };
}

/** What was sent and is no control frame. */
const textsOf = (sent: readonly unknown[]): string[] =>
  sent.filter((frame): frame is string => typeof frame === "string" && !frame.startsWith("\0"));

/** The server says how much has come, as it does every now and then. */
function confirm(socket: FakeSocket): void {
  socket.deliver(`\0ack ${textsOf(socket.sent).length}`);
}

describe("motion", () => {
  test("larger than the server takes is refused with its size, and not thrown away", async () => {
    const { me, network } = await join({ maxFrameBytes: 1_000 });
    for (const data of ["x".repeat(1_001), "ö".repeat(501), new Uint8Array(1_001)]) {
      expect(() => me.send(data, { volatile: true })).toThrow(
        /This frame has 100[12] bytes; the server takes at most 1000/,
      );
    }
    expect(me.send("ö".repeat(500), { volatile: true })).toBe(true);
    expect(textsOf(network.socket.sent)).toHaveLength(1);
    me.close();
  });

  test("of a sensor at 120 Hz goes 30 times a second: the first at once, and the last always", async () => {
    const { me, network, warnings } = await join();
    for (let reading = 1; reading <= 1_200; reading++) {
      me.send(`${reading}`, { volatile: true });
      if (reading === 1) expect(textsOf(network.socket.sent)).toEqual(["1"]);
      confirm(network.socket);
      jest.advanceTimersByTime(1_000 / 120);
    }
    jest.advanceTimersByTime(100);
    const sent = textsOf(network.socket.sent);
    expect(sent.length).toBeGreaterThan(250);
    expect(sent.length).toBeLessThanOrEqual(302);
    expect(sent.at(-1)).toBe("1200");
    expect(warnings).toEqual([]);
    me.close();
  });

  test("of many names, with what else a game says, stays under what the server takes, and every name's last arrives", async () => {
    const { me, network, warnings } = await join();
    const allowance = new PlayerRateLimiter({ playerRate: PLAYER_RATE, playerBurst: PLAYER_BURST, playerBytes: 0 }, 0);
    const names = Array.from({ length: 12 }, (_, index) => `finger ${index}`);
    let counted = 0;
    let now = 0;
    const count = (): boolean => {
      const frames = textsOf(network.socket.sent).length;
      const taken = Array.from({ length: frames - counted }, () => allowance.take(1, now));
      counted = frames;
      return taken.every(Boolean);
    };
    for (let tick = 0; tick < 60 * 30; tick++) {
      for (const name of names) me.send(`${name} at ${tick}`, { volatile: name });
      if (tick % 2 === 0) me.send(`pressed at ${tick}`);
      expect(count()).toBe(true);
      confirm(network.socket);
      jest.advanceTimersByTime(1_000 / 60);
      now += 1_000 / 60;
    }
    jest.advanceTimersByTime(1_000);
    const sent = textsOf(network.socket.sent);
    for (const name of names) expect(sent.findLast((text) => text.startsWith(`${name} at`))).toBe(`${name} at 1799`);
    expect(sent.filter((text) => text.startsWith("pressed"))).toHaveLength(900);
    expect(warnings).toEqual([]);
    me.close();
  });

  test("that waits goes before what is said after it", async () => {
    const { me, network } = await join();
    for (const place of ["here", "there", "everywhere"]) me.send(place, { volatile: "place" });
    me.send("fire");
    expect(network.socket.sent).toEqual(["here", "everywhere", "fire"]);
    me.close();
  });

  test("of two names is kept apart while the line is down, and each name's newest goes when it is up", async () => {
    const { me, network } = await join();
    network.socket.end(1006);
    for (const reading of [1, 2]) for (const name of ["pos", "aim"]) me.send(`${name} ${reading}`, { volatile: name });
    jest.runOnlyPendingTimers();
    network.socket.greet();
    expect(network.socket.sent).toEqual(["pos 2", "aim 2"]);
    me.close();
  });

  test("has its place among the rest while the line is down", async () => {
    const { me, network } = await join();
    network.socket.end(1006);
    for (const place of ["here", "there"]) me.send(place, { volatile: "place" });
    me.send("fire");
    for (const place of ["up", "away"]) me.send(place, { volatile: "place" });
    jest.runOnlyPendingTimers();
    network.socket.greet();
    expect(network.socket.sent).toEqual(["there", "fire", "away"]);
    me.close();
  });

  test("is bounded in what waits: the oldest name goes first", async () => {
    const { me, network } = await join({ outboxBytes: 1_000 });
    network.socket.end(1006);
    for (let name = 0; name < 100; name++) me.send("x".repeat(100), { volatile: `name ${name}` });
    jest.runOnlyPendingTimers();
    network.socket.greet();
    jest.advanceTimersByTime(1_000);
    expect(network.socket.sent.length).toBeGreaterThan(0);
    expect(network.socket.sent.length).toBeLessThan(10);
    me.close();
  });
});

describe("a buzz that is worth something for half a second", () => {
  test("is not sent after it: what was said before and after goes in order", async () => {
    const { me, network } = await join();
    network.socket.end(1006);
    me.send("before");
    me.send("buzz", { ttl: 500 });
    me.send("tilt", { volatile: "tilt", ttl: 500 });
    me.send("after");
    jest.advanceTimersByTime(600);
    network.socket.greet();
    expect(network.socket.sent).toEqual(["before", "after"]);
    network.socket.deliver("\0ack 2"); // both have a number, and the buzz has none
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    network.socket.greet({ received: 2 });
    expect(network.socket.sent).toEqual([]);
    me.close();
  });

  test("is sent where the line comes back in time, and kept like any other once it was written", async () => {
    const { me, network } = await join();
    me.send("buzz", { ttl: 500 });
    expect(network.socket.sent).toEqual(["buzz"]);
    network.socket.end(1006);
    jest.advanceTimersByTime(600);
    network.socket.greet();
    expect(network.socket.sent).toEqual(["buzz"]); // it may have been written in vain
    me.close();
  });
});

test.each([
  [{ volatile: "" }, "The name in `volatile` may have 1 to 64 bytes; this has 0."],
  [{ volatile: "ü".repeat(33) }, "The name in `volatile` may have 1 to 64 bytes; this has 66."],
  [{ volatile: 1 }, "`volatile` has to be true or a name; this is 1."],
  [{ ttl: 0.5 }, "`ttl` has to be whole milliseconds from 1 to 3600000; this is 0.5."],
  [{ ttl: 3_600_001 }, "`ttl` has to be whole milliseconds"],
  [{ volatil: true }, "send has no option `volatil`. Did you mean `volatile`?"],
])("what makes no sense is refused: %j", async (options, message) => {
  const { me } = await join();
  // @ts-expect-error TypeScript would have said so.
  expect(() => me.send("x", options)).toThrow(message);
  me.close();
});

describe("a phone that sends too much", () => {
  test("is told before the server closes it with 4029, and once", async () => {
    const { me, network, warnings } = await join();
    let sent = 0;
    while (warnings.length === 0) {
      me.send("x");
      sent += 1;
    }
    expect(sent).toBeLessThan(PLAYER_BURST);
    expect(warnings[0]).toContain("about to be closed with 4029");
    expect(warnings[0]).toContain("100 frames a second");
    for (let more = 0; more < 500; more++) me.send("x");
    expect(warnings).toHaveLength(1);
    const reasons: unknown[] = [];
    me.on("connecting", ({ code, reason }) => reasons.push([code, reason]));
    network.socket.end(4029, "Too much at once.");
    me.on("reconnecting", ({ code, reason }) => reasons.push([code, reason]));
    jest.runOnlyPendingTimers();
    network.socket.accept();
    network.socket.end(4029, "Come back in 60 seconds.");
    expect(reasons).toContainEqual([4029, "Come back in 60 seconds."]);
    me.close();
  });

  test("in bytes is told so", async () => {
    const { me, network, warnings } = await join({ outboxBytes: 10 * PLAYER_BYTES });
    for (let frame = 0; frame < 4; frame++) me.send(new Uint8Array(500_000));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("2097152 bytes a second");
    expect(network.socket.sent).toHaveLength(4);
    me.close();
  });

  test("is measured by what the server has by default", () => {
    expect(SCHEMA.parse({})).toMatchObject({
      playerRate: PLAYER_RATE,
      playerBurst: PLAYER_BURST,
      playerBytes: PLAYER_BYTES,
    });
  });
});
