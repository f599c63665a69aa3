import { describe, expect, test } from "@jest/globals";
import { FakeRoom } from "../../support/room/fake-room.ts";

const utf8 = new TextEncoder();
const LIMIT = 1_000;
const OVER = LIMIT + 1;

/** Makes the room tell its state, which waits for no player. */
function provokeState(fixture: FakeRoom, times: number): void {
  for (let time = 0; time < times; time++) fixture.tellFrame({ cmd: "kick", player: 99 });
}

describe("a slow player", () => {
  test("P4.1 is closed with slow_consumer, and the others of the same frame are served", () => {
    const fixture = FakeRoom.open({ sendQueue: LIMIT });
    const [first, slow, last] = [fixture.join(), fixture.join(), fixture.join()];
    fixture.heard();
    slow.port.queued = OVER;
    fixture.tellFrame({ cmd: "to_str", to: [], data: "all" });
    expect(slow.port.closing).toEqual({ name: "slow_consumer", reason: undefined });
    expect([first, slow, last].map(({ port }) => port.take())).toEqual([["all"], [], ["all"]]);
    expect(fixture.observer.seen.at(-1)).toEqual(["playerLeft", "BCDF", 2, "slow_consumer"]);
  });

  test("P2.10 is told of as a player that left, then the state", () => {
    const fixture = FakeRoom.open({ sendQueue: LIMIT });
    const { port, connection } = fixture.join();
    port.queued = OVER;
    expect(fixture.tellFrame({ cmd: "to_str", to: [1, 1], data: "you" })).toEqual([
      { cmd: "player_left", player: 1 },
      { cmd: "state", name: "sketch", players: [], max_players: 8, accept_conns: true },
    ]);
    connection.message(utf8.encode("late"), true);
    expect(fixture.heard()).toEqual([]);
  });

  test("P4.1 may fill its queue to the limit, and is not looked at while nothing is sent to it", () => {
    const fixture = FakeRoom.open({ sendQueue: LIMIT });
    const { port } = fixture.join();
    port.queued = LIMIT - 4;
    fixture.tellFrame({ cmd: "to_str", to: [1], data: "fits" });
    port.queued = OVER;
    fixture.tellFrame({ cmd: "to_str", to: [2], data: "for another" });
    expect([port.take(), port.closing]).toEqual([["fits"], undefined]);
  });
});

describe("a slow host", () => {
  test("makes all its players wait, and nothing is dropped", () => {
    const fixture = FakeRoom.open({ sendQueue: LIMIT });
    const [first, second] = [fixture.join(), fixture.join()];
    fixture.heard();
    fixture.hostPort.queued = OVER;
    first.connection.message(utf8.encode("1"), true);
    expect([first, second].map(({ port }) => port.isPaused)).toEqual([true, true]);
    // What was already on its way when the pause came.
    first.connection.message(utf8.encode("2"), true);
    second.connection.message(utf8.encode("3"), true);
    expect(fixture.heard()).toMatchObject([{ data: "1" }, { data: "2" }, { data: "3" }]);
    expect(fixture.observer.seen.at(-1)).toEqual(["hostCongested", "BCDF", true]);
  });

  test("makes newcomers wait as well", () => {
    const fixture = FakeRoom.open({ sendQueue: LIMIT });
    const { connection } = fixture.join();
    fixture.hostPort.queued = OVER;
    connection.message(utf8.encode("1"), true);
    expect(fixture.join().port.isPaused).toBe(true);
  });

  test("lets all of them go on when its queue has fallen, and not before", () => {
    const fixture = FakeRoom.open({ sendQueue: LIMIT });
    const [first, second] = [fixture.join(), fixture.join()];
    fixture.hostPort.queued = OVER;
    first.connection.message(utf8.encode("1"), true);
    fixture.hostConnection.drained();
    expect([first, second].map(({ port }) => port.isPaused)).toEqual([true, true]);
    fixture.hostPort.queued = LIMIT;
    fixture.hostConnection.drained();
    expect([first, second].map(({ port }) => port.isPaused)).toEqual([false, false]);
    expect(fixture.join().port.isPaused).toBe(false);
    expect(fixture.observer.seen.filter(([what]) => what === "hostCongested")).toEqual([
      ["hostCongested", "BCDF", true],
      ["hostCongested", "BCDF", false],
    ]);
  });

  test("that was not slow has nothing to let go", () => {
    const fixture = FakeRoom.open({ sendQueue: LIMIT });
    const { port } = fixture.join();
    fixture.hostPort.queued = LIMIT;
    fixture.hostConnection.drained();
    expect(port.isPaused).toBe(false);
    expect(fixture.observer.seen.map(([what]) => what)).not.toContain("hostCongested");
  });

  test("still has its commands done", () => {
    const fixture = FakeRoom.open({ sendQueue: LIMIT });
    const { connection, port } = fixture.join();
    fixture.hostPort.queued = OVER;
    connection.message(utf8.encode("1"), true);
    fixture.tellFrame({ cmd: "to_str", to: [], data: "go on" });
    expect(port.take()).toEqual(["go on"]);
  });
});

describe("a host that reads nothing any more", () => {
  test("P4.1 is closed with slow_consumer once the room's own events are over the limit, and its room ends", () => {
    const fixture = FakeRoom.open({ sendQueue: LIMIT });
    const { port } = fixture.join();
    fixture.hostPort.queued = OVER;
    provokeState(fixture, 10);
    expect(fixture.hostPort.closing).toBeUndefined();
    fixture.log.length = 0;
    provokeState(fixture, 10);
    expect(fixture.hostPort.closing?.name).toBe("slow_consumer");
    expect(port.closing?.name).toBe("room_closed");
    expect(fixture.log.filter((line) => !line.includes("frame"))).toEqual([
      "host closed slow_consumer",
      "released BCDF",
      "phone 1 closed room_closed",
    ]);
    expect(fixture.refusal()).toBe("room_not_found");
  });

  test("P4.1 may go on when it has caught up in between", () => {
    const fixture = FakeRoom.open({ sendQueue: LIMIT });
    for (let round = 0; round < 10; round++) {
      fixture.hostPort.queued = OVER;
      provokeState(fixture, 10);
      fixture.hostPort.queued = 0;
      provokeState(fixture, 1);
    }
    expect(fixture.hostPort.closing).toBeUndefined();
  });

  test("P4.1 may lose its room to a join: that player was there before the room closed", () => {
    const fixture = FakeRoom.open({ sendQueue: 10 });
    fixture.hostPort.queued = 11;
    const { port, connection } = fixture.join();
    expect([port.closing?.name, connection.isCurrent]).toEqual(["room_closed", false]);
    expect(fixture.observer.seen.slice(-2)).toEqual([
      ["playerJoined", "BCDF", 1],
      ["roomClosed", "BCDF", "room_closed"],
    ]);
  });
});
