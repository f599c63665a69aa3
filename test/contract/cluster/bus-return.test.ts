/** Nodes whose bus was away for longer than a lease, or does not answer when they start. */
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import type { Bus } from "../../../src/cluster/ports.ts";
import { memoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import { SERVER_KINDS, startServer } from "../../support/bus-nodes.ts";
import { HostClient } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { comeBack, newPrefix, openDirectory, startNode, type Node } from "../../support/nodes.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";
import { swallowingLine } from "../../support/swallowing-line.ts";

/** A home comes back within a quarter of it, and has the rest for a machine that is busy. */
const LEASE_MS = 12_000;
const TEST_MS = 120_000;
const SHORT_LEASE_MS = 500;
const READY = z.object({ ready: z.boolean(), bus: z.string() });

async function readinessOf({ url }: Node): Promise<z.infer<typeof READY>> {
  return READY.parse(await (await fetch(`${url}/readyz`)).json());
}

describe.each(SERVER_KINDS)("row 89: nodes over %s", (kind) => {
  test(
    "leave a room to its home for a lease after the bus is back: the home keeps room and code, and phones come back to the same life",
    async () => {
      const server = await startServer(kind);
      const line = await swallowingLine(server.url);
      const common = { busPrefix: newPrefix(), leaseMs: LEASE_MS };
      const home = await startNode({ ...common, bus: line.url });
      const edge = await startNode({ ...common, bus: server.url });
      const host = await HostClient.connect(home, `?session=${newSession()}`);
      host.send({ cmd: "prepare", name: "sketch", max_players: 8 });
      const code = String((await host.until("prepare_reply"))["key"]);
      const path = `${code}?session=${newSession()}`;
      const phone = new ReliableClient(edge, path);
      const { player, epoch } = await phone.hello();
      const directory = await openDirectory(server.url, common.busPrefix, LEASE_MS);
      await eventually("the room could be opened elsewhere", async () =>
        Buffer.from((await directory.find(`code:${code}`))?.record ?? []).includes("sketch"),
      );

      await server.kill();
      line.refuse();
      const until = performance.now() + LEASE_MS;
      expect((await phone.closed).code).toBe(1012);
      await eventually("all leases are over", () => performance.now() > until);
      await server.restart();
      await eventually("the bus is back at the edge", async () => (await readinessOf(edge)).ready);
      expect((await readinessOf(home)).ready).toBe(false);
      const early = new ReliableClient(edge, `${path}&received=0&epoch=${epoch}`);
      const outcome = await early.hello().catch(() => early.closed);
      expect(outcome).toMatchObject({ code: 1013, reason: expect.stringContaining("still looking") });

      line.mend();
      let hello: Awaited<ReturnType<ReliableClient["hello"]>> | undefined;
      const back = await comeBack(
        async () => new ReliableClient(edge, `${path}&received=0&epoch=${epoch}`),
        async (client) => (hello = await client.hello()),
      );
      expect(hello).toMatchObject({ player, epoch });
      host.send({ cmd: "to_str", to: [player], data: "the same room" });
      expect(await back.frames.next()).toContain("the same room");
    },
    TEST_MS,
  );

  test("that does not answer start after a lease, are not ready, refuse with 1013, and are ready when it answers", async () => {
    const server = await startServer(kind);
    server.pause();
    const node = await startNode({ bus: server.url, busPrefix: newPrefix(), leaseMs: SHORT_LEASE_MS });
    expect(await readinessOf(node)).toEqual({ ready: false, bus: "down" });
    expect((await new ReliableClient(node, `BCDF?session=${newSession()}`).closed).code).toBe(1013);
    server.resume();
    await eventually("it is ready", async () => (await readinessOf(node)).ready);
    await HostClient.connect(node);
  });
});

test("a node whose own bus never answers a subscription starts after a lease, and is not ready", async () => {
  const bus: Bus = { publish() {}, subscribe: () => new Promise(() => {}), close() {} };
  const directory = memoryDirectory({ leaseMs: SHORT_LEASE_MS, keepMs: 60_000 });
  const node = await startNode({ leaseMs: SHORT_LEASE_MS }, { bus, directory });
  expect(await readinessOf(node)).toEqual({ ready: false, bus: "down" });
});
