/** `/metrics` of a running server: who may read it, and that its sums are what the test did. */
import { describe, expect, test } from "@jest/globals";
import type { OptionsInput } from "../../src/config.ts";
import { HostClient, joinPlayers, openRoom, roundTrip } from "../support/host-client.ts";
import { eventually } from "../support/inbox.ts";
import { ChannelClient } from "../support/channel-client.ts";
import { JWT_SECRET, MemberClient } from "../support/member-client.ts";
import { parseMetrics, valueOf, type MetricFamily } from "../support/metrics-text.ts";
import { PlayerClient } from "../support/player-client.ts";
import { newSession, ReliableClient } from "../support/reliable-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { TcpTestClient } from "../support/tcp-client.ts";

const KEY = "the-key-of-the-operator";
const OTHER_KEY = "another-key-of-the-operator";

function start(options: OptionsInput = {}): Promise<TestServer> {
  return startServer({ apiKey: `${KEY},${OTHER_KEY}`, ...options });
}

function ask({ url }: TestServer, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/metrics`, { headers });
}

async function metricsOf(server: TestServer): Promise<MetricFamily[]> {
  return parseMetrics(await (await ask(server, { "x-api-key": KEY })).text());
}

/** Values by the names of metrics without their prefix. */
async function figures(server: TestServer, names: readonly string[]): Promise<number[]> {
  const families = await metricsOf(server);
  return names.map((name) => {
    const [, metric = name, label, value = ""] = /^(\w+)\{(\w+)=(\w+)\}$/.exec(name) ?? [];
    return valueOf(families, `couchwire_${metric}`, label === undefined ? {} : { [label]: value });
  });
}

const TRAFFIC = [
  "frames_total{direction=in}",
  "frames_total{direction=out}",
  "bytes_total{direction=in}",
  "bytes_total{direction=out}",
];

describe("row 96: /metrics on the main port", () => {
  test("is not there without an API key in the options", async () => {
    const server = await startServer();
    expect((await ask(server)).status).toBe(404);
    expect((await ask(server, { "x-api-key": KEY })).status).toBe(404);
  });

  test("wants one of the keys, in either header", async () => {
    const server = await start();
    const refused = await ask(server);
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(await refused.json()).toMatchObject({ error: { code: "unauthorized" } });
    expect((await ask(server, { "x-api-key": `${KEY}x` })).status).toBe(401);
    expect((await ask(server, { authorization: `Bearer ${KEY.slice(1)}` })).status).toBe(401);
    for (const headers of [{ "x-api-key": KEY }, { "x-api-key": OTHER_KEY }, { authorization: `Bearer ${KEY}` }]) {
      const answer = await ask(server, headers);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([
        200,
        "text/plain; version=0.0.4; charset=utf-8",
      ]);
      expect(parseMetrics(await answer.text()).length).toBeGreaterThan(30);
    }
    expect((await fetch(`${server.url}/metrics?key=${KEY}`)).status).toBe(401);
    expect((await fetch(`${server.url}/metrics`, { method: "POST" })).status).toBe(405);
  });

  test("answers 429 after sixty wrong keys in a minute, the right one too", async () => {
    const server = await start();
    for (let count = 0; count < 60; count++) {
      expect((await ask(server, { "x-api-key": `${KEY}${count}` })).status).toBe(401);
    }
    for (const key of ["wrong", KEY]) {
      const answer = await ask(server, { "x-api-key": key });
      expect([answer.status, Number(answer.headers.get("retry-after")) > 0]).toEqual([429, true]);
    }
  });
});

describe("row 96: the sums are what the test did", () => {
  test("frames and bytes of a room with a host page, both ways", async () => {
    const server = await start();
    const room = await openRoom(server);
    const players = await joinPlayers(server, room, 3);
    for (const { player } of players) for (let count = 0; count < 4; count++) player.send("12345");
    for (let count = 0; count < 12; count++) await room.host.until("from_str");
    players[0]?.player.send(new Uint8Array(100));
    await room.host.until("from");
    for (let count = 0; count < 5; count++) room.host.send({ cmd: "to_str", to: [], data: "to everybody" });
    room.host.send({ cmd: "to", to: [2], data: new Uint8Array(50) });
    room.host.send({ cmd: "to_str", to: [1, 2], except: [1], data: "x" });
    await roundTrip(room.host);
    const framesIn = 13 + 5 + 1 + 1;
    const framesOut = 13 + 5 * 3 + 1 + 1;
    const bytesIn = 160 + 5 * 12 + 50 + 1;
    const bytesOut = 160 + 5 * 12 * 3 + 50 + 1;
    expect(await figures(server, TRAFFIC)).toEqual([framesIn, framesOut, bytesIn, bytesOut]);

    room.host.send({ cmd: "stop" });
    await room.host.closed;
    expect(await figures(server, TRAFFIC)).toEqual([framesIn, framesOut, bytesIn, bytesOut]);
    expect(await figures(server, ["rooms_opened_total", "rooms_closed_total{code=1001}", "rooms"])).toEqual([1, 1, 0]);
  });

  test("frames and bytes of an open room, over WebSockets and TCP: what came in once, and went to each other member", async () => {
    const server = await start({ jwtSecret: JWT_SECRET, openRooms: "relay", tcpPort: 0 });
    const [ann, bob] = [await MemberClient.join(server, "ann", "hall"), await MemberClient.join(server, "bob", "hall")];
    await ann.event("joined");
    await bob.event("joined");
    const tcp = await TcpTestClient.connect(server.tcpPort ?? 0);
    await tcp.join("hall");
    const before = await figures(server, TRAFFIC);
    for (let count = 0; count < 10; count++) ann.say("hello");
    for (let count = 0; count < 10; count++) await bob.message();
    const [framesIn = 0, framesOut = 0] = (await figures(server, TRAFFIC)).map((sum, at) => sum - (before[at] ?? 0));
    expect([framesIn, framesOut]).toEqual([10, 20]);
    expect(await figures(server, ["connections{transport=websocket}", "connections{transport=tcp}"])).toEqual([2, 1]);
    expect(await figures(server, ["rooms", "open_rooms{kind=relay}", "players"])).toEqual([1, 1, 3]);
  });

  test("people: players, those who are away, joins, leaves, resumes and gaps", async () => {
    const server = await start({ awayMs: 0, seatBuffer: 200 });
    const hosts = newSession();
    const { host, code } = await openRoom(server, { query: `?session=${hosts}` });
    const session = newSession();
    const phone = new ReliableClient(server, `${code}?session=${session}`);
    const { epoch } = await phone.hello();
    const guest = await PlayerClient.connect(server, code);
    await host.until("player_joined");
    await host.until("player_joined");
    await phone.cut();
    await host.until("player_away");
    expect(await figures(server, ["players", "players_away", "joins_total"])).toEqual([2, 1, 2]);
    for (let count = 0; count < 3; count++) host.send({ cmd: "to_str", to: [1], data: "x".repeat(100) });
    await roundTrip(host);
    const back = new ReliableClient(server, `${code}?session=${session}&received=0&epoch=${epoch}`);
    const { lost } = await back.hello();
    expect(lost).toBeGreaterThan(0);
    back.send("\0skip 3");
    await host.until("gap");
    await guest.close(1000);
    await host.until("player_left");
    host.socket.terminate();
    const again = await HostClient.connect(server, `?session=${hosts}`);
    await again.until("prepare_reply");
    const names = [
      "players",
      "players_away",
      "absences_total{why=cut}",
      "leaves_total{why=left}",
      "resumes_total{peer=player}",
      "resumes_total{peer=host}",
      "gaps_total{peer=player}",
      "gaps_total{peer=host}",
      "lost_frames_total{peer=player}",
      "lost_frames_total{peer=host}",
    ];
    expect(await figures(server, names)).toEqual([1, 0, 1, 1, 1, 1, 1, 1, lost, 3]);
  });

  test("refusals by code", async () => {
    const server = await start({ guessLimit: 3 });
    const { host, code } = await openRoom(server, { max_players: 1 });
    await PlayerClient.connect(server, code);
    await host.until("player_joined");
    for (let count = 0; count < 2; count++) await (await PlayerClient.connect(server, code)).closed;
    for (let count = 0; count < 3; count++) await (await PlayerClient.connect(server, "ZZZZ")).closed;
    host.send({ cmd: "start" });
    await roundTrip(host);
    await (
      await PlayerClient.connect(server, `${code}?session=short`)
    ).closed;
    host.send({ cmd: "dance" });
    await host.until("error");
    host.send({ cmd: "kick" });
    await host.until("error");
    const codes = ["4510", "4504", "4500", "unknown_command", "invalid_field"];
    expect(
      await figures(
        server,
        codes.map((each) => `refusals_total{code=${each}}`),
      ),
    ).toEqual([2, 3, 1, 1, 1]);
    expect(await figures(server, ["refusals_total"])).toEqual([8]);
    await expect(PlayerClient.connect(server, "no/room")).rejects.toThrow("404");
    expect(await figures(server, ["refusals_total{code=404}"])).toEqual([1]);
  });

  test("channels, subscriptions, publications and deliveries", async () => {
    const server = await start({ jwtSecret: JWT_SECRET });
    const [ann, bob] = [await ChannelClient.connect(server), await ChannelClient.connect(server)];
    for (const client of [ann, bob]) await client.subscribe("chat:hall");
    await ann.publish("chat:hall", "hello");
    await ann.publish("chat:empty", "hello");
    const names = ["channels", "subscriptions", "publications_total", "publications_delivered_total"];
    expect(await figures(server, names)).toEqual([2, 2, 2, 2]);
    expect(await figures(server, ["connections{transport=websocket}"])).toEqual([2]);
  });

  test("pings, and requests to the API", async () => {
    const server = await start({ pingMs: 500, idleMs: 5_000 });
    await openRoom(server);
    const count = async () =>
      (await metricsOf(server)).find(({ name }) => name === "couchwire_ping_seconds")?.metrics[0]?.count ?? 0;
    await eventually("two pings were answered", async () => (await count()) >= 2);
    await fetch(`${server.url}/api/rooms`, { headers: { "x-api-key": KEY } });
    await fetch(`${server.url}/api/rooms`, { headers: { "x-api-key": "wrong" } });
    await fetch(`${server.url}/api/rooms/BCDF`, { headers: { "x-api-key": KEY } });
    await fetch(`${server.url}/api/nothing-of-the-kind-${KEY}`, { headers: { "x-api-key": KEY } });
    const requests = (await metricsOf(server)).find(({ name }) => name === "couchwire_api_requests_total");
    expect(requests?.metrics).toEqual([
      { labels: { route: "/api/rooms", status: "200" }, value: 1 },
      { labels: { route: "/api/rooms", status: "401" }, value: 1 },
      { labels: { route: "/api/rooms/:id", status: "404" }, value: 1 },
    ]);
  });
});
