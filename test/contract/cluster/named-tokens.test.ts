/** Tokens that name an open room by its name, shown at the room's code, at another node than the room's. */
import { expect, test } from "@jest/globals";
import { memoryBus } from "../../../src/cluster/memory/memory-bus.ts";
import { memoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import { eventually } from "../../support/inbox.ts";
import { JWT_SECRET, MemberClient, tokenFor } from "../../support/member-client.ts";
import { startNode, TEST_LEASE_MS } from "../../support/nodes.ts";
import { TcpTestClient } from "../../support/tcp-client.ts";

/** An open room with a name and a code, and a node at which it is not. */
async function startRoom() {
  const directory = memoryDirectory({ leaseMs: TEST_LEASE_MS, keepMs: 60_000 });
  const extras = { bus: memoryBus(), directory };
  const options = { tcpPort: 0, jwtSecret: JWT_SECRET, openRooms: "relay" };
  const [home, edge] = [await startNode(options, extras), await startNode(options, extras)];
  const { code = "" } = home.server.rooms.create("relay", { name: "garden", code: true });
  await eventually("the room is known", async () => ((await directory.find(`code:${code}`))?.record.length ?? 0) > 1);
  const peers = [
    { node: home, sub: "ada" },
    { node: edge, sub: "bob" },
  ];
  return { code, peers, attic: await tokenFor("eve", "attic") };
}

test("a token for the room's name lets a phone in at the room's code at any node, and one for another room at none", async () => {
  const { code, peers, attic } = await startRoom();
  for (const { node, sub } of peers) {
    const garden = await tokenFor(sub, "garden");
    const member = await MemberClient.connect(node, `${code}?token=${garden}&events=1`);
    expect(await member.event("joined")).toMatchObject({ you: sub });
    const other = await MemberClient.connect(node, `${code}?token=${attic}&events=1`);
    expect(await other.closed).toMatchObject({ code: 4501, reason: "Your token is for another room." });
  }
});

test("the same over TCP", async () => {
  const { code, peers, attic } = await startRoom();
  for (const { node, sub } of peers) {
    const garden = await tokenFor(sub, "garden");
    const member = await TcpTestClient.connect(node.tcpPort ?? 0);
    member.say({ say: "join_room", room: `${code}?token=${garden}` });
    expect(await member.inbox.until(({ say }) => say === "joined")).toMatchObject({ room: code });
    const other = await TcpTestClient.connect(node.tcpPort ?? 0);
    other.say({ say: "join_room", room: `${code}?token=${attic}` });
    expect(await other.inbox.until(({ say }) => say === "error")).toMatchObject({
      text: "Your token is for another room.",
    });
    await other.ended;
  }
});
