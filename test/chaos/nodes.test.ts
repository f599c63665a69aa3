/** Parties over three nodes that are killed one after another: every room goes on under its code, with its ids, and every loss is told. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { onTestEnd } from "../support/clean-up.ts";
import { newPrefix, startNodeProcess, TEST_LEASE_MS, type NodeProcess } from "../support/nodes.ts";
import { startBackend } from "../support/split-cluster.ts";
import { startSplitProxy } from "../support/split-proxy.ts";
import { keepPlaying, openParties, tellTimes, untilAll, untilPlayed, wrongsOf } from "./node-parties.ts";

const ROOMS = 200;
const PHONES = 2;
const NODES = 3;

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
    const parties = await openParties(ROOMS, { tv: url, phones: Array.from({ length: PHONES }, () => url) });
    const stop = keepPlaying(parties);
    await untilAll(parties, "all phones have seats", (party) => party.isComplete);
    await untilPlayed(parties, performance.now());
    const recoveries: number[] = [];
    for (let killed = 0; killed < NODES; killed++) {
      const [node] = nodes.splice(0, 1, await startNodeProcess(environment));
      nodes.push(...nodes.splice(0, 1));
      const at = performance.now();
      node?.process.kill("SIGKILL");
      recoveries.push(...(await untilPlayed(parties, at)));
    }
    stop();
    tellTimes(
      `${kind}: ${ROOMS} rooms over ${NODES} nodes that were killed one after another, with a lease of ${TEST_LEASE_MS} ms: back`,
      recoveries,
    );
    expect(wrongsOf(parties)).toEqual([]);
  }, 300_000);
});
