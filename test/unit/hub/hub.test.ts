import { describe, expect, test } from "@jest/globals";
import { FakeHub } from "../../support/room/fake-hub.ts";
import { createHostEncoder } from "../../../src/session/host-encoder.ts";
import type { HostPeer } from "../../../src/room/ports.ts";
import type { Room } from "../../../src/room/room.ts";
import { FakePort } from "../../support/room/fake-port.ts";

const ENCODER = createHostEncoder("cbor", "array");
const ROOM_LIMIT = { cmd: "error", code: "room_limit", in: "prepare" };

describe("the hub", () => {
  test("P2.2 finds a room by its code from prepare until it closes", () => {
    const fixture = new FakeHub();
    const { room: unprepared } = fixture.connect();
    expect([unprepared.code, fixture.hub.roomCount]).toEqual([undefined, 0]);
    const { room, code } = fixture.open();
    expect(fixture.hub.find(code)).toBe(room);
    room.close("room_closed");
    expect(fixture.hub.find(code)).toBeUndefined();
  });

  test("finds each of many rooms by its code, and none by another code", () => {
    const fixture = new FakeHub({ maxRooms: 2_000 });
    const opened = Array.from({ length: 1_000 }, () => fixture.open());
    expect(new Set(opened.map(({ code }) => code)).size).toBe(1_000);
    for (const { room, code } of opened) expect(fixture.hub.find(code)).toBe(room);
    expect(fixture.hub.find("AAAA")).toBeUndefined();
    expect(fixture.hub.find("__proto__")).toBeUndefined();
  });

  test("counts rooms and players", () => {
    const fixture = new FakeHub();
    const [first, second] = [fixture.open(), fixture.open()];
    first.room.join(new FakePort());
    first.room.join(new FakePort());
    second.room.join(new FakePort());
    expect([fixture.hub.roomCount, fixture.hub.playerCount]).toEqual([2, 3]);
    first.connection.gone("cut");
    expect([fixture.hub.roomCount, fixture.hub.playerCount]).toEqual([1, 1]);
  });

  test("P2.7 keeps a freed code from others for the cool-down", () => {
    const fixture = new FakeHub({ maxRooms: 100 });
    const closed = Array.from({ length: 50 }, () => fixture.open());
    for (const { room } of closed) room.close("room_closed");
    const freed = new Set(closed.map(({ code }) => code));
    for (let index = 0; index < 50; index++) expect(freed.has(fixture.open().code)).toBe(false);
  });

  test("P5.9.10 closes a host that has not prepared its room within a minute", () => {
    const fixture = new FakeHub();
    const [{ host: idle }, { host: prepared }] = [fixture.connect("tv"), fixture.open()];
    fixture.clock.pass(59_999);
    expect(idle.closing).toBeUndefined();
    fixture.clock.pass(1);
    expect(idle.closing).toEqual({ name: "timeout", reason: "No room was prepared within 60 seconds." });
    expect(prepared.closing).toBeUndefined();
    expect(fixture.hub.hostOf("tv")).toBeUndefined();
  });

  test("row 96: what a host in this process is refused was no frame, and no observer counts it as one", () => {
    const fixture = new FakeHub({ maxRooms: 1 });
    fixture.open();
    const told: string[] = [];
    const host: HostPeer = {
      tell: ({ cmd }) => void told.push(cmd),
      message() {},
      close() {},
      isBehind: false,
      shouldDeferJoins: false,
    };
    const room = fixture.hub.createOpenRoom(host, { hasCode: true });
    room.command({ cmd: "prepare", max_players: 8, name: "chess" });
    expect(told).toContain("error");
    expect(fixture.observer.seen.filter(([event]) => event === "frameRefused")).toEqual([]);
  });

  test("P2.13 refuses prepare past its number of rooms, and takes it again when one has closed", () => {
    const fixture = new FakeHub({ maxRooms: 2 });
    const { room: first } = fixture.open();
    fixture.open();
    const { room: third, host } = fixture.connect();
    host.takeEvents();
    third.command({ cmd: "prepare", max_players: 8, name: "game" });
    expect(host.takeEvents()).toMatchObject([ROOM_LIMIT]);
    first.close("room_closed");
    third.command({ cmd: "prepare", max_players: 8, name: "game" });
    expect(host.takeEvents()).toMatchObject([{ cmd: "state", accept_conns: true }, { cmd: "prepare_reply" }]);
    expect(fixture.hub.roomCount).toBe(2);
  });

  test("P4.1 drains: everybody is asked to come back, and no room is opened any more", () => {
    const fixture = new FakeHub();
    const { room, host, code } = fixture.open();
    const player = new FakePort();
    room.join(player);
    const { room: waiting, host: waitingHost } = fixture.connect();
    waitingHost.takeEvents();

    fixture.hub.drain();
    expect([host.closing?.name, player.closing?.name]).toEqual(["restarting", "restarting"]);
    expect([fixture.hub.roomCount, fixture.hub.playerCount, fixture.hub.find(code)]).toEqual([0, 0, undefined]);
    waiting.command({ cmd: "prepare", max_players: 8, name: "game" });
    expect(waitingHost.closing?.name).toBe("restarting");
    const seen = [...fixture.observer.seen];
    fixture.hub.drain();
    expect(fixture.observer.seen).toEqual(seen);
  });

  test("keeps nothing of another hub", () => {
    const [first, second] = [new FakeHub(), new FakeHub()];
    const { code } = first.open();
    expect([second.hub.find(code), second.hub.roomCount]).toEqual([undefined, 0]);
  });
});

/** A new host's code, or what it was told instead. */
function prepare(fixture: FakeHub): unknown {
  const { room, host } = fixture.connect();
  host.takeEvents();
  room.command({ cmd: "prepare", max_players: 8, name: "game" });
  return room.code ?? host.takeEvents();
}

/** A room whose host has a session and has dropped out, as these players have. */
function leaveIdle(fixture: FakeHub, session: string, ...players: readonly string[]): string {
  const { room, connection, code } = fixture.open({ session });
  for (const player of players) {
    const joined = room.join(new FakePort(), { isReliable: false, sessionHash: player });
    if (joined.ok) joined.value.gone("cut");
  }
  connection.gone("cut");
  fixture.clock.pass(1);
  return code;
}

/** How long nobody has to have been in a room before it gives way. */
const IDLE_MS = 15_000;

describe("when all rooms are taken", () => {
  test("P5.8.8 the longest idle gives way, an empty one before one that players may come back to", () => {
    const fixture = new FakeHub({ maxRooms: 4 });
    const { code: live } = fixture.open();
    const played = leaveIdle(fixture, "tv 1", "anna");
    const [empty, emptyLater] = [leaveIdle(fixture, "tv 2"), leaveIdle(fixture, "tv 3")];
    fixture.clock.pass(IDLE_MS);
    for (const gone of [empty, emptyLater, played]) {
      expect(fixture.hub.find(gone)).toBeDefined();
      expect(prepare(fixture)).toEqual(expect.any(String));
      expect(fixture.hub.find(gone)).toBeUndefined();
    }
    expect(prepare(fixture)).toMatchObject([ROOM_LIMIT]);
    expect(fixture.hub.find(live)).toBeDefined();
  });

  test("P5.8.8 a room with a player or a host in it gives way to no other", () => {
    const fixture = new FakeHub({ maxRooms: 2 });
    fixture.open({ session: "tv 1" });
    const { room, connection } = fixture.open({ session: "tv 2" });
    room.join(new FakePort());
    connection.gone("cut");
    fixture.clock.pass(IDLE_MS);
    expect(prepare(fixture)).toMatchObject([ROOM_LIMIT]);
    expect(fixture.hub.roomCount).toBe(2);
  });

  test("P5.8.8 a room gives way after fifteen seconds without host and players", () => {
    for (const last of ["host", "player"]) {
      const fixture = new FakeHub({ maxRooms: 1 });
      const { room, connection, code } = fixture.open({ session: "tv" });
      const anna = room.join(new FakePort(), { isReliable: false, sessionHash: "anna" });
      if (!anna.ok) throw new Error(anna.failure);
      const leave = { host: () => connection.gone("cut"), player: () => anna.value.gone("cut") };
      leave[last === "host" ? "player" : "host"]();
      fixture.clock.pass(60_000);
      leave[last === "host" ? "host" : "player"]();
      fixture.clock.pass(IDLE_MS - 1);
      expect([last, prepare(fixture)]).toMatchObject([last, [ROOM_LIMIT]]);
      fixture.clock.pass(1);
      expect(prepare(fixture)).toEqual(expect.any(String));
      expect(fixture.hub.find(code)).toBeUndefined();
      expect(fixture.hub.hostOf("tv")).toBeUndefined();
    }
  });

  test("P5.8.8 a TV that left and came back has its room for itself", () => {
    const fixture = new FakeHub({ maxRooms: 1 });
    const { room, connection, code } = fixture.open({ session: "tv" });
    connection.gone("cut");
    fixture.clock.pass(IDLE_MS);
    expect(connection.host.comeBack(new FakePort(), ENCODER, { isReliable: false, sessionHash: "tv" }).ok).toBe(true);
    fixture.clock.pass(IDLE_MS);
    expect(prepare(fixture)).toMatchObject([ROOM_LIMIT]);
    expect(fixture.hub.find(code)).toBe(room);
  });

  test("P5.9.6 rooms that are opened and stopped again keep no code from a host: the longest-rested one is given", () => {
    const fixture = new FakeHub({ maxRooms: 2 });
    const used: string[] = [];
    const useUp = (): string => {
      const { room, code } = fixture.open();
      room.close("room_closed");
      return code;
    };
    for (let code = useUp(); used[0] !== code; code = useUp()) used.push(code);
    expect(new Set(used).size).toBe(used.length);
    expect(used.length).toBeGreaterThan(60_000); // that is all there are
    expect([useUp(), useUp()]).toEqual(used.slice(1, 3));
  });
});

/** Opens rooms from there, which their hosts leave open, until one is refused; returns them, and the refusal. */
function openAll(fixture: FakeHub, addressOf: (number: number) => string, most = 2_000) {
  const rooms: Room[] = [];
  while (rooms.length < most) {
    const { room, host } = fixture.connect(undefined, addressOf(rooms.length));
    host.takeEvents();
    room.command({ cmd: "prepare", max_players: 8, name: "game" });
    if (room.code === undefined) return { rooms, refusal: host.takeEvents() };
    rooms.push(room);
  }
  return { rooms, refusal: undefined };
}

describe("one network", () => {
  const BUSY = "203.0.113.7";
  const OTHER = "198.51.100.1";
  const TOO_MANY = { ...ROOM_LIMIT, reason: "Too many rooms were opened from your network." };

  test("P5.9.6 opens so many rooms at once and one a second, stopped ones included; others are not held up", () => {
    const fixture = new FakeHub({ networkRooms: 30, maxRooms: 1_000 });
    for (let count = 0; count < 30; count++) fixture.open({ address: BUSY }).room.close("room_closed");
    expect(openAll(fixture, () => BUSY)).toMatchObject({ rooms: [], refusal: [TOO_MANY] });
    expect(openAll(fixture, () => OTHER, 5).rooms).toHaveLength(5);
    fixture.clock.pass(2_000);
    expect(openAll(fixture, () => BUSY).rooms).toHaveLength(2);
    const many = openAll(fixture, (number) => `2001:db8:1:${number.toString(16)}::1`);
    expect(many.rooms).toHaveLength(60); // of one /56; four times 30 of the whole /48
  });

  test("P5.9.6 with no limit opens as many as there are", () => {
    const fixture = new FakeHub({ networkRooms: 0, maxRooms: 100 });
    expect(openAll(fixture, () => BUSY).rooms.length).toBeGreaterThanOrEqual(90);
  });

  test("P5.9.10 that holds the most rooms leaves the last tenth of them to others", () => {
    const fixture = new FakeHub({ maxRooms: 100 });
    expect(openAll(fixture, () => BUSY)).toMatchObject({ rooms: { length: 90 }, refusal: [ROOM_LIMIT] });
    expect(openAll(fixture, () => OTHER)).toMatchObject({ rooms: { length: 10 }, refusal: [ROOM_LIMIT] });
  });

  test("P5.8.8 that holds the most rooms may open another where one of its own is idle", () => {
    const fixture = new FakeHub({ maxRooms: 100 });
    openAll(fixture, () => BUSY, 89);
    const { room, connection, code } = fixture.open({ session: "tv", address: BUSY });
    const anna = room.join(new FakePort(), { isReliable: false, sessionHash: "anna" });
    if (anna.ok) anna.value.gone("cut");
    connection.gone("cut");
    fixture.clock.pass(IDLE_MS - 1);
    expect(openAll(fixture, () => BUSY).rooms).toEqual([]);
    fixture.clock.pass(1_000);
    expect(openAll(fixture, () => BUSY).rooms).toHaveLength(1);
    expect([fixture.hub.find(code), fixture.hub.roomCount]).toEqual([undefined, 90]);
  });

  test("P5.9.10 gives up rooms that have had a host and no player for a minute, when others need them", () => {
    const fixture = new FakeHub({ maxRooms: 100 });
    const { rooms } = openAll(fixture, () => BUSY);
    const joined = rooms[0]?.join(new FakePort());
    expect(joined?.ok).toBe(true);
    openAll(fixture, () => OTHER);
    fixture.clock.pass(60_000);
    const others = openAll(fixture, (number) => `10.0.0.${number}`, 5);
    expect(others.rooms).toHaveLength(5);
    expect(rooms.map(({ code }) => code !== undefined).slice(0, 7)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    expect(fixture.hub.roomCount).toBe(100);
  });
});
