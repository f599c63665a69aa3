/** ghost-sync's wire on real sockets: what is read, what is refused, and how a line ends. */
import { describe, expect, test } from "@jest/globals";
import { encodeClientMessage } from "../../../src/protocol/ghost-sync/messages.ts";
import { isUuid } from "../../../src/protocol/ghost-sync/uuid-bytes.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { fromHex } from "../../support/hex.ts";
import { eventually } from "../../support/inbox.ts";
import { connectionCount, countsOf } from "../../support/server.ts";
import { heard, type TcpTestClient } from "../../support/tcp-client.ts";
import { startTcpServer, type TcpServer } from "../../support/tcp-server.ts";

/** Sends so much to all others in the room until that is so. */
async function flood(from: TcpTestClient, what: string, isEnough: () => boolean | Promise<boolean>): Promise<void> {
  const data = new Uint8Array(60_000);
  await eventually(what, async () => {
    if (from.socket.writableLength < 1_000_000) from.say({ say: "broadcast", data });
    return isEnough();
  });
}

async function pairIn(server: TcpServer, room: string) {
  const [ann, bob] = [await server.connect(), await server.connect()];
  const annId = await ann.join(room);
  const bobId = await bob.join(room);
  expect(await ann.inbox.next()).toEqual({ say: "player_joined", client: bobId });
  return { ann, bob, annId, bobId };
}

describe("rooms over TCP", () => {
  test("P7.1 a client joins, hears the others and is heard by them, and leaves", async () => {
    const server = await startTcpServer();
    const { ann, bob, annId, bobId } = await pairIn(server, "lobby");
    expect([isUuid(annId), isUuid(bobId), annId === bobId]).toEqual([true, true, false]);
    ann.broadcast("hi");
    expect(await bob.inbox.next()).toEqual(heard(annId, "hi"));
    bob.say({ say: "leave_room" });
    expect(await ann.inbox.next()).toEqual({ say: "player_left", client: bobId });
    bob.broadcast("anyone?");
    expect(await bob.error()).toBe("not in a room");
    await bob.join("lobby");
    await ann.inbox.next();
    bob.socket.end();
    expect(await ann.inbox.next()).toEqual({ say: "player_left", client: bobId });
    await bob.ended;
  });

  test("P7.1 a ping is answered, in a room or not", async () => {
    const { connect } = await startTcpServer();
    const client = await connect();
    client.say({ say: "ping" }, { say: "ping" });
    expect(await client.pongs.take(2)).toEqual(["pong", "pong"]);
    await client.join("lobby");
    client.say({ say: "ping" });
    expect(await client.pongs.next()).toBe("pong");
  });

  test("P7.1 row 63 the bytes of a whole conversation are ghost-sync's", async () => {
    const { connect } = await startTcpServer();
    const client = await connect();
    const bytes: Buffer[] = [];
    client.socket.on("data", (chunk: Buffer) => bytes.push(chunk));
    client.write(fromHex("00000011 00000000 0500000000000000 6c6f626279"));
    const joined = await client.inbox.next();
    client.write(fromHex("00000004 01000000 0000000e 04000000 0200000000000000 6869"));
    await client.inbox.next();
    client.write(fromHex("00000004 02000000"));
    await client.pongs.next();
    const id = joined.say === "joined" ? joined.client.replaceAll("-", "") : "";
    const expected = [
      `00000021 00000000 ${id} 0500000000000000 6c6f626279`,
      `00000019 05000000 0d00000000000000 ${Buffer.from("not in a room").toString("hex")}`,
      "00000004 04000000",
    ];
    expect(Buffer.concat(bytes).toString("hex")).toBe(expected.join("").replaceAll(" ", ""));
  });

  test("P7.1 bytes behind a whole message are ignored", async () => {
    const { connect } = await startTcpServer();
    const client = await connect();
    client.write(fromHex("00000014 00000000 0500000000000000 6c6f626279 ffffff"));
    expect(await client.inbox.next()).toMatchObject({ say: "joined", room: "lobby" });
  });

  test("P7.4 row 69 an unknown room is an error and no end, and one stays where one was", async () => {
    const server = await startTcpServer();
    const { ann, bob, annId } = await pairIn(server, "lobby");
    ann.say({ say: "join_room", room: "nowhere" });
    expect(await ann.error()).toBe("room not found: nowhere");
    ann.broadcast("still here");
    expect(await bob.inbox.next()).toEqual(heard(annId, "still here"));
  });

  test("row 25 changing rooms: the old one hears that one left, the new one that one joined", async () => {
    const server = await startTcpServer();
    const { ann, bob, bobId } = await pairIn(server, "a");
    const cy = await server.connect();
    await cy.join("b");
    expect(await bob.join("b")).toBe(bobId);
    expect(await ann.inbox.next()).toEqual({ say: "player_left", client: bobId });
    expect(await cy.inbox.next()).toEqual({ say: "player_joined", client: bobId });
    bob.broadcast("here");
    expect(await cy.inbox.next()).toEqual(heard(bobId, "here"));
    ann.say({ say: "ping" });
    await ann.pongs.next();
    expect(ann.inbox.drain()).toEqual([]);
  });

  test("row 25 joining the room one is in: left, and joined again", async () => {
    const server = await startTcpServer();
    const { ann, bob, bobId } = await pairIn(server, "a");
    expect(await bob.join("a")).toBe(bobId);
    expect(await ann.inbox.take(2)).toEqual([
      { say: "player_left", client: bobId },
      { say: "player_joined", client: bobId },
    ]);
  });
});

describe("P7.2 fragments", () => {
  test("P7.2 row 64 a frame that comes byte by byte over many ping intervals arrives", async () => {
    const { connect } = await startTcpServer({ pingMs: 400, idleMs: 60_000 });
    const [slow, other] = [await connect(), await connect()];
    other.answersPings = true;
    const id = await slow.join("a");
    await other.join("a");
    await slow.inbox.next();
    const bytes = encodeClientMessage({ say: "broadcast", data: Buffer.from("slowly, but it comes") });
    for (const [at, byte] of bytes.entries()) {
      slow.write(new Uint8Array([byte]));
      if (at % 5 === 2) await slow.pings.next(); // none of which it answers
    }
    expect(await other.inbox.next()).toEqual(heard(id, "slowly, but it comes"));
    slow.say({ say: "ping" });
    expect(await slow.pongs.next()).toBe("pong");
  });

  test("P7.2 many frames in one write are all read, in order", async () => {
    const server = await startTcpServer();
    const { ann, bob, annId } = await pairIn(server, "a");
    const texts = Array.from({ length: 1_000 }, (_, at) => `message ${at}`);
    ann.say(...texts.map((text) => ({ say: "broadcast", data: Buffer.from(text) }) as const));
    expect(await bob.inbox.take(texts.length)).toEqual(texts.map((text) => heard(annId, text)));
  });
});

describe("what ends a line says why first, row 69", () => {
  test("P7.5 row 66 a prefix over the limit", async () => {
    const { connect } = await startTcpServer({ maxPayload: 65_536 });
    const client = await connect();
    client.write(fromHex("ffffffff"));
    expect(await client.error()).toBe("payload too large: 4294967295 bytes (max 65536)");
    await client.ended;
  });

  test.each([
    ["an empty payload", "00000000"],
    ["an unknown variant", "00000004 05000000"],
    ["text that is not UTF-8", "0000000e 00000000 0200000000000000 c328"],
    ["a length beyond the frame", "0000000e 04000000 ff00000000000000 6869"],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n").toString("hex")],
  ])("P7.7 %s ends the line at once", async (_, digits) => {
    const { connect } = await startTcpServer();
    const client = await connect();
    client.write(fromHex(digits));
    expect(await client.error()).toMatch(/^That is no frame of this protocol: |^payload too large: /);
    await client.ended;
  });

  test("P7.7 a bad client harms no other", async () => {
    const server = await startTcpServer();
    const { ann, bob, annId } = await pairIn(server, "a");
    ann.write(fromHex("00000000"));
    expect(await ann.error()).toMatch(/the frame is empty/);
    expect(await bob.inbox.next()).toEqual({ say: "player_left", client: annId });
    bob.say({ say: "ping" });
    expect(await bob.pongs.next()).toBe("pong");
  });

  test("P7.4 row 65 the server is full: the reason is readable, and a place is free again when a client goes", async () => {
    const server = await startTcpServer({ maxConnections: 1 });
    const first = await server.connect();
    await first.join("a");
    const second = await server.connect();
    expect(await second.error()).toBe("The server is full. Come back later.");
    await second.ended;
    first.socket.end();
    await first.ended;
    await eventually("its place is free", async () => (await connectionCount(server)) === 0);
    const third = await server.connect();
    third.say({ say: "ping" });
    expect(await third.pongs.next()).toBe("pong");
  });

  test("P7.4 the server restarts", async () => {
    const { connect, close } = await startTcpServer();
    const [roomless, inRoom] = [await connect(), await connect()];
    await inRoom.join("a");
    roomless.say({ say: "ping" });
    await roomless.pongs.next();
    const closing = close();
    const text = "The server is restarting. Come back in a moment.";
    expect([await roomless.error(), await inRoom.error()]).toEqual([text, text]);
    await closing;
    await Promise.all([roomless.ended, inRoom.ended]);
  });

  test("P7.4 too many requests outside a room", async () => {
    const { connect } = await startTcpServer({ playerRate: 1, playerBurst: 3 });
    const client = await connect();
    for (let count = 0; count < 4; count++) client.broadcast("x");
    const said = await client.inbox.take(4);
    expect(said.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => ({ say: "error", text: "not in a room" })));
    expect(said[3]).toMatchObject({ say: "error", text: expect.stringMatching(/^Too much/) });
    await client.ended;
  });

  test("P7.4 too many messages in a room", async () => {
    const server = await startTcpServer({ playerRate: 1, playerBurst: 5 });
    const { ann, bob, annId } = await pairIn(server, "a");
    for (let count = 0; count < 10; count++) ann.broadcast("x");
    expect(await ann.error()).toMatch(/^Too much|^You sent too much|out for/i);
    await ann.ended;
    expect(await bob.inbox.until(({ say }) => say === "player_left")).toEqual({ say: "player_left", client: annId });
  });

  test("P7.4 a client that floods with pings", async () => {
    const { connect } = await startTcpServer();
    const client = await connect();
    const ping = Buffer.concat(Array.from({ length: 200 }, () => encodeClientMessage({ say: "ping" })));
    const timer = setInterval(() => client.write(ping), 250);
    onTestEnd(() => clearInterval(timer));
    expect(await client.error()).toMatch(/^Too much at once/);
    await client.ended;
  });
});

describe("P7.6 silence", () => {
  test("P7.6 row 68 no pong: ended at the second ping, and told why", async () => {
    const server = await startTcpServer({ pingMs: 400, idleMs: 60_000 });
    const client = await server.connect();
    expect(await client.pings.next()).toBe("ping");
    expect(await client.error()).toBe("Nothing was heard from you for too long.");
    await client.ended;
    expect(client.pings.drain()).toEqual([]);
    await eventually("its place is free", async () => (await connectionCount(server)) === 0);
  });

  test("P7.6 row 68 a client that answers stays", async () => {
    const { connect } = await startTcpServer({ pingMs: 500, idleMs: 60_000 });
    const client = await connect();
    client.answersPings = true;
    await client.pings.take(4);
    client.say({ say: "ping" });
    expect(await client.pongs.next()).toBe("pong");
  });

  test("P7.6 row 67 a silent client is ended by the idle time too, well before its second ping", async () => {
    const { connect } = await startTcpServer({ pingMs: 60_000, idleMs: 61_000 });
    const patient = await connect();
    patient.say({ say: "ping" });
    await patient.pongs.next();
    const quick = await startTcpServer({ pingMs: 500, idleMs: 600 });
    const client = await quick.connect();
    client.socket.pause();
    await eventually("its place is free", async () => (await connectionCount(quick)) === 0);
    client.socket.resume();
    expect(await client.error()).toBe("Nothing was heard from you for too long.");
    expect(client.pings.drain().length).toBeLessThanOrEqual(1);
  });

  test("P7.6 row 68 a client that reads nothing is really closed, and its place is free", async () => {
    const server = await startTcpServer({ pingMs: 400, idleMs: 60_000, sendQueue: 2 ** 30 });
    const { ann, bob } = await pairIn(server, "a");
    ann.answersPings = true;
    bob.socket.pause();
    await flood(ann, "its place is free", async () => (await connectionCount(server)) === 1);
    expect(await countsOf(server)).toMatchObject({ players: 1 });
  });

  test("P7.6 row 68 a full queue alone does not end a client that reads slowly", async () => {
    const server = await startTcpServer({ pingMs: 500, idleMs: 1_500, sendQueue: 2 ** 30, memory: 2 ** 30 });
    const { ann, bob } = await pairIn(server, "a"); // bob answers no ping, as if each were still behind what he has to read
    ann.answersPings = true;
    bob.socket.pause();
    const reading = setInterval(() => bob.socket.read(), 5);
    onTestEnd(() => clearInterval(reading));
    let pings = 0;
    await flood(ann, "three pings have come through", () => {
      pings += bob.pings.drain().length;
      return pings >= 3;
    });
    expect(await connectionCount(server)).toBe(2);
  });

  test("P7.6 row 70 a client that reads too slowly is ended, and told why", async () => {
    const server = await startTcpServer({ sendQueue: 100_000 });
    const { ann, bob } = await pairIn(server, "a");
    bob.socket.pause();
    await flood(ann, "it has left", () => ann.inbox.drain().some(({ say }) => say === "player_left"));
    bob.socket.resume();
    const last = await bob.inbox.until(({ say }) => say === "error");
    expect(last).toEqual({ say: "error", text: "Your connection could not keep up." });
    await bob.ended;
  });

  test("P7.6 row 70 so is one for which too many frames wait, where that limit is set", async () => {
    const server = await startTcpServer({ sendQueue: 2 ** 30, tcpQueueFrames: 100 });
    const { ann, bob } = await pairIn(server, "a");
    bob.socket.pause();
    await flood(ann, "it has left", () => ann.inbox.drain().some(({ say }) => say === "player_left"));
    bob.socket.resume();
    const last = await bob.inbox.until(({ say }) => say === "error");
    expect(last).toEqual({ say: "error", text: "Your connection could not keep up." });
  });
});
