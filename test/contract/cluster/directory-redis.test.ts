import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "@jest/globals";
import { pino } from "pino";
import { redisDirectory } from "../../../src/cluster/redis/redis-directory.ts";
import { openRedis, type RedisConnection } from "../../../src/cluster/redis/redis-connection.ts";
import type { BusServer } from "../../support/bus-server.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { describeDirectory } from "../../support/directory-suite.ts";
import { startRedis } from "../../support/redis-server.ts";

const log = pino({ level: "silent" });
let server: BusServer;

beforeAll(async () => {
  server = await startRedis({ isShared: true });
});
afterAll(() => server.close());

async function connectTo({ url }: BusServer): Promise<RedisConnection> {
  const connection = await openRedis(url, { log, pingMs: 20_000 });
  onTestEnd(() => connection.close());
  await connection.whenUp();
  return connection;
}

describeDirectory({
  name: "Redis",
  async begin(terms) {
    const prefix = `test-${randomUUID()}`;
    return {
      connect: async () => redisDirectory(await connectTo(server), { prefix, ...terms }),
      async wipe() {
        const { commands } = await (await connectTo(server)).whenUp();
        await commands.flushAll();
      },
    };
  },
  pass() {},
  claims: 60_000,
});
