/** Two nodes behind one address: hosts arrive at one of them, phones at the other, and members at both in turn. To its tests it is one server. */
import { memoryBus } from "../../src/cluster/memory/memory-bus.ts";
import { memoryDirectory } from "../../src/cluster/memory/memory-directory.ts";
import type { OptionsInput } from "../../src/config.ts";
import { createServer, type CouchwireServer, type ServerExtras } from "../../src/server.ts";
import { startNats } from "./nats-server.ts";
import { startRedis } from "./redis-server.ts";
import { startSplitProxy } from "./split-proxy.ts";

export type ClusterBackend = "memory" | "redis" | "nats";

export interface SplitCluster {
  readonly port: number;
  readonly home: CouchwireServer;
  readonly edgePort: number;
  readonly tcpPort: number | undefined;
  readonly adminUrl: string | undefined;
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** What stands between the nodes. */
  readonly backend: ClusterBackend;
}

const LEASE_MS = 2_000;
let clusters = 0;

/** Starts what is between the nodes, for all clusters of a test file. */
export async function startBackend(
  backend: ClusterBackend,
): Promise<{ url: string | undefined; close(): Promise<void> }> {
  switch (backend) {
    case "memory":
      return { url: undefined, close: async () => {} };
    case "redis":
      return startRedis({ isShared: true });
    case "nats":
      return startNats({ isShared: true });
    default:
      return backend satisfies never;
  }
}

/** `bus`: the address of the Redis or NATS; `undefined`: both nodes are in one process, and share an object. */
export async function startSplitCluster(options: OptionsInput, bus: string | undefined): Promise<SplitCluster> {
  clusters += 1;
  const prefix = `test-${process.pid}-${clusters}`;
  const shared: ServerExtras =
    bus === undefined ? { bus: memoryBus(), directory: memoryDirectory({ leaseMs: LEASE_MS, keepMs: 60_000 }) } : {};
  const own: OptionsInput = bus === undefined ? { leaseMs: LEASE_MS } : { bus, busPrefix: prefix, leaseMs: LEASE_MS };
  const home = createServer({ ...options, ...own, port: 0 }, shared);
  const { tcpPort: _tcp, adminPort: _admin, ...plain } = options;
  const edge = createServer({ ...plain, ...own, port: 0 }, shared);
  const [atHome, atEdge] = await Promise.all([home.listen(), edge.listen()]);
  let turn = 0;
  const proxy = await startSplitProxy((firstLine) => {
    const [, path = ""] = firstLine.split(" ");
    if (/^\/CREATE\b/i.test(path)) return atHome.port;
    if (/^\/[A-Za-z]{4}(?:\?|$)/.test(path)) return atEdge.port;
    if (/^\/ws\b/.test(path)) return (turn += 1) % 2 === 0 ? atHome.port : atEdge.port;
    return atHome.port;
  });
  return {
    port: proxy.port,
    home,
    edgePort: atEdge.port,
    tcpPort: atHome.tcpPort,
    adminUrl: atHome.adminUrl,
    async close() {
      await Promise.all([home.close(), edge.close()]);
      await proxy.close();
    },
  };
}
