/** The connection of a node to NATS. */
import { connect } from "node:net";
import type * as Nats from "@nats-io/transport-node";
import type { ConnectionOptions, NatsConnection as Connection } from "@nats-io/transport-node";
import type { Logger } from "pino";
import { hidingSecretsOf, loadLibrary, passwordOf, serversOf, userOf, withoutSecrets } from "../bus-address.ts";
import { ClosedError, ConnectionKeeper, type KeptConnection } from "../connection-keeper.ts";

type Library = typeof Nats;

export interface NatsOptions {
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  /** Milliseconds between two questions whether NATS is still there. */
  readonly pingMs: number;
}

const DEFAULT_PORT = 4_222;
/** For the greeting and for the rest, within the keeper's time for both. */
const CONNECT_TIMEOUT_MS = 2_000;
const LIBRARY = "@nats-io/transport-node";
const PACKAGES = "@nats-io/transport-node @nats-io/jetstream @nats-io/kv";

/** Loads the library and begins to connect. Rejects with a sentence where the library is not installed or the address is none of NATS. */
export async function openNats(url: string, options: NatsOptions): Promise<NatsConnection> {
  const library = await loadLibrary(url, LIBRARY, () => import("@nats-io/transport-node"), PACKAGES);
  const hide = hidingSecretsOf(url);
  const servers = serversOf(url);
  let attempts = Math.floor(Math.random() * servers.length);
  const create = (): NatsClient => new NatsClient(library, servers[attempts++ % servers.length] ?? new URL(url), hide);
  return new ConnectionKeeper({ ...options, name: withoutSecrets(url), create });
}

/** Keeps a connection. `current` is there while it stands. */
export type NatsConnection = ConnectionKeeper<NatsClient>;

export class NatsClient implements KeptConnection {
  readonly ready: Promise<Connection>;
  readonly over: Promise<string>;
  readonly #destroying = new AbortController();
  readonly #waiting = new Set<(error: Error) => void>();
  #connection: Connection | undefined;

  constructor(library: Library, server: URL, hide: (text: string) => string) {
    this.ready = this.#connect(library, server);
    this.over = this.ready.then(
      async (connection) => {
        const error = await connection.closed();
        const reason = error instanceof Error ? hide(error.message) : "the connection was ended";
        for (const fail of this.#waiting) fail(new ClosedError(reason));
        return reason;
      },
      (error: unknown) => hide(error instanceof Error ? error.message : String(error)),
    );
  }

  /** The library's own connection, for what only it can do. Throws before `ready`. */
  get connection(): Connection {
    if (this.#connection === undefined) throw new ClosedError("There is no connection to NATS yet.");
    return this.#connection;
  }

  /** Resolves when the server has taken all that was said before; rejects where the connection ends first. */
  ping(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.connection.isClosed()) throw new ClosedError("The connection to NATS is over.");
      this.#waiting.add(reject); // The library forgets what waits when a connection ends.
      this.connection
        .flush()
        .then(resolve, reject)
        .finally(() => this.#waiting.delete(reject));
    });
  }

  async destroy(): Promise<void> {
    this.#destroying.abort();
    await this.ready.then(
      (connection) => connection.close(),
      () => {}, // There is none.
    );
  }

  async #connect(library: Library, server: URL): Promise<Connection> {
    const { signal } = this.#destroying;
    await greeted(server, signal);
    const connection = await library.connect(optionsFor(server));
    this.#connection = connection;
    return connection;
  }
}

function optionsFor(server: URL): ConnectionOptions {
  const [user, pass] = [userOf(server), passwordOf(server)];
  return {
    servers: `${server.hostname}:${portOf(server)}`,
    name: "couchwire",
    timeout: CONNECT_TIMEOUT_MS,
    noAsyncTraces: true,
    ignoreClusterUpdates: true,
    // A connection lives once: the keeper makes the next one.
    reconnect: false,
    ...(server.protocol === "tls:" && { tls: {} }),
    ...(user !== "" && (pass === "" ? { token: user } : { user, pass })),
  };
}

/**
 * A NATS server speaks first. One that takes connections and says nothing would have the library leave a socket behind with each try, so it is tried
 * without the library first.
 */
function greeted(server: URL, signal: AbortSignal): Promise<void> {
  const socket = connect({ host: server.hostname.replaceAll(/^\[|\]$/g, ""), port: portOf(server) });
  return new Promise<void>((resolve, reject) => {
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => reject(new Error("it does not answer")));
    socket.once("data", () => resolve());
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("it closes connections at once")));
    signal.addEventListener("abort", () => reject(new ClosedError("It is not wanted any more.")), { once: true });
  }).finally(() => socket.destroy());
}

function portOf(server: URL): number {
  return server.port === "" ? DEFAULT_PORT : Number(server.port);
}
