/** A recording while it is made: what is in it, what never is, and that its reader holds no room up. */
import { describe, expect, test } from "@jest/globals";
import { decode } from "cborg";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";
import { ItemSplitter } from "../../../src/recording/recording-file.ts";
import type { Recording } from "../../../src/recording/recording.ts";
import { MAX_RECORDINGS_OF_ROOM, Recordings, type RecordingsOptions } from "../../../src/recording/recordings.ts";
import { FakeHub } from "../../support/room/fake-hub.ts";
import { FakePort } from "../../support/room/fake-port.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";

const utf8 = new TextEncoder();

function setUp(options: Partial<RecordingsOptions> = {}) {
  const fake = new FakeHub();
  const { room, connection } = fake.open({ session: "the-session-of-the-host", pin: "4711" });
  const recordings = new Recordings({ clock: fake.clock, budget: unlimitedMemory(), ...options });
  return { fake, room, connection, recordings };
}

function started(result: ReturnType<Recordings["start"]>): Recording {
  if (!result.ok) throw new Error(result.failure);
  return result.value;
}

/** All that is there, each item read by another library; strict, so no length, tag or head is unusual. */
async function itemsOf(recording: Recording, maxBytes = 100_000): Promise<unknown[]> {
  const splitter = new ItemSplitter();
  const items: unknown[] = [];
  for (;;) {
    const bytes = await recording.read(maxBytes, 0);
    if (bytes === undefined) break;
    for (const item of splitter.push(bytes)) items.push(decode(item, { strict: true, allowIndefinite: false }));
  }
  expect(splitter.restBytes).toBe(0);
  return items;
}

function joinAs(room: ReturnType<typeof setUp>["room"], name?: string, sessionHash?: string) {
  const joined = room.join(new FakePort(), {
    isReliable: false,
    pin: "4711",
    ...(name !== undefined && { name }),
    ...(sessionHash !== undefined && { sessionHash }),
    user: name === undefined ? undefined : `user-${name}`,
  });
  if (!joined.ok) throw new Error(joined.failure);
  return joined.value;
}

describe("a recording", () => {
  test("begins with what is known of the room, and has what happens with its time, in order", async () => {
    const { fake, room, recordings } = setUp();
    const ann = joinAs(room, "Ann", "the-session-of-ann");
    room.command({ cmd: "to_str", to: [1], data: utf8.encode("welcome"), retain: "hello" });
    fake.clock.pass(500);
    const recording = started(recordings.start(room));
    fake.clock.pass(20);
    const bob = joinAs(room, "Bob");
    ann.message(utf8.encode("hi"), true);
    fake.clock.pass(30);
    bob.message(Uint8Array.of(1, 2), false);
    room.command({ cmd: "to", to: "everybody", data: Uint8Array.of(9), except: [2], volatile: "pose", ttl: 50 });
    room.command({ cmd: "to_str", to: [2, 1], data: utf8.encode("ü"), retain: "n", append: true, silent: true });
    room.command({ cmd: "start" });
    room.command({ cmd: "kick", player: 2, reason: "Enough." });
    ann.gone("cut");
    fake.clock.pass(5_000);
    const back = joinAs(room, "Ann", "the-session-of-ann");
    back.gone("left");
    room.command({ cmd: "stop" });
    const at = new Date(fake.clock.time() - 5_050).toISOString();
    expect(await itemsOf(recording)).toEqual([
      {
        couchwire: "recording",
        version: 1,
        at,
        room: expect.any(String),
        game: "game",
        max_players: 8,
        locked: false,
        players: [{ player: 1, name: "Ann" }],
      },
      { t: 0, cmd: "to_str", to: [1], data: "welcome", kept: true },
      { t: 20, cmd: "player_joined", player: 2, name: "Bob" },
      { t: 20, cmd: "from_str", from: 1, data: "hi" },
      { t: 50, cmd: "from", from: 2, data: Uint8Array.of(1, 2) },
      { t: 50, cmd: "to", to: [], data: Uint8Array.of(9), except: [2], volatile: "pose", ttl: 50 },
      { t: 50, cmd: "to_str", to: [2, 1], data: "ü", retain: "n", append: true, silent: true },
      { t: 50, cmd: "start" },
      { t: 50, cmd: "kick", player: 2, ban: undefined, reason: "Enough." },
      { t: 50, cmd: "player_left", player: 2 },
      expect.objectContaining({ cmd: "player_away", player: 1 }),
      { t: 5_050, cmd: "player_back", player: 1, missed: 0 },
      { t: 5_050, cmd: "player_left", player: 1 },
      { t: 5_050, cmd: "end", why: "room_closed" },
    ]);
  });

  test("has no session, PIN, user or rescue link, and not what the host saves", async () => {
    const { room, connection, recordings } = setUp();
    const recording = started(recordings.start(room));
    joinAs(room, "Ann", "the-session-of-ann");
    connection.host.command({ cmd: "save", data: "a checkpoint of the host" });
    connection.host.command({ cmd: "rescue", player: 1 });
    connection.host.command({ cmd: "prepare", max_players: 3, name: "again", pin: "4711" });
    room.command({ cmd: "stop" });
    const items = await itemsOf(recording);
    expect(items.map((item) => Reflect.get(Object(item), "cmd"))).toEqual([undefined, "player_joined", "end"]);
    const text = JSON.stringify(items);
    for (const secret of ["the-session", "4711", "user-Ann", "rescue", "checkpoint"])
      expect(text).not.toContain(secret);
  });

  test("says where nothing has happened, how long", async () => {
    const { fake, room, recordings } = setUp();
    const recording = started(recordings.start(room));
    await recording.read(100_000, 0);
    const reading = recording.read(100_000, 10_000);
    fake.clock.pass(10_000);
    expect(decode((await reading) ?? new Uint8Array())).toEqual({ t: 10_000, cmd: "tick" });
    const next = recording.read(100_000, 10_000);
    room.command({ cmd: "start" });
    expect(decode((await next) ?? new Uint8Array())).toEqual({ t: 10_000, cmd: "start" });
    expect(fake.clock.pending).toBe(0);
  });

  test("comes whole in pieces of any size", async () => {
    const { room, recordings } = setUp();
    const recording = started(recordings.start(room));
    for (let n = 0; n < 50; n++) room.command({ cmd: "to", to: [1], data: new Uint8Array(n).fill(n) });
    room.command({ cmd: "stop" });
    expect(await itemsOf(recording, 7)).toHaveLength(52);
  });

  test("ends where its reader does not keep up, and says so; the room goes on, and what was recorded is whole", async () => {
    const { room, recordings } = setUp({ queueBytes: 2_000 });
    const recording = started(recordings.start(room));
    for (let n = 0; n < 100; n++) room.command({ cmd: "to", to: [1], data: new Uint8Array(90).fill(n) });
    expect(room.tap).toBe(undefined);
    const items = await itemsOf(recording);
    expect(items.at(-1)).toEqual({ t: 0, cmd: "end", why: "slow_reader" });
    const frames = items.slice(1, -1).map((item) => Reflect.get(Object(item), "data"));
    expect(frames.length).toBeGreaterThan(10);
    expect(frames.length).toBeLessThan(20);
    expect(frames).toEqual(frames.map((_frame, n) => new Uint8Array(90).fill(n)));
    expect(room.code).not.toBe(undefined);
  });

  test("counts in the memory budget, and ends where that is used up", async () => {
    const cuts: (() => void)[] = [];
    const budget = new MemoryBudget({ limit: 20_000, schedule: (action) => cuts.push(action) });
    const { room, recordings } = setUp({ budget });
    const recording = started(recordings.start(room));
    await recording.read(10, 0); // the first item is read in part
    for (let n = 0; n < 60; n++) room.command({ cmd: "to", to: [1], data: new Uint8Array(400) });
    expect(budget.used).toBeGreaterThan(20_000);
    for (const cut of cuts) cut();
    expect(room.tap).toBe(undefined);
    const splitter = new ItemSplitter();
    const rest = await recording.read(100_000, 0);
    splitter.push(rest ?? new Uint8Array());
    expect(splitter.isBroken).toBe(true); // it goes on within the first item
    expect(Buffer.from(rest ?? []).toString("latin1")).toContain("memory");
    expect(await recording.read(100_000, 0)).toBe(undefined);
    expect(budget.used).toBe(0);
  });

  test("is one of a few of its room, each whole by itself", async () => {
    const { room, recordings } = setUp();
    const made = Array.from({ length: MAX_RECORDINGS_OF_ROOM }, () => started(recordings.start(room)));
    expect(recordings.start(room)).toEqual({ ok: false, failure: "too_many" });
    made[0]?.stop();
    expect(await made[0]?.read(1, 0)).toBe(undefined);
    made.push(started(recordings.start(room)));
    joinAs(room);
    for (const recording of made.slice(1)) {
      room.command({ cmd: "stop" });
      expect((await itemsOf(recording)).map((item) => Reflect.get(Object(item), "cmd"))).toEqual([
        undefined,
        "player_joined",
        "end",
      ]);
    }
  });

  test("a room that is not recorded has no tap, and nothing of a recording that has ended", () => {
    const { room, recordings } = setUp();
    expect(room.tap).toBe(undefined);
    const recording = started(recordings.start(room));
    expect(room.tap).toBe(recording);
    recording.stop();
    expect(room.tap).toBe(undefined);
  });
});
