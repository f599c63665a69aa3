import { describe, expect, test } from "@jest/globals";
import { HostClient, joinPlayer, type HostNews, type OpenRoom, type Reachable } from "../../support/host-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { startServer } from "../../support/server.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";

const HOSTS = [
  ["CBOR", ""],
  ["JSON", "?format=json"],
] as const;

async function openFull(server: Reachable, plan: Readonly<Record<string, unknown>>, query = ""): Promise<OpenRoom> {
  const host = await HostClient.connect(server, query);
  host.send({ cmd: "prepare", max_players: 1, name: "sketch", ...plan });
  const { key } = await host.until("prepare_reply");
  return { host, code: String(key) };
}

/** The next state that says this. */
async function stateWith(host: HostClient, fields: Readonly<Record<string, unknown>>): Promise<HostNews> {
  for (;;) {
    const state = await host.until("state");
    if (Object.entries(fields).every(([name, value]) => state[name] === value)) return state;
  }
}

describe.each(HOSTS)("the waiting line of a %s host", (_, query) => {
  test("P5.7 P5.7.2 a plain phone waits, is sent nothing, and becomes a player when a seat frees", async () => {
    const server = await startServer();
    const room = await openFull(server, { overflow: "queue" }, query);
    const { player } = await joinPlayer(server, room);
    const waiting = await PlayerClient.connect(server, room.code);
    expect(await stateWith(room.host, { waiting: 1 })).toMatchObject({ players: [1], accept_conns: false });
    room.host.send({ cmd: "to_str", to: [], data: "for players" });
    await player.next();
    await player.close(1000);
    expect(await room.host.next()).toEqual({ cmd: "player_left", player: 1 });
    await room.host.next();
    expect(await room.host.next()).toEqual({ cmd: "player_joined", player: 2 });
    expect(await room.host.next()).toMatchObject({ cmd: "state", players: [2], waiting: 0 });
    room.host.send({ cmd: "to_str", to: [], data: "welcome" });
    expect(await waiting.next()).toBe("welcome");
  });

  test("P5.7.1 P5.7.4 a phone on couchwire.v1 hears its place, and what it said arrives once it is seated", async () => {
    const server = await startServer();
    const room = await openFull(server, { overflow: "queue" }, query);
    const { player } = await joinPlayer(server, room);
    const [one, two] = [0, 1].map(() => new ReliableClient(server, `${room.code}?session=${newSession()}`));
    if (one === undefined || two === undefined) throw new Error("there are two");
    const places = [await one.next(), await two.next()];
    expect(new Set(places)).toEqual(new Set(['\0queue {"position":1}', '\0queue {"position":2}']));
    const [first, second] = places[0] === '\0queue {"position":1}' ? [one, two] : [two, one];
    first.send("\0ping");
    expect(await first.next()).toBe("\0ack 0");
    first.send("early");
    first.send("\0ping");
    expect(await first.next()).toBe("\0ack 1");
    await player.close(1000);
    expect(await first.hello()).toMatchObject({ player: 2, received: 1 });
    expect(await second.next()).toBe('\0queue {"position":1}');
    expect(await room.host.until("from_str")).toEqual({ cmd: "from_str", from: 2, data: "early" });
    second.send("\0ack 9");
    expect(await second.closed).toMatchObject({ code: 4500 });
  });
});

describe("a waiting line", () => {
  test("P5.7 is as long as the host says; past that 4510", async () => {
    const server = await startServer();
    const room = await openFull(server, { overflow: "queue", queue: 1, max_players: 0 });
    await PlayerClient.connect(server, room.code);
    await stateWith(room.host, { waiting: 1 });
    expect(await (await PlayerClient.connect(server, room.code)).closed).toMatchObject({ code: 4510 });
    const none = await openFull(server, { overflow: "refuse", queue: 5, max_players: 0 });
    expect(await (await PlayerClient.connect(server, none.code)).closed).toMatchObject({ code: 4510 });
  });

  test("P5.7.3 stays after start, moves on at open, and newcomers are closed with 4523", async () => {
    const server = await startServer();
    const room = await openFull(server, { overflow: "queue" });
    const { player } = await joinPlayer(server, room);
    const waiting = new ReliableClient(server, `${room.code}?session=${newSession()}`);
    expect(await waiting.next()).toBe('\0queue {"position":1}');
    room.host.send({ cmd: "start" });
    await player.close(1000);
    await room.host.until("player_left");
    expect(await (await PlayerClient.connect(server, room.code)).closed).toMatchObject({ code: 4523 });
    room.host.send({ cmd: "open" });
    expect(await waiting.hello()).toMatchObject({ player: 2 });
  });

  test("P5.7.4 keeps 16 KiB of what each says; past that 4500", async () => {
    const server = await startServer();
    const room = await openFull(server, { overflow: "queue" });
    const { player } = await joinPlayer(server, room);
    const [quiet, loud] = [
      await PlayerClient.connect(server, room.code),
      await PlayerClient.connect(server, room.code),
    ];
    quiet.send(new Uint8Array(16_384));
    loud.send(new Uint8Array(16_384));
    loud.send("");
    loud.send("x");
    expect(await loud.closed).toMatchObject({ code: 4500 });
    await stateWith(room.host, { waiting: 1 });
    await player.close(1000);
    const from = await room.host.until("from");
    expect(from).toMatchObject({ from: 2 });
    expect(from["data"]).toHaveLength(16_384);
  });

  test("P5.7.5 is left at once by a phone that goes, and a session has one place", async () => {
    const server = await startServer();
    const room = await openFull(server, { overflow: "queue", max_players: 0 });
    const path = `${room.code}?session=${newSession()}`;
    const older = new ReliableClient(server, path);
    expect(await older.next()).toBe('\0queue {"position":1}');
    const next = new ReliableClient(server, `${room.code}?session=${newSession()}`);
    expect(await next.next()).toBe('\0queue {"position":2}');
    const newer = new ReliableClient(server, path);
    expect(await newer.next()).toBe('\0queue {"position":1}');
    expect(await older.closed).toMatchObject({ code: 4509 });
    await newer.cut();
    expect(await next.next()).toBe('\0queue {"position":1}');
    await stateWith(room.host, { waiting: 1 });
  });

  test("P5.7.6 leads into the audience where the host says so, while there is room", async () => {
    const server = await startServer();
    const room = await openFull(server, { overflow: "audience", audience: 2, max_players: 0 });
    const reliable = new ReliableClient(server, `${room.code}?session=${newSession()}`);
    expect(await reliable.next()).toBe('\0role {"role":"audience"}');
    const plain = await PlayerClient.connect(server, room.code);
    expect(await stateWith(room.host, { audience: 2 })).toMatchObject({ players: [] });
    reliable.send("\0ping");
    for (const client of [reliable, plain]) client.send("yes");
    room.host.send({ cmd: "to_audience_str", data: "curtain" });
    expect([await reliable.next(), await plain.next()]).toEqual(["curtain", "curtain"]);
    let votes = 0;
    while (votes < 2) {
      const report = await room.host.until("audience");
      expect(Object.keys(report["tally"] ?? {})).toEqual(["yes"]);
      votes += Number(Object.values(report["tally"] ?? {})[0]);
    }
    expect(await (await PlayerClient.connect(server, room.code)).closed).toMatchObject({ code: 4510 });
  });

  test("P5.7.7 is closed with the room", async () => {
    const server = await startServer();
    const room = await openFull(server, { overflow: "queue", max_players: 0 });
    const waiting = await PlayerClient.connect(server, room.code);
    await stateWith(room.host, { waiting: 1 });
    room.host.send({ cmd: "stop" });
    expect(await waiting.closed).toMatchObject({ code: 1001 });
  });
});
