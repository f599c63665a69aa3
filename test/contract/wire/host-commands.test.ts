import { describe, expect, test } from "@jest/globals";
import { Tagged } from "cborg";
import type { Hub } from "../../../src/hub/hub.ts";
import type { Room } from "../../../src/room/room.ts";
import { fromHex } from "../../support/hex.ts";
import { HostClient, joinPlayer, joinPlayers, openRoom, roundTrip } from "../../support/host-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { countsOf, startServer } from "../../support/server.ts";
import { testInProcess } from "../../support/target.ts";

const EMPTY_STATE = { cmd: "state", name: "", players: [], max_players: 0, accept_conns: false };

function state(players: readonly number[], accept_conns: boolean, max_players = 8, name = "sketch") {
  return { cmd: "state", name, players, max_players, accept_conns };
}

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => byte);

describe("commands of a host", () => {
  test("P2.1 the first frame is the empty state, byte for byte as in WMBP, and nothing follows it", async () => {
    const host = await HostClient.connect(await startServer());
    const frames: Buffer[] = [];
    host.socket.on("message", (data: Buffer) => frames.push(data));
    expect(await host.next()).toEqual(EMPTY_STATE);
    expect(await roundTrip(host)).toEqual([]);
    expect(frames.at(-1)).toEqual(
      fromHex(
        "a5 63636d64 657374617465 646e616d65 60 67706c6179657273 80 6b6d61785f706c6179657273 00 6c6163636570745f636f6e6e73 f4",
      ),
    );
  });

  test("P2.2 prepare opens the room: state, then prepare_reply with a code of four capitals", async () => {
    const host = await HostClient.connect(await startServer());
    host.send({ cmd: "prepare", max_players: 3, name: "cadvrs" });
    const [first, second, third] = await host.take(3);
    expect(first).toEqual(EMPTY_STATE);
    expect(second).toEqual(state([], true, 3, "cadvrs"));
    expect(third).toEqual({ cmd: "prepare_reply", key: expect.stringMatching(/^[A-Z]{4}$/) });
    expect(await roundTrip(host)).toEqual([]);
  });

  test("P2.2 the code is joinable in the very moment prepare_reply arrives, 200 times in a row", async () => {
    const server = await startServer({ networkRooms: 0 });
    const codes = new Set<string>();
    for (let round = 0; round < 200; round++) {
      const host = new HostClient(`${server.ws}/CREATE`);
      const player = new Promise<PlayerClient>((resolve) => {
        host.socket.on("message", (data: Buffer) => {
          const key = /prepare_replyckeyd([A-Z]{4})$/.exec(data.toString("latin1"))?.[1];
          if (key === undefined) return;
          codes.add(key);
          resolve(new PlayerClient(`${server.ws}/${key}`));
        });
      });
      host.socket.on("open", () => host.send({ cmd: "prepare", max_players: 1, name: "" }));
      await host.until("player_joined");
      host.send({ cmd: "to_str", to: [1], data: "in" });
      expect(await (await player).next()).toBe("in");
      host.socket.terminate();
    }
    expect(codes.size).toBe(200);
  });

  test.each([
    ["absent", {}],
    ["null", { name: null }],
  ])("P2.2 a name that is %s is the empty one", async (_what, fields) => {
    const server = await startServer();
    const host = await HostClient.connect(server);
    host.send({ cmd: "prepare", max_players: 2, ...fields });
    expect((await host.take(2))[1]).toEqual(state([], true, 2, ""));
    const { key } = await host.next();
    expect(await (await fetch(`${server.url}/${String(key)}`)).text()).toBe("");
  });

  test("P2.2 a second prepare changes nothing and answers with the same key, also after start", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server, { max_players: 2 });
    host.send({ cmd: "prepare", max_players: 9, name: "other" });
    expect(await host.next()).toEqual({ cmd: "prepare_reply", key: code });
    host.send({ cmd: "start" });
    expect(await host.next()).toEqual(state([], false, 2));
    host.send({ cmd: "prepare", max_players: 9, name: "other" });
    expect(await host.next()).toEqual({ cmd: "prepare_reply", key: code });
    host.send({ cmd: "kick", player: 7 });
    expect(await host.next()).toEqual(state([], false, 2));
  });

  test("P2.2 a room with no seats can be opened, and no player gets in", async () => {
    const server = await startServer();
    const host = await HostClient.connect(server);
    host.send({ cmd: "prepare", max_players: 0, name: "" });
    expect((await host.take(2))[1]).toEqual(state([], false, 0, ""));
    const { key } = await host.next();
    const player = await PlayerClient.connect(server, String(key));
    expect(await player.closed).toMatchObject({ code: 4510 });
    expect(await roundTrip(host)).toEqual([]);
  });

  test("P2.2 the server's own bound of max_players is told in state", async () => {
    const host = await HostClient.connect(await startServer({ maxPlayers: 5 }));
    host.send({ cmd: "prepare", max_players: 0xffff_ffff, name: "" });
    expect((await host.take(2))[1]).toMatchObject({ max_players: 5 });
  });

  test("P2.3 after start no new player gets in and the others play on", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    room.host.send({ cmd: "start" });
    expect(await room.host.next()).toEqual(state([1], false));
    const late = await PlayerClient.connect(server, room.code);
    expect(await late.closed).toMatchObject({ code: 4523 });
    player.send("still here");
    expect(await room.host.next()).toEqual({ cmd: "from_str", from: 1, data: "still here" });
    room.host.send({ cmd: "start" });
    expect(await room.host.next()).toEqual(state([1], false));
  });

  test("P2.3 start before prepare is answered with the empty state and has no lasting effect", async () => {
    const host = await HostClient.connect(await startServer());
    host.send({ cmd: "start" });
    host.send({ cmd: "prepare", max_players: 8, name: "sketch" });
    expect((await host.take(3)).slice(1)).toEqual([EMPTY_STATE, state([], true)]);
  });

  test("P2.4 kick closes the player with 4503, then player_left, then state; others stay", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const [first, second] = await joinPlayers(server, room, 2);
    room.host.send({ cmd: "kick", player: 1 });
    expect(await room.host.take(2)).toEqual([{ cmd: "player_left", player: 1 }, state([2], true)]);
    expect(await first?.player.closed).toEqual({ code: 4503, reason: "The host removed you from the game." });
    second?.player.send("I stay");
    expect(await room.host.next()).toEqual({ cmd: "from_str", from: 2, data: "I stay" });
  });

  test("P2.4 what a kicked player still says does not reach the host", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const chatter = setInterval(() => player.send("I am still here"), 0);
    room.host.send({ cmd: "kick", player: 1 });
    await room.host.until("player_left");
    await player.closed;
    clearInterval(chatter);
    expect((await roundTrip(room.host)).filter(({ cmd }) => cmd !== "state")).toEqual([]);
  });

  test("P2.4 kicking a player who is not there is answered with state only, also before prepare", async () => {
    const host = await HostClient.connect(await startServer());
    host.send({ cmd: "kick", player: 1 });
    host.send({ cmd: "prepare", max_players: 8, name: "sketch" });
    host.send({ cmd: "kick", player: 0xffff_ffff });
    const events = await host.take(5);
    expect(events.map(({ cmd }) => cmd)).toEqual(["state", "state", "state", "prepare_reply", "state"]);
    expect(events[1]).toEqual(EMPTY_STATE);
    expect(events[4]).toEqual(state([], true));
  });

  test.each([
    ["a byte string", EVERY_BYTE],
    ["an array of integers", [...EVERY_BYTE]],
    ["a byte string tagged as uint8", new Tagged(64, EVERY_BYTE)],
    ["a byte string tagged as clamped uint8", new Tagged(68, EVERY_BYTE)],
    ["a byte string tagged as sint8", new Tagged(72, EVERY_BYTE)],
  ])("P2.5 to with %s arrives as one binary frame with just the data", async (_what, data) => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    room.host.send({ cmd: "to", to: [1], data });
    expect(await player.next()).toEqual(EVERY_BYTE);
    room.host.send({ cmd: "to_str", to: [1], data: "end" });
    expect(await player.next()).toBe("end");
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test.each([
    [
      "the uncommonly long heads of some encoders",
      "a3 63636d64 62746f 62746f 9a00000001 1b0000000000000001 6464617461 5b0000000000000002 0102",
    ],
    ["indefinite lengths", "bf 63636d64 62746f 62746f 9f 01 ff 6464617461 5f 4101 4102 ff ff"],
    ["indefinite lengths, the data as an array", "bf 63636d64 62746f 62746f 9f 01 ff 6464617461 9f 01 02 ff ff"],
    ["the fields in another order", "a3 6464617461 420102 62746f 8101 63636d64 62746f"],
    ["chunked text as the command", "a3 63636d64 7f 6174 616f ff 62746f 8101 6464617461 420102"],
  ])("P2.5 to in %s is understood", async (_what, hex) => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    room.host.sendFrame(fromHex(hex));
    room.host.send({ cmd: "to_str", to: [1], data: "end" });
    expect([await player.next(), await player.next()]).toEqual([Uint8Array.of(1, 2), "end"]);
  });

  test("P2.5 and P2.6 an empty list is everybody; ids not in the room are skipped; one given twice is served twice", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const players = await joinPlayers(server, room, 3);
    const gone = await joinPlayer(server, room);
    await gone.player.close();
    await room.host.until("state");
    room.host.send({ cmd: "to", to: [], data: [1] });
    room.host.send({ cmd: "to_str", to: [2], data: "two" });
    room.host.send({ cmd: "to", to: [4, 3, 99, 0, 0xffff_ffff, 1], data: [2] });
    room.host.send({ cmd: "to_str", to: [99], data: "nobody" });
    room.host.send({ cmd: "to_str", to: [3, 3], data: "twice" });
    room.host.send({ cmd: "to_str", to: [], data: "end" });
    const heard = [];
    for (const { player } of players) {
      const frames = [];
      while (frames.at(-1) !== "end") frames.push(await player.next());
      heard.push(frames);
    }
    const [one, two] = [Uint8Array.of(1), Uint8Array.of(2)];
    expect(heard).toEqual([
      [one, two, "end"],
      [one, "two", "end"],
      [one, two, "twice", "twice", "end"],
    ]);
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test("P2.5 and P2.6 before prepare frames reach no player and have no answer", async () => {
    const host = await HostClient.connect(await startServer());
    await host.next();
    host.send({ cmd: "to", to: [], data: [1] });
    host.send({ cmd: "to_str", to: [1], data: "hello" });
    expect(await roundTrip(host)).toEqual([]);
  });

  test.each(["", "héllo wörld", "🎉 日本語 \0 \u{10ffff}", "x".repeat(70_000)])(
    "P2.6 to_str arrives as one text frame with just the data: %#",
    async (text) => {
      const server = await startServer();
      const room = await openRoom(server);
      const { player } = await joinPlayer(server, room);
      room.host.send({ cmd: "to_str", to: [1], data: text });
      expect(await player.next()).toBe(text);
    },
  );

  test("P2.7 stop closes everybody with 1001", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const players = await joinPlayers(server, room, 2);
    room.host.send({ cmd: "stop" });
    const over = { code: 1001, reason: "The game is done." };
    expect(await room.host.closed).toEqual(over);
    for (const { player } of players) expect(await player.closed).toEqual(over);
    expect(room.host.events.drain()).toEqual([]);
    expect(await (await PlayerClient.connect(server, room.code)).closed).toMatchObject({ code: 4504 });
  });

  test("P2.7 stop before prepare closes the host with 1001", async () => {
    const host = await HostClient.connect(await startServer());
    host.send({ cmd: "stop" });
    expect(await host.closed).toEqual({ code: 1001, reason: "The game is done." });
  });

  test.each([
    ["closes", (host: HostClient) => host.socket.close(1000)],
    ["closes without a code", (host: HostClient) => host.socket.close()],
    ["leaves its page", (host: HostClient) => host.socket.close(4001, "unload")],
    ["vanishes without a Close frame", (host: HostClient) => host.socket.terminate()],
  ])("P2.7 when the host %s, everybody is closed with 1001 and the code is free", async (_how, leave) => {
    const server = await startServer();
    const room = await openRoom(server);
    const players = await joinPlayers(server, room, 2);
    leave(room.host);
    for (const { player } of players) {
      expect(await player.closed).toEqual({ code: 1001, reason: "The game is done." });
    }
    expect(await (await PlayerClient.connect(server, room.code)).closed).toMatchObject({ code: 4504 });
    expect((await countsOf(server)).rooms).toBe(0);
  });

  test("P2.7 a host's own Close is answered with the same code", async () => {
    const host = await HostClient.connect(await startServer());
    expect(await host.close(4321)).toMatchObject({ code: 4321 });
  });

  testInProcess("P2.7 a code is given out again, even before it has rested where no other is left", async () => {
    const server = await startServer({ maxRooms: 1_000_000, networkRooms: 0 });
    const rooms = takeAllCodes(server.inside().hub);
    const host = await HostClient.connect(server);
    const prepare = { cmd: "prepare", max_players: 1, name: "" };
    host.send(prepare);
    expect(await host.until("error")).toMatchObject({ code: "room_limit", in: "prepare" });
    const freed = rooms[1234];
    const code = freed?.code;
    freed?.command({ cmd: "stop" });
    host.send(prepare);
    expect(await host.until("prepare_reply")).toEqual({ cmd: "prepare_reply", key: code });
  });
});

/** Opens rooms until there is no code left; their hosts are in this process and say nothing. */
function takeAllCodes(hub: Hub): Room[] {
  const rooms: Room[] = [];
  const host = { tell: () => {}, message: () => {}, close: () => {}, isBehind: false, shouldDeferJoins: false };
  for (;;) {
    const room = hub.createRoom(host);
    room.command({ cmd: "prepare", max_players: 1, name: "" });
    if (room.code === undefined) return rooms;
    rooms.push(room);
  }
}
