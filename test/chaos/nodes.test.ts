/** Parties over three nodes that are killed one after another: every room goes on under its code, with its ids, and every loss is told. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { onTestEnd } from "../support/clean-up.ts";
import { newPrefix, startNodeProcess, TEST_LEASE_MS, type NodeProcess } from "../support/nodes.ts";
import { startBackend } from "../support/split-cluster.ts";
import { startSplitProxy } from "../support/split-proxy.ts";
import { NodeParty } from "./node-party.ts";

const ROOMS = 200;
const PHONES = 2;
const PLAY_EVERY_MS = 250;
const NODES = 3;
/** What recovery may take at all, before the test says which rooms are not back. */
const BOUND_MS = 60_000;

/** Nodes behind an address that knows no stickiness: each connection goes to the next one. */
async function startNodes(environment: Readonly<Record<string, string>>) {
  const nodes: NodeProcess[] = await Promise.all(Array.from({ length: NODES }, () => startNodeProcess(environment)));
  let turn = 0;
  const proxy = await startSplitProxy(() => nodes[(turn += 1) % nodes.length]?.port ?? 0);
  onTestEnd(() => proxy.close());
  return { nodes, url: `http://127.0.0.1:${proxy.port}` };
}

describe.each(["redis", "nats"] as const)("three nodes over %s", (kind) => {
  let backend: Awaited<ReturnType<typeof startBackend>>;

  beforeAll(async () => {
    backend = await startBackend(kind);
  }, 120_000);

  afterAll(() => backend.close());

  test(`${ROOMS} rooms under play outlive each of them`, async () => {
    const environment = {
      COUCHWIRE_BUS: backend.url ?? "",
      COUCHWIRE_BUS_PREFIX: newPrefix(),
      COUCHWIRE_NETWORK_ROOMS: "0",
      COUCHWIRE_NETWORK_CONNECTIONS: "0",
    };
    const { nodes, url } = await startNodes(environment);
    const parties: NodeParty[] = [];
    for (let first = 0; first < ROOMS; first += 20)
      parties.push(...(await Promise.all(Array.from({ length: 20 }, () => NodeParty.open(url, PHONES)))));
    const playing = setInterval(() => parties.forEach((party) => party.play()), PLAY_EVERY_MS);
    onTestEnd(() => clearInterval(playing));
    await all(parties, "all phones have seats", (party) => party.isComplete);
    await playedSince(parties, performance.now());
    const recoveries: number[] = [];
    for (let killed = 0; killed < NODES; killed++) {
      const [node] = nodes.splice(0, 1, await startNodeProcess(environment));
      nodes.push(...nodes.splice(0, 1));
      const at = performance.now();
      node?.process.kill("SIGKILL");
      recoveries.push(...(await playedSince(parties, at)));
    }
    clearInterval(playing);
    const sorted = recoveries.toSorted((one, other) => one - other);
    const [p50 = 0, p99 = 0] = [0.5, 0.99].map((part) => sorted[Math.floor(part * (sorted.length - 1))]);
    process.stdout.write(
      `${kind}: ${ROOMS} rooms over ${NODES} nodes that were killed one after another: back after ${Math.round(p50)} ms (p50), ${Math.round(p99)} ms (p99), with a lease of ${TEST_LEASE_MS} ms\n`,
    );
    expect(parties.flatMap(({ faults }) => faults)).toEqual([]);
    expect(parties.flatMap(({ silentLosses }) => silentLosses)).toEqual([]);
  }, 300_000);
});

/** Waits until each party has played since then; returns after how many milliseconds each had. */
async function playedSince(parties: readonly NodeParty[], moment: number): Promise<number[]> {
  const times = new Map<NodeParty, number>();
  await all(parties, "all rooms are played", (party) => {
    if (!party.hasPlayedSince(moment)) return false;
    if (!times.has(party)) times.set(party, performance.now() - moment);
    return true;
  });
  return [...times.values()];
}

/** Waits until it is so for all parties, or fails with those for which it is not. */
async function all(parties: readonly NodeParty[], what: string, isSo: (party: NodeParty) => boolean): Promise<void> {
  const giveUpAt = performance.now() + BOUND_MS;
  for (;;) {
    const late = parties.filter((party) => !isSo(party));
    if (late.length === 0) return;
    if (performance.now() > giveUpAt) {
      const faults = late.slice(0, 5).map(({ code, faults: of }) => `${code}: ${of.join("; ")}`);
      throw new Error(`It never came to this: ${what}. ${late.length} rooms are late: ${faults.join(" | ")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
