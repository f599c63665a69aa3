/** The SDK in houses as they are: proxies, dead servers, frameworks that mount twice, tabs that come and go. */
import { createServer } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import type { ConnectFailure } from "../../src/sdk/connect-failure.ts";
import { createRoom, joinRoom, type HostRoom, type JoinRoomOptions, type PlayerRoom } from "../../src/sdk/node.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { Inbox } from "../support/inbox.ts";
import { listen } from "../support/listen.ts";
import { withPlayerIds } from "../support/player-ids.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { startUpgradeDroppingProxy } from "../support/upgrade-dropping-proxy.ts";

const silent = { warn: () => undefined };

async function openRoom(server: TestServer, maxPlayers = 8): Promise<{ room: HostRoom; heard: Inbox<unknown> }> {
  const room = await createRoom({ server: server.url, game: "sketch", maxPlayers });
  onTestEnd(() => room.close());
  const heard = new Inbox<unknown>("the TV");
  for (const event of ["join", "leave", "away", "back"] as const) {
    room.on(event, (...values: unknown[]) => heard.push([event, ...withPlayerIds(values)]));
  }
  return { room, heard };
}

function join(server: TestServer, { code }: HostRoom, options: JoinRoomOptions = {}): PlayerRoom {
  const me = joinRoom({ server: server.url, code, ...options });
  onTestEnd(() => me.close());
  return me;
}

function opened(me: PlayerRoom): Promise<unknown> {
  return new Promise((resolve) => me.once("open", resolve));
}

/** An address where nothing answers any more. */
async function deadAddress(): Promise<string> {
  const { url, close } = await startServer();
  await close();
  return url;
}

describe("no line comes about", () => {
  test("behind a proxy that drops Upgrade the TV is told that WebSockets are blocked, again and again, and the console once", async () => {
    const address = await startUpgradeDroppingProxy(await startServer());
    const failures = new Inbox<ConnectFailure>("onConnecting");
    const warnings: string[] = [];
    const abort = new AbortController();
    const creating = createRoom({
      server: address,
      game: "sketch",
      signal: abort.signal,
      onConnecting: (failure) => failures.push(failure),
      warn: (sentence) => warnings.push(sentence),
    });
    const [first, second] = await failures.take(2);
    expect(first).toMatchObject({ attempt: 1, address, cause: "websockets_blocked" });
    expect(first?.reason).toContain("WebSockets are blocked");
    expect(second?.attempt).toBeGreaterThan(1);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`The server answers at ${address}, but WebSockets are blocked`);
    abort.abort(new Error("seen"));
    await expect(creating).rejects.toThrow("seen");
  });

  test("a phone is told the same", async () => {
    const server = await startServer();
    const { room } = await openRoom(server);
    const address = await startUpgradeDroppingProxy(server);
    const failures = new Inbox<ConnectFailure>("the phone");
    const me = join(server, room, { server: address, ...silent });
    me.on("connecting", (failure) => failures.push(failure));
    expect(await failures.next()).toMatchObject({ address, cause: "websockets_blocked", code: 1006 });
  });

  test("of a dead server it is told that it does not answer", async () => {
    const address = await deadAddress();
    const failures = new Inbox<ConnectFailure>("the phone");
    const me = joinRoom({
      server: address,
      code: "BCDF",
      onConnecting: (failure) => failures.push(failure),
      ...silent,
    });
    onTestEnd(() => me.close());
    expect(await failures.next()).toMatchObject({
      cause: "unreachable",
      reason: `The server does not answer at ${address}.`,
    });
  });

  test("of a server that is full it is told what the server says", async () => {
    const server = await startServer({ maxConnections: 1 });
    const { room } = await openRoom(server);
    const failures = new Inbox<ConnectFailure>("the phone");
    const me = join(server, room, silent);
    me.on("connecting", (failure) => failures.push(failure));
    expect(await failures.next()).toMatchObject({ cause: "refused", code: 1013 });
  });

  test("createRoom with timeoutMs rejects, and the error names the cause", async () => {
    const dead = await deadAddress();
    const blocked = await startUpgradeDroppingProxy(await startServer());
    const options = { game: "sketch", timeoutMs: 300, ...silent };
    await expect(createRoom({ ...options, server: dead })).rejects.toMatchObject({
      code: "unreachable",
      message: `There is no room after 300 ms. The server does not answer at ${dead}.`,
    });
    await expect(createRoom({ ...options, server: blocked })).rejects.toMatchObject({ code: "websockets_blocked" });
  });

  test("createRoom with timeoutMs does not blame a proxy where the WebSocket is only slow", async () => {
    const slow = createServer((_request, response) => response.end('{"status":"ok"}'));
    slow.on("upgrade", (_request, stream) => onTestEnd(() => stream.destroy())); // never answered
    const url = `http://127.0.0.1:${await listen(slow)}`;
    onTestEnd(() => slow.close());
    await expect(createRoom({ server: url, game: "sketch", timeoutMs: 50, ...silent })).rejects.toMatchObject({
      code: "websockets_blocked",
      message: expect.stringContaining(
        "no WebSocket is open yet: the network is slow, or a proxy on the way holds it back.",
      ),
    });
  });

  test("createRoom with timeoutMs is an open room where the server answers in time", async () => {
    const server = await startServer();
    const room = await createRoom({ server: server.url, game: "sketch", timeoutMs: 20_000 });
    onTestEnd(() => room.close());
    expect(room.isConnected).toBe(true);
  });
});

describe("frameworks that mount twice", () => {
  test("a phone that is closed in the same breath takes no seat: the last one of a room is left for its second mount", async () => {
    const server = await startServer();
    const { room, heard } = await openRoom(server, 1);
    for (let mount = 0; mount < 5; mount++) join(server, room).close();
    const me = join(server, room);
    await opened(me);
    expect(await heard.next()).toEqual(["join", 1]);
    expect(room.players.map(Number)).toEqual([1]);
    expect(heard.drain()).toEqual([]);
  });

  test("a phone that is closed while it connects leaves no ghost in its seat", async () => {
    const server = await startServer();
    const { room, heard } = await openRoom(server);
    const me = join(server, room);
    await Promise.resolve(); // its socket connects
    me.close();
    expect(await heard.take(2)).toEqual([
      ["join", 1],
      ["leave", 1],
    ]);
    expect(room.players).toEqual([]);
  });

  test("a phone that is closed while its line is down gives its seat up", async () => {
    const server = await startServer();
    const { room, heard } = await openRoom(server);
    const lines: WebSocket[] = [];
    class CuttableWebSocket extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        lines.push(this);
      }
    }
    const me = join(server, room, { WebSocket: CuttableWebSocket });
    await opened(me);
    me.once("reconnecting", () => me.close());
    lines[0]?.terminate();
    expect(await heard.take(2)).toEqual([
      ["join", 1],
      ["leave", 1],
    ]);
  });

  test("a phone that detaches keeps its seat, and has it again", async () => {
    const server = await startServer({ awayMs: 0 });
    const { room, heard } = await openRoom(server);
    const storage = memoryStorage();
    const me = join(server, room, { storage });
    await opened(me);
    const told: string[] = [];
    me.on("close", () => told.push("close"));
    me.detach();
    me.detach();
    expect(me.send("late")).toBe(false);
    expect(me.isConnected).toBe(false);
    expect(await heard.take(2)).toEqual([
      ["join", 1],
      ["away", 1],
    ]);
    await opened(join(server, room, { storage }));
    expect(await heard.next()).toEqual(["back", 1, 0]);
    expect(room.players.map(Number)).toEqual([1]);
    expect(told).toEqual([]);
  });

  test("a TV that detaches keeps its room, and has it again", async () => {
    const server = await startServer();
    const storage = memoryStorage();
    const open = (): Promise<HostRoom> => createRoom({ server: server.url, game: "sketch", storage });
    const first = await open();
    const me = join(server, first);
    await opened(me);
    first.detach();
    const second = await open();
    onTestEnd(() => second.close());
    expect(second).toMatchObject({ code: first.code, isRestored: true });
    expect(me.isConnected).toBe(true);
    expect(first.send(1, "late")).toBe(false);
  });
});

function memoryStorage() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

describe("what is sent", () => {
  test('a text that reads "42" or "null" is a text; objects and lists are JSON', async () => {
    const server = await startServer();
    const { room } = await openRoom(server);
    const me = join(server, room);
    const said = new Inbox<unknown>("the TV");
    room.on("text", (_player, text) => said.push(text));
    room.on("json", (_player, value) => said.push({ json: value }));
    for (const text of ["42", "null", "true", '"quoted"', " [1"]) me.send(text);
    me.send({ vote: 42 });
    expect(await said.take(7)).toEqual([
      "42",
      "null",
      "true",
      '"quoted"',
      " [1",
      '{"vote":42}',
      { json: { vote: 42 } },
    ]);
  });

  test("a frame of 2 MB says that it is too large, and what the limit is; the line lives", async () => {
    const server = await startServer();
    const { room } = await openRoom(server);
    const me = join(server, room);
    me.send("first");
    const tooLarge = {
      code: "too_large",
      message: expect.stringContaining("2000000 bytes; the server takes at most 1048576"),
    };
    expect(() => me.send(new Uint8Array(2_000_000))).toThrow(expect.objectContaining(tooLarge));
    expect(() => room.broadcast(new Uint8Array(5_000_000))).toThrow(expect.objectContaining({ code: "too_large" }));
    const said = new Inbox<string>("the TV");
    room.on("text", (_player, text) => said.push(text));
    me.send("second");
    expect(await said.take(2)).toEqual(["first", "second"]);
  });

  test("a name of six families of emoji arrives as it is", async () => {
    const server = await startServer();
    const { room, heard } = await openRoom(server);
    const name = "👨‍👩‍👧‍👦".repeat(6);
    join(server, room, { name });
    await heard.next();
    expect(room.nameOf(1)).toBe(name);
  });

  test("the TV's volatile frames have names, and frames a time to live, which the server takes", async () => {
    const server = await startServer();
    const { room } = await openRoom(server);
    const me = join(server, room);
    await opened(me);
    const heard = new Inbox<string>("the phone");
    me.on("text", (text) => heard.push(text));
    const refused: unknown[] = [];
    room.on("error", (error) => refused.push(error));
    room.send(1, "ball", { volatile: "ball", ttl: 3_600_000 });
    room.broadcast("score", { volatile: "score" });
    room.broadcast("any", { volatile: true });
    room.broadcast("buzz", { ttl: 60_000 });
    expect((await heard.take(4)).toSorted()).toEqual(["any", "ball", "buzz", "score"]);
    expect(refused).toEqual([]);
  });
});
