import { describe, expect, test } from "@jest/globals";
import { fromHex } from "../../support/hex.ts";
import { HostClient, joinPlayer, joinPlayers, openRoom, roundTrip } from "../../support/host-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { OPCODE, RawClient } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";

function state(players: readonly number[], accept_conns: boolean, max_players = 8) {
  return { cmd: "state", name: "sketch", players, max_players, accept_conns };
}

describe("events for a host", () => {
  test("P2.8 accept_conns is true only while the room is open and not full; players stand in joining order", async () => {
    const server = await startServer();
    const room = await openRoom(server, { max_players: 3 });
    const { host, code } = room;
    const connect = () => PlayerClient.connect(server, code);
    const first = await connect();
    expect((await host.take(2))[1]).toEqual(state([1], true, 3));
    const second = await connect();
    expect((await host.take(2))[1]).toEqual(state([1, 2], true, 3));
    await connect();
    expect((await host.take(2))[1]).toEqual(state([1, 2, 3], false, 3));
    await first.close();
    expect((await host.take(2))[1]).toEqual(state([2, 3], true, 3));
    await connect();
    expect((await host.take(2))[1]).toEqual(state([2, 3, 4], false, 3));
    host.send({ cmd: "start" });
    expect(await host.next()).toEqual(state([2, 3, 4], false, 3));
    await second.close();
    expect((await host.take(2))[1]).toEqual(state([3, 4], false, 3));
  });

  test("P2.9 a player who comes is told as player_joined, then state", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server);
    await PlayerClient.connect(server, code);
    expect(await host.take(2)).toEqual([{ cmd: "player_joined", player: 1 }, state([1], true)]);
    expect(await roundTrip(host)).toEqual([]);
  });

  test("P2.9 a refused join is never announced, and nothing it says arrives", async () => {
    const server = await startServer();
    const room = await openRoom(server, { max_players: 1 });
    await joinPlayer(server, room);
    const refused = await RawClient.open(server.port, `/${room.code}`);
    refused.send(OPCODE.text, "let me in");
    expect(await refused.closeFrame()).toMatchObject({ code: 4510 });
    refused.send(OPCODE.text, "let me in");
    refused.send(OPCODE.close, Buffer.from([0x03, 0xe8]));
    await refused.gone;
    room.host.send({ cmd: "start" });
    expect(await room.host.next()).toEqual(state([1], false, 1));
    expect(await (await PlayerClient.connect(server, room.code)).closed).toMatchObject({ code: 4523 });
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test.each([
    ["closes", (player: PlayerClient) => player.socket.close(1000)],
    ["closes without a code", (player: PlayerClient) => player.socket.close()],
    ["vanishes without a Close frame", (player: PlayerClient) => player.socket.terminate()],
  ])("P2.10 a player who %s is told as player_left, then state, once", async (_how, leave) => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    leave(player);
    expect(await room.host.take(2)).toEqual([{ cmd: "player_left", player: 1 }, state([], true)]);
    await player.closed;
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test("P2.11 from: a binary frame comes as an array of integers, byte for byte as in WMBP", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const frame = new Promise<Buffer>((resolve) => {
      room.host.socket.once("message", (data: Buffer) => resolve(data));
    });
    player.send(Uint8Array.of(1, 2, 200));
    expect(await room.host.next()).toEqual({ cmd: "from", from: 1, data: [1, 2, 200] });
    expect(await frame).toEqual(fromHex("a3 63636d64 6466726f6d 6466726f6d 01 6464617461 83 01 02 18c8"));
  });

  test("P2.12 from_str: a text frame comes as text, byte for byte as in WMBP", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const frame = new Promise<Buffer>((resolve) => {
      room.host.socket.once("message", (data: Buffer) => resolve(data));
    });
    player.send("hi");
    expect(await room.host.next()).toEqual({ cmd: "from_str", from: 1, data: "hi" });
    expect(await frame).toEqual(fromHex("a3 63636d64 6866726f6d5f737472 6466726f6d 01 6464617461 62 6869"));
  });

  test("P2.13 a refused frame is answered with error; connection and room stay", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    room.host.send({ cmd: "kick", player: "one" });
    expect(await room.host.next()).toEqual({
      cmd: "error",
      reason: 'Invalid message. `player` has to be a whole number from 0 to 4294967295; this is "one".',
      code: "invalid_field",
      in: "kick",
    });
    room.host.sendFrame(new Uint8Array(0));
    const { reason, code, ...rest } = await room.host.next();
    expect([code, rest]).toEqual(["invalid_message", { cmd: "error" }]);
    expect(reason).toMatch(/^Invalid message\. /);
    room.host.send({ cmd: "to_str", to: [1], data: "on we go" });
    expect(await player.next()).toBe("on we go");
  });

  test("P2.13 a ping or pong of the host is no command and no error", async () => {
    const server = await startServer();
    const { host } = await openRoom(server);
    const pong = new Promise<string>((resolve) => {
      host.socket.on("pong", (data: Buffer) => resolve(data.toString()));
    });
    host.socket.pong("unasked");
    host.socket.ping("are you there");
    expect(await pong).toBe("are you there");
    expect(await roundTrip(host)).toEqual([]);
  });

  test("P2.14 ids ascend from 1 in each room and are never used again", async () => {
    const server = await startServer();
    const room = await openRoom(server, { max_players: 2 });
    const other = await openRoom(server);
    const ids: number[] = [];
    for (let round = 0; round < 5; round++) {
      const { player, id } = await joinPlayer(server, room);
      ids.push(id);
      await player.close();
      await room.host.until("player_left");
      await room.host.until("state");
    }
    room.host.send({ cmd: "start" });
    await room.host.until("state"); // or the phone might be read before the host
    await (
      await PlayerClient.connect(server, room.code)
    ).closed;
    expect(ids).toEqual([1, 2, 3, 4, 5]);
    expect((await joinPlayers(server, other, 2)).map(({ id }) => id)).toEqual([1, 2]);
  });

  test("P2.15 frames keep their order both ways, binary and text mixed", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const expected: unknown[] = [];
    for (let index = 0; index < 100; index++) {
      const isText = index % 3 === 0;
      const bytes = new TextEncoder().encode(`${index}`);
      room.host.send(
        isText
          ? { cmd: "to_str", to: index % 2 === 0 ? [1] : [], data: `${index}` }
          : { cmd: "to", to: [1], data: bytes },
      );
      player.send(isText ? `${index}` : bytes);
      expected.push(isText ? `${index}` : bytes);
    }
    expect(await player.frames.take(100)).toEqual(expected);
    expect((await room.host.take(100)).map(({ data }) => (Array.isArray(data) ? Uint8Array.from(data) : data))).toEqual(
      expected,
    );
  });

  test("P2.15 what a player said before leaving arrives before player_left", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    player.send("goodbye");
    await player.close();
    expect((await room.host.take(2)).map(({ cmd }) => cmd)).toEqual(["from_str", "player_left"]);
  });

  test("P2.16 a player is who its socket says, whatever the frame says", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const [, second] = await joinPlayers(server, room, 2);
    const claim = JSON.stringify({ cmd: "from_str", from: 1, player: 1, data: "I am number one" });
    second?.player.send(claim);
    expect(await room.host.next()).toEqual({ cmd: "from_str", from: 2, data: claim });
  });

  test("P2.16 a player cannot give commands", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const [first, second] = await joinPlayers(server, room, 2);
    second?.player.send(JSON.stringify({ cmd: "kick", player: 1 }));
    second?.player.send(JSON.stringify({ cmd: "stop" }));
    await room.host.take(2);
    room.host.send({ cmd: "to_str", to: [1], data: "you are still here" });
    expect(await first?.player.next()).toBe("you are still here");
  });

  test("unknown extra keys of a command are ignored", async () => {
    const host = await HostClient.connect(await startServer());
    await host.next();
    host.send({ cmd: "prepare", max_players: 1, name: "sketch", colour: "red", nested: { deep: [1, { er: null }] } });
    expect((await host.take(2)).map(({ cmd }) => cmd)).toEqual(["state", "prepare_reply"]);
  });
});
