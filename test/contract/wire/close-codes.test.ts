import { describe, expect, test } from "@jest/globals";
import { onTestEnd } from "../../support/clean-up.ts";
import { HostClient, joinPlayer, joinPlayers, openRoom, roundTrip } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { OPCODE, RawClient } from "../../support/raw-client.ts";
import { countsOf, connectionCount, startServer } from "../../support/server.ts";

const GAME_DONE = { code: 1001, reason: "The game is done." };

describe("close codes", () => {
  test("P4.1 1000 a player's own Close is answered", async () => {
    const server = await startServer();
    const { player } = await joinPlayer(server, await openRoom(server));
    expect(await player.close(1000)).toEqual({ code: 1000, reason: "" });
  });

  test("P4.1 1007 bad UTF-8 of a player ends that player alone", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const [, second] = await joinPlayers(server, room, 2);
    const raw = await RawClient.open(server.port, `/${room.code}`);
    await room.host.until("player_joined");
    await room.host.next();
    raw.send(OPCODE.text, Buffer.of(0xc3, 0x28));
    expect(await raw.closeFrame()).toMatchObject({ code: 1007 });
    expect(await room.host.next()).toEqual({ cmd: "player_left", player: 3 });
    second?.player.send("on we go");
    expect(await room.host.until("from_str")).toMatchObject({ from: 2, data: "on we go" });
  });

  test("P4.1 1007 bad UTF-8 of a host ends its room with 1001", async () => {
    const server = await startServer();
    const raw = await RawClient.open(server.port, "/CREATE?format=json");
    raw.send(OPCODE.text, JSON.stringify({ cmd: "prepare", max_players: 2, name: "" }));
    const reply = await raw.frames.until(({ payload }) => payload.includes("prepare_reply"));
    const { key }: { readonly key: string } = JSON.parse(reply.payload.toString());
    const player = await PlayerClient.connect(server, key);
    raw.send(OPCODE.text, Buffer.of(0xff));
    expect(await raw.closeFrame()).toMatchObject({ code: 1007 });
    expect(await player.closed).toEqual(GAME_DONE);
  });

  test("P4.1 1009 a player's frame over the limit ends that player, one of exactly the limit does not", async () => {
    const server = await startServer({ maxPayload: 1000 });
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    player.send("x".repeat(1000));
    expect(await room.host.next()).toMatchObject({ cmd: "from_str" });
    player.send("x".repeat(1001));
    expect(await player.closed).toMatchObject({ code: 1009 });
    expect((await room.host.take(2)).map(({ cmd }) => cmd)).toEqual(["player_left", "state"]);
    room.host.send({ cmd: "to", to: [], data: new Uint8Array(5000) });
    expect(await roundTrip(room.host)).toEqual([]);
  });

  test("P4.1 1009 fragments that together are over the limit", async () => {
    const server = await startServer({ maxPayload: 1000 });
    const { code } = await openRoom(server);
    const raw = await RawClient.open(server.port, `/${code}`);
    raw.send(OPCODE.binary, new Uint8Array(600), { isFinal: false });
    raw.send(OPCODE.continuation, new Uint8Array(401));
    expect(await raw.closeFrame()).toMatchObject({ code: 1009 });
  });

  test("P4.1 1009 is said as soon as a head claims too much, before the frame comes", async () => {
    const server = await startServer();
    const { code } = await openRoom(server);
    const raw = await RawClient.open(server.port, `/${code}`);
    raw.send(OPCODE.binary, "", { claimedLength: 2 ** 40 });
    expect(await raw.closeFrame()).toMatchObject({ code: 1009 });
  });

  test("P4.1 1009 a host's frame over its own, larger limit ends its room with 1001", async () => {
    const server = await startServer({ maxPayload: 1000, maxHostPayload: 2000 });
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    room.host.send({ cmd: "to", to: [1], data: new Uint8Array(1900) });
    expect(await player.next()).toHaveLength(1900);
    room.host.send({ cmd: "to", to: [1], data: new Uint8Array(2000) });
    expect(await room.host.closed).toMatchObject({ code: 1009 });
    expect(await player.closed).toEqual(GAME_DONE);
  });

  test("P4.1 1012 when the server closes: hosts, players and those who have not prepared", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const waiting = await HostClient.connect(server);
    await server.close();
    const restarting = { code: 1012, reason: "The server is restarting. Come back in a moment." };
    expect(await Promise.all([room.host.closed, player.closed, waiting.closed])).toEqual([
      restarting,
      restarting,
      restarting,
    ]);
  });

  test("P4.1 1013 past maxConnections, for hosts and players; a place that becomes free can be taken", async () => {
    const server = await startServer({ maxConnections: 3 });
    const room = await openRoom(server);
    const [first] = await joinPlayers(server, room, 2);
    const overloaded = { code: 1013, reason: "The server is full. Come back later." };
    expect(await (await PlayerClient.connect(server, room.code)).closed).toEqual(overloaded);
    const host = await HostClient.connect(server);
    expect(await host.closed).toEqual(overloaded);
    expect(host.events.drain()).toEqual([]);
    expect(await roundTrip(room.host)).toEqual([]);
    await first?.player.close();
    await room.host.until("player_left");
    await room.host.until("state");
    // A place is free once the connection is over, which is after the Close.
    await eventually("a connection is free", async () => (await connectionCount(server)) === 2);
    expect(await joinPlayer(server, room)).toMatchObject({ id: 3 });
  });

  test("P5.8.9 a refused client takes no place, not even while it does not hang up", async () => {
    const server = await startServer({ maxConnections: 2, guessLimit: 0 });
    const room = await openRoom(server);
    const lingering = await Promise.all(Array.from({ length: 10 }, () => RawClient.open(server.port, "/AAAA")));
    for (const stranger of lingering) expect(await stranger.closeFrame()).toMatchObject({ code: 4504 });
    expect(await joinPlayer(server, room)).toMatchObject({ id: 1 });
    expect(await (await PlayerClient.connect(server, room.code)).closed).toMatchObject({ code: 1013 });
  });

  test("P5.8.9 past a thousand of them those that were refused first are cut off", async () => {
    const server = await startServer({ guessLimit: 0 });
    const first = await RawClient.open(server.port, "/AAAA");
    const open = (): Promise<RawClient> => RawClient.open(server.port, "/AAAA");
    // Not all at once: some machines let only 128 wait to be accepted, and reset those who come when more do.
    for (let hundreds = 0; hundreds < 10; hundreds++) await Promise.all(Array.from({ length: 100 }, open));
    await expect(first.gone).resolves.toBeUndefined();
  });

  test("P4.1 4008 a player that answers no ping is closed, however much it says; one that does stays", async () => {
    const server = await startServer({ pingMs: 100, idleMs: 60_000 });
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const deaf = await RawClient.open(server.port, `/${room.code}`);
    await room.host.until("player_joined");
    await room.host.next();
    const chatter = setInterval(() => deaf.send(OPCODE.text, "I talk and do not listen"), 5);
    deaf.socket.on("close", () => clearInterval(chatter));
    expect(await deaf.closeFrame()).toEqual({ code: 4008, reason: "Nothing was heard from you for too long." });
    expect(await room.host.until("player_left")).toEqual({ cmd: "player_left", player: 2 });
    player.send("still here");
    expect(await room.host.until("from_str")).toMatchObject({ from: 1 });
  });

  test("P4.1 4008 a host that answers no ping: its room ends with 1001", async () => {
    const server = await startServer({ pingMs: 100, idleMs: 60_000 });
    const raw = await RawClient.open(server.port, "/CREATE?format=json");
    raw.send(OPCODE.text, JSON.stringify({ cmd: "prepare", max_players: 2, name: "" }));
    const reply = await raw.frames.until(({ payload }) => payload.includes("prepare_reply"));
    const { key }: { readonly key: string } = JSON.parse(reply.payload.toString());
    const player = await PlayerClient.connect(server, key);
    expect(await raw.closeFrame()).toMatchObject({ code: 4008 });
    expect(await player.closed).toEqual(GAME_DONE);
    expect((await countsOf(server)).rooms).toBe(0);
  });

  test("P4.1 4008 a peer that is silent for idleMs is closed, though its next ping is not due yet", async () => {
    const server = await startServer({ pingMs: 1_600, idleMs: 1_800 });
    const room = await openRoom(server);
    let pings = 0;
    room.host.socket.on("ping", () => {
      pings += 1;
    });
    const silent = await RawClient.open(server.port, `/${room.code}`);
    await room.host.until("player_joined");
    expect(await silent.closeFrame()).toMatchObject({ code: 4008 });
    expect(pings).toBe(1); // at the second one the missing pong alone would have told
  });

  test("P4.1 4008 a peer that says nothing but answers pings is not silent", async () => {
    // Each pong has the time between two pings: a busy machine needs more of it than a quiet one.
    const server = await startServer({ pingMs: 800, idleMs: 1_000 });
    const room = await openRoom(server);
    const quiet = await RawClient.open(server.port, `/${room.code}`);
    quiet.answersPings = true;
    for (let pings = 0; pings < 3; pings++) await quiet.frames.until(({ opcode }) => opcode === OPCODE.ping);
    quiet.send(OPCODE.text, "still here");
    expect(await room.host.until("from_str")).toMatchObject({ from: 1, data: "still here" });
  });

  test("P4.1 4008 a peer that pongs unasked is not silent, and one that says nothing beside it is", async () => {
    const server = await startServer({ pingMs: 2_500, idleMs: 2_700 });
    const room = await openRoom(server);
    const ponging = await RawClient.open(server.port, `/${room.code}`);
    const pulse = setInterval(() => {
      ponging.send(OPCODE.pong, "unasked");
      room.host.socket.pong("unasked");
    }, 50);
    onTestEnd(() => clearInterval(pulse));
    const silent = await RawClient.open(server.port, `/${room.code}`);
    expect(await silent.closeFrame()).toMatchObject({ code: 4008 });
    ponging.send(OPCODE.text, "still here");
    expect(await room.host.until("from_str")).toMatchObject({ from: 1, data: "still here" });
  });

  test("P4.1 4500 for a query that is not understood; the reason says what would be", async () => {
    const server = await startServer();
    const closings = [];
    for (const query of [
      "?format=xml",
      "?bytes=hex",
      "?format=",
      "?format=json&bytes=no",
      `?format=${"ü".repeat(999)}`,
    ]) {
      const host = await HostClient.connect(server, encodeURI(query));
      closings.push(await host.closed);
      expect(host.events.drain()).toEqual([]);
    }
    expect(closings.map(({ code }) => code)).toEqual([4500, 4500, 4500, 4500, 4500]);
    expect(closings[0]?.reason).toBe('"format" has to be cbor or json, not "xml".');
    expect(closings[1]?.reason).toBe('"bytes" has to be array or string, not "hex".');
    for (const { reason } of closings) expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });

  test.each([
    ["the table's, where the host gives none", {}, "The host removed you from the game."],
    ["the table's, where it is null", { reason: null }, "The host removed you from the game."],
    ["the host's", { reason: "No swearing, please. Größe 🎉" }, "No swearing, please. Größe 🎉"],
    ["empty, where the host wants it so", { reason: "" }, ""],
    ["cut at a character's border, where it is too long", { reason: "🎉".repeat(100) }, "🎉".repeat(30)],
    ["cut to 123 bytes", { reason: "x".repeat(1024) }, "x".repeat(123)],
  ])("P4.1 4503 kicked: the reason is %s", async (_what, fields, reason) => {
    const server = await startServer();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    room.host.send({ cmd: "kick", player: 1, ...fields });
    expect(await player.closed).toEqual({ code: 4503, reason });
  });

  test.each(["BCDF", "AAAA", "abcd"])("P4.1 4504 for a room that is not there: %s", async (code) => {
    const player = await PlayerClient.connect(await startServer(), code);
    expect(await player.closed).toEqual({ code: 4504, reason: "Game not found" });
  });

  test("P4.1 4510 a room that is full", async () => {
    const server = await startServer();
    const room = await openRoom(server, { max_players: 1 });
    await joinPlayer(server, room);
    const player = await PlayerClient.connect(server, room.code);
    expect(await player.closed).toEqual({ code: 4510, reason: "The room is full." });
  });

  test("P4.1 4523 a game that has started, also where the room is full", async () => {
    const server = await startServer();
    const room = await openRoom(server, { max_players: 1 });
    await joinPlayer(server, room);
    room.host.send({ cmd: "start" });
    await room.host.next();
    const player = await PlayerClient.connect(server, room.code);
    expect(await player.closed).toEqual({ code: 4523, reason: "The game has started." });
  });

  test("P4.1 a peer that never answers a Close is cut all the same", async () => {
    const server = await startServer();
    const raw = await RawClient.open(server.port, "/BCDF");
    expect(await raw.closeFrame()).toMatchObject({ code: 4504 });
    await raw.gone;
    await eventually("no connection is left", async () => (await connectionCount(server)) === 0);
  });
});
