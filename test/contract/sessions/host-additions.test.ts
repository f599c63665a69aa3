import { describe, expect, test } from "@jest/globals";
import { HostClient, joinPlayer, openRoom, roundTrip } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { connectionCount, countsOf, startServer } from "../../support/server.ts";
import { newSession } from "../../support/reliable-client.ts";

describe("more for the host", () => {
  test("P5.3.1 `open` takes new players again after `start`", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    room.host.send({ cmd: "start" });
    await room.host.until("state");
    expect(await (await PlayerClient.connect(server, room.code)).closed).toMatchObject({ code: 4523 });
    room.host.send({ cmd: "open" });
    expect(await room.host.next()).toMatchObject({ cmd: "state", accept_conns: true });
    expect((await joinPlayer(server, room)).id).toBe(1);
  });

  test("P5.3.1 `open` before `prepare` is refused", async () => {
    const server = await startServer();
    const host = await HostClient.connect(server);
    host.send({ cmd: "open" });
    expect(await host.until("error")).toMatchObject({ code: "not_prepared", in: "open" });
  });

  test("P5.3.2 a kick's reason is the close reason, and a ban outlives reconnecting", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const session = newSession();
    const path = `${room.code}?session=${session}`;
    const player = await PlayerClient.connect(server, path);
    await room.host.until("player_joined");
    room.host.send({ cmd: "kick", player: 1, reason: "No bots, please.", ban: true });
    expect(await player.closed).toEqual({ code: 4503, reason: "No bots, please." });
    await room.host.until("player_left");
    await room.host.until("state");
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await (await PlayerClient.connect(server, path)).closed).toMatchObject({ code: 4503 });
    }
    expect(await roundTrip(room.host)).toEqual([]);
    const other = await openRoom(server);
    await PlayerClient.connect(server, `${other.code}?session=${session}`);
    expect(await other.host.next()).toMatchObject({ cmd: "player_joined" });
  });

  test("P5.3.2 without `ban` a kicked player may come again, as a new one", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const path = `${room.code}?session=${newSession()}`;
    const player = await PlayerClient.connect(server, path);
    await room.host.until("player_joined");
    room.host.send({ cmd: "kick", player: 1 });
    expect(await player.closed).toEqual({ code: 4503, reason: "The host removed you from the game." });
    await PlayerClient.connect(server, path);
    expect(await room.host.until("player_joined")).toEqual({ cmd: "player_joined", player: 2 });
  });

  test("P5.3.3 `except` is respected by `to` and `to_str`", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const [one, two] = [await joinPlayer(server, room), await joinPlayer(server, room)];
    room.host.send({ cmd: "to", to: [], except: [1], data: Uint8Array.of(1) });
    room.host.send({ cmd: "to_str", to: [1, 2], except: [2, null, 9], data: "one" });
    room.host.send({ cmd: "to_str", to: [], data: "end" });
    expect([await one.player.next(), await one.player.next()]).toEqual(["one", "end"]);
    expect([await two.player.next(), await two.player.next()]).toEqual([Uint8Array.of(1), "end"]);
  });

  test("P5.3.5 a phone that reloads gets the last frame of each name again, before anything newer", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    const path = `${room.code}?session=${newSession()}`;
    const player = await PlayerClient.connect(server, path);
    await room.host.until("player_joined");
    room.host.send({ cmd: "to_str", to: [], data: "lobby", retain: "screen" });
    room.host.send({ cmd: "to_str", to: [], data: "question", retain: "screen" });
    room.host.send({ cmd: "to", to: [1], data: Uint8Array.of(7), retain: "score" });
    room.host.send({ cmd: "to_str", to: [], data: "gone by" });
    for (let frame = 0; frame < 4; frame++) await player.next();
    await player.close(1001);
    await eventually("the server knows", async () => (await connectionCount(server)) === 1);
    room.host.send({ cmd: "to_str", to: [], data: "waited" });
    await roundTrip(room.host);
    const fresh = await PlayerClient.connect(server, path);
    expect([await fresh.next(), await fresh.next(), await fresh.next()]).toEqual([
      "question",
      Uint8Array.of(7),
      "waited",
    ]);
  });

  test.each([
    ["CBOR", ""],
    ["JSON", "?format=json"],
  ])(
    "P5.9.13 a phone that reloads gets a list of frames whole, and hears nothing of its replacement: %s",
    async (_, query) => {
      const server = await startServer({ awayMs: 0 });
      const room = await openRoom(server, { query });
      const path = `${room.code}?session=${newSession()}`;
      const player = await PlayerClient.connect(server, path);
      await room.host.until("player_joined");
      const say = (fields: object): void => room.host.sendFrame(JSON.stringify({ cmd: "to_str", to: [], ...fields }));
      say({ data: "a=1", retain: "state" });
      say({ data: "b=2", retain: "state", append: true });
      say({ data: "a=1 b=2", retain: "state", silent: true });
      room.host.send({ cmd: "to", to: [1], data: Uint8Array.of(3), retain: "state", append: true });
      say({ data: "end" });
      expect(await player.frames.take(4)).toEqual(["a=1", "b=2", Uint8Array.of(3), "end"]);
      await player.close(1001);
      await room.host.until("player_away"); // what it was sent counts as arrived
      const fresh = await PlayerClient.connect(server, path);
      expect(await fresh.frames.take(2)).toEqual(["a=1 b=2", Uint8Array.of(3)]);
      say({ data: "no name", append: true });
      expect(await room.host.until("error")).toMatchObject({ code: "invalid_field", in: "to_str" });
    },
  );

  test.each(["text", Uint8Array.of(0, 255)])("P5.3.6 what was saved last is restored: %j", async (data) => {
    const server = await startServer();
    const session = newSession();
    const room = await openRoom(server, { query: `?session=${session}` });
    room.host.send({ cmd: "save", data: "older" });
    room.host.send({ cmd: "save", data });
    expect(await roundTrip(room.host)).toEqual([]);
    room.host.socket.close(1001);
    await room.host.closed;
    const back = await HostClient.connect(server, `?session=${session}`);
    expect(await back.take(3)).toMatchObject([{ cmd: "state" }, { cmd: "prepare_reply" }, { cmd: "restore", data }]);
  });

  test("P5.3.6 a checkpoint over 64 KiB is refused, and the last one stays", async () => {
    const server = await startServer();
    const session = newSession();
    const room = await openRoom(server, { query: `?session=${session}` });
    room.host.send({ cmd: "save", data: "small" });
    room.host.send({ cmd: "save", data: new Uint8Array(65_537) });
    expect(await room.host.until("error")).toMatchObject({ code: "too_large", in: "save" });
    room.host.socket.close(1001);
    await room.host.closed;
    const back = await HostClient.connect(server, `?session=${session}`);
    expect(await back.until("restore")).toEqual({ cmd: "restore", data: "small" });
  });

  test("P5.3.7 each phone's health is told: round trip, queue, absence", async () => {
    const server = await startServer({ awayMs: 0 });
    const room = await openRoom(server);
    await joinPlayer(server, room);
    const away = await PlayerClient.connect(server, `${room.code}?session=${newSession()}`);
    await room.host.until("player_joined");
    await away.close(1001);
    await room.host.until("player_away");
    room.host.send({ cmd: "health", every: 1 });
    expect(await room.host.next()).toMatchObject({
      cmd: "health",
      players: { 1: { queued: 0, away: false }, 2: { rtt: null, queued: 0, away: true } },
    });
    expect(await room.host.until("health")).toMatchObject({ players: { 1: { rtt: expect.any(Number) } } });
    room.host.send({ cmd: "health", every: 0 });
    room.host.send({ cmd: "health", every: 3_601 });
    expect(await room.host.until("error")).toMatchObject({ code: "invalid_field", in: "health" });
  });

  test("P5.3.8 a rescue link leads to the phone page and gives the seat to another phone, once", async () => {
    const server = await startServer();
    const room = await openRoom(server, { max_players: 1 });
    const [lost, spare] = [newSession(), newSession()];
    const old = await PlayerClient.connect(server, `${room.code}?session=${lost}`);
    await room.host.until("player_joined");
    room.host.send({ cmd: "start" });
    room.host.send({ cmd: "to_str", to: [1], data: "your hand", retain: "hand" });
    expect(await old.next()).toBe("your hand");
    room.host.send({ cmd: "rescue", player: 1 });
    const url = String((await room.host.until("rescue_reply")).url);
    expect(url).toMatch(new RegExp(`^${server.url}/${room.code}\\?rescue=[A-Za-z0-9_-]{21}$`));
    const page = await fetch(url, { headers: { accept: "text/html" }, redirect: "manual" });
    const location = new URL(page.headers.get("location") ?? "", server.url);
    expect([location.pathname, location.searchParams.get("room")]).toEqual(["/games/sketch/player.html", room.code]);
    const rescue = location.searchParams.get("rescue");

    const fresh = await PlayerClient.connect(server, `${room.code}?session=${spare}&rescue=${rescue}`);
    expect(await old.closed).toMatchObject({ code: 4509 });
    expect(await fresh.next()).toBe("your hand");
    fresh.send("saved");
    expect(await room.host.next()).toEqual({ cmd: "from_str", from: 1, data: "saved" });
    for (const session of [lost, newSession()]) {
      const refused = await PlayerClient.connect(server, `${room.code}?session=${session}&rescue=${rescue}`);
      expect(await refused.closed).toMatchObject({ code: 4523 });
    }
  });

  test("P5.3.9 a pin is asked of newcomers: 4501", async () => {
    const server = await startServer();
    const host = await HostClient.connect(server);
    host.send({ cmd: "prepare", max_players: 3, name: "sketch", pin: "2468", meta: { round: 1 } });
    const code = String((await host.until("prepare_reply")).key);
    const session = newSession();
    for (const query of ["", "?pin=2469", `?session=${session}`]) {
      expect(await (await PlayerClient.connect(server, `${code}${query}`)).closed).toMatchObject({ code: 4501 });
    }
    const player = await PlayerClient.connect(server, `${code}?session=${session}&pin=2468`);
    expect(await host.next()).toMatchObject({ cmd: "player_joined" });
    await player.close(1001);
    const back = await PlayerClient.connect(server, `${code}?session=${session}`);
    back.send("no pin");
    expect(await host.until("from_str")).toMatchObject({ from: 1, data: "no pin" });
  });

  test.each([
    [{ pin: "" }, "invalid_field"],
    [{ pin: "x".repeat(33) }, "too_large"],
    [{ meta: "x".repeat(4_096) }, "too_large"],
  ])("P5.3.9 %j is refused, and opens no room", async (fields, code) => {
    const server = await startServer();
    const host = await HostClient.connect(server);
    host.send({ cmd: "prepare", max_players: 3, name: "sketch", ...fields });
    expect(await host.until("error")).toMatchObject({ code, in: "prepare" });
    expect((await countsOf(server)).rooms).toBe(0);
  });

  test("P5.3.10 player_joined carries the display name", async () => {
    const server = await startServer();
    const room = await openRoom(server);
    await PlayerClient.connect(server, `${room.code}?name=${encodeURIComponent(" Zoë 🎲 ")}`);
    expect(await room.host.next()).toEqual({ cmd: "player_joined", player: 1, name: "Zoë 🎲" });
    expect(await (await PlayerClient.connect(server, `${room.code}?name=${"x".repeat(65)}`)).closed).toMatchObject({
      code: 4500,
    });
  });
});
