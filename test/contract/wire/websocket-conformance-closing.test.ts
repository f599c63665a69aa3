import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { onTestEnd } from "../../support/clean-up.ts";
import { joinPlayer, openRoom, roundTrip } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { makeFrame, OPCODE, type RawClient } from "../../support/raw-client.ts";
import { connectionCount, startServer } from "../../support/server.ts";
import { isBunNative } from "../../support/target.ts";
import { closing, CLOSE_CODES_THAT_TRAVEL } from "../../support/websocket/broken-frames.ts";
import { takeRawSeat } from "../../support/websocket/raw-seat.ts";

const MEBIBYTE = 1_048_576;

/** Nothing comes any more, but for the end of the stream. */
async function expectSilence(client: RawClient): Promise<void> {
  await client.gone;
  expect(client.frames.drain()).toEqual([]);
}

describe("the closing handshake (RFC 6455, section 7), when the peer closes first", () => {
  test.each(CLOSE_CODES_THAT_TRAVEL)(
    "P4.1 its Close with %i is answered with the same code, and the server hangs up",
    async (code) => {
      const server = await startServer();
      const room = await openRoom(server);
      const client = await takeRawSeat(server, room);
      client.send(OPCODE.close, closing(code, "because"), { mask: Buffer.of(9, 8, 7, 6) });
      expect(await client.frames.next()).toMatchObject({ opcode: OPCODE.close, payload: closing(code) });
      await expectSilence(client);
      expect(await connectionCount(server)).toBe(2); // it was ended, not cut: our own side is still open
      if (isBunNative) client.socket.end();
      expect(await room.host.next()).toEqual({ cmd: "player_left", player: 1 });
      client.socket.end();
      await eventually("the connection is gone", async () => (await connectionCount(server)) === 1);
    },
  );

  test("P4.1 its Close without a code is answered without one", async () => {
    const server = await startServer();
    const client = await takeRawSeat(server, await openRoom(server));
    client.send(OPCODE.close);
    expect(await client.frames.next()).toMatchObject({ opcode: OPCODE.close, payload: Buffer.alloc(0) });
    await expectSilence(client);
  });

  test("P4.1 what stands behind its Close is not heard, in the same packet or later, good or broken", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const client = await takeRawSeat(server, room);
    const behind = [
      makeFrame(OPCODE.text, "behind"),
      makeFrame(OPCODE.ping, "p"),
      makeFrame(OPCODE.close),
      makeFrame(3),
    ];
    client.write(Buffer.concat([makeFrame(OPCODE.text, "before"), makeFrame(OPCODE.close, closing(1000)), ...behind]));
    expect(await client.frames.next()).toMatchObject({ opcode: OPCODE.close, payload: closing(1000) });
    client.write(Buffer.concat(behind));
    await expectSilence(client);
    if (isBunNative) client.socket.end();
    const events = await room.host.take(3);
    expect(events.map(({ cmd, data }) => [cmd, data])).toEqual([
      ["from_str", "before"],
      ["player_left", undefined],
      ["state", undefined],
    ]);
    client.socket.end();
    await eventually("the connection is gone", async () => (await connectionCount(server)) === 1);
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test("P4.1 a Close in the middle of a fragmented message is a Close, and the message never was", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const client = await takeRawSeat(server, room);
    client.send(OPCODE.text, "never", { isFinal: false });
    client.send(OPCODE.close, closing(1001));
    client.send(OPCODE.continuation, "said");
    expect(await client.closeFrame()).toEqual({ code: 1001, reason: "" });
    if (isBunNative) client.socket.end();
    expect(await room.host.next()).toEqual({ cmd: "player_left", player: 1 });
  });

  test("P4.1 everything that was sent to it before is delivered first", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const client = await takeRawSeat(server, room);
    const data = Buffer.alloc(MEBIBYTE / 2, 7);
    client.socket.pause();
    for (let count = 0; count < 2; count++) room.host.send({ cmd: "to", to: [1], data });
    await roundTrip(room.host);
    client.send(OPCODE.close, closing(1000));
    if (!isBunNative) await room.host.until("player_left");
    client.socket.resume();
    for (let count = 0; count < 2; count++) {
      const { opcode, payload } = await client.frames.next();
      expect([opcode, payload.equals(data)]).toEqual([OPCODE.binary, true]);
    }
    expect(await client.closeFrame()).toEqual({ code: 1000, reason: "" });
    await expectSilence(client);
  });
});

describe("the closing handshake, when the server closes first", () => {
  test("P4.1 the peer's answer ends it: no second Close, and the server hangs up first", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const client = await takeRawSeat(server, room);
    room.host.send({ cmd: "kick", player: 1 });
    expect(await client.closeFrame()).toMatchObject({ code: 4503 });
    client.send(OPCODE.close, closing(4503));
    await expectSilence(client);
    expect(await connectionCount(server)).toBe(2);
    client.socket.end();
    await eventually("the connection is gone", async () => (await connectionCount(server)) === 1);
  });

  test("P4.1 a Close of the peer that crosses the server's counts as its answer, whatever its code", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const client = await takeRawSeat(server, room);
    client.socket.pause(); // it has not seen the server's Close when it sends its own
    room.host.send({ cmd: "kick", player: 1 });
    await roundTrip(room.host);
    client.send(OPCODE.close, closing(1000, "I was leaving anyway"));
    client.socket.resume();
    expect(await client.closeFrame()).toMatchObject({ code: 4503 });
    await expectSilence(client);
  });

  test("P4.1 what the peer still says before its answer is read and not heard, pings too", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const client = await takeRawSeat(server, room);
    room.host.send({ cmd: "kick", player: 1 });
    expect(await client.closeFrame()).toMatchObject({ code: 4503 });
    await room.host.until("player_left");
    await room.host.until("state");
    for (let count = 0; count < 50; count++) client.send(OPCODE.binary, Buffer.alloc(60_000));
    client.send(OPCODE.text, "but I");
    client.send(OPCODE.ping, "hello?");
    client.send(OPCODE.close, closing(1000));
    await expectSilence(client);
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test("P4.1 a peer that hangs up instead of answering is gone at once", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const client = await takeRawSeat(server, room);
    room.host.send({ cmd: "kick", player: 1 });
    expect(await client.closeFrame()).toMatchObject({ code: 4503 });
    client.socket.end();
    await expectSilence(client);
    await eventually("the connection is gone", async () => (await connectionCount(server)) === 1);
  });

  test("P4.1 what was sent before the Close is delivered first, though the peer reads late", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const client = await takeRawSeat(server, room);
    const data = Buffer.alloc(MEBIBYTE / 2, 7);
    client.socket.pause();
    for (let count = 0; count < 2; count++) room.host.send({ cmd: "to", to: [1], data });
    room.host.send({ cmd: "to_str", to: [1], data: "and that is all" });
    room.host.send({ cmd: "kick", player: 1 });
    await room.host.until("player_left");
    client.socket.resume();
    const frames = await client.frames.take(4);
    expect(frames.map(({ opcode, payload }) => [opcode, payload.length])).toEqual([
      [OPCODE.binary, data.length],
      [OPCODE.binary, data.length],
      [OPCODE.text, "and that is all".length],
      [OPCODE.close, expect.any(Number)],
    ]);
  });
});

describe("a peer that breaks the rules", () => {
  test.each([
    ["a frame that is none", makeFrame(3), 1002],
    ["text that is none", makeFrame(OPCODE.text, Buffer.of(0xff)), 1007],
    ["a length over the limit", makeFrame(OPCODE.binary, "", { claimedLength: 2 ** 40 }), 1009],
  ])("P4.1 with %s is told so, and the server hangs up first, as that of ws", async (_what, frame, code) => {
    const server = await startServer();
    const client = await takeRawSeat(server, await openRoom(server));
    client.write(Buffer.concat([frame, makeFrame(OPCODE.text, "behind")]));
    expect(await client.closeFrame()).toMatchObject({ code });
    await expectSilence(client);
    expect(await connectionCount(server)).toBe(2); // it was ended, not cut: our own side is still open
    client.socket.end();
    await eventually("the connection is gone", async () => (await connectionCount(server)) === 1);
  });
});

describe("the end of a TCP connection", () => {
  test("P4.1 a peer that half-closes without a Close has left; what it said before is heard, and the server hangs up", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const client = await takeRawSeat(server, room);
    client.socket.end(makeFrame(OPCODE.text, "last words"));
    expect(await room.host.next()).toMatchObject({ cmd: "from_str", data: "last words" });
    expect(await room.host.next()).toEqual({ cmd: "player_left", player: 1 });
    await expectSilence(client);
    await eventually("the connection is gone", async () => (await connectionCount(server)) === 1);
  });

  test("P4.1 a peer that half-closes behind its Close is answered all the same", async () => {
    const server = await startServer();
    const client = await takeRawSeat(server, await openRoom(server));
    client.socket.end(makeFrame(OPCODE.close, closing(1000)));
    expect(await client.closeFrame()).toEqual({ code: 1000, reason: "" });
    await expectSilence(client);
    await eventually("the connection is gone", async () => (await connectionCount(server)) === 1);
  });

  test.each([
    ["in the middle of a head", makeFrame(OPCODE.text, "x".repeat(200)).subarray(0, 3)],
    ["in the middle of a frame", makeFrame(OPCODE.text, "x".repeat(200)).subarray(0, 100)],
    ["in the middle of a message", makeFrame(OPCODE.text, "x", { isFinal: false })],
  ])("P4.1 a peer that ends %s has left, and what it had begun is not heard", async (_what, said) => {
    const server = await startServer();
    const room = await openRoom(server);
    const ended = await takeRawSeat(server, room);
    ended.socket.end(said);
    expect(await room.host.next()).toEqual({ cmd: "player_left", player: 1 });
    await room.host.next();
    const cut = await takeRawSeat(server, room);
    cut.write(said);
    cut.socket.resetAndDestroy();
    expect(await room.host.next()).toEqual({ cmd: "player_left", player: 2 });
    await eventually("both are gone", async () => (await connectionCount(server)) === 1);
  });

  test("P4.1 peers that never hang up are cut in the end, whoever closed first", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const [asked, answered, wrong] = [
      await takeRawSeat(server, room),
      await takeRawSeat(server, room),
      await takeRawSeat(server, room),
    ];
    asked.send(OPCODE.close);
    room.host.send({ cmd: "kick", player: 2 });
    wrong.send(3);
    for (const client of [asked, answered, wrong]) await client.closeFrame();
    answered.send(OPCODE.close, closing(4503));
    await eventually("all three are gone", async () => (await connectionCount(server)) === 1);
    for (const client of [asked, answered, wrong]) await expectSilence(client);
  });
});

describe("clients of ws", () => {
  test("P4.1 hear the code and the reason, and say that all went well, whoever closed first", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const leaving = await joinPlayer(server, room);
    const kicked = await joinPlayer(server, room);
    leaving.player.socket.close(3123, "bye");
    expect(await leaving.player.closed).toEqual({ code: 3123, reason: isBunNative ? "bye" : "" });
    room.host.send({ cmd: "kick", player: 2, reason: "Größe 🎉" });
    expect(await kicked.player.closed).toEqual({ code: 4503, reason: "Größe 🎉" });
    const third = new WebSocket(`${server.ws}/${room.code}`);
    onTestEnd(() => third.terminate());
    const wasClean = new Promise((resolve) => third.addEventListener("close", (event) => resolve(event.wasClean)));
    third.addEventListener("open", () => third.close());
    expect(await wasClean).toBe(true);
  });
});
