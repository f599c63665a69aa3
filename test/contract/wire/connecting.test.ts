import { describe, expect, test } from "@jest/globals";
import { HostClient, joinPlayer, openRoom } from "../../support/host-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { HANDSHAKE_HEADERS, OPCODE, RawClient } from "../../support/raw-client.ts";
import { countsOf, startServer } from "../../support/server.ts";

/** The handshake of RFC 6455 without one of its headers, or with another value. */
function handshake(changes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const headers = Object.entries({ ...HANDSHAKE_HEADERS, ...changes });
  return Object.fromEntries(headers.filter((header): header is [string, string] => header[1] !== undefined));
}

describe("one port, one URL per room", () => {
  test("P1.1 a WebSocket to /CREATE is a host", async () => {
    const host = await HostClient.connect(await startServer());
    expect(await host.next()).toEqual({
      cmd: "state",
      name: "",
      players: [],
      max_players: 0,
      accept_conns: false,
    });
  });

  test("P1.1 and P1.2 a query changes neither", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server, { query: "?hello=world" });
    const player = await PlayerClient.connect(server, `${code}?hello=world&x`);
    await host.until("player_joined");
    player.send("hello");
    expect(await host.until("from_str")).toEqual({ cmd: "from_str", from: 1, data: "hello" });
  });

  test("P1.2 a WebSocket to /CODE is a player, piped to that room's host and to no other", async () => {
    const server = await startServer();
    const rooms = [await openRoom(server), await openRoom(server)] as const;
    const players = [await joinPlayer(server, rooms[0]), await joinPlayer(server, rooms[1])] as const;
    players[0].player.send("to the first");
    players[1].player.send("to the second");
    expect(await rooms[0].host.next()).toEqual({ cmd: "from_str", from: 1, data: "to the first" });
    expect(await rooms[1].host.next()).toEqual({ cmd: "from_str", from: 1, data: "to the second" });
    rooms[0].host.send({ cmd: "to_str", to: [], data: "from the first" });
    rooms[1].host.send({ cmd: "to_str", to: [], data: "from the second" });
    expect(await players[0].player.next()).toBe("from the first");
    expect(await players[1].player.next()).toBe("from the second");
  });

  test("P1.2 a code is matched without case", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    expect(room.code).toMatch(/^[A-Z]{4}$/);
    const { id } = await joinPlayer(server, { ...room, code: room.code.toLowerCase() });
    expect(id).toBe(1);
    const mixed = room.code.slice(0, 2) + room.code.slice(2).toLowerCase();
    expect(await joinPlayer(server, { ...room, code: mixed })).toMatchObject({ id: 2 });
  });

  test.each([
    "/",
    "/create",
    "/Create",
    "/CREATE/",
    "//CREATE",
    "/ABC",
    "/ABCDE",
    "/ABCD/",
    "//ABCD",
    "/AB/CD",
    "/0000",
    "/AB%43D",
    "/%C3%84BCD",
    "/healthz",
    "/games/sketch/",
    "/%",
    "/../CREATE",
    `/${"A".repeat(4000)}`,
    "http://localhost/CREATE",
    "*",
  ])("P1.6 an upgrade on %s is answered with 404", async (path) => {
    const server = await startServer();
    const client = new RawClient(server.port);
    const answer = await client.request("GET", path, HANDSHAKE_HEADERS);
    if (path !== "*") expect(answer.status).toBe(404);
    if (path !== "*") expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect([400, 404]).toContain(answer.status); // `*` is no path, and Bun refuses it by itself
    await client.gone;
    await HostClient.connect(server);
  });

  test.each(["12", "8", "14", "", "thirteen", undefined])(
    "P1.6 an upgrade to WebSocket version %p is answered with 426 and the version that is spoken",
    async (version) => {
      const server = await startServer();
      const client = new RawClient(server.port);
      const headers = handshake({ "Sec-WebSocket-Version": version });
      const answer = await client.request("GET", "/CREATE", headers);
      expect(answer.status).toBe(426);
      expect(answer.headers.get("sec-websocket-version")).toBe("13");
      await client.gone;
    },
  );

  test("P1.6 an upgrade to something else is answered as the plain request that it also is", async () => {
    const server = await startServer();
    const { code } = await openRoom(server, { name: "sketch" });
    const headers = { Connection: "Upgrade, HTTP2-Settings", Upgrade: "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__" };
    const answer = await new RawClient(server.port).request("GET", `/${code}`, headers);
    expect(answer).toMatchObject({ status: 200, body: "sketch" });
    expect(await new RawClient(server.port).request("GET", "/CREATE", headers)).toMatchObject({ status: 426 });
  });

  test.each([
    ["without a key", { "Sec-WebSocket-Key": undefined }],
    ["with a key that is too short", { "Sec-WebSocket-Key": "c2hvcnQ=" }],
    ["with a key that is no base64", { "Sec-WebSocket-Key": "!".repeat(24) }],
    ["without Upgrade", { Upgrade: undefined }],
    ["without Connection", { Connection: undefined }],
    ["with a Connection that keeps alive", { Connection: "keep-alive" }],
  ])("P1.6 half a handshake, %s, is answered as plain HTTP", async (_what, changes) => {
    const server = await startServer();
    const { code } = await openRoom(server, { name: "sketch" });
    const answer = await new RawClient(server.port).request("GET", `/${code}`, handshake(changes));
    expect(answer).toMatchObject({ status: 200, body: "sketch" });
  });

  test("P1.6 a POST with the headers of a handshake opens nothing", async () => {
    const server = await startServer();
    const answer = await new RawClient(server.port).request("POST", "/CREATE", HANDSHAKE_HEADERS);
    expect(answer.status).toBe(405);
    expect((await countsOf(server)).rooms).toBe(0);
  });

  test("P1.6 the headers of a handshake are read without case", async () => {
    const server = await startServer();
    const answer = await new RawClient(server.port).request("GET", "/CREATE", {
      connection: "keep-alive, UPGRADE",
      upgrade: "WebSocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    });
    expect(answer.status).toBe(101);
    expect(answer.headers.get("sec-websocket-accept")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });

  test("P1.6 no subprotocol and no compression is spoken, whatever is offered", async () => {
    const server = await startServer();
    const client = new RawClient(server.port);
    const answer = await client.request("GET", "/CREATE", {
      ...HANDSHAKE_HEADERS,
      "Sec-WebSocket-Protocol": "chat, superchat",
      "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
    });
    expect(answer.status).toBe(101);
    expect(answer.headers.has("sec-websocket-protocol")).toBe(false);
    expect(answer.headers.has("sec-websocket-extensions")).toBe(false);
    expect(await client.frames.next()).toMatchObject({ reserved: 0, opcode: OPCODE.binary, isMasked: false });
  });

  test("P1.6 frames that come with the handshake, in one packet, count", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server);
    const client = new RawClient(server.port);
    client.socket.cork();
    const answer = client.request("GET", `/${code}`, HANDSHAKE_HEADERS);
    client.send(OPCODE.text, "in a hurry");
    client.socket.uncork();
    expect(await answer).toMatchObject({ status: 101 });
    expect(await host.until("from_str")).toEqual({ cmd: "from_str", from: 1, data: "in a hurry" });
  });

  test("P1.6 clients that leave in the middle of a handshake touch nothing", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const beginnings = [
      "",
      "G",
      "GET /CREATE HTTP/1.1\r\n",
      "GET /CREATE HTTP/1.1\r\nUpgrade: webso",
      "\r\n\r\n",
      "\0\0",
    ];
    for (const beginning of beginnings) {
      const client = new RawClient(server.port);
      client.socket.end(beginning);
      await client.gone;
    }
    const cut = new RawClient(server.port);
    void cut.request("GET", "/ABCDE", HANDSHAKE_HEADERS).catch(() => {}); // it does not wait for the answer
    cut.socket.resetAndDestroy();
    expect(await joinPlayer(server, room)).toMatchObject({ id: 1 });
  });
});
