/** What each call of the directory, and a message of the bus, costs the one thread of a Redis: its own count of processor time, over many of them. */
import { pino } from "pino";
import { openRedis, type RedisClients, type RedisConnection } from "../src/cluster/redis/redis-connection.ts";
import { redisDirectory } from "../src/cluster/redis/redis-directory.ts";
import { sessionAlias } from "../src/cluster/room-keys.ts";
import type { DirectoryCallName } from "./directory-server.ts";

export interface RedisCosts {
  readonly callUs: Readonly<Partial<Record<DirectoryCallName, number>>>;
  readonly publishUs: number;
}

const CALLS = 20_000;
const AT_ONCE = 256;
const CLAIMED_AT_ONCE = 32;
const MESSAGE_BYTES = 400;
const PING_MS = 5_000;
/** No lease ends while this measures. */
const TERMS = { leaseMs: 60_000, keepMs: 600_000 };

const aliasFor = (key: string): string => sessionAlias("host", key.padEnd(43, "x"));

/** Writes keys of a prefix of its own, which Redis forgets by itself. */
export async function measureRedis(url: string, recordBytes: number): Promise<RedisCosts> {
  const connection = await openRedis(url, { log: pino({ level: "silent" }), pingMs: PING_MS });
  try {
    const clients = await connection.whenUp();
    return await measure(clients, connection, recordBytes);
  } finally {
    await connection.close();
  }
}

async function measure(clients: RedisClients, connection: RedisConnection, recordBytes: number): Promise<RedisCosts> {
  const directory = redisDirectory(connection, { prefix: `measure-${process.pid}`, ...TERMS });
  const record = new Uint8Array(recordBytes).fill(1);
  const keys = Array.from({ length: CALLS }, (_, index) => `code:${index}`);
  const cost = async (act: (key: string, index: number) => Promise<unknown>, count = CALLS): Promise<number> => {
    const before = await busySeconds(clients);
    for (let first = 0; first < count; first += AT_ONCE) {
      const batch = keys.slice(first, Math.min(first + AT_ONCE, count));
      await Promise.all(batch.map((key, index) => act(key, first + index)));
    }
    return Math.round(((await busySeconds(clients)) - before) * 1e7) / 10 / count;
  };
  await directory.enrol("gone");
  await directory.enrol("here");
  const claim = await cost((_, index) => {
    const some = keys.slice(index * CLAIMED_AT_ONCE, (index + 1) * CLAIMED_AT_ONCE);
    return directory.claim(
      "gone",
      some.map((key) => ({ key, record: new Uint8Array(0) })),
    );
  }, CALLS / CLAIMED_AT_ONCE);
  const save = await cost((key) => directory.save("gone", key, 1, record));
  const alias = await cost((key) => directory.alias(aliasFor(key), key));
  const find = await cost((key) => directory.find(key));
  const resolve = await cost((key) => directory.resolve(aliasFor(key)));
  const renew = await cost(() => directory.renew("here"));
  await directory.resign("gone");
  const takeOver = await cost((key) => directory.takeOver("here", key, 1));
  const unalias = await cost((key) => directory.unalias(aliasFor(key), key));
  const release = await cost((key) => directory.release("here", key, 2));
  const channel = `measure-${process.pid}`;
  await clients.subscriber.subscribe(channel, () => {});
  const message = "x".repeat(MESSAGE_BYTES);
  const publishUs = await cost(() => clients.commands.publish(channel, message));
  return {
    callUs: { renew, claim: claim / CLAIMED_AT_ONCE, find, takeOver, save, release, alias, unalias, resolve },
    publishUs,
  };
}

/** Processor time that Redis has used so far. */
async function busySeconds({ commands }: RedisClients): Promise<number> {
  const text = String(await commands.sendCommand<unknown>(["INFO", "cpu"]));
  const read = (name: string): number => Number(text.match(new RegExp(`^${name}:(\\S+)`, "m"))?.[1]);
  return read("used_cpu_sys") + read("used_cpu_user");
}
