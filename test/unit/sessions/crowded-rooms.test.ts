/** A room that made-up sessions fill, and a host that returns too often. */
import { describe, expect, test } from "@jest/globals";
import { FakeRoom } from "../../support/room/fake-room.ts";

const TV = { sessionHash: "tv", isReliable: false };
const AWAY_MS = 3_000;

/** A full room of two, of which no player has said anything. */
function fullRoom() {
  const room = FakeRoom.open({ awayMs: AWAY_MS }, TV, 2);
  const first = room.join({ sessionHash: "first" });
  const second = room.join({ sessionHash: "second" });
  room.heard();
  return { room, first, second };
}

describe("a full room", () => {
  test("P5.4.15 made-up sessions that hang up do not fill it: the one that is away longest gives way first", () => {
    const { room, first, second } = fullRoom();
    room.cut(second);
    room.clock.pass(1_000);
    room.cut(first);
    room.clock.pass(AWAY_MS);
    room.heard();
    expect(room.join({ sessionHash: "honest" }).player).toBe(3);
    expect(room.news()).toEqual([
      { cmd: "player_left", player: 2 },
      { cmd: "player_joined", player: 3 },
    ]);
    expect(room.refusal({ sessionHash: "second" })).toBeUndefined();
  });

  test("P5.4.15 a player that has said something keeps its seat, and so does one that is here or only just gone", () => {
    const { room, first, second } = fullRoom();
    room.say(first, "hello");
    room.cut(first);
    room.clock.pass(AWAY_MS);
    expect(room.refusal({ sessionHash: "newcomer" })).toBe("room_full");
    room.cut(second);
    expect(room.refusal({ sessionHash: "newcomer" })).toBe("room_full");
    room.clock.pass(AWAY_MS);
    expect(room.refusal({ sessionHash: "newcomer" })).toBeUndefined();
  });

  test("P5.4.15 no seat gives way to a newcomer that may not come in anyway", () => {
    const { room, first } = fullRoom();
    room.cut(first);
    room.clock.pass(AWAY_MS);
    room.tell({ cmd: "start" });
    expect(room.refusal({ sessionHash: "newcomer" })).toBe("room_locked");
    expect(room.room.state.players).toEqual([1, 2]);
  });
});

test("P5.9.6 a host comes back 60 times at once and twice a second; past that the line that is there stays", () => {
  const room = FakeRoom.open({}, TV);
  for (let count = 0; count < 60; count++) expect(room.hostBack(TV)).toBe(true);
  const { hostPort } = room;
  expect(room.hostBack(TV)).toBe(false);
  expect(hostPort.closing).toBeUndefined();
  room.clock.pass(1_000);
  expect([room.hostBack(TV), room.hostBack(TV), room.hostBack(TV)]).toEqual([true, true, false]);
});
