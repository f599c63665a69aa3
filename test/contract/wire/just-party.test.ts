import { describe, expect, test } from "@jest/globals";
import { decode, encode } from "cborg";
import { HostClient, joinPlayer, joinPlayers, openRoom, roundTrip } from "../../support/host-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { startServer } from "../../support/server.ts";

/** As just-party sends: its encoder's whole chunk of 256 bytes, with what an earlier message left behind the item. */
function padded(command: Readonly<Record<string, unknown>>, leftOver: number): Uint8Array {
  const item = encode(command);
  if (item.length >= 256) throw new Error("just-party pads shorter messages only");
  const chunk = new Uint8Array(256).fill(leftOver);
  chunk.set(item);
  return chunk;
}

describe("what just-party needs", () => {
  test("K1 GET / is 2xx or 400, and readable from another origin", async () => {
    const { url } = await startServer();
    const answer = await fetch(url, { headers: { Origin: "https://just.party.example" } });
    expect(answer.ok || answer.status === 400).toBe(true);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("K2 GET /ROOM is the bare name, readable from another origin", async () => {
    const server = await startServer();
    const { code } = await openRoom(server, { name: "cadvrs" });
    const answer = await fetch(`${server.url}/${code}`, { headers: { Origin: "https://just.party.example" } });
    expect([answer.status, await answer.text()]).toEqual([200, "cadvrs"]);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  test.each([0x00, 0xff, 0xa1, 0x62])("K3 bytes after the CBOR item are ignored, such as 0x%s", async (leftOver) => {
    const server = await startServer();
    const host = await HostClient.connect(server);
    host.sendFrame(padded({ cmd: "prepare", max_players: 4, name: "cadvrs" }, leftOver));
    const { key } = await host.until("prepare_reply");
    const { player } = await joinPlayer(server, { host, code: String(key) });
    const question = JSON.stringify({ msg: "username", question: "What is your name? ".repeat(6) });
    host.sendFrame(padded({ cmd: "to", to: [1], data: Buffer.from(question) }, leftOver));
    host.sendFrame(padded({ cmd: "to_str", to: [], data: question }, leftOver));
    expect(await player.frames.take(2)).toEqual([new Uint8Array(Buffer.from(question)), question]);
    host.sendFrame(padded({ cmd: "start" }, leftOver));
    expect(await host.next()).toMatchObject({ cmd: "state", accept_conns: false });
    expect(await roundTrip(host)).toEqual([]);
  });

  test("K3 a second command behind the first is padding, not a command", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    await joinPlayer(server, room);
    room.host.sendFrame(Buffer.concat([encode({ cmd: "kick", player: 99 }), encode({ cmd: "kick", player: 1 })]));
    expect(await room.host.next()).toMatchObject({ cmd: "state", players: [1] });
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test.each([
    ["undefined", undefined],
    ["null", null],
  ])("K4 %s among the ids of to is skipped, the others are served", async (_what, hole) => {
    const server = await startServer();
    const room = await openRoom(server);
    const players = await joinPlayers(server, room, 3);
    room.host.send({ cmd: "to_str", to: [hole, 2, 3], data: "results" });
    room.host.send({ cmd: "to", to: [1, hole, 3, hole], data: [1] });
    room.host.send({ cmd: "to_str", to: [], data: "end" });
    const heard = [];
    for (const { player } of players) heard.push(await player.frames.take(heard.length === 2 ? 3 : 2));
    expect(heard).toEqual([
      [Uint8Array.of(1), "end"],
      ["results", "end"],
      ["results", Uint8Array.of(1), "end"],
    ]);
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test("K4 a to that is empty only after skipping reaches no player", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    room.host.send({ cmd: "to_str", to: [undefined], data: "for nobody" });
    room.host.send({ cmd: "to_str", to: [null, null], data: "for nobody" });
    room.host.sendFrame(JSON.stringify({ cmd: "to_str", to: [null], data: "for nobody" }));
    room.host.send({ cmd: "to_str", to: [], data: "end" });
    expect(await player.next()).toBe("end");
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test("K5 every frame to the host is binary and one CBOR item: no tags, no byte behind it", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const frames: Buffer[] = [];
    room.host.socket.on("message", (data: Buffer, isBinary) => {
      expect(isBinary).toBe(true);
      frames.push(data);
    });
    const { player } = await joinPlayer(server, room);
    for (const size of [0, 1, 100, 129, 200, 255, 256, 1000, 70_000]) {
      player.send(new Uint8Array(size).fill(size));
      player.send("x".repeat(size));
    }
    await room.host.take(18);
    room.host.send({ cmd: "nonsense" });
    room.host.send({ cmd: "prepare" });
    room.host.send({ cmd: "prepare", max_players: 1 });
    room.host.send({ cmd: "kick", player: 1 });
    await room.host.take(5);
    expect(frames).toHaveLength(2 + 18 + 5);
    for (const frame of frames) {
      const event: unknown = decode(frame, { strict: true, allowIndefinite: false, rejectDuplicateMapKeys: true });
      expect(event).toMatchObject({ cmd: expect.any(String) });
      expect(frame.toString("latin1", 1, 5)).toBe("ccmd"); // `cmd` first
    }
  });

  test("K6 and K7 everybody is reached with an empty list, and each is told that it is over", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const players = await joinPlayers(server, room, 3);
    room.host.sendFrame(padded({ cmd: "to_str", to: [], data: "final scores" }, 0));
    room.host.sendFrame('{"cmd":"stop"}'); // just-party says this one in JSON
    for (const { player } of players) {
      expect(await player.next()).toBe("final scores");
      expect(await player.closed).toMatchObject({ code: 1001 });
    }
    expect(await room.host.closed).toEqual({ code: 1001, reason: "The game is done." });
  });

  test("K8 the login asks a shut room's name, and a shut room closes whoever comes", async () => {
    const server = await startServer();
    const room = await openRoom(server, { name: "cadvrd" });
    room.host.send({ cmd: "start" });
    await room.host.next();
    expect(await (await fetch(`${server.url}/${room.code}`)).text()).toBe("cadvrd");
    expect(await (await PlayerClient.connect(server, room.code)).closed).toMatchObject({ code: 4523 });
  });
});
