import { describe, expect, test } from "@jest/globals";
import { Hub, type HubOptions } from "../../../src/hub/hub.ts";
import { createHostEncoder } from "../../../src/protocol/host-encoder.ts";
import type { Room } from "../../../src/room/room.ts";
import { limitsOfRooms, RecordingHost, RecordingObserver, RecordingPlayer } from "../../support/room-ports.ts";
import { HandClock } from "../../support/sessions/hand-clock.ts";

class HubFixture {
  readonly clock = new HandClock();
  readonly observer = new RecordingObserver();
  readonly hub: Hub;

  constructor(options: Partial<HubOptions> = {}) {
    this.hub = new Hub({
      limits: limitsOfRooms({ maxPlayers: 8 }),
      maxRooms: 10,
      codeCooldownMs: 60_000,
      guessLimit: 60,
      banMs: 60_000,
      observer: this.observer,
      clock: this.clock,
      publicUrl: () => "http://tv",
      ...options,
    });
  }

  /** A host that has connected, and not prepared yet. */
  connect(): { room: Room; host: RecordingHost } {
    const host = new RecordingHost();
    return { room: this.hub.createRoom(host, createHostEncoder("cbor", "array")), host };
  }

  open(): { room: Room; host: RecordingHost; code: string } {
    const { room, host } = this.connect();
    room.command({ cmd: "prepare", max_players: 8, name: "game" });
    const { code } = room;
    if (code === undefined) throw new Error("no room was opened");
    return { room, host, code };
  }
}

const ROOM_LIMIT = { cmd: "error", code: "room_limit", in: "prepare" };

describe("the hub", () => {
  test("P2.2 finds a room by its code from prepare until it closes", () => {
    const fixture = new HubFixture();
    const { room: unprepared } = fixture.connect();
    expect([unprepared.code, fixture.hub.roomCount]).toEqual([undefined, 0]);
    const { room, code } = fixture.open();
    expect(fixture.hub.find(code)).toBe(room);
    room.close("room_closed");
    expect(fixture.hub.find(code)).toBeUndefined();
  });

  test("finds each of many rooms, and nobody else's code", () => {
    const fixture = new HubFixture({ maxRooms: 1_000 });
    const opened = Array.from({ length: 1_000 }, () => fixture.open());
    expect(new Set(opened.map(({ code }) => code)).size).toBe(1_000);
    for (const { room, code } of opened) expect(fixture.hub.find(code)).toBe(room);
    expect(fixture.hub.find("AAAA")).toBeUndefined();
    expect(fixture.hub.find("__proto__")).toBeUndefined();
  });

  test("counts rooms and players", () => {
    const fixture = new HubFixture();
    const [first, second] = [fixture.open(), fixture.open()];
    first.room.join(new RecordingPlayer());
    first.room.join(new RecordingPlayer());
    second.room.join(new RecordingPlayer());
    expect([fixture.hub.roomCount, fixture.hub.playerCount]).toEqual([2, 3]);
    first.room.hostGone(first.host, "cut");
    expect([fixture.hub.roomCount, fixture.hub.playerCount]).toEqual([1, 1]);
  });

  test("P2.7 keeps a freed code from others for the cool-down", () => {
    const fixture = new HubFixture({ maxRooms: 100 });
    const closed = Array.from({ length: 50 }, () => fixture.open());
    for (const { room } of closed) room.close("room_closed");
    const freed = new Set(closed.map(({ code }) => code));
    for (let index = 0; index < 50; index++) expect(freed.has(fixture.open().code)).toBe(false);
  });

  test("P2.13 refuses prepare past its number of rooms, and takes it again when one has closed", () => {
    const fixture = new HubFixture({ maxRooms: 2 });
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
    const fixture = new HubFixture();
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
    const [first, second] = [new HubFixture(), new HubFixture()];
    const { code } = first.open();
    expect([second.hub.find(code), second.hub.roomCount]).toEqual([undefined, 0]);
  });
});
