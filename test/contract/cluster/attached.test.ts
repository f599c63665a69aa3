/** A node that serves on an HTTP server of its program joins the others as one with a port of its own. */
import { createServer as createHttpServer } from "node:http";
import { expect, test } from "@jest/globals";
import { memoryBus } from "../../../src/cluster/memory/memory-bus.ts";
import { memoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import { createServer } from "../../../src/server.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { eventually } from "../../support/inbox.ts";
import { listen } from "../../support/listen.ts";
import { startNode, TEST_LEASE_MS } from "../../support/nodes.ts";

test("row 91 an attached node has the bans of the others", async () => {
  const shared = { bus: memoryBus(), directory: memoryDirectory({ leaseMs: TEST_LEASE_MS, keepMs: 600_000 }) };
  const first = await startNode({}, shared);
  first.server.bans.add({ sub: "mallory" }, { reason: "Not you." });
  const attached = createServer({ leaseMs: TEST_LEASE_MS, logLevel: "silent", drainMs: 0 }, shared);
  const http = createHttpServer();
  attached.attach(http);
  onTestEnd(async () => {
    await attached.close();
    await new Promise((resolve) => http.close(resolve));
  });
  await listen(http);
  await eventually("the ban is known there", () => attached.bans.list().length === 1);
  expect(attached.bans.list()).toMatchObject([{ sub: "mallory", reason: "Not you." }]);
});
