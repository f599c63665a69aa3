import { describe, expect, test } from "@jest/globals";
import { decodeRoomRecord, encodeRoomRecord } from "../../../src/hub/room-record-codec.ts";
import type { HostRoomRecord, RoomRecord } from "../../../src/hub/room-record.ts";
import type { JoinRequest } from "../../../src/room/player-manager.ts";
import type { Room } from "../../../src/room/room.ts";
import { createHostEncoder } from "../../../src/session/host-encoder.ts";
import type { HostRequest } from "../../../src/session/wire-host.ts";
import { FakeHub } from "../../support/room/fake-hub.ts";
import { bytes, FakePort } from "../../support/room/fake-port.ts";

/** The record as another process reads it. */
function recordOf(fixture: FakeHub, room: Room): HostRoomRecord {
  const record = fixture.hub.recordOf(room);
  const encoded = record && encodeRoomRecord(record);
  const read: RoomRecord | undefined = encoded?.ok === true ? orThrow(decodeRoomRecord(encoded.value)) : undefined;
  if (read?.sort !== "host") throw new Error("there is no record of this room");
  return read;
}

function orThrow<Value>(result: { ok: true; value: Value } | { ok: false; failure: string }): Value {
  if (!result.ok) throw new Error(result.failure);
  return result.value;
}

function reopen(record: HostRoomRecord, fixture = new FakeHub()): { readonly fixture: FakeHub; readonly room: Room } {
  return { fixture, room: orThrow(fixture.hub.reopen(record)) };
}

function hostAgain({ hub }: FakeHub, request: Partial<HostRequest> = {}, encoder = createHostEncoder("cbor", "array")) {
  const port = new FakePort();
  const connected = hub.connectHost(port, encoder, { isReliable: false, sessionHash: "tv", ...request });
  return { port, connected, connection: connected.ok ? connected.value : undefined };
}

function join(room: Room, request: Partial<JoinRequest>) {
  const port = new FakePort();
  const joined = room.join(port, { isReliable: false, ...request });
  return { port, joined, player: joined.ok ? joined.value.player : joined.failure };
}

describe("a room that is reopened from its record", () => {
  test("P5.4.12 has its code; its host gets state, prepare_reply, restore; its players their ids", () => {
    const before = new FakeHub();
    const { room, code, host } = before.open({ session: "tv", address: "10.0.0.9" });
    expect(join(room, { sessionHash: "anna", name: "Anna" }).player).toBe(1);
    expect(join(room, { sessionHash: "ben" }).player).toBe(2);
    const saving = hostAgain(before);
    saving.connection?.host.command({ cmd: "save", data: "round 3" });
    saving.connection?.host.command({ cmd: "save", keys: new Map([["lives", bytes("\x03")]]) });
    expect(host.closing?.name).toBe("replaced");

    const { fixture, room: again } = reopen(recordOf(before, room));
    expect([again.code, fixture.hub.find(code), again.name, again.isHostAway]).toEqual([code, again, "game", true]);
    const ben = join(again, { sessionHash: "ben" });
    expect(ben.player).toBe(2);
    const { port } = hostAgain(fixture);
    expect(port.takeEvents()).toEqual([
      { cmd: "state", name: "game", players: [1, 2], max_players: 8, accept_conns: true },
      { cmd: "prepare_reply", key: code },
      { cmd: "restore", data: "round 3", keys: { lives: Uint8Array.of(3) } },
    ]);
    expect(again.isHostAway).toBe(false);
    again.command({ cmd: "to_str", to: [2], data: bytes("hello") });
    expect(ben.port.take()).toEqual(["hello"]);
  });

  test("P5.6.7 has the audience and the waiting line that its host asked for", () => {
    const before = new FakeHub();
    const { room, connection } = before.connect("tv");
    connection.host.command({ cmd: "prepare", max_players: 1, name: "game", overflow: "queue", audience: 1, queue: 2 });
    expect(join(room, { sessionHash: "anna" }).player).toBe(1);
    const { room: again } = reopen(recordOf(before, room));
    const enter = (request: Partial<JoinRequest>): string => {
      const entered = again.enter(new FakePort(), { isReliable: false, ...request });
      return entered.ok ? entered.value.at : entered.failure;
    };
    expect([enter({ isSpectator: true }), enter({ isSpectator: true })]).toEqual(["admitted", "room_full"]);
    expect([enter({}), enter({}), enter({})]).toEqual(["queued", "queued", "room_full"]);
    expect(again.state).toMatchObject({ audience: 1, waiting: 2 });
  });

  test("P5.4.3 tells its host of the players that stay away, and of those that come back after that", () => {
    const before = new FakeHub();
    const { room } = before.open({ session: "tv" });
    join(room, { sessionHash: "anna" });
    join(room, { sessionHash: "ben" });
    const { fixture, room: again } = reopen(recordOf(before, room));
    join(again, { sessionHash: "anna" });
    const { port } = hostAgain(fixture);
    port.takeEvents();
    fixture.clock.pass(3_000);
    expect(port.takeEvents()).toEqual([{ cmd: "player_away", player: 2 }]);
    join(again, { sessionHash: "ben" });
    expect(port.takeEvents()).toEqual([{ cmd: "player_back", player: 2, missed: 0 }]);
  });

  test("P5.4 tells its host that a player without a session has left, for it cannot come back", () => {
    const before = new FakeHub();
    const { room, code } = before.open({ session: "tv" });
    join(room, {});
    join(room, { sessionHash: "ben" });
    const { fixture } = reopen(recordOf(before, room));
    const { port } = hostAgain(fixture);
    const state = { cmd: "state", name: "game", players: [2], max_players: 8, accept_conns: true };
    expect(port.takeEvents()).toEqual([
      state,
      { cmd: "prepare_reply", key: code },
      { cmd: "player_left", player: 1 },
      state,
    ]);
  });

  test("P5.5.8 begins another epoch, in which nothing is received yet: what was not confirmed is a gap that both sides see", () => {
    const before = new FakeHub();
    const { room } = before.open({ session: "tv" });
    const first = join(room, { sessionHash: "anna", isReliable: true });
    const hello = first.port.read().hello;
    for (const text of ["one", "two"]) room.command({ cmd: "to_str", to: "everybody", data: bytes(text) });
    if (first.joined.ok) first.joined.value.message(bytes("mine"), true);

    const { fixture, room: again } = reopen(recordOf(before, room));
    const anna = join(again, { sessionHash: "anna", isReliable: true, received: 1, epoch: hello?.epoch });
    expect(anna.port.read().hello).toMatchObject({ player: 1, received: 0, next: 1, lost: 0 });
    const tv = hostAgain(fixture, { isReliable: true, received: 3, epoch: "another life" });
    const told = tv.port.read().hello;
    expect(told).toMatchObject({ received: 0, greeting: 2, next: 1, lost: 0 });
    expect(hello?.epoch).toBeDefined();
    expect([hello?.epoch, told?.epoch]).not.toContain(anna.port.read().hello?.epoch);
  });

  test("P2.14 gives newcomers ids from 100 behind the last one, for some were given after the record", () => {
    const before = new FakeHub();
    const { room } = before.open({ session: "tv" });
    join(room, { sessionHash: "anna" });
    const gone = join(room, { sessionHash: "ben" });
    if (gone.joined.ok) gone.joined.value.gone("left");
    const record = recordOf(before, room);
    expect(join(room, { sessionHash: "not in the record" }).player).toBe(3);

    const { room: again } = reopen(record);
    expect(join(again, { sessionHash: "not in the record" }).player).toBe(102);
    expect(join(again, { sessionHash: "new" }).player).toBe(103);
    expect(join(again, { sessionHash: "anna" }).player).toBe(1);
  });

  test("P5.3 keeps its lock, PIN, bans, description and users", () => {
    const before = new FakeHub();
    const { room } = before.connect("tv");
    room.command({
      cmd: "prepare",
      max_players: 3,
      name: "quiz",
      pin: "1234",
      meta: '{"level":2}',
      join_url: "https://quiz.example/CODE",
    });
    expect(join(room, { sessionHash: "anna", user: "u-anna", pin: "1234" }).player).toBe(1);
    expect(join(room, { sessionHash: "bad", user: "u-bad", pin: "1234" }).player).toBe(2);
    room.command({ cmd: "kick", player: 2, ban: true });
    room.command({ cmd: "start" });
    const record = recordOf(before, room);
    expect(JSON.stringify(record)).not.toContain("1234");

    const { fixture, room: again } = reopen(record);
    expect([again.name, again.meta, again.joinUrl]).toEqual(["quiz", '{"level":2}', "https://quiz.example/CODE"]);
    expect([again.isLocked, again.needsPin, again.settings.max_players]).toEqual([true, true, 3]);
    expect(join(again, { sessionHash: "late", pin: "1234" }).player).toBe("room_locked");
    again.command({ cmd: "open" });
    expect(join(again, { sessionHash: "late", pin: "9999" }).player).toBe("unauthorized");
    expect(join(again, { sessionHash: "late", pin: "" }).player).toBe("unauthorized");
    expect(join(again, { sessionHash: "late", pin: "1234" }).player).toBe(102);
    expect(join(again, { sessionHash: "bad", pin: "1234" }).player).toBe("kicked");
    expect(join(again, { sessionHash: "other", user: "u-bad", pin: "1234" }).player).toBe("kicked");
    expect(join(again, { sessionHash: "anna" }).player).toBe(1);
    // Once more: the hash is all that the second record can be made of.
    const { room: third } = reopen(recordOf(fixture, again));
    expect(join(third, { sessionHash: "even later", pin: "1234" }).player).toBe(202);
  });

  test("P5.4.12 takes its host back in the same format alone", () => {
    const before = new FakeHub();
    const tv = hostAgain(before, {}, createHostEncoder("json", "array"));
    tv.connection?.host.command({ cmd: "prepare", max_players: 8, name: "game" });
    const record = recordOf(before, orThrow(tv.connected).room);
    expect(record.host.encoder).toBe("json");
    const { fixture } = reopen(record);
    expect(hostAgain(fixture, {}, createHostEncoder("cbor", "string")).connected).toMatchObject({
      failure: "bad_request",
    });
    const json = hostAgain(fixture, {}, createHostEncoder("json", "array"));
    expect(json.port.take()).toEqual([expect.stringContaining('"cmd":"state"'), expect.stringContaining(record.code)]);
  });

  test("P5.4.10 ends when its host does not come back within the grace", () => {
    const before = new FakeHub();
    const { room, code } = before.open({ session: "tv" });
    const { fixture } = reopen(recordOf(before, room));
    fixture.clock.pass(LIMIT_MS - 1);
    expect(fixture.hub.find(code)).toBeDefined();
    fixture.clock.pass(1);
    expect([fixture.hub.find(code), fixture.hub.roomCount]).toEqual([undefined, 0]);
    expect(fixture.hub.hostOf("tv")).toBeUndefined();
  });

  test("P5.4.5 gives up the seats of players that do not come back, as ever", () => {
    const before = new FakeHub();
    const { room } = before.open({ session: "tv" });
    join(room, { sessionHash: "anna" });
    const { fixture, room: again } = reopen(recordOf(before, room));
    hostAgain(fixture);
    fixture.clock.pass(LIMIT_MS);
    expect(again.playerCount).toBe(0);
    expect(join(again, { sessionHash: "anna" }).player).toBe(101);
  });

  test("counts: its code is not drawn again, it takes a place, and what it keeps is in the budget", () => {
    const before = new FakeHub();
    const { room } = before.open({ session: "tv", address: "10.0.0.9" });
    const saving = hostAgain(before);
    saving.connection?.host.command({ cmd: "save", data: "x".repeat(5_000) });
    const record = recordOf(before, room);
    const { fixture, room: again } = reopen(record, new FakeHub({ maxRooms: 1 }));
    expect(fixture.hub.reopen({ ...record, code: "ZZBB", host: { ...record.host, sessionHash: "other" } })).toEqual({
      ok: false,
      failure: "no_room_left",
    });
    expect(fixture.hub.census).toMatchObject({ rooms: 1, hostsAway: 1 });
    again.close("room_closed");
    expect(fixture.hub.reopen(record)).toMatchObject({ ok: true });
  });

  test("is there once: neither its code nor its host's session is given to two rooms", () => {
    const before = new FakeHub();
    const { room, code } = before.open({ session: "tv" });
    const record = recordOf(before, room);
    const { fixture } = reopen(record);
    expect(fixture.hub.reopen(record)).toEqual({ ok: false, failure: "exists" });
    const stranger = { ...record, host: { ...record.host, sessionHash: "stranger" } };
    expect(fixture.hub.reopen(stranger)).toEqual({ ok: false, failure: "exists" });
    expect(fixture.hub.reopen({ ...record, code: code === "BCDF" ? "BCDG" : "BCDF" })).toMatchObject({
      failure: "exists",
    });
    expect(fixture.hub.roomCount).toBe(1);
    fixture.hub.stopOpening();
    expect(fixture.hub.reopen({ ...stranger, code: "ZZBB" })).toEqual({ ok: false, failure: "restarting" });
  });

  test("keeps its age, and that of its seats", () => {
    const before = new FakeHub();
    const { room } = before.open({ session: "tv" });
    before.clock.pass(60_000);
    join(room, { sessionHash: "anna" });
    before.clock.pass(10_000);
    const record = recordOf(before, room);
    const now = before.clock.time();
    expect([now - record.openedAt, now - (record.seats[0]?.takenAt ?? 0)]).toEqual([70_000, 10_000]);
    const after = new FakeHub();
    after.clock.pass(now + 5_000 - after.clock.time());
    const { room: again } = reopen(record, after);
    const openedAt = after.hub.openingOf(again)?.openedAt ?? 0;
    expect(after.clock.now() - openedAt).toBe(75_000);
    expect(after.clock.now() - (again.players?.facts()[0]?.takenAt ?? 0)).toBe(15_000);
  });

  test("has no record where its host could not come back, before prepare, and when it is over", () => {
    const fixture = new FakeHub();
    const { room: passing } = fixture.open();
    const { room: unprepared } = fixture.connect("tv");
    const { room: over } = fixture.open({ session: "tv 2" });
    over.close("room_closed");
    expect([passing, unprepared, over].map((room) => fixture.hub.recordOf(room))).toEqual(Array(3).fill(undefined));
  });
});

/** The grace of hosts, and of players before the game starts, in fixtures. */
const LIMIT_MS = 120_000;

describe("the keeper of records", () => {
  test("is told of each change that the record holds, of each end, and of nothing else", () => {
    const told: string[] = [];
    const records = {
      changed: () => void told.push("changed"),
      closed: (_: Room, why: string) => void told.push(`closed ${why}`),
    };
    const fixture = new FakeHub({ records });
    const tv = hostAgain(fixture);
    const { host, room } = orThrow(tv.connected);
    const after = (action: () => void): readonly string[] => {
      told.length = 0;
      action();
      return [...new Set(told)];
    };
    expect(after(() => host.command({ cmd: "prepare", max_players: 2, name: "game" }))).toEqual(["changed"]);
    expect(after(() => void join(room, { sessionHash: "anna" }))).toEqual(["changed"]);
    const ben = join(room, { sessionHash: "ben" });
    expect(after(() => host.command({ cmd: "save", data: "1" }))).toEqual(["changed"]);
    expect(after(() => host.command({ cmd: "start" }))).toEqual(["changed"]);
    expect(after(() => host.command({ cmd: "game", name: "other" }))).toEqual(["changed"]);
    expect(after(() => ben.joined.ok && ben.joined.value.gone("cut"))).toEqual([]);
    expect(after(() => void join(room, { sessionHash: "ben" }))).toEqual([]);
    expect(after(() => void join(room, { sessionHash: "ben", tokenSessionHash: "t" }))).toEqual(["changed"]);
    expect(after(() => host.command({ cmd: "to_str", to: "everybody", data: bytes("hi") }))).toEqual([]);
    expect(after(() => host.command({ cmd: "health", every: 1 }))).toEqual([]);
    expect(after(() => host.command({ cmd: "kick", player: 2, ban: true }))).toEqual(["changed"]);
    expect(after(() => room.close("restarting"))).toEqual(["closed restarting"]);
    expect(after(() => room.close("room_closed"))).toEqual([]);
  });
});
