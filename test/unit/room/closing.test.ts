import { describe, expect, test } from "@jest/globals";
import { FakeRoom } from "../../support/room/fake-room.ts";

const utf8 = new TextEncoder();

describe("a room that ends", () => {
  test("P2.7 by stop closes the host and everybody with room_closed; the code is free first", () => {
    const fixture = FakeRoom.open();
    fixture.join();
    fixture.join();
    fixture.log.length = 0;
    expect(fixture.tell({ cmd: "stop" })).toEqual([]); // no last state
    expect(fixture.log).toEqual([
      "released BCDF",
      "host closed room_closed",
      "phone 1 closed room_closed",
      "phone 2 closed room_closed",
    ]);
    expect(fixture.observer.seen.at(-1)).toEqual(["roomClosed", "BCDF", "room_closed"]);
  });

  test("P2.7 by the host's going ends the same", () => {
    const fixture = FakeRoom.open();
    const { port } = fixture.join();
    fixture.heard();
    fixture.hostConnection.gone("cut");
    expect(port.closing).toEqual({ name: "room_closed", reason: undefined });
    expect([...fixture.directory.inUse]).toEqual([]);
    expect(fixture.heard()).toEqual([]);
  });

  test("P2.7 by stop before prepare closes the host, and no code was taken", () => {
    const fixture = new FakeRoom();
    fixture.tell({ cmd: "stop" });
    expect(fixture.hostPort.closing?.name).toBe("room_closed");
    expect(fixture.log).not.toContain("registered BCDF");
    expect(fixture.observer.seen).toEqual([]);
  });

  test("P4.1 by a restart closes everybody with restarting", () => {
    const fixture = FakeRoom.open();
    const { port } = fixture.join();
    fixture.room.close("restarting");
    expect([fixture.hostPort.closing?.name, port.closing?.name]).toEqual(["restarting", "restarting"]);
  });

  test("P2.7 ends once: the first way counts, and nothing that comes later does anything", () => {
    const fixture = FakeRoom.open();
    const { connection, port } = fixture.join();
    fixture.room.close("restarting");
    const [log, seen] = [[...fixture.log], [...fixture.observer.seen]];
    fixture.heard();

    fixture.room.close("room_closed");
    fixture.hostConnection.gone("cut");
    fixture.hostConnection.drained();
    connection.gone("left");
    connection.message(utf8.encode("late"), true);
    for (const command of [
      { cmd: "prepare", max_players: 8 },
      { cmd: "start" },
      { cmd: "open" },
      { cmd: "kick", player: 1 },
      { cmd: "to", to: [], data: [1] },
      { cmd: "to_str", to: [1], data: "x" },
      { cmd: "stop" },
      { cmd: "nonsense" },
    ]) {
      expect(fixture.tellFrame(command)).toEqual([]);
    }
    expect(fixture.refusal()).toBe("room_not_found");
    expect(fixture.log).toEqual(log);
    expect(fixture.observer.seen).toEqual(seen);
    expect([port.closing?.name, port.take()]).toEqual(["restarting", []]);
  });

  test("P2.7 has no code, name, address or player any more", () => {
    const fixture = new FakeRoom();
    fixture.tellFrame({ cmd: "prepare", max_players: 8, name: "sketch", join_url: "http://x/" });
    fixture.join();
    fixture.room.close("room_closed");
    const { code, name, joinUrl, playerCount } = fixture.room;
    expect({ code, name, joinUrl, playerCount }).toEqual({
      code: undefined,
      name: "",
      joinUrl: undefined,
      playerCount: 0,
    });
  });
});
