import { randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { fromHex } from "../../support/hex.ts";
import { joinPlayer, openRoom, roundTrip } from "../../support/host-client.ts";
import { PlayerClient, type FramePayload } from "../../support/player-client.ts";
import { OPCODE, RawClient } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";

const BIG = 1_048_576;

const PAYLOADS: readonly [string, FramePayload][] = [
  ["an empty text", ""],
  ["an empty binary", new Uint8Array(0)],
  ["one zero byte", Uint8Array.of(0)],
  ["every byte", Uint8Array.from({ length: 256 }, (_, byte) => byte)],
  ["text beyond ASCII, with a mark and a zero in it", "naïve 🎉 \u{feff}日本語\0\u{10ffff}"],
  ["23 bytes", new Uint8Array(23).fill(7)],
  ["24 bytes", new Uint8Array(24).fill(24)],
  ["125 bytes", new Uint8Array(125).fill(23)],
  ["126 bytes", "x".repeat(126)],
  ["255 bytes", "y".repeat(255)],
  ["65,535 bytes", new Uint8Array(65_535).fill(255)],
  ["65,536 bytes", "ü".repeat(32_768)],
  ["as many random bytes as one frame may hold", new Uint8Array(randomBytes(BIG))],
  ["as long a text as one frame may hold", "z".repeat(BIG)],
];

describe("frames of players", () => {
  describe.each(["array", "string"])("with bytes=%s", (bytes) => {
    test.each(PAYLOADS)("P3.1 %s passes unchanged from the player to the host", async (_what, payload) => {
      const server = await startServer();
      const room = await openRoom(server, { query: `?bytes=${bytes}` });
      const { player } = await joinPlayer(server, room);
      player.send(payload);
      const event = await room.host.next();
      expect(event.cmd).toBe(typeof payload === "string" ? "from_str" : "from");
      const data = Array.isArray(event.data) ? Uint8Array.from(event.data) : event.data;
      expect(isSame(data, payload)).toBe(true);
      expect(await roundTrip(room.host)).toEqual([]);
    });
  });

  test.each(PAYLOADS)("P3.1 %s passes unchanged from the host to the player", async (_what, payload) => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    room.host.send({ cmd: typeof payload === "string" ? "to_str" : "to", to: [1], data: payload });
    room.host.send({ cmd: "to_str", to: [1], data: "end" });
    expect(isSame(await player.next(), payload)).toBe(true);
    expect(await player.next()).toBe("end");
  });

  test("P3.1 a text keeps the byte order mark it begins with, both ways", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const text = Buffer.from("\u{feff}text");
    const frame = new Promise<Buffer>((resolve) => {
      room.host.socket.once("message", (data: Buffer) => resolve(data));
    });
    player.socket.send(text, { binary: false });
    expect((await frame).subarray(-text.length - 1)).toEqual(Buffer.concat([Buffer.of(0x60 + text.length), text]));
    const raw = await RawClient.open(server.port, `/${room.code}`);
    await room.host.until("player_joined");
    room.host.send({ cmd: "to_str", to: [2], data: text.toString() });
    expect(await raw.frames.next()).toMatchObject({ opcode: OPCODE.text, payload: text });
  });

  test("P3.1 the server says nothing of its own to a player", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const raw = await RawClient.open(server.port, `/${room.code}`);
    await room.host.until("player_joined");
    room.host.send({ cmd: "start" });
    room.host.send({ cmd: "to_str", to: [], data: "first" });
    expect(await raw.frames.next()).toEqual({
      isFinal: true,
      reserved: 0,
      opcode: OPCODE.text,
      isMasked: false,
      payload: Buffer.from("first"),
    });
  });

  test("P3.1 a message in fragments is one frame for the host, with a ping answered in between", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const raw = await RawClient.open(server.port, `/${room.code}`);
    await room.host.take(2);
    const bytes = Buffer.from("frag🎉mented");
    raw.send(OPCODE.text, bytes.subarray(0, 5), { isFinal: false }); // in the middle of the 🎉
    raw.send(OPCODE.ping, "still there?");
    raw.send(OPCODE.continuation, "", { isFinal: false });
    raw.send(OPCODE.continuation, bytes.subarray(5));
    raw.send(OPCODE.binary, Buffer.of(1), { isFinal: false });
    raw.send(OPCODE.continuation, Buffer.of(2));
    expect(await room.host.take(2)).toEqual([
      { cmd: "from_str", from: 1, data: "frag🎉mented" },
      { cmd: "from", from: 1, data: [1, 2] },
    ]);
    expect(await raw.frames.next()).toMatchObject({ opcode: OPCODE.pong, payload: Buffer.from("still there?") });
  });

  test("P3.1 frames that come one byte at a time are frames all the same", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const raw = await RawClient.open(server.port, `/${room.code}`);
    await room.host.take(2);
    for (const byte of fromHex("818400000000 736c6f77 828100000000 07")) {
      await new Promise((resolve) => raw.socket.write(Uint8Array.of(byte), resolve));
    }
    expect(await room.host.take(2)).toEqual([
      { cmd: "from_str", from: 1, data: "slow" },
      { cmd: "from", from: 1, data: [7] },
    ]);
  });

  test("P3.1 a player's ping is answered and not passed on", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const pong = new Promise<string>((resolve) => {
      player.socket.on("pong", (data: Buffer) => resolve(data.toString()));
    });
    player.socket.ping("hello");
    expect(await pong).toBe("hello");
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test("P3.1 a player's CBOR padded to 256 bytes is passed on with its padding (K8)", async () => {
    const server = await startServer();
    const room = await openRoom(server, { query: "?bytes=string" });
    const { player } = await joinPlayer(server, room);
    const padded = new Uint8Array(256);
    padded.set(fromHex("a1 636d7367 626869"));
    player.send(padded);
    expect(await room.host.next()).toEqual({ cmd: "from", from: 1, data: padded });
  });

  test("P3.2 a refused join is accepted as a WebSocket and closed at once with a code", async () => {
    const server = await startServer();
    const raw = await RawClient.open(server.port, "/BCDF");
    expect(await raw.frames.next()).toMatchObject({ isFinal: true, opcode: OPCODE.close });
    raw.send(OPCODE.close, Buffer.from([0x11, 0x98])); // 4504, sent back
    await raw.gone;
  });

  test("P3.2 refused joins leave nothing behind", async () => {
    const server = await startServer({ maxConnections: 3 });
    for (let round = 0; round < 10; round++) {
      expect(await (await PlayerClient.connect(server, "BCDF")).closed).toMatchObject({ code: 4504 });
    }
  });
});

/** `toEqual` compares a mebibyte item by item, and prints it. */
function isSame(actual: unknown, expected: FramePayload): boolean {
  if (typeof expected === "string") return actual === expected;
  return actual instanceof Uint8Array && Buffer.compare(actual, expected) === 0;
}
