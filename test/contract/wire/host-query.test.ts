import { describe, expect, test } from "@jest/globals";
import type { WebSocket } from "ws";
import { HostClient, joinPlayer, openRoom } from "../../support/host-client.ts";
import { startServer } from "../../support/server.ts";

/** Whether each frame from now on was text. */
function frameKinds(socket: WebSocket): boolean[] {
  const kinds: boolean[] = [];
  socket.on("message", (_data, isBinary) => kinds.push(!isBinary));
  return kinds;
}

describe("the query of /CREATE", () => {
  test("P5.1 format=json: every answer is JSON in a text frame, bytes are arrays of integers", async () => {
    const server = await startServer();
    const room = await openRoom(server, { query: "?format=json" });
    const kinds = frameKinds(room.host.socket);
    const { player } = await joinPlayer(server, room);
    player.send(Uint8Array.of(0, 1, 255));
    player.send('"quoted" \u{2028} 🎉 \0 \\');
    expect(await room.host.take(2)).toEqual([
      { cmd: "from", from: 1, data: [0, 1, 255] },
      { cmd: "from_str", from: 1, data: '"quoted" \u{2028} 🎉 \0 \\' },
    ]);
    room.host.sendFrame('{"cmd":"kick"}');
    expect(await room.host.next()).toEqual({
      cmd: "error",
      code: "invalid_field",
      in: "kick",
      reason: expect.any(String),
    });
    await player.close();
    expect(await room.host.take(2)).toEqual([
      { cmd: "player_left", player: 1 },
      { cmd: "state", name: "sketch", players: [], max_players: 8, accept_conns: true },
    ]);
    expect(kinds).toEqual(kinds.map(() => true));
  });

  test("P5.1 format=json: an empty frame of a player is an empty array", async () => {
    const server = await startServer();
    const room = await openRoom(server, { query: "?format=json&bytes=string" });
    const { player } = await joinPlayer(server, room);
    player.send(new Uint8Array(0));
    expect(await room.host.next()).toEqual({ cmd: "from", from: 1, data: [] });
  });

  test.each(["", "?format=cbor", "?format=json"])(
    "P5.1 with %p commands may be CBOR or JSON, whichever the answers are",
    async (query) => {
      const server = await startServer();
      const host = await HostClient.connect(server, query);
      const kinds = frameKinds(host.socket);
      host.sendFrame(JSON.stringify({ cmd: "prepare", max_players: 2, name: "sketch" }));
      const { key } = await host.until("prepare_reply");
      const { player } = await joinPlayer(server, { host, code: String(key) });
      host.sendFrame(JSON.stringify({ cmd: "to", to: [1], data: [1, 2, 255] }));
      host.send({ cmd: "to_str", to: [], data: "from CBOR" });
      host.sendFrame(JSON.stringify({ cmd: "to_str", to: [], data: "from JSON" }));
      expect(await player.frames.take(3)).toEqual([Uint8Array.of(1, 2, 255), "from CBOR", "from JSON"]);
      expect(kinds).toEqual(kinds.map(() => query === "?format=json"));
    },
  );

  test.each([
    ["bytes=array", "?bytes=array", [1, 2, 200]],
    ["nothing asked for", "", [1, 2, 200]],
    ["bytes=string", "?bytes=string", Uint8Array.of(1, 2, 200)],
    ["bytes=string and format=cbor", "?format=cbor&bytes=string", Uint8Array.of(1, 2, 200)],
  ])("P5.1 from.data with %s", async (_what, query, data) => {
    const server = await startServer();
    const room = await openRoom(server, { query });
    const { player } = await joinPlayer(server, room);
    player.send(Uint8Array.of(1, 2, 200));
    expect(await room.host.next()).toEqual({ cmd: "from", from: 1, data });
  });

  test("P5.1 the server's option says what hosts get that ask for nothing", async () => {
    const server = await startServer({ bytes: "string" });
    const rooms = [await openRoom(server), await openRoom(server, { query: "?bytes=array" })] as const;
    const data = [];
    for (const room of rooms) {
      const { player } = await joinPlayer(server, room);
      player.send(Uint8Array.of(1, 2, 200));
      data.push((await room.host.next()).data);
    }
    expect(data).toEqual([Uint8Array.of(1, 2, 200), [1, 2, 200]]);
  });
});
