import { randomBytes } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { encode } from "cborg";
import { joinPlayer, openRoom, roundTrip } from "../../support/host-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { makeFrame, OPCODE, RawClient } from "../../support/raw-client.ts";
import { countsOf, connectionCount, startServer } from "../../support/server.ts";
import { isBunNative } from "../../support/target.ts";

/** What no WebSocket client may send, and the close code for it. */
const BROKEN: readonly [string, readonly Buffer[], number][] = [
  ["a frame without a mask", [makeFrame(OPCODE.text, "hi", { isMasked: false })], 1002],
  ["a reserved bit, as for compression", [makeFrame(OPCODE.text, "hi", { reserved: 4 })], 1002],
  ["another reserved bit", [makeFrame(OPCODE.text, "hi", { reserved: 1 })], 1002],
  ["opcode 3", [makeFrame(3, "hi")], 1002],
  ["opcode 15", [makeFrame(15)], 1002],
  ["a ping in fragments", [makeFrame(OPCODE.ping, "", { isFinal: false })], 1002],
  ["a ping of 126 bytes", [makeFrame(OPCODE.ping, "x".repeat(126))], 1002],
  ["a continuation of nothing", [makeFrame(OPCODE.continuation, "hi")], 1002],
  [
    "a new message in the middle of another",
    [makeFrame(OPCODE.text, "hi", { isFinal: false }), makeFrame(OPCODE.text, "hi")],
    1002,
  ],
  ["a Close of one byte", [makeFrame(OPCODE.close, Buffer.of(3))], 1002],
  ["a Close with the code 1005", [makeFrame(OPCODE.close, Buffer.from([0x03, 0xed]))], 1002],
  ["a Close with the code 0", [makeFrame(OPCODE.close, Buffer.from([0, 0]))], 1002],
  ["a Close whose reason is no UTF-8", [makeFrame(OPCODE.close, Buffer.from([0x03, 0xe8, 0xff]))], 1007],
  ["text that is no UTF-8", [makeFrame(OPCODE.text, Buffer.from([0x68, 0xff]))], 1007],
  ["text with half of a surrogate pair", [makeFrame(OPCODE.text, Buffer.from([0xed, 0xa0, 0x80]))], 1007],
  ["text that ends in the middle of a character", [makeFrame(OPCODE.text, Buffer.from([0xf0, 0x9f]))], 1007],
  ["a length of 2^53", [makeFrame(OPCODE.binary, "", { claimedLength: 2 ** 53 })], 1009],
  ["a length over the limit", [makeFrame(OPCODE.binary, "", { claimedLength: 5_000_000 })], 1009],
  [
    "more fragments than anybody needs",
    [
      makeFrame(OPCODE.binary, "", { isFinal: false }),
      ...Array.from({ length: 20_000 }, () => makeFrame(OPCODE.continuation, "", { isFinal: false })),
    ],
    isBunNative ? 1002 : 1008, // Bun bounds the bytes of a message and not its pieces: it stops at the text behind them
  ],
];

describe("broken WebSocket frames", () => {
  test.each(BROKEN)("%s of a player ends that player and nothing else", async (_what, frames, code) => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const raw = await RawClient.open(server.port, `/${room.code}`);
    await room.host.take(2);
    raw.write(Buffer.concat([makeFrame(OPCODE.text, "before"), ...frames, makeFrame(OPCODE.text, "after")]));
    expect((await room.host.take(3)).map(({ cmd }) => cmd)).toEqual(["from_str", "player_left", "state"]);
    expect(await raw.closeFrame()).toMatchObject({ code });
    player.send("on we go");
    expect(await room.host.next()).toEqual({ cmd: "from_str", from: 1, data: "on we go" });
    room.host.send({ cmd: "to_str", to: [], data: "on we go" });
    expect(await player.next()).toBe("on we go");
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test.each(BROKEN)("%s of a host ends its room with 1001 and nothing else", async (_what, frames, code) => {
    const server = await startServer();
    const other = await openRoom(server);
    const raw = await RawClient.open(server.port, "/CREATE");
    raw.write(makeFrame(OPCODE.binary, encode({ cmd: "prepare", max_players: 2, name: "" })));
    const reply = await raw.frames.until(({ payload }) => payload.includes("prepare_reply"));
    const player = await PlayerClient.connect(server, reply.payload.toString("latin1").slice(-4));
    await raw.frames.until(({ payload }) => payload.includes("player_joined"));
    raw.write(Buffer.concat([...frames, makeFrame(OPCODE.binary, encode({ cmd: "to_str", to: [], data: "after" }))]));
    expect(await raw.closeFrame()).toMatchObject({ code });
    expect(await player.closed).toEqual({ code: 1001, reason: "The game is done." });
    expect(player.frames.drain()).toEqual([]);
    expect(await joinPlayer(server, other)).toMatchObject({ id: 1 });
    expect((await countsOf(server)).rooms).toBe(1);
  });

  test("the others hear at once that it is gone, not when it has answered the Close", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const raw = await RawClient.open(server.port, `/${room.code}`);
    await room.host.take(2);
    raw.send(3);
    expect(await room.host.next()).toEqual({ cmd: "player_left", player: 1 });
    expect(await connectionCount(server)).toBe(2); // it is still there, and does not hang up
  });

  test("random bytes end their own connection, a host's or a player's", async () => {
    const server = await startServer();
    const room = await openRoom(server, { max_players: 100 });
    const { player } = await joinPlayer(server, room);
    for (const path of ["/CREATE", `/${room.code}`, "/BCDF"]) {
      for (let round = 0; round < 10; round++) {
        const raw = await RawClient.open(server.port, path);
        raw.socket.end(randomBytes(2000));
        await raw.gone;
      }
    }
    player.send("on we go");
    expect(await room.host.events.until(({ from }) => from === 1)).toMatchObject({ data: "on we go" });
  });
});
