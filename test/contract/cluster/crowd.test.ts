/**
 * Watchers and waiting phones that arrive at other nodes than their room's: the home lets in, seats and tells them as it does its own, and each node counts the
 * votes of its own watchers.
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { memoryBus } from "../../../src/cluster/memory/memory-bus.ts";
import { memoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import type { OptionsInput } from "../../../src/config.ts";
import type { ServerExtras } from "../../../src/server.ts";
import { HostClient, type HostNews, type OpenRoom } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { parseMetrics, valueOf } from "../../support/metrics-text.ts";
import {
  comeBack,
  newPrefix,
  openDirectory,
  startNode,
  startNodeProcess,
  TEST_LEASE_MS,
  type Node,
} from "../../support/nodes.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";
import { startBackend, type ClusterBackend } from "../../support/split-cluster.ts";

const KEY = "the-key-of-the-operator";
/** So seldom that what nodes say only to be heard is no part of a count. */
const QUIET_LEASE_MS = 60_000;

const backends = new Map<ClusterBackend, Awaited<ReturnType<typeof startBackend>>>();

beforeAll(async () => {
  for (const backend of ["memory", "redis", "nats"] as const) backends.set(backend, await startBackend(backend));
}, 120_000);

afterAll(async () => {
  for (const backend of backends.values()) await backend.close();
});

/** Three nodes over this, of which the first is to be the home. */
async function startThree(backend: ClusterBackend, leaseMs = TEST_LEASE_MS): Promise<readonly [Node, Node, Node]> {
  const url = backends.get(backend)?.url;
  const extras: ServerExtras =
    url === undefined ? { bus: memoryBus(), directory: memoryDirectory({ leaseMs, keepMs: 60_000 }) } : {};
  const options: OptionsInput = {
    apiKey: KEY,
    leaseMs,
    ...(url !== undefined && { bus: url, busPrefix: newPrefix() }),
  };
  return Promise.all([startNode(options, extras), startNode(options, extras), startNode(options, extras)]);
}

async function openStage(node: Node, fields: object, query = ""): Promise<OpenRoom> {
  const host = await HostClient.connect(node, query);
  host.send({ cmd: "prepare", name: "sketch", max_players: 1, ...fields });
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

async function watchersOf(node: Node, code: string): Promise<unknown> {
  const found: unknown = await (await fetch(`${node.url}/${code}`, { headers: { accept: "application/json" } })).json();
  return typeof found === "object" && found !== null && "audience" in found ? found.audience : undefined;
}

/** Watchers that are let in, in turn at these nodes. */
async function watch(nodes: readonly Node[], { host, code }: OpenRoom, count: number): Promise<PlayerClient[]> {
  const watchers: PlayerClient[] = [];
  for (let index = 0; index < count; index++) {
    const node = nodes[index % nodes.length];
    if (node !== undefined) watchers.push(await PlayerClient.connect(node, `${code}?role=audience`));
  }
  await stateWith(host, { audience: count });
  return watchers;
}

/** The votes of the reports that come, added up, until there are so many. */
async function votesOf(host: HostClient, count: number): Promise<Readonly<Record<string, number>>> {
  const votes: Record<string, number> = {};
  for (let told = 0; told < count;) {
    const { tally } = await host.until("audience");
    for (const [text, more] of Object.entries(tally ?? {})) {
      votes[text] = (votes[text] ?? 0) + Number(more);
      told += Number(more);
    }
  }
  return votes;
}

/** The next report that is this one. */
async function reportWith(host: HostClient, tally: Readonly<Record<string, number>>): Promise<HostNews> {
  for (;;) {
    const report = await host.until("audience");
    if (JSON.stringify(sorted(report["tally"] ?? {})) === JSON.stringify(sorted(tally))) return report;
  }
}

function sorted(tally: object): [string, unknown][] {
  return Object.entries(tally).toSorted(([one], [other]) => one.localeCompare(other));
}

async function metric(node: Node, name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const answer = await fetch(`${node.url}/metrics`, { headers: { "x-api-key": KEY } });
  return valueOf(parseMetrics(await answer.text()), name, labels);
}

/** Messages that the node has given to the bus. */
function sent(node: Node): Promise<number> {
  return metric(node, "couchwire_bus_messages_total", { direction: "out" });
}

function bytesSent(node: Node): Promise<number> {
  return metric(node, "couchwire_bus_bytes_total", { direction: "out" });
}

describe.each(["memory", "redis", "nats"] as const)(
  "row 91: the audience of a room at three nodes over %s",
  (backend) => {
    test("P5.6 hears what is for it, and 2,000 votes are one exact tally", async () => {
      const nodes = await startThree(backend);
      const room = await openStage(nodes[0], { audience: 40 });
      const { host, code } = room;
      const watchers = await watch(nodes, room, 40);
      host.send({ cmd: "to_audience_str", data: "curtain" });
      for (const watcher of watchers) expect(await watcher.next()).toBe("curtain");
      for (let vote = 0; vote < 50; vote++) for (const watcher of watchers) watcher.send(`text ${vote % 2}`);
      expect(await votesOf(host, 2_000)).toEqual({ "text 0": 1_000, "text 1": 1_000 });
      for (const node of nodes) expect(await watchersOf(node, code)).toBe(40);
      expect((await Promise.all(nodes.map((node) => metric(node, "couchwire_audience")))).join(" ")).toBe("40 0 0");
      expect(await metric(nodes[0], "couchwire_frames_total", { direction: "in" })).toBe(2_001);
      for (const watcher of watchers.slice(1)) watcher.socket.terminate();
      await stateWith(host, { audience: 1 });
    });

    test("P5.6.2 moves its votes in a poll, wherever each was given first", async () => {
      const nodes = await startThree(backend);
      const room = await openStage(nodes[0], { audience: 30 });
      const { host } = room;
      const watchers = await watch(nodes, room, 30);
      host.send({ cmd: "poll", id: "song" });
      host.send({ cmd: "to_audience_str", data: "vote" });
      for (const watcher of watchers) await watcher.next();
      for (const watcher of watchers) for (const text of ["a", "b", "a", "c"]) watcher.send(text);
      expect(await reportWith(host, { c: 30 })).toMatchObject({ poll: "song", count: 30 });
      for (const watcher of watchers.slice(0, 15)) watcher.send("b");
      await reportWith(host, { b: 15, c: 15 });
      for (const watcher of watchers.slice(0, 9)) watcher.send("a");
      await reportWith(host, { a: 9, b: 6, c: 15 });
      host.send({ cmd: "poll", id: "next" });
      host.send({ cmd: "to_audience_str", data: "again" });
      for (const watcher of watchers) await watcher.next();
      for (const watcher of watchers) watcher.send("x");
      expect(await reportWith(host, { x: 30 })).toMatchObject({ poll: "next" });
    });

    test("P5.6.1 is sent one message for each node, and its votes come in few", async () => {
      const nodes = await startThree(backend, QUIET_LEASE_MS);
      const [home, one] = nodes;
      const room = await openStage(home, { audience: 60 });
      const { host } = room;
      const watchers = await watch(nodes, room, 60);
      const data = "x".repeat(1_000);
      const before = await sent(home);
      for (let count = 0; count < 20; count++) {
        host.send({ cmd: "to_audience_str", data });
        for (const watcher of watchers) expect(await watcher.next()).toBe(data);
      }
      const messages = (await sent(home)) - before;
      expect(messages).toBeGreaterThanOrEqual(2 * 20);
      expect(messages).toBeLessThan(2 * 20 + 5); // a pulse or two between the nodes
      const beforeVotes = await bytesSent(one);
      const startedAt = performance.now();
      for (let vote = 0; vote < 100; vote++) for (const watcher of watchers) watcher.send("a");
      expect(await votesOf(host, 6_000)).toEqual({ a: 6_000 });
      // Each watcher's first word, and four sums a second: 2,000 votes by themselves would be 28,000 bytes.
      const quarters = Math.ceil((performance.now() - startedAt) / 250);
      expect((await bytesSent(one)) - beforeVotes).toBeLessThan(5_000 + quarters * 200);
    });

    test("P5.6 has no more watchers than places, whatever nodes they come to at once", async () => {
      const nodes = await startThree(backend);
      const { host, code } = await openStage(nodes[0], { audience: 10 });
      const watchers = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          PlayerClient.connect(nodes[index % 3] ?? nodes[0], `${code}?role=audience`),
        ),
      );
      let refused = 0;
      const countIfFull = async ({ closed }: PlayerClient): Promise<void> => {
        if ((await closed).code === 4510) refused += 1;
      };
      for (const watcher of watchers) void countIfFull(watcher);
      await eventually("the others are turned away", () => refused === 20);
      await eventually("its places are taken", async () => (await watchersOf(nodes[1], code)) === 10);
      const seated = watchers.find(({ socket }) => socket.readyState === socket.OPEN);
      seated?.socket.terminate();
      await eventually("a place is free", async () => (await watchersOf(nodes[1], code)) === 9);
      const next = await PlayerClient.connect(nodes[2], `${code}?role=audience`);
      await eventually("it is taken", async () => (await watchersOf(nodes[0], code)) === 10);
      next.socket.terminate();
      await host.close(1000);
      for (const watcher of watchers) await watcher.closed;
    });
  },
);

describe.each(["redis", "nats"] as const)("row 91: the audience of a room over %s", (backend) => {
  test("P5.6 loses the watchers of a node that is killed, and keeps the votes that they gave in the poll", async () => {
    const bus = { COUCHWIRE_BUS: backends.get(backend)?.url ?? "", COUCHWIRE_BUS_PREFIX: newPrefix() };
    const options = { bus: bus.COUCHWIRE_BUS, busPrefix: bus.COUCHWIRE_BUS_PREFIX };
    const [home, other, doomed] = await Promise.all([startNode(options), startNode(options), startNodeProcess(bus)]);
    const room = await openStage(home, { audience: 30 });
    const { host } = room;
    const watchers = await watch([home, other, doomed], room, 30);
    host.send({ cmd: "poll", id: "song" });
    host.send({ cmd: "to_audience_str", data: "vote" });
    for (const watcher of watchers) await watcher.next();
    for (const watcher of watchers) watcher.send("a");
    await reportWith(host, { a: 30 });
    doomed.process.kill("SIGKILL");
    await stateWith(host, { audience: 20 });
    for (const [index, watcher] of watchers.entries()) if (index % 3 !== 2) watcher.send("b");
    expect(await reportWith(host, { a: 10, b: 20 })).toMatchObject({ count: 20, poll: "song" });
    const back = await PlayerClient.connect(other, `${room.code}?role=audience`);
    back.send("b");
    expect(await reportWith(host, { a: 10, b: 21 })).toMatchObject({ count: 21 });
  });

  test("P5.6.7 comes back with 1012 where the home is killed, and votes where the room is opened again", async () => {
    const bus = { COUCHWIRE_BUS: backends.get(backend)?.url ?? "", COUCHWIRE_BUS_PREFIX: newPrefix() };
    const options = { bus: bus.COUCHWIRE_BUS, busPrefix: bus.COUCHWIRE_BUS_PREFIX };
    const [home, one, two] = await Promise.all([startNodeProcess(bus), startNode(options), startNode(options)]);
    const session = newSession();
    const room = await openStage(home, { audience: 10 }, `?session=${session}`);
    const watchers = await watch([one, two], room, 10);
    room.host.send({ cmd: "save", data: "act 1" });
    const directory = await openDirectory(bus.COUCHWIRE_BUS, bus.COUCHWIRE_BUS_PREFIX);
    await eventually("it is in the directory", async () =>
      Buffer.from((await directory.find(`code:${room.code}`))?.record ?? []).includes("act 1"),
    );
    home.process.kill("SIGKILL");
    for (const { closed } of watchers) expect((await closed).code).toBe(1012);
    const host = await comeBack(
      () => HostClient.connect(one, `?session=${session}`),
      (client) => client.until("prepare_reply"),
    );
    const back: PlayerClient[] = [];
    for (const node of [one, two]) {
      const isIn = (): Promise<void> =>
        eventually("it is in", async () => (await watchersOf(node, room.code)) === back.length + 1);
      back.push(await comeBack(() => PlayerClient.connect(node, `${room.code}?role=audience`), isIn));
    }
    for (const watcher of back) watcher.send("a");
    expect(await votesOf(host, 2)).toEqual({ a: 2 });
  });
});

test("row 91 P5.7 a phone of another node waits in its turn, and is seated in it", async () => {
  const [home, edge] = await startThree("redis");
  const { host, code } = await openStage(home, { overflow: "queue" });
  const player = await PlayerClient.connect(home, code);
  await host.until("player_joined");
  const first = new ReliableClient(edge, `${code}?session=${newSession()}`);
  expect(await first.next()).toBe('\0queue {"position":1}');
  const second = new ReliableClient(home, `${code}?session=${newSession()}`);
  expect(await second.next()).toBe('\0queue {"position":2}');
  first.send("early");
  first.send("\0ping");
  expect(await first.next()).toBe("\0ack 1");
  await player.close(1000);
  expect(await first.hello()).toMatchObject({ player: 2, received: 1 });
  expect(await host.until("from_str")).toMatchObject({ from: 2, data: "early" });
  expect(await second.next()).toBe('\0queue {"position":1}');
});
