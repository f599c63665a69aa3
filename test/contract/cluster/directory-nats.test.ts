import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "@jest/globals";
import { jetstreamManager } from "@nats-io/jetstream";
import { pino } from "pino";
import { natsDirectory } from "../../../src/cluster/nats/nats-directory.ts";
import { openNats, type NatsConnection } from "../../../src/cluster/nats/nats-connection.ts";
import type { BusServer } from "../../support/bus-server.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { describeDirectory } from "../../support/directory-suite.ts";
import { budget } from "../../support/seeded-random.ts";
import { startNats } from "../../support/nats-server.ts";

const log = pino({ level: "silent" });
let server: BusServer;

beforeAll(async () => {
  server = await startNats({ isShared: true });
});
afterAll(() => server.close());

async function connectTo({ url }: BusServer): Promise<NatsConnection> {
  const connection = await openNats(url, { log, pingMs: 20_000 });
  onTestEnd(() => connection.close());
  await connection.whenUp();
  return connection;
}

describeDirectory({
  name: "NATS",
  async begin(terms) {
    const prefix = `test-${randomUUID()}`;
    return {
      connect: async () => natsDirectory(await connectTo(server), { prefix, ...terms }),
      async wipe() {
        const { connection } = await (await connectTo(server)).whenUp();
        const manager = await jetstreamManager(connection);
        for await (const { config } of manager.streams.list()) {
          if (config.name.startsWith(`KV_${prefix}`)) await manager.streams.delete(config.name);
        }
      },
    };
  },
  pass() {},
  claims: Math.min(budget(6_000), 60_000),
});
