/**
 * The two connections of a node to Redis: one for commands and publishing, one for what it has subscribed to. They live and end together, so that one
 * answer tells whether Redis is there.
 */
import type { Logger } from "pino";
import type * as Redis from "redis";
import { ConnectionKeeper, type KeptConnection } from "../connection-keeper.ts";
import { hidingSecretsOf, loadLibrary, withoutSecrets } from "../bus-address.ts";

type Library = typeof Redis;
/** A client of the library `redis` whose answers are buffers where they are bytes. */
export type RedisClient = ReturnType<typeof clientOf>;

export interface RedisOptions {
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  /** Milliseconds between two questions whether Redis is still there. */
  readonly pingMs: number;
}

/** Commands that may wait for an answer at once; one more is rejected. Messages are bounded by their bytes before that. */
const MAX_COMMANDS = 100_000;
/** Until there is a connection; the keeper's time counts for the rest. */
const CONNECT_TIMEOUT_MS = 2_000;

/** Loads the library and begins to connect. Rejects with a sentence where the library is not installed or the address is none of Redis. */
export async function openRedis(url: string, options: RedisOptions): Promise<RedisConnection> {
  const library = await loadLibrary(url, "redis", () => import("redis"));
  const name = withoutSecrets(url);
  const hide = hidingSecretsOf(url);
  return new ConnectionKeeper({ ...options, name, create: () => new RedisClients(library, url, hide) });
}

/** Keeps a pair of clients. `current` is the pair while both are connected. */
export type RedisConnection = ConnectionKeeper<RedisClients>;

export class RedisClients implements KeptConnection {
  /** For commands and publishing. A command that is under way when the connection ends is rejected. */
  readonly commands: RedisClient;
  /** For subscriptions alone. */
  readonly subscriber: RedisClient;
  readonly ready: Promise<unknown>;
  readonly over: Promise<string>;
  readonly #connecting: Promise<unknown>;
  #isOver = false;

  constructor(library: Library, url: string, hide: (text: string) => string) {
    this.commands = clientOf(library, url);
    this.subscriber = clientOf(library, url);
    const clients = [this.commands, this.subscriber];
    this.over = new Promise((resolve) => {
      const end = (reason: string): void => {
        this.#isOver = true;
        resolve(reason);
      };
      for (const client of clients) {
        client.on("error", (error: Error) => end(hide(error.message)));
        client.on("end", () => end("the connection was ended"));
        // A client that was ended while it connected goes on all the same.
        client.on("connect", () => this.#isOver && client.destroy());
      }
    });
    const connecting = clients.map((client) => client.connect());
    this.ready = Promise.all(connecting);
    this.#connecting = Promise.allSettled(connecting);
  }

  /** Told before what was under way is rejected. */
  get isOver(): boolean {
    return this.#isOver;
  }

  ping(): Promise<unknown> {
    return Promise.all([this.commands.ping(), this.subscriber.ping()]);
  }

  async destroy(): Promise<void> {
    for (const client of [this.commands, this.subscriber]) client.destroy();
    await this.#connecting;
  }
}

function clientOf(library: Library, url: string) {
  const options = {
    url,
    RESP: 3,
    name: "couchwire",
    disableClientInfo: true,
    maintNotifications: "disabled",
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_COMMANDS,
    // What Redis does not answer is rejected when the keeper finds the connection dead, and with a reason. The library's own timer has none.
    commandOptions: { timeout: 0 },
    // A client lives as long as its connection: the keeper makes the next one.
    socket: { reconnectStrategy: false, connectTimeout: CONNECT_TIMEOUT_MS },
  } satisfies Redis.RedisClientOptions;
  return library.createClient(options).withTypeMapping({ [library.RESP_TYPES.BLOB_STRING]: Buffer });
}
