/** The figures for Prometheus, without a server: what is told of rooms and connections, and what comes out. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { createMetrics, type Metrics } from "../../../src/metrics/metrics.ts";
import { TrafficCounter } from "../../../src/room/traffic.ts";
import { parseMetrics, valueOf, type MetricFamily } from "../../support/metrics-text.ts";

const opened: Metrics[] = [];
afterEach(() => {
  for (const metrics of opened.splice(0)) metrics.close();
});

const NOBODY = { rooms: 0, hostsAway: 0, players: 0, spectators: 0, audience: 0, waiting: 0, away: 0 };

function newMetrics(sources: Partial<Parameters<typeof createMetrics>[0]> = {}): Metrics {
  const metrics = createMetrics({
    census: () => NOBODY,
    openRooms: () => new Map([["relay", 0]]),
    connections: () => ({ websocket: 0, tcp: 0, queuedBytes: 0 }),
    budget: () => ({ used: 0, limit: 1_000, cuts: 0 }),
    channels: () => ({ channels: 2, subscriptions: 5 }),
    isDraining: () => false,
    bus: () => "none",
    version: "1.2.3",
    engine: "codec",
    ...sources,
  });
  opened.push(metrics);
  return metrics;
}

async function read(metrics: Metrics): Promise<MetricFamily[]> {
  return parseMetrics(await metrics.read());
}

/** A room that has passed so much on. */
function trafficOf(framesIn: number, bytesIn: number, framesOut: number, bytesOut: number): TrafficCounter {
  return Object.assign(new TrafficCounter(), { framesIn, bytesIn, framesOut, bytesOut });
}

function sums(families: readonly MetricFamily[]): number[] {
  return ["couchwire_frames_total", "couchwire_bytes_total"].flatMap((name) =>
    ["in", "out"].map((direction) => valueOf(families, name, { direction })),
  );
}

/** Lets the event loop turn until its delay has been measured. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function holdUpEventLoop(ms: number): Promise<void> {
  await turns();
  const until = performance.now() + ms;
  while (performance.now() < until);
  await turns();
}

describe("row 96: /metrics", () => {
  test("sums what rooms have passed on, keeps it when they close, and never goes back", async () => {
    const metrics = newMetrics();
    const [quiz, chess] = [trafficOf(3, 30, 9, 90), trafficOf(1, 7, 1, 7)];
    expect(sums(await read(metrics))).toEqual([0, 0, 0, 0]);
    metrics.observer.roomOpened({ room: "BCDF", name: "quiz", traffic: quiz });
    metrics.observer.roomOpened({ room: "CDFG", name: "chess", traffic: chess });
    expect(sums(await read(metrics))).toEqual([4, 10, 37, 97]);
    quiz.countIn(100);
    metrics.observer.roomClosed({ room: "BCDF", why: "room_closed", traffic: quiz });
    metrics.observer.roomClosed({ room: "BCDF", why: "room_closed", traffic: quiz });
    expect(sums(await read(metrics))).toEqual([5, 10, 137, 97]);
    chess.countOut(3);
    const families = await read(metrics);
    expect(sums(families)).toEqual([5, 11, 137, 100]);
    expect(valueOf(families, "couchwire_rooms_opened_total")).toBe(2);
    expect(valueOf(families, "couchwire_rooms_closed_total", { code: "1001" })).toBe(2);
  });

  test("has the rooms and people of the moment at which it is read", async () => {
    let census = { rooms: 3, hostsAway: 1, players: 12, spectators: 4, audience: 30, waiting: 5, away: 2 };
    const kinds = new Map([["relay", 2]]);
    const metrics = newMetrics({ census: () => census, openRooms: () => kinds });
    const families = await read(metrics);
    const names = ["rooms", "hosts_away", "players", "audience", "players_waiting", "players_away"];
    expect(names.map((name) => valueOf(families, `couchwire_${name}`))).toEqual([3, 1, 12, 34, 5, 2]);
    expect(valueOf(families, "couchwire_open_rooms", { kind: "relay" })).toBe(2);
    census = NOBODY;
    kinds.set("relay", 0);
    const later = await read(metrics);
    expect(names.map((name) => valueOf(later, `couchwire_${name}`))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(valueOf(later, "couchwire_open_rooms")).toBe(0);
  });

  test("has connections by transport, queues, the budget and the state of the server", async () => {
    let isDraining = false;
    const metrics = newMetrics({
      connections: () => ({ websocket: 7, tcp: 2, queuedBytes: 4_096 }),
      budget: () => ({ used: 600, limit: 1_000, cuts: 3 }),
      isDraining: () => isDraining,
    });
    const before = await read(metrics);
    expect(valueOf(before, "couchwire_connections", { transport: "websocket" })).toBe(7);
    expect(valueOf(before, "couchwire_connections", { transport: "tcp" })).toBe(2);
    expect(valueOf(before, "couchwire_queue_bytes")).toBe(4_096);
    expect(["", "_limit"].map((part) => valueOf(before, `couchwire_memory${part}_bytes`))).toEqual([600, 1_000]);
    expect(valueOf(before, "couchwire_memory_cuts_total")).toBe(3);
    expect(valueOf(before, "couchwire_draining")).toBe(0);
    expect(valueOf(before, "couchwire_bus", { state: "none" })).toBe(1);
    expect(valueOf(before, "couchwire_bus")).toBe(1);
    expect(valueOf(before, "couchwire_build_info", { version: "1.2.3", engine: "codec" })).toBe(1);
    isDraining = true;
    expect(valueOf(await read(metrics), "couchwire_draining")).toBe(1);
  });

  test("has what goes between nodes, and nothing of it where there is one", async () => {
    const traffic = { messagesIn: 3, messagesOut: 4, bytesIn: 300, bytesOut: 400, linksIn: 5, linksOut: 6 };
    const names = ["couchwire_bus_messages_total", "couchwire_bus_bytes_total", "couchwire_links"];
    const figures = (families: readonly MetricFamily[]): number[] =>
      names.flatMap((name) => ["in", "out"].map((direction) => valueOf(families, name, { direction })));
    const many = await read(newMetrics({ bus: () => "up", nodes: () => traffic }));
    expect([valueOf(many, "couchwire_bus_up"), ...figures(many)]).toEqual([1, 3, 4, 300, 400, 5, 6]);
    const one = await read(newMetrics());
    expect([valueOf(one, "couchwire_bus_up"), ...figures(one)]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  test("counts joins, leaves, absences, resumes and gaps", async () => {
    const metrics = newMetrics();
    const { observer } = metrics;
    const [room, player] = ["BCDF", 1];
    observer.playerJoined({ room, player });
    observer.playerJoined({ room, player: 2 });
    observer.playerAway({ room, player, why: "slow_consumer" });
    observer.playerBack({ room, player, missed: 0 });
    observer.playerAway({ room, player, why: "cut" });
    observer.playerBack({ room, player, missed: 5 });
    observer.playerGap({ room, player, lost: 3 });
    observer.hostBack({ room, missed: 0 });
    observer.hostBack({ room, missed: 2 });
    observer.playerLeft({ room, player, why: "left" });
    const families = await read(metrics);
    expect(valueOf(families, "couchwire_joins_total")).toBe(2);
    expect(valueOf(families, "couchwire_absences_total", { why: "slow_consumer" })).toBe(1);
    expect(valueOf(families, "couchwire_absences_total")).toBe(2);
    expect(valueOf(families, "couchwire_leaves_total", { why: "left" })).toBe(1);
    const byPeer = (name: string) => ["player", "host"].map((peer) => valueOf(families, name, { peer }));
    expect(byPeer("couchwire_resumes_total")).toEqual([2, 2]);
    expect(byPeer("couchwire_gaps_total")).toEqual([1, 2]);
    expect(byPeer("couchwire_lost_frames_total")).toEqual([5, 5]);
  });

  test("counts refusals by code: close codes of connections, error codes of frames; not who hung up itself", async () => {
    const metrics = newMetrics();
    metrics.observer.connectionRefused({ why: "room_not_found" });
    metrics.observer.connectionRefused({ why: "room_not_found" });
    metrics.observer.connectionRefused({ why: "room_full" });
    metrics.observer.connectionRefused({ why: "normal" });
    metrics.observer.frameRefused({ room: "BCDF", code: "invalid_message", reason: "secret" });
    const families = await read(metrics);
    const byCode = (code: string) => valueOf(families, "couchwire_refusals_total", { code });
    expect(["4504", "4510", "1000", "invalid_message"].map(byCode)).toEqual([2, 1, 0, 1]);
    expect(JSON.stringify(families)).not.toContain("secret");
  });

  test("has a histogram of pings", async () => {
    const metrics = newMetrics();
    for (const ms of [3, 20, 20, 700, 60_000]) metrics.countPing(ms);
    const pings = (await read(metrics)).find(({ name }) => name === "couchwire_ping_seconds");
    expect(pings).toMatchObject({
      type: "histogram",
      metrics: [{ count: 5, sum: 60.743, buckets: { "0.005": 1, "0.01": 1, "0.025": 3, "1": 4, "+Inf": 5 } }],
    });
  });

  test("counts publications, and requests to the API by route", async () => {
    const metrics = newMetrics();
    metrics.countPublication(3);
    metrics.countPublication(0);
    metrics.countApiRequest("/api/rooms/:id", 200);
    metrics.countApiRequest("/api/rooms/:id", 404);
    const families = await read(metrics);
    expect(valueOf(families, "couchwire_publications_total")).toBe(2);
    expect(valueOf(families, "couchwire_publications_delivered_total")).toBe(3);
    expect(["couchwire_channels", "couchwire_subscriptions"].map((name) => valueOf(families, name))).toEqual([2, 5]);
    const route = "/api/rooms/:id";
    expect(valueOf(families, "couchwire_api_requests_total", { route, status: "404" })).toBe(1);
    expect(valueOf(families, "couchwire_api_requests_total", { route })).toBe(2);
  });

  test("measures the process and its event loop; two servers have figures of their own", async () => {
    const [first, second] = [newMetrics(), newMetrics()];
    first.countPublication(1);
    await holdUpEventLoop(100);
    const families = await read(first);
    expect(valueOf(families, "process_cpu_seconds_total")).toBeGreaterThan(0);
    expect(valueOf(families, "process_resident_memory_bytes")).toBeGreaterThan(1e6);
    expect(valueOf(families, "nodejs_heap_size_used_bytes")).toBeGreaterThan(1e5);
    const now = Date.now() / 1_000;
    expect(Math.abs(now - process.uptime() - valueOf(families, "process_start_time_seconds"))).toBeLessThan(5);
    const delays = ["0.5", "0.9", "0.99", "1"].map((quantile) =>
      valueOf(families, "couchwire_event_loop_delay_seconds", { quantile }),
    );
    for (const delay of delays) expect(delay).toBeGreaterThanOrEqual(0);
    expect(delays[3]).toBeGreaterThan(0.04);
    expect(delays).toEqual(delays.toSorted((one, other) => one - other));
    expect(valueOf(await read(second), "couchwire_publications_total")).toBe(0);
  });
});
