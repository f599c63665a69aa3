/** Members over TCP and over WebSockets in one room. */
import { describe, expect, test } from "@jest/globals";
import { createServer as createHttpServer } from "node:http";
import { createServer as createNetServer } from "node:net";
import { createServer, defineRoom, relay } from "../../../src/index.ts";
import { NIL_UUID } from "../../../src/protocol/ghost-sync/uuid-bytes.ts";
import { connect } from "../../../src/tcp/index.ts";
import { memberUuid } from "../../../src/transport/tcp/member-uuid.ts";
import { JWT_SECRET, MemberClient } from "../../support/member-client.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { eventually } from "../../support/inbox.ts";
import { listen } from "../../support/listen.ts";
import { heard, TcpTestClient } from "../../support/tcp-client.ts";
import { startTcpServer } from "../../support/tcp-server.ts";
import { testInProcess } from "../../support/target.ts";

const BOB = memberUuid("lobby", "bob");

describe("P7.3 members of other wires", () => {
  test("P7.3 row 72 a broadcast's bytes are a binary frame on /ws, and text arrives as its JSON", async () => {
    const server = await startTcpServer({ jwtSecret: JWT_SECRET });
    const bot = await server.connect();
    const botId = await bot.join("lobby");
    const bob = await MemberClient.join(server, "bob", "lobby");
    expect(await bob.event("joined")).toMatchObject({ you: "bob", members: [{ id: botId }, { id: "bob" }] });
    expect(await bot.inbox.next()).toEqual({ say: "player_joined", client: BOB });
    bot.say({ say: "broadcast", data: new Uint8Array([0, 1, 255]) });
    expect(await bob.next()).toEqual(new Uint8Array([0, 1, 255]));
    bob.send(`{"data": {"n" : 1.0}}`);
    bob.say("psst", [botId]);
    bob.say("to nobody", []);
    bob.send(new Uint8Array([7, 8]));
    expect(await bot.inbox.take(3)).toEqual([
      heard(BOB, `{"n" : 1.0}`),
      heard(BOB, `"psst"`),
      { say: "broadcast", sender: BOB, data: new Uint8Array([7, 8]) },
    ]);
    bot.say({ say: "leave_room" });
    expect(await bob.event("leave")).toMatchObject({ member: { id: botId } });
  });

  test("P7.3 a line without events gets the bytes in base64, with the UUID as the sender", async () => {
    const server = await startTcpServer({ jwtSecret: JWT_SECRET });
    const bot = await server.connect();
    const botId = await bot.join("lobby");
    const bob = await MemberClient.join(server, "bob", "lobby", { query: "" });
    await bot.inbox.next();
    bot.broadcast("hi");
    expect(await bob.next()).toEqual({ from: botId, data: { base64: "aGk=" } });
  });

  test("P7.3 away and back are not told, nor is the past; that a member left for good is", async () => {
    const server = await startTcpServer({ jwtSecret: JWT_SECRET, awayMs: 0, seatGraceMs: 100 });
    const bob = await MemberClient.join(server, "bob", "lobby");
    bob.say("before");
    await bob.event("joined");
    const bot = await server.connect();
    const botId = await bot.join("lobby");
    bob.say("after");
    expect(await bot.inbox.next()).toEqual(heard(BOB, `"after"`));
    bob.socket.terminate();
    expect(await bot.inbox.next()).toEqual({ say: "player_left", client: BOB });
    expect(botId).not.toBe(BOB);
  });

  test("P7.3 a member whose id is a UUID is that UUID, another one the UUIDv5 of room and id", async () => {
    const server = await startTcpServer({ jwtSecret: JWT_SECRET });
    const uuid = "A0010203-0405-0607-0809-0A0B0C0D0E0F";
    const bot = await server.connect();
    await bot.join("lobby");
    await MemberClient.join(server, uuid, "lobby");
    await MemberClient.join(server, "bob", "lobby");
    const joins = await bot.inbox.take(2);
    expect(joins.map((join) => (join.say === "player_joined" ? join.client : ""))).toEqual([uuid.toLowerCase(), BOB]);
    expect(BOB).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(new Set([BOB, memberUuid("lobby", "p1"), memberUuid("other", "bob")]).size).toBe(3);
  });

  testInProcess(
    "P7.3 a room is found by its code too, and what the room itself says comes from the nil UUID",
    async () => {
      const server = await startTcpServer();
      const room = server.inside().rooms.create("relay", { code: true });
      const [ann, bob] = [await server.connect(), await server.connect()];
      const code = room.code ?? "";
      await ann.join(code);
      expect(await bob.join(code.toLowerCase())).toBeTruthy();
      await ann.inbox.next();
      room.broadcast({ n: 1 });
      expect(await ann.inbox.next()).toEqual(heard(NIL_UUID, `{"n":1}`));
      ann.broadcast("hi");
      expect(await bob.inbox.until(({ say }) => say === "broadcast")).toEqual(heard(NIL_UUID, `{"n":1}`));
    },
  );
});

describe("a server inside another program", () => {
  test("P7.8 listens on its TCP port as soon as the program's HTTP server listens, and frees it when it is closed", async () => {
    const free = createNetServer();
    const tcpPort = await listen(free);
    await new Promise((resolve) => void free.close(resolve));
    const http = createHttpServer();
    onTestEnd(() => void http.close());
    const server = createServer({ logLevel: "silent", drainMs: 0, tcpPort, standingRooms: "a:relay" });
    onTestEnd(() => server.close());
    server.attach(http);
    await listen(http);
    const client = await eventuallyConnected(tcpPort);
    await client.join("a");
    await server.close();
    await client.ended;
    await expect(connect({ port: tcpPort })).rejects.toMatchObject({ code: "cannot_connect" });
  });
});

/** The port opens a moment after the HTTP server has told of its own. */
async function eventuallyConnected(port: number): Promise<TcpTestClient> {
  let client: TcpTestClient | undefined;
  await eventually("the port is open", async () => {
    client = await TcpTestClient.connect(port).catch(() => undefined);
    return client !== undefined;
  });
  if (client === undefined) throw new Error("There is no client.");
  return client;
}

describe("rooms of a program", () => {
  testInProcess("P7.4 a room that is closed: told why, and the line ends", async () => {
    const server = await startTcpServer();
    const client = await server.connect();
    await client.join("a");
    server.inside().rooms.delete("a");
    expect(await client.error()).toBe("The game is done.");
    await client.ended;
  });

  testInProcess("P7.4 a full room is an error and no end, and one stays where one was", async () => {
    const server = await startTcpServer({}, { rooms: [relay] });
    server.inside().rooms.create("relay", { name: "small", maxPlayers: 1 });
    const [ann, bob, cy] = [await server.connect(), await server.connect(), await server.connect()];
    await ann.join("small");
    const bobId = await bob.join("a");
    await cy.join("a");
    await bob.inbox.next();
    bob.say({ say: "join_room", room: "small" });
    expect(await bob.error()).toBe("The room is full.");
    bob.broadcast("still here");
    expect(await cy.inbox.next()).toEqual(heard(bobId, "still here"));
    ann.say({ say: "join_room", room: "small" }); // it makes room for itself
    expect(await ann.inbox.next()).toMatchObject({ say: "joined", room: "small" });
  });

  testInProcess("P7.4 row 11 a join that the room refuses: its sentence, no end, and nobody hears of it", async () => {
    const strict = defineRoom({
      kind: "strict",
      onJoin: async (_, { name }) => (name === "Cheat" ? "no cheats" : undefined),
    });
    const server = await startTcpServer({}, { rooms: [strict] });
    server.inside().rooms.create("strict", { name: "strict" });
    const [ann, cheat] = [await server.connect(), await server.connect()];
    await ann.join("strict");
    await cheat.join("a");
    cheat.say({ say: "join_room", room: "strict?name=Cheat" });
    expect(await cheat.error()).toBe("no cheats");
    const id = await cheat.join("strict?name=Honest");
    expect(await ann.inbox.next()).toEqual({ say: "player_joined", client: id });
  });

  testInProcess("P7.4 row 10 a connection that a hook refuses: its sentence, then the end", async () => {
    const server = await startTcpServer(
      {},
      { hooks: { onConnect: ({ transport }) => (transport === "tcp" ? "Not by TCP." : undefined) } },
    );
    const client = await server.connect();
    expect(await client.error()).toBe("Not by TCP.");
    await client.ended;
  });

  testInProcess("P7.4 a kick says why", async () => {
    const server = await startTcpServer();
    const client = await server.connect();
    const id = await client.join("a");
    const room = server.inside().rooms.get("a");
    const member = room?.member(id);
    if (room === undefined || member === undefined) throw new Error("It is not in the room.");
    room.kick(member, "That was rude.");
    expect(await client.error()).toBe("That was rude.");
    await client.ended;
  });

  testInProcess("row 25 what is said behind a join that is not answered yet waits for the answer", async () => {
    let letIn: ((answer: undefined) => void) | undefined;
    const slow = defineRoom({
      kind: "slow",
      relays: true,
      onJoin: (_, { name }) =>
        name === "Bob" ? new Promise<undefined>((resolve) => (letIn = resolve)) : Promise.resolve(undefined),
    });
    const server = await startTcpServer({}, { rooms: [slow] });
    server.inside().rooms.create("slow", { name: "slow" });
    const [ann, bob, cy] = [await server.connect(), await server.connect(), await server.connect()];
    const annId = await ann.join("a");
    const bobId = await bob.join("a");
    await ann.inbox.next();
    await cy.join("slow");
    bob.say({ say: "join_room", room: "slow?name=Bob" }, { say: "broadcast", data: Buffer.from("in slow") });
    ann.broadcast("to a");
    expect(await bob.inbox.next()).toEqual(heard(annId, "to a"));
    letIn?.(undefined);
    expect(await bob.inbox.next()).toEqual({ say: "joined", client: bobId, room: "slow" });
    expect(await ann.inbox.next()).toEqual({ say: "player_left", client: bobId });
    expect(await cy.inbox.take(2)).toEqual([{ say: "player_joined", client: bobId }, heard(bobId, "in slow")]);
  });

  testInProcess("a client that goes while its join is undecided has no seat afterwards", async () => {
    let letIn: (() => void) | undefined;
    let asked: (() => void) | undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const slow = defineRoom({
      kind: "slow",
      onJoin: () => {
        asked?.();
        return new Promise<undefined>((resolve) => (letIn = () => resolve(undefined)));
      },
    });
    const server = await startTcpServer({}, { rooms: [slow] });
    const room = server.inside().rooms.create("slow", { name: "slow" });
    const client = await server.connect();
    client.say({ say: "join_room", room: "slow" });
    await isAsked;
    client.socket.resetAndDestroy();
    await client.ended;
    letIn?.();
    const late = await server.connect();
    late.say({ say: "ping" });
    await late.pongs.next();
    expect(room.members).toEqual([]);
  });
});
