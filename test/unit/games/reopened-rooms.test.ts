import { describe, expect, test } from "@jest/globals";
import { defineRoom, type RoomKind } from "../../../src/games/define-room.ts";
import { plainJsonOf } from "../../../src/games/plain-json.ts";
import { decodeRoomRecord, encodeRoomRecord } from "../../../src/hub/room-record-codec.ts";
import type { OpenRoomRecord } from "../../../src/hub/room-record.ts";
import * as fc from "../../support/property-testing.ts";
import { FakeOpenRooms, type FakeOpenRoomsOptions } from "../../support/room/fake-open-rooms.ts";

/** The record of the room of this name, as another process reads it. */
function recordOf({ rooms, fake }: FakeOpenRooms, name: string): OpenRoomRecord {
  const room = [...fake.hub.opened].find(({ room: each }) => rooms.hostOf(each) === rooms.get(name))?.room;
  const record = room && rooms.recordOf(room);
  const encoded = record && encodeRoomRecord(record);
  const read = encoded?.ok === true ? decodeRoomRecord(encoded.value) : undefined;
  if (read?.ok !== true || read.value.sort !== "open") throw new Error(`no record: ${JSON.stringify(read ?? encoded)}`);
  return read.value;
}

/** The rooms of these records in another process. */
function reopen(
  records: readonly OpenRoomRecord[],
  kinds: readonly RoomKind[] = [],
  options: FakeOpenRoomsOptions = {},
): FakeOpenRooms {
  return new FakeOpenRooms(kinds, { records, ...options });
}

const scores = (seen: string[] = []): RoomKind =>
  defineRoom<{ points: Record<string, number> }>({
    kind: "scores",
    maxPlayers: 3,
    history: { frames: 10 },
    createState: () => ({ points: {} }),
    onCreate: (room) => void seen.push(`create ${room.isReopened} ${JSON.stringify(room.state)}`),
    onJoin: (room, member) => {
      room.state.points[member.id] = 0; // in place, as plain JavaScript does
    },
    onMessage: (room, member, message) => {
      room.state.points[member.id] = Number(message);
      room.broadcast({ of: member.id, points: message });
    },
    onAway: (_, { id }) => void seen.push(`away ${id}`),
    onBack: (_, { id }) => void seen.push(`back ${id}`),
    onLeave: (_, { id }, reason) => void seen.push(`leave ${id} ${reason}`),
  });

describe("an open room that is reopened from its record", () => {
  test("has its name, code, kind, meta, lock, state, version and history; onCreate is called again, and createState is not", async () => {
    const before = new FakeOpenRooms([scores()]);
    const room = before.rooms.create("scores", { name: "table", code: true, maxPlayers: 2, meta: { level: 3 } });
    const ann = before.joinNow("table", "ann");
    ann.say(7);
    await room.update((state) => state);
    room.lock();
    const record = recordOf(before, "table");

    const seen: string[] = [];
    const after = reopen([record], [scores(seen)]);
    const again = after.rooms.get("table");
    expect(seen).toEqual(['create true {"points":{"ann":7}}']);
    expect(again).toMatchObject({
      kind: "scores",
      name: "table",
      code: room.code,
      meta: { level: 3 },
      maxPlayers: 2,
      isLocked: true,
      isReopened: true,
      state: { points: { ann: 7 } },
      version: room.version,
    });
    expect([room.isReopened, after.rooms.get(room.code ?? "")]).toEqual([false, again]);
    expect(again?.history()).toEqual(room.history());
  });

  test("has its members, away: each gets its seat, id and meta back; the others are told of those that stay away", async () => {
    const before = new FakeOpenRooms([scores()]);
    before.rooms.create("scores", { name: "table" });
    before.joinNow("table", "ann", { name: "Ann" });
    before.joinNow("table", "ben");
    before.rooms.get("table")?.member("ann")?.setMeta({ color: "red" });
    const record = recordOf(before, "table");

    const seen: string[] = [];
    const after = reopen([record], [scores(seen)]);
    const again = after.rooms.get("table");
    expect(JSON.parse(JSON.stringify(again?.members))).toEqual([
      { id: "ann", name: "Ann", role: "member", meta: { color: "red" }, isAway: false, isBot: false },
      { id: "ben", name: "ben", role: "member", meta: {}, isAway: false, isBot: false },
    ]);
    const ann = await after.join("table", "ann");
    after.clock.pass(3_000);
    expect(seen.slice(1)).toEqual(["away ben"]);
    expect(ann.heard()).toEqual([{ event: "away", member: expect.objectContaining({ id: "ben" }) }]);
    const ben = await after.join("table", "ben");
    expect(seen.slice(2)).toEqual(["back ben"]);
    ben.say(3);
    expect(ann.messages()).toEqual([{ of: "ben", points: 3 }]);
    expect(again?.state).toEqual({ points: { ann: 0, ben: 3 } });
    after.clock.pass(1);
    ann.leave();
    expect(seen.slice(3)).toEqual(["leave ann left"]);
  });

  test("P6.6 tells a member that counts frames who is here, in a new epoch", async () => {
    const before = new FakeOpenRooms();
    before.rooms.create("relay", { name: "lobby" });
    before.joinNow("lobby", "ann");
    const after = reopen([recordOf(before, "lobby")]);
    const session = { sessionHash: "session of ann", isReliable: true, received: 9, epoch: "another life" };
    const { port } = await after.join("lobby", "ann", { session });
    const { hello, data } = port.read();
    expect(hello).toMatchObject({ received: 0, greeting: 1, next: 1, lost: 0 });
    expect(data).toEqual([expect.stringContaining('{"event":"joined","you":"ann"')]);
  });

  test("gives guests numbers from 100 behind the last one, and takes no place for those that cannot come back", async () => {
    const before = new FakeOpenRooms([scores()]);
    const { code = "" } = before.rooms.create("scores");
    const room = { by: "code", code } as const;
    const session = { sessionHash: "phone", isReliable: false };
    expect((await before.join("", undefined, { room, session })).heard()[0]).toMatchObject({ you: "p1" });
    expect((await before.join("", undefined, { room })).heard()[0]).toMatchObject({ you: "p2" });
    const after = reopen([recordOf(before, code)], [scores()]);
    expect(after.rooms.get(code)?.members.map(({ id }) => id)).toEqual(["p1"]);
    expect((await after.join("", undefined, { room })).heard()[0]).toMatchObject({ you: "p102" });
    await after.join("", undefined, { room, session });
    expect(after.rooms.get(code)?.members.map(({ id }) => id)).toEqual(["p1", "p102"]);
  });

  test("keeps its PIN and its bans, and its members need neither PIN nor place", async () => {
    const before = new FakeOpenRooms([scores()]);
    const { code = "" } = before.rooms.create("scores", { pin: "1234", maxPlayers: 2 });
    const by = { room: { by: "code", code } as const };
    const session = { sessionHash: "phone", isReliable: false };
    await before.join("", undefined, { ...by, pin: "1234", session });
    await before.join("", undefined, { ...by, pin: "1234", session: { sessionHash: "bad", isReliable: false } });
    const game = before.rooms.get(code);
    game?.kick(game.members[1] ?? raise("no member"), "out", { ban: true });
    const after = reopen([recordOf(before, code)], [scores()]);
    const asked = async (pin: string | undefined, sessionHash: string) =>
      (await after.ask("", undefined, { ...by, pin, session: { sessionHash, isReliable: false } })).outcome;
    expect(await asked("9999", "new")).toMatchObject({ name: "unauthorized" });
    expect(await asked(undefined, "new")).toMatchObject({ name: "unauthorized" });
    expect(await asked("1234", "bad")).toMatchObject({ name: "kicked" });
    expect(await asked("1234", "new")).toMatchObject({ at: "admitted" });
    expect(await asked(undefined, "phone")).toMatchObject({ at: "admitted" });
    const withToken = { ...by, room: { by: "code", code } as const, pin: undefined };
    expect((await after.ask("", "ann", withToken)).outcome).toMatchObject({ name: "room_full" });
  });

  test("whose state no record can hold begins anew, under its name and code, and asks for its members again", async () => {
    const joined: string[] = [];
    const kind = defineRoom<Map<string, number>>({
      kind: "maps",
      createState: () => new Map(),
      onJoin: (room, { id }) => {
        joined.push(id);
        room.state.set(id, 0);
      },
    });
    const before = new FakeOpenRooms([kind]);
    before.rooms.create("maps", { name: "table", code: true });
    before.joinNow("table", "ann");
    const after = reopen([recordOf(before, "table")], [kind]);
    expect(after.rooms.get("table")).toMatchObject({ isReopened: true, members: [], state: new Map() });
    await after.join("table", "ann");
    expect([joined, after.rooms.get("table")?.state]).toEqual([["ann", "ann"], new Map([["ann", 0]])]);
  });

  test("row 17: a room of the options is reopened as itself, and stands for ever as before", async () => {
    const standing = new Map([["lobby", "relay"]]);
    const before = new FakeOpenRooms([], { standing });
    before.joinNow("lobby", "ann").say("hello");
    const record = recordOf(before, "lobby");
    const after = reopen([record], [], { standing });
    expect(after.rooms.list()).toHaveLength(1);
    expect(after.rooms.get("lobby")?.history()).toMatchObject([{ from: "ann", data: "hello" }]);
    after.clock.pass(10 * 300_000);
    expect(after.rooms.get("lobby")?.isReopened).toBe(true);
    await after.join("lobby", "ann");
  });

  test("ends when nobody comes back to it, as an empty room does", () => {
    const before = new FakeOpenRooms();
    before.rooms.create("relay", { name: "lobby" });
    before.joinNow("lobby", "ann");
    const after = reopen([recordOf(before, "lobby")]);
    after.clock.pass(120_000);
    expect(after.rooms.get("lobby")?.members).toEqual([]);
    after.clock.pass(300_000);
    expect(after.rooms.get("lobby")).toBeUndefined();
  });

  test("is not reopened where its kind is gone or its name is taken, and that is said", () => {
    const before = new FakeOpenRooms([scores()]);
    before.rooms.create("scores", { name: "table" });
    const record = recordOf(before, "table");
    const told: string[] = [];
    const after = reopen([record], [], { onNotReopened: ({ name }, why) => void told.push(`${name} ${why}`) });
    expect([told, after.rooms.list()]).toEqual([["table unknown_kind"], []]);
    before.rooms.delete("table");
    before.rooms.create("scores", { name: "table" });
    expect(before.rooms.reopen(record)).toEqual({ ok: false, failure: "exists" });
    before.rooms.delete("table");
    expect(before.rooms.reopen(record)).toMatchObject({ ok: true });
    before.rooms.stopOpening();
    expect(before.rooms.reopen({ ...record, name: "other" })).toEqual({ ok: false, failure: "restarting" });
  });

  test("tells hooks and listeners of itself and its members, which they have not heard of in this process", () => {
    const before = new FakeOpenRooms([scores()]);
    before.rooms.create("scores", { name: "table" });
    before.joinNow("table", "ann");
    const { fake } = reopen([recordOf(before, "table")], [scores()]);
    expect(fake.observer.seen).toEqual([
      ["roomOpened", "table", "table"],
      ["playerJoined", "table", 1],
      ["playerAway", "table", 1, "restarting"],
    ]);
  });
});

describe("the keeper of records", () => {
  test("is told where a function of the kind has run, which may have changed the state, and of meta and history", async () => {
    let told = 0;
    const fake = new FakeOpenRooms([scores()], {
      hubOptions: { records: { changed: () => void (told += 1), closed() {} } },
    });
    const changes = async (action: () => unknown): Promise<boolean> => {
      told = 0;
      await action();
      return told > 0;
    };
    const room = fake.rooms.create("scores", { name: "table" });
    const ann = fake.joinNow("table", "ann");
    expect(await changes(() => ann.say(1))).toBe(true);
    expect(await changes(() => room.update((state) => state))).toBe(true);
    expect(await changes(() => room.member("ann")?.setMeta({ color: "red" }))).toBe(true);
    expect(await changes(() => room.broadcast("hello"))).toBe(true);
    expect(await changes(() => room.lock())).toBe(true);
    expect(await changes(() => room.send("ann", "psst"))).toBe(false);
    room.after("soon", 10, () => {});
    expect(await changes(() => fake.clock.pass(10))).toBe(true);
  });
});

function raise(sentence: string): never {
  throw new Error(sentence);
}

describe("a state that a record can hold", () => {
  test("is one that is the same when its JSON is parsed", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = plainJsonOf(value, 65_536);
        expect(json === undefined ? undefined : JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test.each<[string, unknown]>([
    ["a Map", new Map()],
    ["a date", { at: new Date() }],
    ["an object of a class", Object.create({ size: 8 })],
    ["NaN", { x: NaN }],
    ["a function", { f: () => 1 }],
    ["a symbol", Symbol("x")],
    ["a bigint", 1n],
    ["bytes", new Uint8Array(3)],
    ["a list with a hole", Array(3)],
    ["undefined in a list", [undefined]],
    ["something that says its own JSON", { toJSON: () => 1 }],
    ["text of 65,537 bytes", "x".repeat(65_535)],
    ["text that is longer in UTF-8", "ä".repeat(40_000)],
  ])("is not %s", (_, value) => {
    expect(plainJsonOf(value, 65_536)).toBeUndefined();
  });

  test("is not one that holds itself, and one of millions of parts is not walked through", () => {
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    expect(plainJsonOf(loop, 65_536)).toBeUndefined();
    let reads = 0;
    const large = new Proxy<number[]>(Array(1_000_000).fill(1), {
      get: (target, key) => {
        reads += 1;
        return Reflect.get(target, key);
      },
    });
    expect(plainJsonOf({ large }, 65_536)).toBeUndefined();
    expect(reads).toBeLessThan(100_000);
  });

  test("may have fields that are undefined", () => {
    expect(plainJsonOf({ a: 1, b: undefined }, 65_536)).toBe('{"a":1}');
  });
});
