/** What an `onMessage` that takes its time does to the messages behind it: their order, their bounds, and their end. */
import { describe, expect, test } from "@jest/globals";
import { createHostRoomHooks } from "../../../src/games/host-room-hooks.ts";
import { HookRunner } from "../../../src/games/hook-runner.ts";
import type { MessageAnswer } from "../../../src/games/hooks.ts";
import { RoomEvents } from "../../../src/games/room-events.ts";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";
import { bytes, FakePort } from "../../support/room/fake-port.ts";
import { FakeHub } from "../../support/room/fake-hub.ts";

interface Asked {
  readonly data: unknown;
  readonly answer: (answer: MessageAnswer) => void;
}

/** A room whose hook the test answers, and a player in it. */
function setUp({ memory = Number.MAX_SAFE_INTEGER } = {}) {
  const asked: Asked[] = [];
  const failures: unknown[] = [];
  const scheduled: (() => void)[] = [];
  const budget = new MemoryBudget({
    limit: memory,
    schedule: (action) => void scheduled.push(action),
    onCut: () => {},
  });
  const clock = { after: (delayMs: number, action: () => void) => fake.clock.after(delayMs, action) };
  const runner = new HookRunner({
    hooks: { onMessage: ({ data }) => new Promise((answer) => void asked.push({ data, answer })) },
    clock,
    onFailure: (error) => void failures.push(String(error)),
  });
  const events = new RoomEvents({ runner, onBug: (error) => void failures.push(error) });
  const roomHooks = createHostRoomHooks({ runner, events, budget, clock, sendQueue: 65_536 });
  const fake: FakeHub = new FakeHub({ roomHooks, budget });
  const { room, host } = fake.open();
  const port = new FakePort();
  const joined = room.join(port);
  if (!joined.ok) throw new Error(joined.failure);
  host.takeEvents();
  const say = (text: string): void => joined.value.message(bytes(text), true);
  return { fake, room, host, port, say, asked, failures, connection: joined.value, budget, scheduled };
}

/** Lets all promises that can settle do so. */
async function turn(): Promise<void> {
  await new Promise((resolve) => void setImmediate(resolve));
}

describe("messages behind one that the hook thinks about", () => {
  test("row 53: reach the host in order, one question at a time", async () => {
    const { say, asked, host } = setUp();
    for (const text of ["one", "two", "three"]) say(text);
    expect(asked.map(({ data }) => data)).toEqual(["one"]);
    for (let index = 0; index < 3; index++) {
      expect(host.takeEvents()).toHaveLength(index === 0 ? 0 : 1);
      asked[index]?.answer(undefined);
      await turn();
    }
    expect(asked.map(({ data }) => data)).toEqual(["one", "two", "three"]);
    expect(host.takeEvents()).toMatchObject([{ data: "three" }]);
  });

  test("P5.9.7 are dropped where the room becomes another game's, and so is what the hook says of the one before", async () => {
    const { say, asked, host, room, port } = setUp();
    for (let count = 0; count <= 64; count++) say(String(count));
    expect(port.isPaused).toBe(true);
    void room.command({ cmd: "game", name: "quiz" });
    expect(port.isPaused).toBe(false);
    say("for the quiz");
    for (const { answer } of asked) answer(undefined);
    await turn();
    expect(asked.map(({ data }) => data)).toEqual(["0", "for the quiz"]);
    expect(host.takeEvents()).toMatchObject([{ cmd: "state", name: "quiz" }, { data: "for the quiz" }]);
  });

  test("pause their player past 64 of them until half have gone, over a new connection too, and count as memory", async () => {
    const { say, asked, port, room, budget } = setUp();
    const before = budget.used;
    say("0");
    for (let count = 1; count <= 63; count++) say(String(count));
    expect(port.isPaused).toBe(false);
    say("64");
    expect(port.isPaused).toBe(true);
    expect(budget.used - before).toBeGreaterThan(64 * 256);
    for (let count = 0; count < 33; count++) {
      expect(port.isPaused).toBe(count < 32);
      asked[count]?.answer(undefined);
      await turn();
    }
    expect(port.isPaused).toBe(false);
    for (let count = 33; count <= 64; count++) {
      asked[count]?.answer(undefined);
      await turn();
    }
    expect(budget.used).toBe(before);
    room.close("room_closed");
  });

  test("close their player where it cannot be made to stop", () => {
    const { say, port, host } = setUp();
    for (let count = 0; port.closing === undefined && count < 10_000; count++) say("x");
    expect(port.closing).toMatchObject({ name: "rate_limited" });
    expect(host.takeEvents()).toEqual([]); // the host hears of the leave after what was said before
  });

  test("are heard before the host hears that their player has left, unless the hook takes too long", async () => {
    const { say, asked, host, connection, fake } = setUp();
    for (const text of ["one", "two", "three"]) say(text);
    connection.gone("left");
    expect(host.takeEvents()).toEqual([]);
    asked[0]?.answer({ drop: true });
    await turn();
    asked[1]?.answer({ replace: "TWO" });
    await turn();
    expect(host.takeEvents()).toMatchObject([{ cmd: "from_str", data: "TWO" }]);
    fake.clock.pass(5_000);
    expect(host.takeEvents()).toMatchObject([{ cmd: "player_left" }, { cmd: "state", players: [] }]);
    asked[2]?.answer(undefined);
    await turn();
    expect(host.takeEvents()).toEqual([]);
  });

  test("go where the room ends, and nothing is left scheduled or counted", async () => {
    const { say, asked, room, budget, fake, failures } = setUp();
    for (const text of ["one", "two"]) say(text);
    room.close("room_closed");
    asked[0]?.answer(undefined);
    await turn();
    expect(asked).toHaveLength(1);
    expect([budget.used, fake.clock.pending, failures]).toEqual([0, 0, []]);
  });

  test("go where the memory is used up, and their player is told that the server is full", () => {
    const { say, port, scheduled, budget } = setUp({ memory: 20_000 });
    for (let count = 0; count < 60; count++) say("x".repeat(1_000));
    for (const action of scheduled.splice(0)) action();
    expect(port.closing).toMatchObject({ name: "overloaded" });
    expect(budget.used).toBeLessThan(20_000);
  });
});
