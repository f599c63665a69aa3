import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { CouchwireError } from "../../src/sdk/couchwire-error.ts";
import type { CreateRoomOptions } from "../../src/sdk/create-room.ts";
import type { Emitter } from "../../src/sdk/emitter.ts";
import type { HostRoom } from "../../src/sdk/host-room.ts";
import type { HostRoomEvents } from "../../src/sdk/host-room-events.ts";
import { createRoom, joinRoom } from "../../src/sdk/node.ts";
import type { PlayerRoom, PlayerRoomEvents } from "../../src/sdk/player-room.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { Inbox } from "../support/inbox.ts";
import { withPlayerIds } from "../support/player-ids.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** A room's events as they come, each as what the listeners are called with; players as their ids. */
function events(room: HostRoom, name: keyof HostRoomEvents): Inbox<unknown[]>;
function events(room: PlayerRoom, name: keyof PlayerRoomEvents): Inbox<unknown[]>;
function events(room: Pick<Emitter<Record<string, unknown[]>>, "on">, name: string): Inbox<unknown[]> {
  const inbox = new Inbox<unknown[]>(`the event ${name}`);
  room.on(name, (...values: unknown[]) => inbox.push(withPlayerIds(values)));
  return inbox;
}

function isSame(data: unknown, bytes: Uint8Array): boolean {
  return data instanceof Uint8Array && Buffer.compare(data, bytes) === 0;
}

async function host(server: TestServer, options: CreateRoomOptions = {}): Promise<HostRoom> {
  const room = await createRoom({ server: server.url, game: "sketch", ...options });
  onTestEnd(() => room.close());
  return room;
}

function join(server: TestServer, code: string): PlayerRoom {
  const room = joinRoom({ server: server.url, code });
  onTestEnd(() => room.close());
  return room;
}

/** A player with a seat. */
async function seat(server: TestServer, room: HostRoom): Promise<PlayerRoom> {
  const joined = events(room, "join");
  const player = join(server, room.code);
  await joined.next();
  return player;
}

describe("the SDK in Node, on a real server", () => {
  test("ten lines are a game", async () => {
    const server = await startServer();
    const finished = new Inbox<string>("the game");

    const room = await createRoom({ server: server.url, game: "sketch" });
    room.on("join", (player) => room.send(player, { question: "2 + 2?" }));
    room.on("json", (player, said) => {
      room.broadcast(`${player.id} says ${JSON.stringify(said)}`);
      room.close();
    });

    const phone = joinRoom({ server: server.url, code: room.code });
    phone.on("json", () => phone.send({ answer: 4 }));
    phone.on("text", (text) => finished.push(text));
    phone.on("close", ({ name }) => finished.push(name ?? "unknown"));

    expect(await finished.take(3)).toEqual(['{"question":"2 + 2?"}', '1 says {"answer":4}', "room_closed"]);
  });

  test("a room tells what it is: code, join address, seats, players", async () => {
    const server = await startServer({ maxPlayers: 5, publicUrl: "https://party.example/tv/" });
    const room = await host(server, { maxPlayers: 9 });
    expect(room.code).toMatch(/^[A-Z]{4}$/);
    expect(room.joinUrl).toBe(`https://party.example/tv/${room.code}`);
    expect(room.qr()).toContain("<svg");
    expect(room).toMatchObject({ players: [], maxPlayers: 5, isOpen: true, isConnected: true });
    const first = await seat(server, room);
    await seat(server, room);
    expect(room.players.map(Number)).toEqual([1, 2]);
    const left = events(room, "leave");
    first.close();
    expect(await left.next()).toEqual([1]);
    expect(room.players.map(Number)).toEqual([2]);
  });

  test("text, bytes and JSON pass both ways, as what they are", async () => {
    const server = await startServer();
    const room = await host(server);
    const player = await seat(server, room);
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    const atHost = { text: events(room, "text"), json: events(room, "json"), binary: events(room, "binary") };
    const atPlayer = { text: events(player, "text"), json: events(player, "json"), binary: events(player, "binary") };

    player.send("héllo 🎉");
    player.send({ vote: [1, 2, null] });
    player.send(bytes);
    player.send(bytes.buffer);
    player.send("");
    player.send(new Uint8Array(0));
    expect(await atHost.text.take(3)).toEqual([
      [1, "héllo 🎉"],
      [1, '{"vote":[1,2,null]}'],
      [1, ""],
    ]);
    expect(await atHost.json.next()).toEqual([1, { vote: [1, 2, null] }]);
    const heard = await atHost.binary.take(3);
    expect(heard.map(([id, data]) => [id, isSame(data, bytes)])).toEqual([
      [1, true],
      [1, true],
      [1, false],
    ]);

    room.send(1, "wörld");
    room.broadcast({ scores: { 1: 10 } });
    room.send([1, 99], bytes);
    expect(room.send([], "nobody")).toBe(true);
    room.broadcast("end");
    expect(await atPlayer.text.take(3)).toEqual([["wörld"], ['{"scores":{"1":10}}'], ["end"]]);
    expect(await atPlayer.json.next()).toEqual([{ scores: { 1: 10 } }]);
    const [got] = await atPlayer.binary.next();
    expect(isSame(got, bytes)).toBe(true);
  });

  test("what a phone sends before the line is open waits, and goes in order", async () => {
    const server = await startServer();
    const room = await host(server);
    const texts = events(room, "text");
    const player = join(server, room.code);
    for (let index = 0; index < 50; index++) player.send(`${index}`);
    expect(player.isConnected).toBe(false);
    expect((await texts.take(50)).map(([, text]) => text)).toEqual(
      Array.from({ length: 50 }, (_, index) => `${index}`),
    );
  });

  test("lock turns newcomers away, open lets them in again", async () => {
    const server = await startServer();
    const room = await host(server);
    const states = events(room, "state");
    room.lock();
    expect(await states.next()).toMatchObject([{ isOpen: false }]);
    const late = join(server, room.code);
    expect(await events(late, "close").next()).toEqual([
      { code: 4523, name: "room_locked", reason: "The game has started.", isFinal: true },
    ]);
    room.open();
    expect(await states.next()).toMatchObject([{ isOpen: true }]);
    await seat(server, room);
    expect(room.players.map(Number)).toEqual([1]);
  });

  test.each([
    ["with a reason", "No cheating.", "No cheating."],
    ["without", undefined, "The host removed you from the game."],
  ])("kick %s is final for the phone", async (_what, reason, told) => {
    const server = await startServer();
    const room = await host(server);
    const player = await seat(server, room);
    const closed = events(player, "close");
    const left = events(room, "leave");
    room.kick(1, reason);
    expect(await closed.next()).toEqual([{ code: 4503, name: "kicked", reason: told, isFinal: true }]);
    expect(await left.next()).toEqual([1]);
    expect(player.send("hello?")).toBe(false);
  });

  test("close ends it for everybody", async () => {
    const server = await startServer();
    const room = await host(server);
    const players = [await seat(server, room), await seat(server, room)];
    const closed = players.map((player) => events(player, "close"));
    room.close();
    room.close();
    for (const inbox of closed) expect(await inbox.next()).toMatchObject([{ code: 1001, name: "room_closed" }]);
    expect(room.send(1, "hello?")).toBe(false);
  });

  test("a room that is full and one that is not there are told apart", async () => {
    const server = await startServer();
    const room = await host(server, { maxPlayers: 1 });
    await seat(server, room);
    expect(await events(join(server, room.code), "close").next()).toMatchObject([{ code: 4510, name: "room_full" }]);
    expect(await events(join(server, "AAAA"), "close").next()).toMatchObject([{ code: 4504, name: "room_not_found" }]);
  });

  test("createRoom rejects with the server's code where it has no room left", async () => {
    const server = await startServer({ maxRooms: 1 });
    await host(server);
    const refused = await createRoom({ server: server.url, game: "sketch" }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CouchwireError);
    expect(refused).toMatchObject({ code: "room_limit" });
  });

  test("createRoom waits for a server that is not there yet", async () => {
    const earlier = await startServer();
    const { port } = earlier;
    await earlier.close();
    const opening = createRoom({ server: `http://127.0.0.1:${port}`, game: "sketch" });
    await startServer({ port });
    const room = await opening;
    onTestEnd(() => room.close());
    expect(room.isConnected).toBe(true);
  });

  test("after a restart on the same port the TV opens a new room by itself, and the old room's phones are told", async () => {
    const first = await startServer();
    const room = await host(first);
    const player = await seat(first, room);
    const lost = { host: events(room, "reconnecting"), player: events(player, "reconnecting") };
    const reopened = events(room, "reopened");
    const closed = events(player, "close");
    const oldCode = room.code;
    await first.close();
    expect(await lost.host.next()).toMatchObject([{ code: 1012, attempt: 1 }]);
    expect(await lost.player.next()).toMatchObject([{ code: 1012, attempt: 1 }]);
    expect(room.send(1, "into the void")).toBe(true);

    const second = await startServer({ port: first.port });
    await reopened.next();
    const { code } = room;
    expect(room).toMatchObject({ players: [], isConnected: true, isOpen: true });
    expect(code).not.toBe(oldCode);
    // The phone came back on its own as well; its room is no more.
    expect(await closed.next()).toMatchObject([{ code: 4504, name: "room_not_found" }]);
    const texts = events(room, "text");
    const newcomer = await seat(second, room);
    const heard = events(newcomer, "text");
    newcomer.send("here again");
    expect(await texts.next()).toEqual([1, "here again"]);
    room.send(1, "welcome");
    expect(await heard.next()).toEqual(["welcome"]); // and not what was meant for the other player 1
  });

  test("a phone whose line is cut comes back by itself, to its seat, with what it wanted to say", async () => {
    const server = await startServer();
    const room = await host(server);
    const [joined, left, texts] = [events(room, "join"), events(room, "leave"), events(room, "text")];
    const lines: WebSocket[] = [];
    class CuttableWebSocket extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        lines.push(this);
      }
    }
    const player = joinRoom({ server: server.url, code: room.code, WebSocket: CuttableWebSocket });
    onTestEnd(() => player.close());
    const [opened, lost] = [events(player, "open"), events(player, "reconnecting")];
    expect(await joined.next()).toEqual([1]);
    expect(await opened.next()).toEqual([{ isReconnect: false, isResumed: false }]);

    lines[0]?.terminate();
    expect(await lost.next()).toMatchObject([{ code: 1006, attempt: 1 }]);
    expect(player.send("meanwhile")).toBe(true);
    expect(await opened.next()).toEqual([{ isReconnect: true, isResumed: true }]);
    expect(await texts.next()).toEqual([1, "meanwhile"]);
    expect(lines).toHaveLength(2);
    expect([joined.drain(), left.drain()]).toEqual([[], []]);
  });

  test("what the server refuses is told as an error, and the room goes on", async () => {
    const server = await startServer();
    const room = await host(server);
    const player = await seat(server, room);
    const errors = events(room, "error");
    const texts = events(player, "text");
    room.kick(1, "x".repeat(2000));
    expect(await errors.next()).toMatchObject([{ code: "too_large", in: "kick" }]);
    room.broadcast("on we go");
    expect(await texts.next()).toEqual(["on we go"]);
  });
});
