/** Clients over TCP whose open room is at another node. */
import { expect, test } from "@jest/globals";
import { memoryBus } from "../../../src/cluster/memory/memory-bus.ts";
import { memoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import { startNode, TEST_LEASE_MS } from "../../support/nodes.ts";
import { TcpTestClient } from "../../support/tcp-client.ts";

async function startTwo() {
  const extras = { bus: memoryBus(), directory: memoryDirectory({ leaseMs: TEST_LEASE_MS, keepMs: 60_000 }) };
  const home = await startNode({ tcpPort: 0, standingRooms: "lobby:relay", openRooms: "relay" }, extras);
  const edge = await startNode({ tcpPort: 0, openRooms: "relay" }, extras);
  return {
    home,
    here: await TcpTestClient.connect(home.tcpPort ?? 0),
    away: await TcpTestClient.connect(edge.tcpPort ?? 0),
  };
}

test("row 91 a client over TCP joins a room of another node, and both hear each other", async () => {
  const { here, away } = await startTwo();
  here.say({ say: "join_room", room: "lobby" });
  await here.inbox.until(({ say }) => say === "joined");
  away.say({ say: "join_room", room: "lobby" });
  expect(await away.inbox.until(({ say }) => say === "joined")).toMatchObject({ room: "lobby" });
  await here.inbox.until(({ say }) => say === "player_joined");
  away.say({ say: "broadcast", data: Uint8Array.of(1, 2) });
  expect(await here.inbox.until(({ say }) => say === "broadcast")).toMatchObject({ data: Uint8Array.of(1, 2) });
  here.say({ say: "broadcast", data: Uint8Array.of(3) });
  expect(await away.inbox.until(({ say }) => say === "broadcast")).toMatchObject({ data: Uint8Array.of(3) });
  away.say({ say: "leave_room" });
  await here.inbox.until(({ say }) => say === "player_left");
});

test("row 91 a client over TCP is told to come back where its room's node ends", async () => {
  const { home, away } = await startTwo();
  away.say({ say: "join_room", room: "lobby" });
  await away.inbox.until(({ say }) => say === "joined");
  await home.close();
  expect(await away.inbox.until(({ say }) => say === "error")).toMatchObject({
    text: expect.stringMatching(/restarting/),
  });
  await away.ended;
});
