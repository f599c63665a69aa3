/** What is between three nodes has two or three connections of each, and no more where a thousand members are in rooms of other nodes. */
import { expect, test } from "@jest/globals";
import { createClient } from "redis";
import { z } from "zod";
import type { BusServer } from "../support/bus-server.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { JWT_SECRET, MemberClient } from "../support/member-client.ts";
import { startNats } from "../support/nats-server.ts";
import { freePort } from "../support/nginx.ts";
import { comeBack, newPrefix, type Node } from "../support/nodes.ts";
import { startRedis } from "../support/redis-server.ts";
import { startFaultNodes } from "./fault-nodes.ts";

/** Long enough that a thousand newcomers are not taken for the loss of a node. */
const LEASE_MS = 5_000;
const TEST_MS = 240_000;
const MEMBERS = 1_000;
const MEMBER_ROOMS = 100;
const MEMBERS_AT_ONCE = 50;

const CONNECTIONS = z.looseObject({ connections: z.array(z.looseObject({ cid: z.number() })) });

/** Starts what is between the nodes, and what counts the connections to it: returns their numbers, which it gives once. */
async function startCounted(
  kind: "redis" | "nats",
): Promise<{ server: BusServer; connections: () => Promise<number[]> }> {
  if (kind === "nats") {
    const monitor = await freePort();
    const server = await startNats({ words: ["-m", String(monitor)] });
    const connections = async (): Promise<number[]> => {
      const answer = await fetch(`http://127.0.0.1:${monitor}/connz`);
      return CONNECTIONS.parse(await answer.json()).connections.map(({ cid }) => cid);
    };
    return { server, connections };
  }
  const server = await startRedis();
  const client = createClient({ url: server.url });
  await client.connect();
  onTestEnd(() => client.destroy());
  const connections = async (): Promise<number[]> =>
    (await client.clientList()).filter(({ name }) => name === "couchwire").map(({ id }) => id);
  return { server, connections };
}

test.each([
  ["row 87", "redis"],
  ["row 88", "nats"],
] as const)(
  "%s: %s has at most three connections a node, and 1,000 members over three nodes add none",
  async (_row, kind) => {
    const { server, connections } = await startCounted(kind);
    const prefix = newPrefix();
    const members = { COUCHWIRE_JWT_SECRET: JWT_SECRET, COUCHWIRE_OPEN_ROOMS: "relay" };
    const nodes: Node[] = [];
    const ofNodes: number[][] = [];
    while (nodes.length < 3) {
      const known = await connections();
      nodes.push(...(await startFaultNodes([server.url], { prefix, leaseMs: LEASE_MS, more: members })));
      ofNodes.push((await connections()).filter((id) => !known.includes(id)));
    }
    // A cluster that has begun a moment ago tells newcomers to come again: it may not know all rooms yet.
    for (const [index, node] of nodes.entries())
      await comeBack(
        () => MemberClient.join(node, `first ${index}`, "first"),
        (member) => member.event("joined"),
      );
    const all: MemberClient[] = [];
    while (all.length < MEMBERS) {
      const some = Array.from({ length: MEMBERS_AT_ONCE }, async (_, index) => {
        const number = all.length + index;
        const [node = nodes[0]] = nodes.slice(number % nodes.length);
        if (node === undefined) throw new Error("There is no node.");
        const member = await MemberClient.join(node, `member ${number}`, `room ${number % MEMBER_ROOMS}`);
        await member.event("joined");
        return member;
      });
      all.push(...(await Promise.all(some)));
    }
    for (const member of all.slice(0, MEMBER_ROOMS)) member.say("hello");
    const heard = await Promise.all(all.slice(MEMBER_ROOMS).map((member) => member.message()));
    expect(new Set(heard.map(({ data }) => data))).toEqual(new Set(["hello"]));
    process.stdout.write(`${kind}: ${ofNodes.map(({ length }) => length).join(", ")} connections of three nodes\n`);
    expect(Math.max(...ofNodes.map(({ length }) => length))).toBeLessThanOrEqual(3);
    expect((await connections()).length).toBeLessThanOrEqual(ofNodes.flat().length);
  },
  TEST_MS,
);
