/** A node that serves on an HTTP server of its program joins the others as one with a port of its own. */
import { createServer as createHttpServer } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { memoryBus } from "../../../src/cluster/memory/memory-bus.ts";
import { memoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import type { OptionsInput } from "../../../src/config.ts";
import { createServer, type ServerExtras } from "../../../src/server.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { openRoom } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { listen } from "../../support/listen.ts";
import { newPrefix, startNode, TEST_LEASE_MS } from "../../support/nodes.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { startBackend, type ClusterBackend } from "../../support/split-cluster.ts";

const BACKENDS: readonly ClusterBackend[] = ["memory", "redis", "nats"];

/** A node that is attached; `begin` has its HTTP server listen. */
function attach(options: OptionsInput, extras: ServerExtras) {
  const server = createServer({ leaseMs: TEST_LEASE_MS, logLevel: "silent", drainMs: 0, ...options }, extras);
  const http = createHttpServer();
  server.attach(http);
  onTestEnd(async () => {
    await server.close();
    await new Promise((resolve) => http.close(resolve));
  });
  return { server, begin: async () => ({ ws: `ws://127.0.0.1:${await listen(http)}` }) };
}

describe.each(BACKENDS)("row 91 a node that is attached, over %s", (kind) => {
  let backend: Awaited<ReturnType<typeof startBackend>>;
  beforeAll(async () => {
    backend = await startBackend(kind);
  }, 120_000);
  afterAll(() => backend.close());

  test("has the bans of the others, and rooms and phones in common with them, once its HTTP server listens", async () => {
    const extras: ServerExtras =
      backend.url === undefined
        ? { bus: memoryBus(), directory: memoryDirectory({ leaseMs: TEST_LEASE_MS, keepMs: 600_000 }) }
        : {};
    const options: OptionsInput = backend.url === undefined ? {} : { bus: backend.url, busPrefix: newPrefix() };
    const first = await startNode(options, extras);
    first.server.bans.add({ sub: "mallory" }, { reason: "Not you." });
    const attached = attach(options, extras);
    expect(attached.server.bans.list()).toEqual([]);
    const where = await attached.begin();
    await eventually("the ban is known there", () => attached.server.bans.list().length === 1);
    expect(attached.server.bans.list()).toMatchObject([{ sub: "mallory", reason: "Not you." }]);
    for (const [home, edge] of [
      [first, where],
      [where, first],
    ] as const) {
      const { host, code } = await openRoom(home);
      const phone = await PlayerClient.connect(edge, code);
      await host.until("player_joined");
      phone.send("hello");
      expect(await host.until("from_str")).toMatchObject({ data: "hello" });
    }
  });
});
