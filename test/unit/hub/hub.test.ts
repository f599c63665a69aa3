import { describe, expect, test } from "@jest/globals";
import { HandHub } from "../../support/hand-hub.ts";
import { createHostEncoder } from "../../../src/protocol/host-encoder.ts";
import { RecordingHost, RecordingPlayer } from "../../support/room-ports.ts";

const ENCODER = createHostEncoder("cbor", "array");
const ROOM_LIMIT = { cmd: "error", code: "room_limit", in: "prepare" };

describe("the hub", () => {
  test("P2.2 finds a room by its code from prepare until it closes", () => {
    const fixture = new HandHub();
    const { room: unprepared } = fixture.connect();
    expect([unprepared.code, fixture.hub.roomCount]).toEqual([undefined, 0]);
    const { room, code } = fixture.open();
    expect(fixture.hub.find(code)).toBe(room);
    room.close("room_closed");
    expect(fixture.hub.find(code)).toBeUndefined();
  });

  test("finds each of many rooms, and nobody else's code", () => {
    const fixture = new HandHub({ maxRooms: 1_000 });
    const opened = Array.from({ length: 1_000 }, () => fixture.open());
    expect(new Set(opened.map(({ code }) => code)).size).toBe(1_000);
    for (const { room, code } of opened) expect(fixture.hub.find(code)).toBe(room);
    expect(fixture.hub.find("AAAA")).toBeUndefined();
    expect(fixture.hub.find("__proto__")).toBeUndefined();
  });

  test("counts rooms and players", () => {
    const fixture = new HandHub();
    const [first, second] = [fixture.open(), fixture.open()];
    first.room.join(new RecordingPlayer());
    first.room.join(new RecordingPlayer());
    second.room.join(new RecordingPlayer());
    expect([fixture.hub.roomCount, fixture.hub.playerCount]).toEqual([2, 3]);
    first.room.hostGone(first.host, "cut");
    expect([fixture.hub.roomCount, fixture.hub.playerCount]).toEqual([1, 1]);
  });

  test("P2.7 keeps a freed code from others for the cool-down", () => {
    const fixture = new HandHub({ maxRooms: 100 });
    const closed = Array.from({ length: 50 }, () => fixture.open());
    for (const { room } of closed) room.close("room_closed");
    const freed = new Set(closed.map(({ code }) => code));
    for (let index = 0; index < 50; index++) expect(freed.has(fixture.open().code)).toBe(false);
  });

  test("P2.13 refuses prepare past its number of rooms, and takes it again when one has closed", () => {
    const fixture = new HandHub({ maxRooms: 2 });
    const { room: first } = fixture.open();
    fixture.open();
    const { room: third, host } = fixture.connect();
    host.take();
    third.command({ cmd: "prepare", max_players: 8, name: "game" });
    expect(host.take()).toMatchObject([ROOM_LIMIT]);
    first.close("room_closed");
    third.command({ cmd: "prepare", max_players: 8, name: "game" });
    expect(host.take()).toMatchObject([{ cmd: "state", accept_conns: true }, { cmd: "prepare_reply" }]);
    expect(fixture.hub.roomCount).toBe(2);
  });

  test("P4.1 drains: everybody is asked to come back, and no room is opened any more", () => {
    const fixture = new HandHub();
    const { room, host, code } = fixture.open();
    const player = new RecordingPlayer();
    room.join(player);
    const { room: waiting, host: waitingHost } = fixture.connect();
    waitingHost.take();

    fixture.hub.drain();
    expect([host.closing?.name, player.closing?.name]).toEqual(["restarting", "restarting"]);
    expect([fixture.hub.roomCount, fixture.hub.playerCount, fixture.hub.find(code)]).toEqual([0, 0, undefined]);
    waiting.command({ cmd: "prepare", max_players: 8, name: "game" });
    expect(waitingHost.take()).toMatchObject([ROOM_LIMIT]);
    const seen = [...fixture.observer.seen];
    fixture.hub.drain();
    expect(fixture.observer.seen).toEqual(seen);
  });

  test("keeps nothing of another hub", () => {
    const [first, second] = [new HandHub(), new HandHub()];
    const { code } = first.open();
    expect([second.hub.find(code), second.hub.roomCount]).toEqual([undefined, 0]);
  });
});

/** A new host's code, or what it was told instead. */
function prepare(fixture: HandHub): unknown {
  const { room, host } = fixture.connect();
  host.take();
  room.command({ cmd: "prepare", max_players: 8, name: "game" });
  return room.code ?? host.take();
}

/** A room whose host has a session and has dropped out, as these players have. */
function desert(fixture: HandHub, session: string, ...players: readonly string[]): string {
  const { room, host, code } = fixture.open({ session });
  for (const player of players) {
    const joined = room.join(new RecordingPlayer(), { isExact: false, session: player });
    if (joined.ok) room.playerGone(joined.value, "cut");
  }
  room.hostGone(host, "cut");
  fixture.clock.pass(1);
  return code;
}

/** How long nobody has to have been in a room before it gives way. */
const DESERTED_MS = 15_000;

describe("when all rooms are taken", () => {
  test("P5.8.8 the longest deserted gives way, an empty one before one that players may come back to", () => {
    const fixture = new HandHub({ maxRooms: 4 });
    const { code: live } = fixture.open();
    const played = desert(fixture, "tv 1", "anna");
    const [empty, emptyLater] = [desert(fixture, "tv 2"), desert(fixture, "tv 3")];
    fixture.clock.pass(DESERTED_MS);
    for (const gone of [empty, emptyLater, played]) {
      expect(fixture.hub.find(gone)).toBeDefined();
      expect(prepare(fixture)).toEqual(expect.any(String));
      expect(fixture.hub.find(gone)).toBeUndefined();
    }
    expect(prepare(fixture)).toMatchObject([ROOM_LIMIT]);
    expect(fixture.hub.find(live)).toBeDefined();
  });

  test("P5.8.8 a room with a player in it, or a host, is nobody else's", () => {
    const fixture = new HandHub({ maxRooms: 2 });
    fixture.open({ session: "tv 1" });
    const { room, host } = fixture.open({ session: "tv 2" });
    room.join(new RecordingPlayer());
    room.hostGone(host, "cut");
    fixture.clock.pass(DESERTED_MS);
    expect(prepare(fixture)).toMatchObject([ROOM_LIMIT]);
    expect(fixture.hub.roomCount).toBe(2);
  });

  test("P5.8.8 a room gives way when nobody has been there for fifteen seconds, whoever was there last", () => {
    for (const last of ["host", "player"]) {
      const fixture = new HandHub({ maxRooms: 1 });
      const { room, host, code } = fixture.open({ session: "tv" });
      const anna = room.join(new RecordingPlayer(), { isExact: false, session: "anna" });
      if (!anna.ok) throw new Error(anna.failure);
      const leave = { host: () => room.hostGone(host, "cut"), player: () => room.playerGone(anna.value, "cut") };
      leave[last === "host" ? "player" : "host"]();
      fixture.clock.pass(60_000);
      leave[last === "host" ? "host" : "player"]();
      fixture.clock.pass(DESERTED_MS - 1);
      expect([last, prepare(fixture)]).toMatchObject([last, [ROOM_LIMIT]]);
      fixture.clock.pass(1);
      expect(prepare(fixture)).toEqual(expect.any(String));
      expect(fixture.hub.find(code)).toBeUndefined();
      expect(fixture.hub.roomOfHost("tv")).toBeUndefined();
    }
  });

  test("P5.8.8 a TV that left and came back has its room for itself", () => {
    const fixture = new HandHub({ maxRooms: 1 });
    const { room, host, code } = fixture.open({ session: "tv" });
    room.hostGone(host, "cut");
    fixture.clock.pass(DESERTED_MS);
    expect(room.hostBack(new RecordingHost(), ENCODER, { isExact: false, session: "tv" }).ok).toBe(true);
    fixture.clock.pass(DESERTED_MS);
    expect(prepare(fixture)).toMatchObject([ROOM_LIMIT]);
    expect(fixture.hub.find(code)).toBe(room);
  });

  test("P5.8.8 no room gives way where no code is left: the host who asks would get none all the same", () => {
    const fixture = new HandHub({ maxRooms: 2, codeCooldownMs: 20_000 });
    const gone = desert(fixture, "tv");
    const useUp = (): boolean => {
      const { room } = fixture.connect();
      room.command({ cmd: "prepare", max_players: 8, name: "game" });
      const isCode = room.code !== undefined;
      room.close("room_closed");
      return isCode;
    };
    useUp();
    fixture.clock.pass(1);
    while (useUp());
    fixture.clock.pass(19_999); // until the first has rested, and no other
    expect(prepare(fixture)).toEqual(expect.any(String));
    expect(prepare(fixture)).toMatchObject([ROOM_LIMIT]);
    expect(fixture.hub.find(gone)).toBeDefined();
  });
});
