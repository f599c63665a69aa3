/** Connects this node to what is between it and others, as its address says. The library is loaded here, on first use. */
import type { Logger } from "pino";
import { BusAddressError, serversOf } from "./bus-address.ts";
import { NatsBus } from "./nats/nats-bus.ts";
import { openNats } from "./nats/nats-connection.ts";
import { natsDirectory } from "./nats/nats-directory.ts";
import type { Bus, Directory, DirectoryTerms } from "./ports.ts";
import { RedisBus } from "./redis/redis-bus.ts";
import { openRedis } from "./redis/redis-connection.ts";
import { redisDirectory } from "./redis/redis-directory.ts";

export interface BackendOptions extends DirectoryTerms {
  /** Begins all names. */
  readonly prefix: string;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
}

/** A bus and a directory over the same connections. Closing the bus closes those. */
export interface ConnectedBackend {
  readonly bus: Bus;
  readonly directory: Directory;
}

/** The backend is asked so many times within a lease whether it is still there. */
const PINGS_PER_LEASE = 4;

/** Begins to connect, and goes on until `close`. Rejects with a sentence where the library is not installed, or the address names nothing that is known. */
export async function connectBackend(address: string, options: BackendOptions): Promise<ConnectedBackend> {
  const { log, leaseMs } = options;
  const pingMs = leaseMs / PINGS_PER_LEASE;
  switch (serversOf(address)[0]?.protocol) {
    case "redis:":
    case "rediss:": {
      const connection = await openRedis(address, { log, pingMs });
      return { bus: new RedisBus(connection, log), directory: redisDirectory(connection, options) };
    }
    case "nats:":
    case "tls:": {
      const connection = await openNats(address, { log, pingMs });
      return { bus: new NatsBus(connection, log), directory: natsDirectory(connection, options) };
    }
    default:
      throw new BusAddressError("A bus is at an address that begins with redis://, rediss://, nats:// or tls://.");
  }
}
