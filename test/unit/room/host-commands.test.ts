import { describe, expect, test } from "@jest/globals";
import { FakeRoom } from "../../support/room/fake-room.ts";

const EMPTY_STATE = { cmd: "state", name: "", players: [], max_players: 0, accept_conns: false };

function state(players: readonly number[], fields: object = {}): object {
  return { cmd: "state", name: "sketch", players, max_players: 8, accept_conns: true, ...fields };
}

const utf8 = new TextEncoder();

describe("a host that connects", () => {
  test("P2.1 is told the empty state at once, and nothing else", () => {
    expect(new FakeRoom().heard()).toEqual([EMPTY_STATE]);
  });

  test("P2.1 has no code yet, and no phone can join", () => {
    const fixture = new FakeRoom();
    expect(fixture.room.code).toBeUndefined();
    expect(fixture.refusal()).toBe("room_not_found");
    expect(fixture.heard()).toEqual([EMPTY_STATE]);
    expect(fixture.observer.seen).toEqual([]);
  });
});

describe("prepare", () => {
  test("P2.2 opens the room: the state, then the reply with the key", () => {
    const fixture = new FakeRoom({ codes: ["XZWR"] });
    expect(fixture.tell({ cmd: "prepare", max_players: 8, name: "sketch" })).toEqual([
      state([]),
      { cmd: "prepare_reply", key: "XZWR" },
    ]);
    expect([fixture.room.code, fixture.room.name]).toEqual(["XZWR", "sketch"]);
  });

  test("P2.2 makes the code joinable before its reply leaves", () => {
    const fixture = new FakeRoom();
    fixture.prepare();
    expect(fixture.log).toEqual([
      "host was sent a frame",
      "registered BCDF",
      "host was sent a frame",
      "host was sent a frame",
    ]);
    expect(fixture.refusal()).toBeUndefined();
  });

  test("P2.2 again changes nothing and answers with the same key alone, whatever it asks for", () => {
    const fixture = FakeRoom.open({ codes: ["BCDF", "GHJK"] });
    const reply = [{ cmd: "prepare_reply", key: "BCDF" }];
    expect(fixture.tell({ cmd: "prepare", max_players: 2, name: "other", join_url: "http://x/" })).toEqual(reply);
    expect(fixture.tell({ cmd: "start" })).toEqual([state([], { accept_conns: false })]);
    expect(fixture.tell({ cmd: "prepare", max_players: 9, name: "other" })).toEqual(reply);
    expect(fixture.refusal()).toBe("room_locked");
    expect([fixture.room.name, fixture.room.joinUrl]).toEqual(["sketch", undefined]);
    expect([...fixture.directory.inUse]).toEqual(["BCDF"]);
  });

  test("P2.2 gets no more seats than the server allows", () => {
    const fixture = new FakeRoom({ maxPlayers: 2 });
    expect(fixture.tell({ cmd: "prepare", max_players: 4_294_967_295, name: "sketch" })[0]).toEqual(
      state([], { max_players: 2 }),
    );
    fixture.join();
    fixture.join();
    expect(fixture.refusal()).toBe("room_full");
  });

  test("P2.2 with no seats opens a room that no phone can join", () => {
    const fixture = new FakeRoom();
    expect(fixture.tell({ cmd: "prepare", max_players: 0, name: "sketch" })).toEqual([
      state([], { max_players: 0, accept_conns: false }),
      { cmd: "prepare_reply", key: "BCDF" },
    ]);
    expect(fixture.refusal()).toBe("room_full");
  });

  test("P2.2 without a name has an empty one", () => {
    expect(new FakeRoom().tellFrame({ cmd: "prepare", max_players: 8 })[0]).toEqual(state([], { name: "" }));
  });

  test("P2.13 when no code is left: room_limit, and it may be tried again", () => {
    const fixture = new FakeRoom({ codes: [] });
    const refused = fixture.tell({ cmd: "prepare", max_players: 8, name: "sketch" });
    expect(refused).toEqual([{ cmd: "error", reason: expect.any(String), code: "room_limit", in: "prepare" }]);
    expect(fixture.room.code).toBeUndefined();
    expect(fixture.observer.seen).toEqual([["frameRefused", undefined, "room_limit"]]);

    fixture.directory.refill("GHJK");
    expect(fixture.tell({ cmd: "prepare", max_players: 8, name: "sketch" })).toEqual([
      state([]),
      { cmd: "prepare_reply", key: "GHJK" },
    ]);
  });

  test("P5.3 keeps the game's own join address", () => {
    const fixture = new FakeRoom();
    fixture.tellFrame({ cmd: "prepare", max_players: 8, name: "sketch", join_url: "https://example.org/play" });
    expect(fixture.room.joinUrl).toBe("https://example.org/play");
  });
});

describe("start and open", () => {
  test("P2.3 start lets no newcomer in any more, and says so in the state", () => {
    const fixture = FakeRoom.open();
    fixture.join();
    expect(fixture.tell({ cmd: "start" })).toEqual([state([1], { accept_conns: false })]);
    expect(fixture.refusal()).toBe("room_locked");
    expect(fixture.tell({ cmd: "start" })).toEqual([state([1], { accept_conns: false })]);
  });

  test("P2.3 start leaves the players in their seats", () => {
    const fixture = FakeRoom.open();
    const { connection, port } = fixture.join();
    fixture.tell({ cmd: "start" });
    fixture.heard();
    connection.message(utf8.encode("hi"), true);
    expect(fixture.heard()).toEqual([{ cmd: "from_str", from: 1, data: "hi" }]);
    expect(port.closing).toBeUndefined();
  });

  test("P2.3 start before prepare is answered with the empty state, and does not last", () => {
    const fixture = new FakeRoom();
    expect(fixture.tell({ cmd: "start" })).toEqual([EMPTY_STATE]);
    expect(fixture.tell({ cmd: "prepare", max_players: 8, name: "sketch" })[0]).toEqual(state([]));
    expect(fixture.refusal()).toBeUndefined();
  });

  test("P5.3 open lets players in again", () => {
    const fixture = FakeRoom.open();
    fixture.tell({ cmd: "start" });
    expect(fixture.tell({ cmd: "open" })).toEqual([state([])]);
    expect(fixture.refusal()).toBeUndefined();
    expect(fixture.tell({ cmd: "open" })).toEqual([state([1])]);
  });

  test("P5.3 open before prepare is refused: not_prepared", () => {
    const fixture = new FakeRoom();
    expect(fixture.tell({ cmd: "open" })).toEqual([
      { cmd: "error", reason: expect.any(String), code: "not_prepared", in: "open" },
    ]);
  });
});

describe("kick", () => {
  test("P2.4 closes that player, then tells of its leaving, then the state", () => {
    const fixture = FakeRoom.open();
    const { port } = fixture.join();
    const { port: other } = fixture.join();
    fixture.log.length = 0;
    expect(fixture.tell({ cmd: "kick", player: 1 })).toEqual([{ cmd: "player_left", player: 1 }, state([2])]);
    expect(port.closing).toEqual({ name: "kicked", reason: undefined });
    expect(other.closing).toBeUndefined();
    expect(fixture.log).toEqual(["phone 1 closed kicked", "host was sent a frame", "host was sent a frame"]);
    expect(fixture.observer.seen.at(-1)).toEqual(["playerLeft", "BCDF", 1, "kicked"]);
  });

  test("P2.4 of a player that is not in the room is answered with the state alone", () => {
    const fixture = FakeRoom.open();
    const { connection } = fixture.join();
    expect(fixture.tell({ cmd: "kick", player: 7 })).toEqual([state([1])]);
    expect(fixture.tell({ cmd: "kick", player: 0 })).toEqual([state([1])]);
    connection.gone("left");
    expect(fixture.tell({ cmd: "kick", player: 1 })).toEqual([state([])]);
    expect(new FakeRoom().tell({ cmd: "kick", player: 1 })).toEqual([EMPTY_STATE]);
  });

  test("P2.4 silences the player: what it still sends is dropped, and its leaving is told once", () => {
    const fixture = FakeRoom.open();
    const { connection } = fixture.join();
    fixture.tell({ cmd: "kick", player: 1 });
    connection.message(utf8.encode("wait"), true);
    connection.message(Uint8Array.of(1), false);
    connection.gone("left");
    expect(fixture.heard()).toEqual([]);
  });

  test("P2.4 frees the seat", () => {
    const fixture = FakeRoom.open({}, undefined, 1);
    fixture.join();
    expect(fixture.refusal()).toBe("room_full");
    fixture.tell({ cmd: "kick", player: 1 });
    expect(fixture.refusal()).toBeUndefined();
  });

  test("P5.3 tells the player the host's reason, cut to what a Close frame holds", () => {
    const fixture = FakeRoom.open();
    const [{ port: first }, { port: second }, { port: third }] = [fixture.join(), fixture.join(), fixture.join()];
    fixture.tell({ cmd: "kick", player: 1, reason: "Be kind." });
    fixture.tell({ cmd: "kick", player: 2, reason: "é".repeat(200) });
    fixture.tell({ cmd: "kick", player: 3, reason: "" });
    expect(first.closing?.reason).toBe("Be kind.");
    expect(second.closing?.reason).toBe("é".repeat(61));
    expect(third.closing?.reason).toBe("");
  });
});

describe("to and to_str", () => {
  const bytes = Uint8Array.of(1, 2, 200);

  test("P2.5 brings each player one binary frame with just the data, and the host no answer", () => {
    const fixture = FakeRoom.open();
    const [first, second, third] = [fixture.join(), fixture.join(), fixture.join()];
    expect(fixture.tell({ cmd: "to", to: [1, 3], data: bytes })).toEqual([]);
    expect([first, second, third].map(({ port }) => port.take())).toEqual([[[1, 2, 200]], [], [[1, 2, 200]]]);
  });

  test("P2.6 brings each player one text frame with just the data, and the host no answer", () => {
    const fixture = FakeRoom.open();
    const [first, second] = [fixture.join(), fixture.join()];
    expect(fixture.tell({ cmd: "to_str", to: [2], data: utf8.encode("hé 🎲") })).toEqual([]);
    expect([first, second].map(({ port }) => port.take())).toEqual([[], ["hé 🎲"]]);
  });

  test("P2.5 goes to all players where `to` came empty, and to none where it is empty after skipping holes", () => {
    const fixture = FakeRoom.open();
    const ports = [fixture.join().port, fixture.join().port];
    expect(fixture.tellFrame({ cmd: "to_str", to: [], data: "all" })).toEqual([]);
    expect(fixture.tellFrame({ cmd: "to_str", to: [null], data: "none" })).toEqual([]);
    expect(fixture.tellFrame({ cmd: "to", to: [null, 2], data: [5] })).toEqual([]);
    expect(ports.map((port) => port.take())).toEqual([["all"], ["all", [5]]]);
  });

  test("P2.5 serves ids in their order, a double twice, and skips those that are not in the room", () => {
    const fixture = FakeRoom.open();
    fixture.join();
    const { connection } = fixture.join();
    fixture.join();
    connection.gone("left");
    fixture.log.length = 0;
    fixture.tell({ cmd: "to", to: [3, 99, 1, 2, 3, 0], data: bytes });
    expect(fixture.log).toEqual(["phone 3 was sent a frame", "phone 1 was sent a frame", "phone 3 was sent a frame"]);
  });

  test("P3.1 passes empty frames on", () => {
    const fixture = FakeRoom.open();
    const { port } = fixture.join();
    fixture.tellFrame({ cmd: "to", to: [], data: [] });
    fixture.tellFrame({ cmd: "to_str", to: [], data: "" });
    expect(port.take()).toEqual([[], ""]);
  });

  test("P2.5 before prepare, or to an empty room, reaches no player and is no error", () => {
    const fixture = new FakeRoom();
    expect(fixture.tell({ cmd: "to", to: "everybody", data: bytes })).toEqual([]);
    fixture.prepare();
    expect(fixture.tell({ cmd: "to", to: "everybody", data: bytes })).toEqual([]);
  });

  test("P2.15 reaches each player in the order sent", () => {
    const fixture = FakeRoom.open();
    const ports = [fixture.join().port, fixture.join().port];
    const sent = Array.from({ length: 200 }, (_frame, index) => `${index}`);
    for (const data of sent) fixture.room.command({ cmd: "to_str", to: "everybody", data: utf8.encode(data) });
    for (const port of ports) expect(port.take()).toEqual(sent);
  });
});

describe("a frame that is refused", () => {
  test("P2.13 is answered with one error, and the room stays as it was", () => {
    const fixture = FakeRoom.open();
    const { port } = fixture.join();
    expect(fixture.tellFrame({ cmd: "kick", player: "1" })).toEqual([
      { cmd: "error", reason: expect.stringMatching(/^Invalid message\. /), code: "invalid_field", in: "kick" },
    ]);
    expect(fixture.tellFrame({ cmd: "dance" })).toEqual([
      { cmd: "error", reason: expect.stringMatching(/^Invalid message\. /), code: "unknown_command", in: "dance" },
    ]);
    expect(fixture.tellFrame(["start"])).toEqual([
      { cmd: "error", reason: expect.stringMatching(/^Invalid message\. /), code: "invalid_message" },
    ]);
    expect([port.closing, fixture.hostPort.closing]).toEqual([undefined, undefined]);
    expect(fixture.tell({ cmd: "kick", player: 9 })).toEqual([state([1])]);
    expect(fixture.observer.seen.slice(-3)).toEqual([
      ["frameRefused", "BCDF", "invalid_field"],
      ["frameRefused", "BCDF", "unknown_command"],
      ["frameRefused", "BCDF", "invalid_message"],
    ]);
  });

  test("P2.13 is answered in the host's own format, whatever the frame's was", () => {
    const json = FakeRoom.open({ format: "json" });
    json.hostConnection.message(Uint8Array.of(0xff), false);
    expect(json.hostPort.take().map((frame) => typeof frame)).toEqual(["string"]);
    const cbor = FakeRoom.open({ format: "cbor" });
    cbor.hostConnection.message(utf8.encode("{}"), true);
    expect(cbor.hostPort.take().map((frame) => typeof frame)).toEqual(["object"]);
  });
});
