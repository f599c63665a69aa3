import { describe, expect, test } from "@jest/globals";
import {
  HostClient,
  joinPlayer,
  roundTrip,
  type HostNews,
  type OpenRoom,
  type Reachable,
} from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { connectionCount, startServer } from "../../support/server.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";

const HOSTS = [
  ["CBOR", "?bytes=string"],
  ["JSON", "?format=json"],
] as const;

async function openStage(server: Reachable, plan: Readonly<Record<string, unknown>>, query = ""): Promise<OpenRoom> {
  const host = await HostClient.connect(server, query);
  host.send({ cmd: "prepare", max_players: 8, name: "sketch", ...plan });
  const { key } = await host.until("prepare_reply");
  return { host, code: String(key) };
}

/** A watcher; the host has been told that there are this many. */
async function watch(server: Reachable, { host, code }: OpenRoom, count: number, more = ""): Promise<PlayerClient> {
  const watcher = await PlayerClient.connect(server, `${code}?role=audience${more}`);
  await stateWith(host, { audience: count });
  return watcher;
}

/** The next state that says this. */
async function stateWith(host: HostClient, fields: Readonly<Record<string, unknown>>): Promise<HostNews> {
  for (;;) {
    const state = await host.until("state");
    if (Object.entries(fields).every(([name, value]) => state[name] === value)) return state;
  }
}

/** Adds up what reports tell until so many votes are told of. */
async function tallied(host: HostClient, votes: number): Promise<ReadonlyMap<string, number>> {
  const all = new Map<string, number>();
  for (let told = 0; told < votes;) {
    const report = await host.until("audience");
    const tally = Object.entries(report["tally"] ?? {}).map(([text, count]) => [text, Number(count)] as const);
    const other = Number(report["other"] ?? 0);
    if (other > 0) tally.push(["other texts", other]);
    for (const [text, count] of tally) {
      all.set(text, (all.get(text) ?? 0) + count);
      told += count;
    }
  }
  return all;
}

describe.each(HOSTS)("the audience of a %s host", (_, query) => {
  test("P5.6 P5.6.1 is counted in the state, hears what is for it, and nothing that is for players", async () => {
    const server = await startServer();
    const room = await openStage(server, { audience: 2 }, query);
    const { player } = await joinPlayer(server, room);
    const one = await watch(server, room, 1);
    const two = await watch(server, room, 2);
    room.host.send({ cmd: "to_str", to: [], data: "for players" });
    room.host.send({ cmd: "to_audience_str", data: "curtain" });
    room.host.send({ cmd: "to_audience", data: query === "?format=json" ? [1, 2] : Uint8Array.of(1, 2) });
    for (const watcher of [one, two]) {
      expect(await watcher.next()).toBe("curtain");
      expect(await watcher.next()).toEqual(Uint8Array.of(1, 2));
    }
    expect(await player.next()).toBe("for players");
    expect(await (await PlayerClient.connect(server, `${room.code}?role=audience`)).closed).toMatchObject({
      code: 4510,
    });
    room.host.send({ cmd: "kick", player: 0 });
    expect(await stateWith(room.host, {})).toMatchObject({ players: [1], audience: 2 });
    await one.close();
    expect(await stateWith(room.host, { audience: 1 })).toMatchObject({ players: [1] });
  });

  test("P5.6.2 P5.6.3 its votes are tallied, and in a poll the newest of each counts", async () => {
    const server = await startServer();
    const room = await openStage(server, { audience: 10 }, query);
    const one = await watch(server, room, 1);
    const two = await watch(server, room, 2);
    for (const text of ["left", "right", "left", ""]) one.send(text);
    expect(await tallied(room.host, 4)).toEqual(
      new Map([
        ["left", 2],
        ["right", 1],
        ["", 1],
      ]),
    );
    room.host.send({ cmd: "poll", id: "song" });
    await roundTrip(room.host);
    one.send("a");
    expect(await room.host.until("audience")).toEqual({ cmd: "audience", count: 2, tally: { a: 1 }, poll: "song" });
    two.send("a");
    expect(await room.host.until("audience")).toMatchObject({ tally: { a: 2 }, poll: "song" });
    one.send("b");
    expect(await room.host.until("audience")).toEqual({
      cmd: "audience",
      count: 2,
      tally: { a: 1, b: 1 },
      poll: "song",
    });
    room.host.send({ cmd: "poll", id: 7 });
    await roundTrip(room.host);
    one.send("a");
    expect(await room.host.until("audience")).toEqual({ cmd: "audience", count: 2, tally: { a: 1 }, poll: 7 });
    room.host.send({ cmd: "poll" });
    await roundTrip(room.host);
    one.send("a");
    expect(await room.host.until("audience")).toEqual({ cmd: "audience", count: 2, tally: { a: 1 } });
  });
});

describe("an audience", () => {
  test("P5.2.5 P5.6 is for those that ask for it, and a room has none whose prepare has none", async () => {
    const server = await startServer();
    const room = await openStage(server, {});
    const { closed } = await PlayerClient.connect(server, `${room.code}?role=audience`);
    expect(await closed).toEqual({ code: 4510, reason: "This room has no audience." });
    for (const role of ["juggler", "member", "spectator"]) {
      expect(await (await PlayerClient.connect(server, `${room.code}?role=${role}`)).closed).toMatchObject({
        code: 4500,
      });
    }
    await PlayerClient.connect(server, `${room.code}?role=player`);
    expect(await room.host.until("player_joined")).toEqual({ cmd: "player_joined", player: 1 });
  });

  test("P5.2.5 of an open room are its spectators", async () => {
    const server = await startServer({ openRooms: "relay" });
    const opener = await PlayerClient.connect(server, "CREATE?kind=relay");
    const { code } = JSON.parse(String(await opener.next()));
    const watcher = await PlayerClient.connect(server, `${code}?role=audience&name=Ann`);
    const joined = JSON.parse(String(await watcher.next()));
    expect(joined.members).toContainEqual(expect.objectContaining({ id: joined.you, role: "spectator" }));
    const found = await fetch(`${server.url}/${code}`, { headers: { accept: "application/json" } });
    expect(await found.json()).toMatchObject({ audience: 2, players: 0 });
  });

  test("P5.6 comes in at any time: the room may be full and locked, and its look-up tells how many watch", async () => {
    const server = await startServer();
    const room = await openStage(server, { audience: 5, max_players: 0 });
    room.host.send({ cmd: "start" });
    await watch(server, room, 1);
    const found = await fetch(`${server.url}/${room.code}`, { headers: { accept: "application/json" } });
    expect(await found.json()).toMatchObject({ audience: 1, players: 0, isOpen: false });
    const health = await fetch(`${server.url}/healthz`);
    expect(await health.json()).toMatchObject({ audience: 1, players: 0 });
  });

  test("P5.6 shows the PIN, and a wrong one is a guess", async () => {
    const server = await startServer();
    const room = await openStage(server, { audience: 5, pin: "4711" });
    for (const shown of ["", "&pin=1", "&pin=2"]) {
      expect(await (await PlayerClient.connect(server, `${room.code}?role=audience${shown}`)).closed).toMatchObject({
        code: 4501,
      });
    }
    await watch(server, room, 1, "&pin=4711");
  });

  test("P5.6 is told no hello, whatever it offers, and its session is no seat", async () => {
    const server = await startServer();
    const room = await openStage(server, { audience: 5 });
    const session = newSession();
    const one = new ReliableClient(server, `${room.code}?role=audience&session=${session}`);
    const two = new ReliableClient(server, `${room.code}?role=audience&session=${session}`);
    const three = new ReliableClient(server, `${room.code}?role=audience`);
    await stateWith(room.host, { audience: 3 });
    room.host.send({ cmd: "to_audience_str", data: "\0curtain" });
    for (const client of [one, two, three]) expect(await client.next()).toBe("\0curtain");
    one.send("\0ack 1");
    expect(await tallied(room.host, 1)).toEqual(new Map([["\0ack 1", 1]]));
    await one.cut();
    await stateWith(room.host, { audience: 2 });
  });

  test("P5.6.1 P5.6.2 before prepare nothing is said to it, and no poll opens", async () => {
    const server = await startServer();
    const host = await HostClient.connect(server);
    host.send({ cmd: "to_audience_str", data: "early" });
    host.send({ cmd: "poll", id: "early" });
    expect(await host.until("error")).toMatchObject({ code: "not_prepared", in: "poll" });
    for (const wrong of [{ id: "" }, { id: "x".repeat(65) }, { id: 1.5 }, { id: [] }]) {
      host.send({ cmd: "poll", ...wrong });
      expect(await host.until("error")).toMatchObject({ in: "poll" });
    }
    for (const wrong of [{ audience: -1 }, { audience: "many" }, { overflow: "wait" }, { queue: 0.5 }]) {
      host.send({ cmd: "prepare", max_players: 2, name: "x", ...wrong });
      expect(await host.until("error")).toMatchObject({ code: "invalid_field", in: "prepare" });
    }
  });

  test("P5.6.4 that says longer text, or binary, is closed with 4500; 64 bytes are a vote", async () => {
    const server = await startServer();
    const room = await openStage(server, { audience: 5 });
    const longest = "é".repeat(32);
    const one = await watch(server, room, 1);
    one.send(longest);
    expect(await tallied(room.host, 1)).toEqual(new Map([[longest, 1]]));
    one.send(`${longest}x`);
    const two = await PlayerClient.connect(server, `${room.code}?role=audience`);
    two.send(Uint8Array.of(1));
    for (const { closed } of [one, two]) expect(await closed).toMatchObject({ code: 4500 });
    expect(await stateWith(room.host, { audience: 0 })).toMatchObject({ players: [] });
  });

  test("P5.6.4 that says too much is closed with 4029, and stays out", async () => {
    const server = await startServer({ playerRate: 1, playerBurst: 5 });
    const room = await openStage(server, { audience: 5 });
    const path = `${room.code}?role=audience&session=${newSession()}`;
    const watcher = await PlayerClient.connect(server, path);
    for (let vote = 0; vote < 10; vote++) watcher.send("a");
    expect(await watcher.closed).toMatchObject({ code: 4029 });
    const votes = (await tallied(room.host, 5)).get("a");
    expect(votes).toBeGreaterThanOrEqual(5);
    expect(votes).toBeLessThan(10);
    expect(await (await PlayerClient.connect(server, path)).closed).toMatchObject({ code: 4029 });
  });

  test("P5.6.3 P5.6.4 a tally is exact over 100,000 votes of lines that are cut", async () => {
    const server = await startServer({ playerRate: 0 });
    const room = await openStage(server, { audience: 400, max_players: 100 });
    const lines = 40;
    const votesEach = 100_000 / lines;
    const counted = tallied(room.host, 100_000);
    for (let line = 0; line < lines; line++) {
      const watcher = await PlayerClient.connect(server, `${room.code}?role=audience`);
      for (let vote = 0; vote < votesEach; vote++) watcher.send(`text ${vote % 10}`);
      if (line % 2 === 0) await watcher.close(1000);
      else {
        // The server has read all of it before it answers; then the line is cut.
        const read = new Promise((resolve) => watcher.socket.once("pong", resolve));
        watcher.socket.ping();
        await read;
        watcher.socket.terminate();
      }
    }
    const expected = Array.from({ length: 10 }, (_, text): [string, number] => [`text ${text}`, 10_000]);
    expect(await counted).toEqual(new Map(expected));
  });

  test("P5.6.5 P5.6.6 P5.6.7 its votes wait for a host that is away, and it is closed with the room", async () => {
    const server = await startServer();
    const query = `?session=${newSession()}`;
    const room = await openStage(server, { audience: 5 }, query);
    const watcher = await watch(server, room, 1);
    room.host.socket.terminate();
    await eventually("the host is away", async () => (await connectionCount(server)) === 1);
    for (let vote = 0; vote < 50; vote++) watcher.send("a");
    const host = await HostClient.connect(server, query);
    expect(await host.next()).toMatchObject({ cmd: "state", audience: 1 });
    expect(await tallied(host, 50)).toEqual(new Map([["a", 50]]));
    host.send({ cmd: "stop" });
    expect(await watcher.closed).toMatchObject({ code: 1001 });
  });
});
