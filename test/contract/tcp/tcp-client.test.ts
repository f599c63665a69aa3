/** `couchwire/tcp`: the client for Node, against the TCP transport, and against servers that misbehave. Row 71. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { encodeServerMessage, type ServerMessage } from "../../../src/protocol/ghost-sync/messages.ts";
import { connect, type TcpClient, type TcpClientOptions, type TcpEvent } from "../../../src/tcp/index.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { eventually } from "../../support/inbox.ts";
import { listen } from "../../support/listen.ts";
import { startTcp } from "../../support/tcp-stack.ts";

async function open(port: number, options: Partial<TcpClientOptions> = {}): Promise<TcpClient> {
  const client = await connect({ port, ...options });
  onTestEnd(() => client.close());
  return client;
}

/** The next events of that type, passing over the others. */
async function next<Type extends TcpEvent["type"]>(
  client: TcpClient,
  type: Type,
): Promise<Extract<TcpEvent, { readonly type: Type }>> {
  for await (const event of client) if (isOf(event, type)) return event;
  throw new Error(`The events have ended without ${type}.`);
}

function isOf<Type extends TcpEvent["type"]>(
  event: TcpEvent,
  type: Type,
): event is Extract<TcpEvent, { readonly type: Type }> {
  return event.type === type;
}

/** A server in the test's hand, which says these things to each client that comes. */
async function startScript(
  onSocket: (socket: Socket, number: number) => void,
): Promise<{ port: number; server: Server }> {
  let number = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    onSocket(socket, number++);
  });
  onTestEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: await listen(server), server };
}

const say = (socket: Socket, message: ServerMessage): void => void socket.write(encodeServerMessage(message));
const ID = "a0010203-0405-0607-0809-0a0b0c0d0e0f";

describe("row 71 couchwire/tcp", () => {
  test("row 71 joins, hears the others, is heard by them, and leaves", async () => {
    const { port, rooms } = await startTcp();
    rooms.create("lobby");
    const [ann, bob] = [await open(port), await open(port)];
    const annId = await ann.join("lobby");
    const bobId = await bob.join("lobby");
    expect([ann.id, ann.room, rooms.idsIn("lobby")]).toEqual([annId, "lobby", [annId, bobId]]);
    expect(await next(ann, "join")).toEqual({ type: "join", id: bobId });
    ann.broadcast("grüß dich");
    expect(await next(bob, "message")).toMatchObject({ from: annId, text: "grüß dich" });
    bob.broadcast(new Uint8Array([1, 2, 255]));
    expect(await next(ann, "message")).toMatchObject({ from: bobId, data: new Uint8Array([1, 2, 255]) });
    bob.leave();
    expect(await next(ann, "leave")).toEqual({ type: "leave", id: bobId });
    expect(() => bob.broadcast("anyone?")).toThrow("The client is in no room");
  });

  test("row 71 a refused join rejects with the server's words, and one stays where one was", async () => {
    const { port, rooms } = await startTcp();
    rooms.create("lobby");
    rooms.create("small", 0);
    const ann = await open(port);
    const id = await ann.join("lobby");
    await expect(ann.join("nowhere")).rejects.toMatchObject({ code: "refused", message: "room not found: nowhere" });
    await expect(ann.join("small")).rejects.toMatchObject({ code: "refused", message: "The room is full." });
    expect([ann.id, ann.room, rooms.idsIn("lobby")]).toEqual([id, "lobby", [id]]);
  });

  test("row 71 what is asked for at once is answered in order", async () => {
    const { port, rooms } = await startTcp();
    for (const room of ["a", "b", "c"]) rooms.create(room);
    const ann = await open(port);
    const ids = await Promise.all([ann.join("a"), ann.join("b"), ann.join("c")]);
    expect(new Set(ids)).toEqual(new Set([ann.id]));
    expect([rooms.idsIn("a"), rooms.idsIn("b"), rooms.idsIn("c")]).toEqual([[], [], [ann.id]]);
  });

  test("row 71 answers pings by itself, for as long as it is there", async () => {
    const { port, rooms, connections } = await startTcp({ pingMs: 50, idleMs: 60_000 });
    rooms.create("a");
    const ann = await open(port);
    await ann.join("a");
    const line = rooms.port("a");
    await eventually("its pongs tell how long the way is", () => line.rtt !== undefined);
    await eventually("it has outlived many pings", () => {
      line.confirm(1);
      return rooms.log.filter((entry) => entry === "a: confirmed 1").length >= 5;
    });
    expect(connections.connectionCount).toBe(1);
  });

  test("row 71 comes back after a cut line and into its room, and says what it wanted to say meanwhile", async () => {
    const { port, rooms } = await startTcp();
    rooms.create("a");
    const [ann, bob] = [await open(port), await open(port)];
    const before = await ann.join("a");
    await bob.join("a");
    rooms.port("a").close("restarting");
    const { reason } = await next(ann, "disconnected");
    expect(reason).toBe("The server is restarting. Come back in a moment.");
    expect([ann.isConnected, ann.id, ann.room]).toEqual([false, undefined, "a"]);
    ann.broadcast("later");
    const back = await next(ann, "reconnected");
    expect([back.room, back.id === before, back.id === ann.id]).toEqual(["a", false, true]);
    expect(await next(bob, "message")).toMatchObject({ from: back.id, text: "later" });
    expect(ann.queued).toBe(0);
  });

  test("row 71 asks again for a room that is not there yet after the server came back", async () => {
    const { port } = await startScript((socket, number) => {
      let joins = 0;
      socket.on("data", () => {
        joins += 1;
        if (number === 0) say(socket, { say: "joined", client: ID, room: "a" });
        else if (joins === 1) say(socket, { say: "error", text: "room not found: a" });
        else say(socket, { say: "joined", client: ID, room: "a" });
        if (number === 0) socket.end();
      });
    });
    const ann = await open(port);
    await ann.join("a");
    expect(await next(ann, "error")).toEqual({ type: "error", text: "room not found: a" });
    expect(await next(ann, "reconnected")).toEqual({ type: "reconnected", id: ID, room: "a" });
  });

  test("row 71 a token is asked for anew before each join", async () => {
    const joins: string[] = [];
    const { port } = await startScript((socket, number) => {
      socket.on("data", (chunk: Buffer) => {
        joins.push(chunk.subarray(16).toString());
        say(socket, { say: "joined", client: ID, room: "a" });
        if (number === 0) socket.end();
      });
    });
    let tokens = 0;
    const ann = await open(port);
    await ann.join("a", { token: async () => `t${++tokens}`, pin: "12 34", name: "Ann" });
    await next(ann, "reconnected");
    expect(joins).toEqual(["a?token=t1&pin=12+34&name=Ann", "a?token=t2&pin=12+34&name=Ann"]);
  });

  test("row 71 a server that says nothing is given up", async () => {
    const { port } = await startScript(() => {});
    const ann = await open(port, { pingMs: 20, idleMs: 100, reconnect: false });
    expect(await next(ann, "disconnected")).toMatchObject({
      reason: "Nothing was heard from the server for too long.",
    });
    const events = [];
    for await (const event of ann) events.push(event);
    expect(events).toEqual([]);
    await expect(ann.join("a")).rejects.toMatchObject({ code: "closed" });
  });

  test.each([
    [
      "a frame over the client's own limit",
      Buffer.from("00010001", "hex"),
      "payload too large: 65537 bytes (max 65536)",
    ],
    [
      "what is no frame",
      Buffer.from("0000000407000000", "hex"),
      "The server does not speak ghost-sync's wire: unknown variant 7 (known are 0 to 6).",
    ],
  ])("row 71 %s ends the connection", async (_, bytes, reason) => {
    const { port } = await startScript((socket) => void socket.write(bytes));
    const ann = await open(port, { maxPayload: 65_536, reconnect: false });
    expect(await next(ann, "disconnected")).toMatchObject({ reason });
  });

  test("row 71 events that are not read in time go, and are counted", async () => {
    const count = 12_345;
    const { port } = await startScript((socket) => {
      const frame = encodeServerMessage({ say: "broadcast", sender: ID, data: Buffer.from("x") });
      socket.write(Buffer.concat(Array.from({ length: count }, () => frame)));
      socket.end(encodeServerMessage({ say: "error", text: "bye" }));
    });
    const ann = await open(port, { reconnect: false });
    await eventually("all has come", () => !ann.isConnected);
    const seen: TcpEvent[] = [];
    for await (const event of ann) seen.push(event);
    expect(seen[0]).toEqual({ type: "gap", lost: count + 2 - 10_000 });
    expect(seen).toHaveLength(10_001);
    expect(seen.at(-1)).toMatchObject({ type: "disconnected", reason: "bye" });
  });

  test("row 71 refuses what is too large, and what would wait too long", async () => {
    const { port, rooms } = await startTcp();
    rooms.create("a");
    const ann = await open(port, { maxPayload: 1_000, maxQueue: 2_000 });
    await ann.join("a");
    expect(() => ann.broadcast(new Uint8Array(989))).toThrow("The message has 989 bytes; 988 are allowed.");
    rooms.close("a", "restarting");
    await next(ann, "disconnected");
    ann.broadcast(new Uint8Array(900));
    ann.broadcast(new Uint8Array(900));
    expect(() => ann.broadcast(new Uint8Array(900))).toThrow("1800 bytes wait for the server; 2000 may.");
  });

  test("row 71 closing leaves the room, ends the events and refuses what waits, and is safe twice", async () => {
    const { port, rooms, connections } = await startTcp();
    rooms.create("a");
    const ann = await open(port);
    await ann.join("a");
    const letGo = rooms.hold();
    const refused = expect(ann.join("a")).rejects.toMatchObject({ code: "closed" });
    await ann.close();
    await ann.close();
    await refused;
    letGo();
    await eventually("the server has no connection", () => connections.connectionCount === 0);
    expect(rooms.idsIn("a")).toEqual([]);
    expect(() => ann.broadcast("x")).toThrow("The client is closed.");
    const events = [];
    for await (const event of ann) events.push(event);
    expect(events).toEqual([]);
  });

  test("row 71 a server that is not there rejects with its address", async () => {
    const { port, server } = await startScript(() => {});
    server.close();
    await once(server, "close");
    await expect(connect({ port })).rejects.toMatchObject({
      code: "cannot_connect",
      message: expect.stringContaining(`127.0.0.1:${port} cannot be reached`),
    });
  });

  test.each([
    ["{}", "port is undefined, but has to be a whole number from 1 to 65535."],
    [`{"port":70000}`, "port is 70000, but has to be a whole number from 1 to 65535."],
    [`{"port":1,"prot":2}`, "There is no option prot."],
    [`{"port":1,"idleMs":"soon"}`, "idleMs is soon, but has to be a number from 1 up."],
    [`{"port":1,"host":""}`, "host has to be a host name or an address."],
    ["null", "connect needs options, such as { port: 7777 }."],
  ])("row 71 says what is wrong with %s", async (options, sentence) => {
    await expect(connect(JSON.parse(options))).rejects.toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining(sentence),
    });
  });
});
