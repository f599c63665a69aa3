/** `couchwire/tcp`: the client for Node, against the TCP transport, and against servers that misbehave. Row 71. */
import { once } from "node:events";
import { connect as connectSocket, createServer, type Server, type Socket } from "node:net";
import { describe, expect, jest, test } from "@jest/globals";
import { FrameSplitter } from "../../../src/protocol/ghost-sync/frame-splitter.ts";
import {
  decodeClientMessage,
  encodeServerMessage,
  type ClientMessage,
  type ServerMessage,
} from "../../../src/protocol/ghost-sync/messages.ts";
import { NIL_UUID } from "../../../src/protocol/ghost-sync/uuid-bytes.ts";
import { connect, type TcpClient, type TcpClientOptions, type TcpEvent } from "../../../src/tcp/index.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { eventually, Inbox } from "../../support/inbox.ts";
import { listen } from "../../support/listen.ts";
import { connectionCount } from "../../support/server.ts";
import { TcpTestClient } from "../../support/tcp-client.ts";
import { startTcpServer } from "../../support/tcp-server.ts";
import { testInProcess } from "../../support/target.ts";

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

/** A way to the server that can be cut. */
async function startProxy(port: number): Promise<{ port: number; cut: () => void }> {
  const pairs = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connectSocket(port, "127.0.0.1");
    for (const end of [socket, onward]) {
      pairs.add(end);
      end.on("error", () => end.destroy());
    }
    socket.pipe(onward);
    onward.pipe(socket);
  });
  const cut = (): void => {
    for (const end of pairs) end.destroy();
    pairs.clear();
  };
  onTestEnd(() => {
    cut();
    server.close();
  });
  return { port: await listen(server), cut };
}

const say = (socket: Socket, message: ServerMessage): void => void socket.write(encodeServerMessage(message));
const ID = "a0010203-0405-0607-0809-0a0b0c0d0e0f";

describe("row 71 couchwire/tcp", () => {
  test("row 71 joins, hears the others, is heard by them, and leaves", async () => {
    const { tcpPort } = await startTcpServer();
    const [ann, bob] = [await open(tcpPort), await open(tcpPort)];
    const annId = await ann.join("lobby");
    const bobId = await bob.join("lobby");
    expect([ann.id, ann.room, ann.isConnected]).toEqual([annId, "lobby", true]);
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
    const { tcpPort } = await startTcpServer();
    const [ann, bob] = [await open(tcpPort), await open(tcpPort)];
    const id = await ann.join("lobby");
    await bob.join("lobby");
    await expect(ann.join("nowhere")).rejects.toMatchObject({ code: "refused", message: "room not found: nowhere" });
    expect([ann.id, ann.room]).toEqual([id, "lobby"]);
    ann.broadcast("still here");
    expect(await next(bob, "message")).toMatchObject({ from: id });
  });

  test("row 71 joins that are asked for at once are answered in order", async () => {
    const { tcpPort } = await startTcpServer();
    const [ann, bob] = [await open(tcpPort), await open(tcpPort)];
    const ids = await Promise.all([ann.join("a"), ann.join("lobby"), ann.join("b")]);
    expect(new Set(ids)).toEqual(new Set([ann.id]));
    await bob.join("b");
    bob.broadcast("are you there?");
    expect(await next(ann, "message")).toMatchObject({ text: "are you there?" });
  });

  test("row 71 answers pings by itself, for as long as it is there", async () => {
    const { tcpPort } = await startTcpServer({ pingMs: 500, idleMs: 60_000 });
    const [ann, bob] = [await open(tcpPort), await open(tcpPort)];
    await ann.join("a");
    const seen = { disconnected: 0 };
    for (const client of [ann, bob]) {
      void (async () => {
        for await (const { type } of client) if (type === "disconnected") seen.disconnected += 1;
      })();
    }
    // A third one that answers by hand has seen as many pings as would have ended the two.
    const witness = await TcpTestClient.connect(tcpPort);
    witness.answersPings = true;
    await witness.pings.take(4);
    expect([ann.isConnected, bob.isConnected, seen.disconnected]).toEqual([true, true, 0]);
  });

  test("row 71 comes back after a lost connection and into its room, and says what it wanted to say meanwhile", async () => {
    const { tcpPort } = await startTcpServer();
    const proxy = await startProxy(tcpPort);
    const [ann, bob] = [await open(proxy.port), await open(tcpPort)];
    const before = await ann.join("a");
    await bob.join("a");
    proxy.cut();
    await next(ann, "disconnected");
    expect([ann.isConnected, ann.id, ann.room]).toEqual([false, undefined, "a"]);
    expect(await next(bob, "leave")).toEqual({ type: "leave", id: before });
    ann.broadcast("later");
    const back = await next(ann, "reconnected");
    expect([back.room, back.id === before, back.id === ann.id]).toEqual(["a", false, true]);
    expect(await next(bob, "message")).toMatchObject({ from: back.id, text: "later" });
    expect(ann.queued).toBe(0);
  });

  testInProcess("row 71 the server's last words are the reason of the end", async () => {
    const server = await startTcpServer();
    server.inside().rooms.create("relay", { name: "temporary" });
    const ann = await open(server.tcpPort);
    await ann.join("temporary");
    server.inside().rooms.delete("temporary");
    expect(await next(ann, "disconnected")).toMatchObject({ reason: "The game is done." });
    expect(await next(ann, "error")).toEqual({ type: "error", text: "room not found: temporary" });
    server.inside().rooms.create("relay", { name: "temporary" });
    expect(await next(ann, "reconnected")).toMatchObject({ room: "temporary" });
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

  test("row 71 a room that is joined while the client is about to go back into another is the one it stays in", async () => {
    const asked = new Inbox<ClientMessage>("what the client asks for");
    const sockets: Socket[] = [];
    const { port } = await startScript((socket) => {
      sockets.push(socket);
      const splitter = new FrameSplitter(1_000);
      socket.on("data", (chunk: Buffer) => {
        splitter.push(new Uint8Array(chunk));
        for (let payload = splitter.next(); payload instanceof Uint8Array; payload = splitter.next()) {
          const read = decodeClientMessage(payload);
          if (read.ok) asked.push(structuredClone(read.value));
        }
      });
    });
    const tell = (message: ServerMessage): void => sockets.forEach((socket) => say(socket, message));
    const client = await open(port);
    const inKitchen = client.join("kitchen");
    expect(await asked.next()).toEqual({ say: "join_room", room: "kitchen" });
    tell({ say: "joined", client: NIL_UUID, room: "kitchen" });
    await inKitchen;
    jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "performance", "Date"] });
    onTestEnd(() => void jest.useRealTimers());
    tell({ say: "error", text: "not in a room" });
    await next(client, "error");
    const inHall = client.join("hall");
    jest.advanceTimersByTime(10_000); // its way back waits behind this
    jest.useRealTimers();
    expect(await asked.next()).toEqual({ say: "join_room", room: "hall" });
    tell({ say: "joined", client: NIL_UUID, room: "hall" });
    await inHall;
    client.broadcast("here");
    expect(await asked.next()).toMatchObject({ say: "broadcast" });
    expect(client.room).toBe("hall");
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
    const { port } = await startScript((socket, number) => {
      if (number > 0) socket.destroy();
      socket.on("data", () => {
        say(socket, { say: "joined", client: ID, room: "a" });
        socket.end();
      });
    });
    const ann = await open(port, { maxPayload: 1_000, maxQueue: 2_000 });
    await ann.join("a");
    await next(ann, "disconnected");
    expect(() => ann.broadcast(new Uint8Array(989))).toThrow("The message has 989 bytes; 988 are allowed.");
    ann.broadcast(new Uint8Array(900));
    ann.broadcast(new Uint8Array(900));
    expect(() => ann.broadcast(new Uint8Array(900))).toThrow("1800 bytes wait for the server; 2000 may.");
  });

  test("row 71 closing leaves the room, ends the events and refuses what waits, and is safe twice", async () => {
    const server = await startTcpServer();
    const ann = await open(server.tcpPort);
    await ann.join("a");
    const refused = expect(ann.join("b")).rejects.toMatchObject({ code: "closed" });
    await ann.close();
    await ann.close();
    await refused;
    await eventually("the server has no connection", async () => (await connectionCount(server)) === 0);
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
