/** A node among others, over a directory and a bus that a test cuts off, in a time that a test moves. */
import { describe, expect, test } from "@jest/globals";
import { Cluster, type ClusterOptions } from "../../../src/cluster/cluster.ts";
import { MemoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";
import { behind, cluster, pass, settled, startNode, TERMS, type Cut } from "../../support/cluster/lease-nodes.ts";
import { FaultyBus } from "../../support/cluster/faulty-bus.ts";
import { onTestEnd } from "../../support/clean-up.ts";

const KEY = "code:BCDF";

function createCluster(all: ReturnType<typeof cluster>, bus: ClusterOptions["bus"]) {
  const line: Cut = { isCut: false };
  const faults: string[] = [];
  const node = new Cluster({
    bus,
    directory: behind(all, line),
    terms: TERMS,
    prefix: "test",
    codeCooldownMs: 1_000,
    clock: all.clock,
    budget: new MemoryBudget({ limit: 1_000_000, schedule: queueMicrotask }),
    onFault: (sentence) => void faults.push(sentence),
    onBug: (error) => {
      throw error;
    },
  });
  onTestEnd(async () => {
    await node.beforeEnd();
    await node.end();
  });
  return { node, line, faults };
}

/** A node, and a room at home at another one, over a bus that says when it is away. */
async function startTwo() {
  const all = cluster();
  const bus = new FaultyBus().end();
  const edge = createCluster(all, bus);
  await edge.node.start();
  const home = await startNode(all);
  await home.homes.claim([KEY], () => ({ record: () => Uint8Array.of(1), lost: () => {} }));
  return { all, bus, edge, home };
}

describe("row 89 a node whose bus was away", () => {
  test("leaves rooms to their homes for a lease, though its own lease stands", async () => {
    const { all, bus, edge, home } = await startTwo();
    home.line.isCut = true; // so its lease is over, and that of the edge is not
    await pass(all.clock, TERMS.leaseMs + 100);
    bus.setUp(false);
    bus.setUp(true);
    expect(await edge.node.homes.find(KEY)).toEqual({ at: "unknown" });
    await pass(all.clock, TERMS.leaseMs);
    expect(await edge.node.homes.find(KEY)).toMatchObject({ at: "orphaned" });
  });

  test("leaves them to those also where the bus did not say so, and its own lease is over", async () => {
    const { all, edge, home } = await startTwo();
    const before = edge.node.self;
    [home, edge].forEach(({ line }) => (line.isCut = true));
    await pass(all.clock, TERMS.leaseMs + 100);
    edge.line.isCut = false;
    await pass(all.clock, TERMS.leaseMs / 3);
    expect(edge.node.self).not.toBe(before);
    expect(await edge.node.homes.find(KEY)).toEqual({ at: "unknown" });
    home.line.isCut = false;
    await pass(all.clock, TERMS.leaseMs / 3);
    expect(await edge.node.homes.find(KEY)).toMatchObject({ at: "elsewhere", home: home.lease.node });
  });

  test("leaves them to those where that was while it started; one whose bus was there takes lost rooms over at once", async () => {
    const { all, home } = await startTwo();
    const bus = new FaultyBus().end();
    bus.setUp(false);
    const late = createCluster(all, bus);
    bus.setUp(false); // it is told of the first try
    const starting = late.node.start();
    bus.setUp(true);
    await starting;
    const prompt = createCluster(all, new FaultyBus().end());
    await prompt.node.start();
    await home.lease.end();
    expect(await late.node.homes.find(KEY)).toEqual({ at: "unknown" });
    expect(await prompt.node.homes.find(KEY)).toMatchObject({ at: "orphaned" });
  });
});

test("row 89 a node gives no name to a room where an emptied directory may not know yet whose it is, from its new life on", async () => {
  const { all, bus, edge, home } = await startTwo();
  await pass(all.clock, 2 * TERMS.leaseMs);
  home.line.isCut = true;
  const before = edge.node.self;
  // What the new life begins with takes long.
  Object.assign(bus, { subscribe: () => new Promise<never>(() => {}) });
  all.directory = new MemoryDirectory(TERMS, all.clock);
  await pass(all.clock, TERMS.leaseMs / 3);
  expect(edge.node.self).not.toBe(before);
  await expect(edge.node.rooms.claimName("lobby")).rejects.toThrow("still looking for your room");
});

test("a node claims codes in an emptied directory as soon as the homes have had their time", async () => {
  const { all, bus, edge } = await startTwo();
  all.directory = new MemoryDirectory(TERMS, all.clock);
  bus.setUp(false);
  bus.setUp(true);
  await settled();
  const codes: unknown[] = [];
  for (let rooms = 0; rooms < 20; rooms++)
    void Promise.resolve(edge.node.rooms.codes.takeLater()).then((code) => codes.push(code));
  await pass(all.clock, TERMS.leaseMs - 100);
  const ahead = codes.length;
  expect(ahead).toBeLessThan(20);
  await pass(all.clock, 200);
  expect(codes).toHaveLength(20);
  expect(new Set(codes).size).toBe(20);
});

describe("a node starts", () => {
  test.each([
    ["that is away", { isUp: false }],
    ["that never answers a subscription", { subscribe: () => new Promise<never>(() => {}) }],
  ])("after a lease with a bus %s, is not up, and says so", async (_, broken) => {
    const all = cluster();
    const bus = { publish() {}, subscribe: () => () => {}, close() {}, ...broken };
    const { node, faults } = createCluster(all, bus);
    let hasStarted = false;
    void node.start().then(() => (hasStarted = true));
    await pass(all.clock, TERMS.leaseMs - 100);
    expect([hasStarted, faults]).toEqual([false, []]);
    await pass(all.clock, 100);
    expect([hasStarted, node.isUp]).toEqual([true, false]);
    expect(faults).toEqual([expect.stringContaining("this node starts without them, is not ready")]);
  });

  test("at once where all is well, and says nothing", async () => {
    const { node, faults } = createCluster(cluster(), new FaultyBus().end());
    await node.start();
    await settled();
    expect([node.isUp, faults]).toEqual([true, []]);
  });
});
