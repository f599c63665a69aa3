/** A node that ends gives its lease up as soon as its rooms have ended, not when its last connection is cut. */
import { expect, test } from "@jest/globals";
import { MemoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import { memoryBus } from "../../../src/cluster/memory/memory-bus.ts";
import type { NodeId } from "../../../src/cluster/ports.ts";
import { HostClient } from "../../support/host-client.ts";
import { startNode, TEST_LEASE_MS } from "../../support/nodes.ts";
import { LineClient } from "../../support/workers/line-client.ts";

const happened: string[] = [];

class LoggedDirectory extends MemoryDirectory {
  override async resign(node: NodeId): Promise<void> {
    happened.push("its lease is given up");
    await super.resign(node);
  }
}

/** A phone that answers no Close. */
async function startDeafPhone(port: number, code: string): Promise<LineClient> {
  const line = new LineClient(port);
  line.socket.write(
    `GET /${code} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  await line.until(/101 Switching/);
  return line;
}

test("a node that is told to end lets others have its rooms before the last connection is cut", async () => {
  const directory = new LoggedDirectory({ leaseMs: TEST_LEASE_MS, keepMs: 60_000 }, { now: () => performance.now() });
  const node = await startNode({}, { bus: memoryBus(), directory });
  const host = await HostClient.connect(node, "?session=0123456789abcdef");
  host.send({ cmd: "prepare", name: "sketch", max_players: 8 });
  const { key } = await host.until("prepare_reply");
  const deaf = await startDeafPhone(node.port, String(key));
  await host.until("player_joined");
  void deaf.gone.then(() => happened.push("the last connection is cut"));
  await Promise.all([node.close(), deaf.gone]);
  expect(happened).toEqual(["its lease is given up", "the last connection is cut"]);
});
