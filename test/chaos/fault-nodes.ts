/** Nodes as the tests of faults start them, each with the bus at an address of its own, and what they say of it. */
import { z } from "zod";
import { eventually } from "../support/inbox.ts";
import { newPrefix, startNodeProcess, type Node, type NodeProcess } from "../support/nodes.ts";

/** Long enough that a busy machine is not taken for a lost one. */
export const FAULT_LEASE_MS = 3_000;

export interface FaultNodesOptions {
  readonly prefix?: string;
  readonly leaseMs?: number;
  /** More options, as variables. */
  readonly more?: Readonly<Record<string, string>>;
}

/** Nodes of one cluster. */
export async function startFaultNodes<Buses extends readonly string[]>(
  buses: readonly [...Buses],
  options?: FaultNodesOptions,
): Promise<{ [Index in keyof Buses]: NodeProcess }>;
export async function startFaultNodes(
  buses: readonly string[],
  { prefix = newPrefix(), leaseMs = FAULT_LEASE_MS, more = {} }: FaultNodesOptions = {},
): Promise<NodeProcess[]> {
  const start = (bus: string): Promise<NodeProcess> =>
    startNodeProcess({
      COUCHWIRE_BUS: bus,
      COUCHWIRE_BUS_PREFIX: prefix,
      COUCHWIRE_LEASE_MS: String(leaseMs),
      COUCHWIRE_NETWORK_ROOMS: "0",
      COUCHWIRE_NETWORK_CONNECTIONS: "0",
      COUCHWIRE_GUESS_LIMIT: "0",
      ...more,
    });
  return Promise.all(buses.map((bus) => start(bus)));
}

const READY = z.object({ ready: z.boolean(), bus: z.string() });

export async function untilBusIs(state: "up" | "down", nodes: readonly Node[]): Promise<void> {
  await eventually(`readyz of each node says that the bus is ${state}`, async () => {
    const answers = await Promise.all(nodes.map(async ({ url }) => (await fetch(`${url}/readyz`)).json()));
    return answers.every((answer) => {
      const { ready, bus } = READY.parse(answer);
      return bus === state && ready === (state === "up");
    });
  });
}
