/** What a directory does while its server is away, stands still, or comes back without its data. */
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { openNats } from "../../../src/cluster/nats/nats-connection.ts";
import { natsDirectory } from "../../../src/cluster/nats/nats-directory.ts";
import type { Directory, DirectoryTerms } from "../../../src/cluster/ports.ts";
import { openRedis } from "../../../src/cluster/redis/redis-connection.ts";
import { redisDirectory } from "../../../src/cluster/redis/redis-directory.ts";
import type { BusServer } from "../../support/bus-server.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { eventually } from "../../support/inbox.ts";
import { startNats } from "../../support/nats-server.ts";
import { startRedis } from "../../support/redis-server.ts";

interface Client {
  readonly directory: Directory;
  readonly connection: { readonly isUp: boolean; whenUp(): Promise<unknown> };
}

const OPTIONS = { log: pino({ level: "silent" }), pingMs: 500 };
const TERMS: DirectoryTerms = { leaseMs: 60_000, keepMs: 600_000 };
const ENTRY = { key: "code:BCDF", record: new TextEncoder().encode("a room") };

async function connectRedis(server: BusServer, terms: DirectoryTerms, prefix: string): Promise<Client> {
  const connection = await openRedis(server.url, OPTIONS);
  onTestEnd(() => connection.close());
  await connection.whenUp();
  return { connection, directory: redisDirectory(connection, { prefix, ...terms }) };
}

async function connectNats(server: BusServer, terms: DirectoryTerms, prefix: string): Promise<Client> {
  const connection = await openNats(server.url, OPTIONS);
  onTestEnd(() => connection.close());
  await connection.whenUp();
  return { connection, directory: natsDirectory(connection, { prefix, ...terms }) };
}

describe.each([
  ["Redis", startRedis, connectRedis],
  ["NATS", startNats, connectNats],
] as const)("a directory in %s", (name, start, connect) => {
  test("every call is rejected while the server is away, and works when it is back with its data", async () => {
    const server = await start();
    const { connection, directory } = await connect(server, TERMS, "test");
    expect(await directory.enrol("a")).toBe(true);
    expect(await directory.claim("a", [ENTRY])).toEqual([ENTRY.key]);
    await server.kill();
    await eventually("it knows that the server is away", () => !connection.isUp);
    const calls = [
      directory.enrol("b"),
      directory.renew("a"),
      directory.resign("a"),
      directory.nodes(),
      directory.find(ENTRY.key),
      directory.takeOver("a", ENTRY.key, 1),
      directory.reclaim("a", { ...ENTRY, fence: 1, formerly: "a" }),
      directory.save("a", ENTRY.key, 1, ENTRY.record),
      directory.release("a", ENTRY.key, 1),
      directory.alias("host:1", ENTRY.key),
      directory.unalias("host:1", ENTRY.key),
      directory.resolve("host:1"),
      directory.age(),
    ];
    for (const call of calls) await expect(call).rejects.toThrow(`${name} cannot be reached; it is tried again.`);
    await server.restart();
    await connection.whenUp();
    expect(await directory.renew("a")).toBe(true);
    expect(await directory.find(ENTRY.key)).toMatchObject({ home: "a", isAlive: true, fence: 1 });
    expect(await directory.save("a", ENTRY.key, 1, ENTRY.record)).toBe(true);
  });

  test("calls to a server that answers nothing are rejected, and later ones work when it goes on", async () => {
    const server = await start();
    const { connection, directory } = await connect(server, { ...TERMS, leaseMs: 1_000 }, "test");
    await directory.age();
    server.pause();
    const calls = Array.from({ length: 3_000 }, (_, index) => directory.find(`code:${index}`));
    const answers = await Promise.allSettled(calls);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    server.resume();
    await eventually("it works again", async () => {
      await connection.whenUp();
      return directory.enrol(randomUUID()).catch(() => false);
    });
  });

  test("a server that comes back empty is filled again", async () => {
    const server = await start();
    const { connection, directory } = await connect(server, TERMS, "test");
    await directory.enrol("a");
    await directory.claim("a", [ENTRY]);
    await server.restart({ isEmpty: true });
    await eventually("it is reached again", async () => {
      await connection.whenUp();
      return directory.find(ENTRY.key).then(
        (entry) => entry === undefined,
        () => false,
      );
    });
    expect(await directory.renew("a")).toBe(false);
    expect(await directory.age()).toBeLessThan(60_000);
    await directory.enrol("a2");
    const back = await directory.reclaim("a2", { ...ENTRY, fence: 1, formerly: "a" });
    expect(back).toMatchObject({ home: "a2", fence: 2, isAlive: true });
  });

  test("two clusters with one server do not see each other", async () => {
    const server = await start();
    const one = await connect(server, TERMS, "one");
    const other = await connect(server, TERMS, "one.more");
    await one.directory.enrol("a");
    await one.directory.claim("a", [ENTRY]);
    expect(await other.directory.nodes()).toEqual([]);
    expect(await other.directory.find(ENTRY.key)).toBeUndefined();
  });
});

test("a node with another lease than the buckets in NATS were made for is told so", async () => {
  const server = await startNats();
  const { directory } = await connectNats(server, TERMS, "test");
  await directory.enrol("a");
  const other = await connectNats(server, { ...TERMS, leaseMs: 5_000 }, "test");
  await expect(other.directory.enrol("b")).rejects.toThrow(
    "in NATS keeps its keys for 60000 ms, but this node needs 5000 ms: all nodes of a cluster have one COUCHWIRE_LEASE_MS.",
  );
});
