/** ghost-sync's wire on real sockets: what is read, what is refused, and how a line ends. The rooms are fakes that pass everything on. */
import { describe, expect, test } from "@jest/globals";
import { createTokens } from "../../../src/auth/tokens.ts";
import { encodeClientMessage, encodeServerMessage } from "../../../src/protocol/ghost-sync/messages.ts";
import { isUuid, NIL_UUID } from "../../../src/protocol/ghost-sync/uuid-bytes.ts";
import { memberUuid } from "../../../src/transport/tcp/member-uuid.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { fromHex } from "../../support/hex.ts";
import { eventually } from "../../support/inbox.ts";
import { heard, TcpTestClient } from "../../support/tcp-client.ts";
import { startTcp, type TcpStackOptions } from "../../support/tcp-stack.ts";

async function pairIn(room: string) {
  const stack = await startTcp();
  stack.rooms.create(room);
  const [ann, bob] = [await stack.connect(), await stack.connect()];
  const annId = await ann.join(room);
  const bobId = await bob.join(room);
  expect(await ann.inbox.next()).toEqual({ say: "player_joined", client: bobId });
  return { ...stack, ann, bob, annId, bobId };
}

describe("rooms over TCP", () => {
  test("P7.1 a client joins, hears the others and is heard by them, and leaves", async () => {
    const { ann, bob, annId, bobId, rooms } = await pairIn("lobby");
    expect([isUuid(annId), annId === bobId]).toEqual([true, false]);
    expect(rooms.idsIn("lobby")).toEqual([annId, bobId]);
    ann.broadcast("hi");
    expect(await bob.inbox.next()).toEqual(heard(annId, "hi"));
    bob.say({ say: "leave_room" });
    expect(await ann.inbox.next()).toEqual({ say: "player_left", client: bobId });
    bob.broadcast("anyone?");
    expect(await bob.error()).toBe("not in a room");
    ann.socket.end();
    await ann.ended;
    expect(rooms.idsIn("lobby")).toEqual([]);
  });

  test("P7.1 a ping is answered, in a room or not", async () => {
    const { connect } = await startTcp();
    const client = await connect();
    client.say({ say: "ping" }, { say: "ping" });
    expect(await client.pongs.take(2)).toEqual(["pong", "pong"]);
  });

  test("P7.1 the bytes of a whole conversation are ghost-sync's", async () => {
    const { connect, rooms } = await startTcp();
    rooms.create("lobby");
    const client = await connect();
    const bytes: Buffer[] = [];
    client.socket.on("data", (chunk: Buffer) => bytes.push(chunk));
    client.write(fromHex("00000011 00000000 0500000000000000 6c6f626279"));
    await client.inbox.next();
    client.write(fromHex("00000004 02000000"));
    await client.pongs.next();
    const id = rooms.idsIn("lobby")[0]?.replaceAll("-", "");
    const expected = `00000021 00000000 ${id} 0500000000000000 6c6f626279 00000004 04000000`.replaceAll(" ", "");
    expect(Buffer.concat(bytes).toString("hex")).toBe(expected);
  });

  test("P7.4 row 69 an unknown room is an error and no end", async () => {
    const { connect, rooms } = await startTcp();
    rooms.create("lobby");
    const client = await connect();
    client.say({ say: "join_room", room: "nowhere" });
    expect(await client.error()).toBe("room not found: nowhere");
    expect(isUuid(await client.join("lobby"))).toBe(true);
  });

  test("P7.4 a full room is an error and no end, and one stays where one was", async () => {
    const { connect, rooms } = await startTcp();
    rooms.create("lobby");
    rooms.create("small", 1);
    const [ann, bob] = [await connect(), await connect()];
    await ann.join("small");
    const bobId = await bob.join("lobby");
    bob.say({ say: "join_room", room: "small" });
    expect(await bob.error()).toBe("The room is full.");
    expect(rooms.idsIn("lobby")).toEqual([bobId]);
  });

  test("row 25 changing rooms: the old one hears that one left, then the new one that one joined", async () => {
    const { ann, bob, bobId, rooms, connect } = await pairIn("a");
    rooms.create("b");
    const cy = await connect();
    await cy.join("b");
    rooms.log.length = 0;
    expect(await bob.join("b")).toBe(bobId);
    expect(await ann.inbox.next()).toEqual({ say: "player_left", client: bobId });
    expect(await cy.inbox.next()).toEqual({ say: "player_joined", client: bobId });
    expect(rooms.log).toEqual(["a: gone left", "a: leave", "b: join"]);
    bob.broadcast("here");
    expect(await cy.inbox.next()).toEqual(heard(bobId, "here"));
  });

  test("row 25 joining the room one is in: left, and joined again", async () => {
    const { ann, bob, bobId } = await pairIn("a");
    expect(await bob.join("a")).toBe(bobId);
    expect(await ann.inbox.take(2)).toEqual([
      { say: "player_left", client: bobId },
      { say: "player_joined", client: bobId },
    ]);
  });

  test("what is said behind a join that is not answered yet waits for the answer", async () => {
    const { ann, annId, bob, bobId, rooms } = await pairIn("a");
    rooms.create("b");
    const letGo = rooms.hold();
    bob.say({ say: "join_room", room: "b" }, { say: "broadcast", data: Buffer.from("in b") });
    ann.broadcast("to a");
    expect(await bob.inbox.next()).toEqual(heard(annId, "to a"));
    letGo();
    expect(await bob.inbox.next()).toEqual({ say: "joined", client: bobId, room: "b" });
    expect(await ann.inbox.next()).toEqual({ say: "player_left", client: bobId });
    await ann.join("b");
    expect(rooms.log.filter((line) => line === "b: bytes")).toHaveLength(1);
  });

  test("a client that goes while its join is undecided has no seat afterwards", async () => {
    const { connect, connections, rooms } = await startTcp();
    rooms.create("a");
    const letGo = rooms.hold();
    const client = await connect();
    client.say({ say: "join_room", room: "a" });
    client.say({ say: "ping" });
    await eventually("the server has the client", () => connections.connectionCount === 1);
    client.socket.resetAndDestroy();
    await eventually("the server knows that it is gone", () => connections.connectionCount === 0);
    letGo();
    await eventually("the seat was given back", () => rooms.log.includes("a: gone cut"));
    expect(rooms.idsIn("a")).toEqual([]);
  });
});

describe("P7.3 members of other wires", () => {
  test("P7.3 text arrives as its JSON, bytes as they are, and away, back, meta and the past are not told", async () => {
    const { ann, rooms } = await pairIn("a");
    const member = { id: "bob", name: "Bob", role: "member", meta: {} } as const;
    rooms.tell("a", { news: "text", from: "bob", json: Buffer.from(`{"n":1}`), seq: 1, at: "2026-11-29T12:00:00Z" });
    rooms.tell("a", { news: "away", member });
    rooms.tell("a", { news: "back", member });
    rooms.tell("a", { news: "meta", member });
    rooms.tell("a", { news: "text", from: "bob", json: Buffer.from(`{"n": 2}`) });
    rooms.tell("a", { news: "bytes", from: "", data: new Uint8Array([1, 2]) });
    rooms.tell("a", { news: "error", code: "too_large", message: "That is too large." });
    rooms.tell("a", { news: "leave", member });
    const bob = memberUuid("a", "bob");
    expect(await ann.inbox.take(4)).toEqual([
      heard(bob, `{"n": 2}`),
      { say: "broadcast", sender: NIL_UUID, data: new Uint8Array([1, 2]) },
      { say: "error", text: "That is too large." },
      { say: "player_left", client: bob },
    ]);
  });

  test("P7.3 a member without a UUID has the UUIDv5 of its room and id, one with a UUID has that", () => {
    const uuid = "A0010203-0405-0607-0809-0A0B0C0D0E0F";
    expect(memberUuid("lobby", uuid)).toBe(uuid.toLowerCase());
    expect(memberUuid("lobby", "bob")).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(memberUuid("lobby", "bob")).toBe(memberUuid("lobby", "bob"));
    expect(new Set([memberUuid("lobby", "bob"), memberUuid("lobby", "p1"), memberUuid("other", "bob")]).size).toBe(3);
  });
});

describe("P7.2 fragments, row 64", () => {
  test("P7.2 row 64 a frame that comes byte by byte over three ping intervals arrives", async () => {
    const { connect, rooms } = await startTcp({ pingMs: 200, idleMs: 60_000 });
    rooms.create("a");
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
});

describe("what ends a line says why first, row 69", () => {
  test("P7.5 row 66 a prefix over the limit", async () => {
    const { connect, budget } = await startTcp({ maxPayload: 65_536 });
    const client = await connect();
    client.write(fromHex("ffffffff"));
    expect(await client.error()).toBe("payload too large: 4294967295 bytes (max 65536)");
    await client.ended;
    expect(budget.used).toBe(0);
  });

  test.each([
    ["an empty payload", "00000000"],
    ["an unknown variant", "00000004 05000000"],
    ["text that is not UTF-8", "0000000e 00000000 0200000000000000 c328"],
    ["a length beyond the frame", "0000000e 04000000 ff00000000000000 6869"],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n").toString("hex")],
  ])("P7.7 %s ends the line at once", async (_, digits) => {
    const { connect } = await startTcp();
    const client = await connect();
    client.write(fromHex(digits));
    expect(await client.error()).toMatch(/^That is no frame of this protocol: |^payload too large: /);
    await client.ended;
  });

  test("P7.1 bytes behind a whole message are ignored", async () => {
    const { connect, rooms } = await startTcp();
    rooms.create("lobby");
    const client = await connect();
    client.write(fromHex("00000014 00000000 0500000000000000 6c6f626279 ffffff"));
    expect(await client.inbox.next()).toMatchObject({ say: "joined", room: "lobby" });
  });

  test("P7.4 row 65 the server is full: the reason is readable, and a place is free again when a client goes", async () => {
    const { connect, connections } = await startTcp({ maxConnections: 1 });
    const first = await connect();
    await eventually("the first is in", () => connections.connectionCount === 1);
    const second = await connect();
    expect(await second.error()).toBe("The server is full. Come back later.");
    await second.ended;
    first.socket.end();
    await first.ended;
    await eventually("its place is free", () => connections.connectionCount === 0);
    const third = await connect();
    third.say({ say: "ping" });
    expect(await third.pongs.next()).toBe("pong");
  });

  test("P7.4 the server restarts", async () => {
    const { connect, connections } = await startTcp();
    const client = await connect();
    await eventually("it is in", () => connections.connectionCount === 1);
    void connections.drain();
    expect(await client.error()).toBe("The server is restarting. Come back in a moment.");
    await client.ended;
  });

  test("P7.4 the room is closed", async () => {
    const { ann, rooms } = await pairIn("a");
    rooms.close("a", "room_closed");
    expect(await ann.error()).toBe("The game is done.");
    await ann.ended;
  });

  test("P7.4 too much was asked at once", async () => {
    const { connect } = await startTcp({ playerRate: 1, playerBurst: 3 });
    const client = await connect();
    for (let count = 0; count < 4; count++) client.broadcast("x");
    expect(await client.inbox.take(4)).toEqual([
      ...Array.from({ length: 3 }, () => ({ say: "error", text: "not in a room" })),
      { say: "error", text: "Too much at once. Come back later." },
    ]);
    await client.ended;
  });

  test("P7.4 a client that comes back to an ended line finds no other harmed", async () => {
    const { ann, bob, annId, bobId } = await pairIn("a");
    ann.write(fromHex("00000000"));
    expect(await ann.error()).toMatch(/no frame/);
    expect(await bob.inbox.next()).toEqual({ say: "player_left", client: annId });
    bob.say({ say: "ping" });
    expect([await bob.pongs.next(), bobId === annId]).toEqual(["pong", false]);
  });
});

describe("P7.6 silence", () => {
  test("P7.6 row 68 no pong: ended at the second ping, and told why", async () => {
    const { connect, connections } = await startTcp({ pingMs: 400, idleMs: 60_000 });
    const client = await connect();
    expect(await client.pings.next()).toBe("ping");
    expect(await client.error()).toBe("Nothing was heard from you for too long.");
    await client.ended;
    await eventually("its place is free", () => connections.connectionCount === 0);
  });

  test("P7.6 row 68 a client that answers stays", async () => {
    const { connect } = await startTcp({ pingMs: 100, idleMs: 60_000 });
    const client = await connect();
    client.answersPings = true;
    await client.pings.take(4);
    client.say({ say: "ping" });
    expect(await client.pongs.next()).toBe("pong");
  });

  test("P7.6 row 67 a silent client is ended by the idle time too", async () => {
    const { connect } = await startTcp({ pingMs: 60_000, idleMs: 400 });
    const client = await connect();
    expect(await client.error()).toBe("Nothing was heard from you for too long.");
    await client.ended;
    expect(client.pings.drain()).toEqual([]);
  });

  test("P7.6 row 68 a client that reads nothing is really closed, and its place is free", async () => {
    const { connect, connections, rooms } = await startTcp({ pingMs: 400, idleMs: 60_000 });
    rooms.create("a");
    const deaf = await connect();
    await deaf.join("a");
    deaf.socket.pause();
    const line = rooms.port("a");
    const frame = encodeServerMessage({ say: "broadcast", sender: NIL_UUID, data: new Uint8Array(65_536) });
    while (line.queued === 0) {
      line.send(frame, false);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually("its place is free", () => connections.connectionCount === 0);
  });

  test("P7.6 row 68 a full queue alone does not end a client that reads slowly", async () => {
    const { connect, connections, rooms } = await startTcp({ pingMs: 500, idleMs: 1_500 });
    rooms.create("a");
    const slow = await connect(); // it answers no ping, as if each were still behind what it has to read
    await slow.join("a");
    slow.socket.pause();
    const reading = setInterval(() => slow.socket.read(), 5);
    onTestEnd(() => clearInterval(reading));
    const line = rooms.port("a");
    const frame = encodeServerMessage({ say: "broadcast", sender: NIL_UUID, data: new Uint8Array(65_536) });
    let pings = 0;
    await eventually("four pings have come through", () => {
      if (line.queued < 500_000) line.send(frame, false);
      pings += slow.pings.drain().length;
      return pings >= 4;
    });
    expect(connections.connectionCount).toBe(1);
  });

  test("P7.6 a full queue of frames ends a client, where that limit is set", async () => {
    const { connect, rooms } = await startTcp({ tcpQueueFrames: 100 });
    rooms.create("a");
    const slow = await connect();
    await slow.join("a");
    slow.socket.pause();
    const line = rooms.port("a");
    const frame = encodeServerMessage({ say: "broadcast", sender: NIL_UUID, data: new Uint8Array(65_536) });
    while (rooms.idsIn("a").length > 0) {
      line.send(frame, false);
      await new Promise((resolve) => setImmediate(resolve));
    }
    slow.socket.resume();
    const last = await slow.inbox.until(({ say }) => say === "error");
    expect(last).toEqual({ say: "error", text: "Your connection could not keep up." });
  });
});

describe("P7.8 tokens", () => {
  const tokens = createTokens({ secret: "a secret of thirty-two bytes or more" });
  const claims = { sub: "bob", room: "lobby" };

  async function startWithTokens(options: TcpStackOptions = {}) {
    const stack = await startTcp({ tokens, isTokenRequired: true, ...options });
    stack.rooms.create("lobby");
    stack.rooms.create("other");
    return { ...stack, client: await stack.connect() };
  }

  test("P7.8 the token stands behind the room, which is told without it, and the id is a UUID all the same", async () => {
    const { client, rooms } = await startWithTokens();
    client.say({ say: "join_room", room: `lobby?token=${await tokens.sign({ ...claims, name: "Bob" })}` });
    const joined = await client.inbox.next();
    expect(joined).toEqual({ say: "joined", client: rooms.idsIn("lobby")[0], room: "lobby" });
    expect(rooms.requests).toMatchObject([{ name: "Bob", user: "bob", mayOpen: true, expiresAt: expect.any(Number) }]);
    client.say({ say: "leave_room" }, { say: "ping" });
    await client.pongs.next();
  });

  test.each([
    ["no token", "lobby", "A token is needed here: the first frame is JoinRoom with room?token=JWT."],
    ["an empty token", "lobby?token=", "Your token is empty."],
    ["no JWT", "lobby?token=x", "Your token is no valid JWT."],
  ])("P7.8 %s: told why, and the line ends", async (_, room, text) => {
    const { client, rooms } = await startWithTokens();
    client.say({ say: "join_room", room });
    expect(await client.error()).toBe(text);
    await client.ended;
    expect(rooms.requests).toEqual([]);
  });

  test("P7.8 a token for another room: told why, and the line ends", async () => {
    const { client } = await startWithTokens();
    client.say({ say: "join_room", room: `other?token=${await tokens.sign(claims)}` });
    expect(await client.error()).toBe("Your token is for another room.");
    await client.ended;
  });

  test.each([{ say: "leave_room" } as const, { say: "broadcast", data: new Uint8Array(1) } as const])(
    "P7.8 the first frame is JoinRoom, not %j, but pings are answered",
    async (message) => {
      const { client } = await startWithTokens();
      client.say({ say: "ping" });
      await client.pongs.next();
      client.say(message);
      expect(await client.error()).toMatch(/^A token is needed here/);
      await client.ended;
    },
  );

  test("P7.8 a client that shows none is not kept for ever, and one that showed it is", async () => {
    const { client, connect, connections } = await startWithTokens({ tokenMs: 300 });
    const silent = await connect();
    client.say({ say: "join_room", room: `lobby?token=${await tokens.sign(claims)}` });
    await client.inbox.next();
    expect(await silent.error()).toMatch(/^A token is needed here/);
    await silent.ended;
    await eventually("its place is free", () => connections.connectionCount === 1);
    client.say({ say: "ping" });
    await client.pongs.next();
  });

  test("P7.8 where none is needed, a token still says who one is, and a wrong one does not pass for none", async () => {
    const { client, rooms, connect } = await startWithTokens({ isTokenRequired: false });
    await client.join("lobby");
    client.say({ say: "join_room", room: `lobby?token=${await tokens.sign({ ...claims, role: "spectator" })}` });
    await client.inbox.next();
    expect(rooms.requests.at(-1)).toMatchObject({ user: "bob", role: "spectator", mayOpen: false });
    const other = await connect();
    other.say({ say: "join_room", room: "lobby?token=x" });
    expect(await other.error()).toBe("Your token is no valid JWT.");
    await other.ended;
  });
});

test("P7.8 it listens on the address that it is told, which is this machine alone by default", async () => {
  const { port } = await startTcp();
  const client = await TcpTestClient.connect(port, "127.0.0.1");
  client.say({ say: "ping" });
  expect(await client.pongs.next()).toBe("pong");
});
