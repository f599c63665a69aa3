import { describe, expect, test } from "@jest/globals";
import { FakeRoom } from "../../support/room/fake-room.ts";

const utf8 = new TextEncoder();

function state(players: readonly number[], fields: object = {}): object {
  return { cmd: "state", name: "sketch", players, max_players: 8, accept_conns: true, ...fields };
}

describe("a player that joins", () => {
  test("P2.9 is announced, then the state; the player itself is told nothing", () => {
    const fixture = FakeRoom.open();
    const { port, connection } = fixture.join();
    expect(fixture.heard()).toEqual([{ cmd: "player_joined", player: 1 }, state([1])]);
    expect([port.take(), port.closing, connection.player]).toEqual([[], undefined, 1]);
    expect(fixture.observer.seen.at(-1)).toEqual(["playerJoined", "BCDF", 1]);
  });

  test("P2.8 takes the last seat: then the state says that no more are accepted", () => {
    const fixture = FakeRoom.open({}, undefined, 2);
    fixture.join();
    fixture.join();
    expect(fixture.heard().filter((event) => JSON.stringify(event).includes("accept_conns"))).toEqual([
      state([1], { max_players: 2 }),
      state([1, 2], { max_players: 2, accept_conns: false }),
    ]);
  });

  test("P2.14 gets the next id, and no id is given out twice", () => {
    const fixture = FakeRoom.open({}, undefined, 3);
    const first = fixture.join();
    const second = fixture.join();
    second.connection.gone("left");
    const third = fixture.join();
    first.connection.gone("left");
    fixture.tell({ cmd: "kick", player: third.connection.player });
    expect([first, second, third, fixture.join()].map(({ connection }) => connection.player)).toEqual([1, 2, 3, 4]);
  });

  test("P2.14 starts from 1 in each room", () => {
    expect([FakeRoom.open(), FakeRoom.open()].map((fixture) => fixture.join().player)).toEqual([1, 1]);
  });

  test("P2.14 costs no id when it is refused", () => {
    const fixture = FakeRoom.open({}, undefined, 1);
    const { connection } = fixture.join();
    fixture.refusal();
    connection.gone("left");
    expect(fixture.join().connection.player).toBe(2);
  });
});

describe("a join that is refused", () => {
  test("P3.2 has the close code for its reason: full, locked, not there", () => {
    const full = FakeRoom.open({}, undefined, 0);
    expect(full.refusal()).toBe("room_full");
    full.tell({ cmd: "start" });
    expect(full.refusal()).toBe("room_locked"); // a locked door says so, full or not
    expect(new FakeRoom().refusal()).toBe("room_not_found");
    const closed = FakeRoom.open();
    closed.room.close("room_closed");
    expect(closed.refusal()).toBe("room_not_found");
  });

  test("P2.9 is never announced", () => {
    const fixture = FakeRoom.open({}, undefined, 1);
    fixture.join();
    fixture.heard();
    fixture.refusal();
    fixture.tell({ cmd: "start" });
    fixture.refusal();
    expect(fixture.heard()).toEqual([]);
    expect(fixture.observer.seen.slice(-2)).toEqual([
      ["joinRefused", "BCDF", "room_full"],
      ["joinRefused", "BCDF", "room_locked"],
    ]);
  });
});

describe("a player that leaves", () => {
  test("P2.10 is told of, then the state, in joining order", () => {
    const fixture = FakeRoom.open();
    fixture.join();
    const { connection } = fixture.join();
    fixture.join();
    fixture.heard();
    connection.gone("left");
    expect(fixture.heard()).toEqual([{ cmd: "player_left", player: 2 }, state([1, 3])]);
    expect(fixture.observer.seen.at(-1)).toEqual(["playerLeft", "BCDF", 2, "left"]);
  });

  test("P2.10 is told of once", () => {
    const fixture = FakeRoom.open();
    const { connection } = fixture.join();
    connection.gone("timeout");
    fixture.heard();
    connection.gone("left");
    expect(fixture.heard()).toEqual([]);
    expect(fixture.observer.seen.at(-1)).toEqual(["playerLeft", "BCDF", 1, "timeout"]);
  });

  test("P2.10 frees its seat before the start, and not after it", () => {
    const fixture = FakeRoom.open({}, undefined, 1);
    const { connection } = fixture.join();
    connection.gone("left");
    const { connection: next } = fixture.join();
    fixture.tell({ cmd: "start" });
    next.gone("left");
    expect(fixture.heard().at(-1)).toEqual(state([], { max_players: 1, accept_conns: false }));
    expect(fixture.refusal()).toBe("room_locked");
  });

  test("P2.10 is sent nothing more, and its port is left to its owner", () => {
    const fixture = FakeRoom.open();
    const { connection, port } = fixture.join();
    connection.gone("left");
    fixture.tellFrame({ cmd: "to_str", to: [], data: "all" });
    fixture.tellFrame({ cmd: "to_str", to: [1], data: "you" });
    fixture.tell({ cmd: "stop" });
    expect([port.take(), port.closing]).toEqual([[], undefined]);
  });
});

describe("what a player sends", () => {
  test("P2.11 as binary reaches the host as `from`, empty ones too", () => {
    const fixture = FakeRoom.open();
    const { connection } = fixture.join();
    fixture.heard();
    connection.message(Uint8Array.of(0, 23, 24, 255), false);
    connection.message(new Uint8Array(0), false);
    expect(fixture.heard()).toEqual([
      { cmd: "from", from: 1, data: [0, 23, 24, 255] },
      { cmd: "from", from: 1, data: [] },
    ]);
  });

  test("P2.12 as text reaches the host as `from_str`, empty ones too", () => {
    const fixture = FakeRoom.open();
    const { connection } = fixture.join();
    fixture.heard();
    connection.message(utf8.encode("hé 🎲"), true);
    connection.message(new Uint8Array(0), true);
    expect(fixture.heard()).toEqual([
      { cmd: "from_str", from: 1, data: "hé 🎲" },
      { cmd: "from_str", from: 1, data: "" },
    ]);
  });

  test("P3.1 is not looked into: what reads as a host's command is a player's data", () => {
    const fixture = FakeRoom.open();
    const { connection } = fixture.join();
    fixture.heard();
    connection.message(utf8.encode('{"cmd":"stop"}'), true);
    expect(fixture.heard()).toEqual([{ cmd: "from_str", from: 1, data: '{"cmd":"stop"}' }]);
    expect(fixture.refusal()).toBeUndefined();
  });

  test("P2.16 comes under the id of its own seat, whatever it claims", () => {
    const fixture = FakeRoom.open();
    fixture.join();
    const { connection } = fixture.join();
    fixture.heard();
    connection.message(utf8.encode('{"from":1}'), true);
    expect(fixture.heard()).toEqual([{ cmd: "from_str", from: 2, data: '{"from":1}' }]);
  });

  test("P2.15 reaches the host in the order sent, and never before the player was announced", () => {
    const fixture = FakeRoom.open();
    fixture.heard();
    const [first, second] = [fixture.join(), fixture.join()];
    for (let index = 0; index < 200; index++) {
      first.connection.message(utf8.encode(`a${index}`), true);
      second.connection.message(utf8.encode(`b${index}`), true);
    }
    const events = fixture.heard();
    expect(events.slice(0, 4)).toEqual([
      { cmd: "player_joined", player: 1 },
      state([1]),
      { cmd: "player_joined", player: 2 },
      state([1, 2]),
    ]);
    for (const [from, letter] of [
      [1, "a"],
      [2, "b"],
    ] as const) {
      const expected = Array.from({ length: 200 }, (_frame, index) => ({
        cmd: "from_str",
        from,
        data: `${letter}${index}`,
      }));
      expect(events.slice(4).filter((event) => JSON.stringify(event).includes(`"from":${from}`))).toEqual(expected);
    }
  });
});
