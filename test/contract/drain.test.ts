/** A server that is told to stop: no new rooms, some time for those that are being played, then 1012 to every peer of every transport. */
import { once } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { ServerClosingError } from "../../src/games/open-rooms.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { logLines, startCli, type CliProcess } from "../support/cli-process.ts";
import { HostClient, joinPlayer, openRoom, roundTrip, type OpenRoom } from "../support/host-client.ts";
import { eventually } from "../support/inbox.ts";
import { JWT_SECRET, MemberClient } from "../support/member-client.ts";
import { PlayerClient } from "../support/player-client.ts";
import { newSession, ReliableClient } from "../support/reliable-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { testInProcess } from "../support/target.ts";
import { TcpTestClient } from "../support/tcp-client.ts";

/** Longer than any test: a room that does not end keeps the server. */
const LONG_MS = 600_000;

const API_KEY = "the-key-of-the-operator";

interface Draining {
  readonly server: TestServer;
  readonly room: OpenRoom;
  readonly player: PlayerClient;
  /** Resolves when the server has closed. */
  readonly closed: Promise<void>;
}

/** A server that was told to stop while a phone plays. */
async function draining(): Promise<Draining> {
  const server = await startServer({
    drainMs: LONG_MS,
    jwtSecret: JWT_SECRET,
    openRooms: "relay",
    tcpPort: 0,
    apiKey: API_KEY,
  });
  onTestEnd(() => server.inside().close({ drainMs: 0 }));
  const room = await openRoom(server, { query: `?session=${newSession()}` });
  const { player } = await joinPlayer(server, room);
  return { server, room, player, closed: server.close() };
}

async function readiness({ url }: Pick<TestServer, "url">) {
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, body: await answer.json() };
}

async function closingOf(server: TestServer, path: string) {
  return (await PlayerClient.connect(server, path)).closed;
}

const RESTARTING = { code: 1012, reason: "The server is restarting. Come back in a moment." };

describe("row 97: while the rooms that are being played may go on", () => {
  testInProcess("no room is opened: 1012 for hosts, members and pages; 503 and an error for programs", async () => {
    const { server } = await draining();
    expect(await closingOf(server, "CREATE")).toEqual(RESTARTING);
    expect(await closingOf(server, `CREATE?session=${newSession()}`)).toEqual(RESTARTING);
    expect(await closingOf(server, "CREATE?kind=relay")).toEqual(RESTARTING);
    const member = await MemberClient.join(server, "bob", "a new room");
    expect((await member.closed).code).toBe(1012);
    expect(() => server.inside().rooms.create("relay")).toThrow(ServerClosingError);
    const client = await TcpTestClient.connect(server.tcpPort ?? 0);
    client.say({ say: "join_room", room: "another room" });
    expect(await client.error()).toBe(RESTARTING.reason);
    const created = await fetch(`${server.url}/api/rooms`, {
      method: "POST",
      headers: { "x-api-key": API_KEY, "content-type": "application/json" },
      body: JSON.stringify({ kind: "relay" }),
    });
    expect(created.status).toBe(503);
    expect(z.object({ error: z.object({ code: z.string() }) }).parse(await created.json()).error.code).not.toBe("");
  });

  testInProcess("a host that connected before and prepares its room now is closed with 1012", async () => {
    const server = await startServer({ drainMs: LONG_MS });
    onTestEnd(() => server.inside().close({ drainMs: 0 }));
    await joinPlayer(server, await openRoom(server));
    const host = await HostClient.connect(server);
    void server.close();
    host.send({ cmd: "prepare", max_players: 4, name: "quiz" });
    expect(await host.closed).toEqual(RESTARTING);
  });

  testInProcess("a code without a room is no final no: the room may be opened after the restart", async () => {
    const { server } = await draining();
    expect(await closingOf(server, "ZZZZ")).toEqual(RESTARTING);
  });

  testInProcess("phones join, come back and play; a host comes back; pages are served", async () => {
    const server = await startServer({ drainMs: LONG_MS, awayMs: 0 });
    onTestEnd(() => server.inside().close({ drainMs: 0 }));
    const [hosts, phones] = [newSession(), newSession()];
    const { host, code } = await openRoom(server, { query: `?session=${hosts}` });
    const phone = new ReliableClient(server, `${code}?session=${phones}`);
    const { epoch } = await phone.hello();
    await host.until("player_joined");
    void server.close();

    const late = await PlayerClient.connect(server, code);
    expect(await host.until("player_joined")).toMatchObject({ player: 2 });
    late.send("hello");
    expect(await host.until("from_str")).toMatchObject({ from: 2, data: "hello" });
    await phone.cut();
    expect(await host.until("player_away")).toMatchObject({ player: 1 });
    const again = new ReliableClient(server, `${code}?session=${phones}&received=0&epoch=${epoch}`);
    await again.hello();
    expect(await host.until("player_back")).toMatchObject({ player: 1 });
    host.socket.terminate();
    const back = await HostClient.connect(server, `?session=${hosts}`);
    expect(await back.until("prepare_reply")).toMatchObject({ key: code });
    expect((await fetch(`${server.url}/${code}`)).status).toBe(200);
  });

  testInProcess("P9.10 /readyz says 503 and why; /healthz goes on", async () => {
    const before = await startServer();
    expect(await readiness(before)).toEqual({ status: 200, body: { ready: true, bus: "none", draining: false } });
    const { server } = await draining();
    expect(await readiness(server)).toEqual({ status: 503, body: { ready: false, bus: "none", draining: true } });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe("row 97: the time is over", () => {
  testInProcess("early, when the last room with players ends; lobbies without players are not waited for", async () => {
    const { server, room, player, closed } = await draining();
    room.host.send({ cmd: "stop" });
    expect((await player.closed).code).toBe(1001);
    await closed;
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();

    const lobby = await startServer({ drainMs: LONG_MS });
    const { host } = await openRoom(lobby);
    await lobby.close();
    expect(await host.closed).toEqual(RESTARTING);
  });

  testInProcess("early, when the last player has left, also by leaving its seat to time", async () => {
    const { room, player, closed } = await draining();
    await player.close();
    await closed;
    expect(await room.host.closed).toEqual(RESTARTING);
  });

  testInProcess("at once, when the program says so: every peer is told", async () => {
    const { server, room, player, closed } = await draining();
    await server.inside().close({ drainMs: 0 });
    await closed;
    expect(await room.host.closed).toEqual(RESTARTING);
    expect(await player.closed).toEqual(RESTARTING);
  });

  testInProcess("after drainMs, even where all go on playing", async () => {
    const server = await startServer({ drainMs: 300 });
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const startedAt = performance.now();
    const closed = server.close();
    expect(await player.closed).toEqual(RESTARTING);
    expect(performance.now() - startedAt).toBeGreaterThan(250);
    await closed;
  });

  testInProcess("but not after less than nothing", async () => {
    const server = await startServer();
    await expect(server.inside().close({ drainMs: -1 })).rejects.toThrow("drainMs is -1, but has to be");
    await expect(server.inside().close({ drainMs: Number.NaN })).rejects.toThrow("drainMs is NaN, but has to be");
  });
});

/** The command with an open room for every wire. */
async function startCommand(...words: string[]) {
  const cli = startCli(["--port", "0", "--tcp-port", "0", "--open-rooms", "relay", ...words], {
    COUCHWIRE_JWT_SECRET: JWT_SECRET,
  });
  onTestEnd(() => cli.kill("SIGKILL"));
  const { port, url, tcpPort } = await cli.listening;
  if (typeof tcpPort !== "number") throw new Error("The command has said no TCP port.");
  return { cli, server: { url, ws: `ws://127.0.0.1:${port}`, tcpPort } };
}

async function exitOf(cli: CliProcess) {
  const { exitCode, signal, stdout } = await cli.ended;
  return { exitCode, signal, lines: logLines(stdout) };
}

describe("the command", () => {
  test("row 97: SIGTERM during twenty games tells every client of every transport, and ends well", async () => {
    const { cli, server } = await startCommand("--drain-ms", "1500");
    const ends: Promise<unknown>[] = [];
    const hosts: HostClient[] = [];
    for (let count = 0; count < 20; count++) {
      const isJson = count % 2 === 0;
      const query = `?session=${newSession()}${isJson ? "&format=json" : ""}`;
      const { host, code } = await openRoom(server, { query });
      const plain = await PlayerClient.connect(server, code);
      const resuming = await PlayerClient.connect(server, `${code}?session=${newSession()}`);
      const counting = new ReliableClient(server, `${code}?session=${newSession()}`);
      await counting.hello();
      for (let players = 0; players < 3; players++) await host.until("player_joined");
      hosts.push(host);
      ends.push(...[host, plain, resuming, counting].map(({ closed }) => closed));
    }
    const member = await MemberClient.join(server, "ann", "hall");
    await member.event("joined");
    const tcp = await TcpTestClient.connect(server.tcpPort);
    await tcp.join("hall");
    const last = once(tcp.socket, "close").then(() => tcp.inbox.drain().at(-1));
    // They play until they are told to stop.
    const playing = setInterval(() => {
      for (const { socket } of hosts) socket.send(JSON.stringify({ cmd: "to_str", to: [], data: "go on" }));
      tcp.broadcast("go on");
    }, 20);
    onTestEnd(() => clearInterval(playing));

    const startedAt = performance.now();
    cli.kill("SIGTERM");
    expect(await Promise.all(ends)).toEqual(ends.map(() => RESTARTING));
    expect(await member.closed).toMatchObject({ code: 1012 });
    expect(await last).toEqual({ say: "error", text: RESTARTING.reason });
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    const { lines, ...ending } = await exitOf(cli);
    expect(ending).toEqual({ exitCode: 0, signal: null });
    expect(lines).toContainEqual(expect.objectContaining({ msg: "rooms may go on for a while", rooms: 21 }));
  });

  test("a second signal ends the time of the rooms, and all is well", async () => {
    const { cli, server } = await startCommand("--drain-ms", String(LONG_MS));
    const { host, code } = await openRoom(server);
    const player = await PlayerClient.connect(server, code);
    await host.until("player_joined");
    cli.kill("SIGTERM");
    await eventually("the server drains", async () => (await readiness(server)).status === 503);
    // Pressed again and again, because a second one at the same moment does not count.
    const again = setInterval(() => cli.kill("SIGINT"), 100);
    onTestEnd(() => clearInterval(again));
    expect(await player.closed).toEqual(RESTARTING);
    clearInterval(again);
    expect(await host.closed).toEqual(RESTARTING);
    expect(await exitOf(cli)).toMatchObject({ exitCode: 0, signal: null });
  });

  test("Ctrl+C where no room is being played ends it at once", async () => {
    const { cli, server } = await startCommand("--drain-ms", String(LONG_MS));
    const { host } = await openRoom(server);
    await roundTrip(host);
    cli.kill("SIGINT");
    expect(await host.closed).toEqual(RESTARTING);
    expect(await exitOf(cli)).toMatchObject({ exitCode: 0, signal: null });
  });
});
