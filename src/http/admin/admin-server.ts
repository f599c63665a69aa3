/**
 * The admin server: pages, data and probes on a port of their own. Games run scripts on the main origin, so nothing of this is reachable there.
 * It has the same limits as the main HTTP server, and counts in the same memory budget.
 */
import type { IncomingMessage } from "node:http";
import { bracketed } from "../../address/public-url.ts";
import { EVERY_ADDRESS } from "../../address/loopback.ts";
import type { MemoryBudget } from "../../room/memory-budget.ts";
import { createHttpServer } from "../http-server.ts";
import type { KeyPairWatch } from "../key-pair-watch.ts";
import { createAdminApp, type AdminAppOptions } from "./admin-app.ts";
import { AdminSessions } from "./admin-sessions.ts";

export interface AdminServerOptions extends Omit<AdminAppOptions, "sessions" | "names" | "onError"> {
  readonly adminPort: number;
  readonly adminHost: string;
  /** The address for phones. */
  readonly publicUrl: () => string;
  readonly budget: MemoryBudget;
  readonly keepAliveMs: number;
  /** With a certificate the server speaks https. @default plain http */
  readonly keyPairs?: KeyPairWatch | undefined;
  readonly addressOf: (request: IncomingMessage) => string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Called with each error that no request can be told. */
  readonly onError: (error: unknown, about: string) => void;
}

export interface AdminServer {
  /** Rejects with Node's error where the port cannot be had. */
  listen(): Promise<void>;
  /** Where it listens; `undefined` before. */
  readonly url: string | undefined;
  /** Ends all connections and frees the port. Safe twice. */
  close(): Promise<void>;
}

/** Connections at one time. Few people watch a server, and a guesser must not take the memory of games. */
const MAX_ADMIN_CONNECTIONS = 200;

export function createAdminServer({
  adminPort,
  adminHost,
  publicUrl,
  onError,
  ...options
}: AdminServerOptions): AdminServer {
  const app = createAdminApp({
    ...options,
    sessions: new AdminSessions({ now: options.now }),
    names: () => [adminHost, URL.canParse(publicUrl()) ? new URL(publicUrl()).hostname : undefined],
    onError: (error) => onError(error, "a request of the admin page met a bug and was answered 500"),
  });
  const { budget, addressOf, now, keepAliveMs, keyPairs } = options;
  const { server, closeAllConnections } = createHttpServer({
    app,
    budget,
    addressOf,
    now,
    keepAliveMs,
    keyPairs,
    isForAnyOrigin: false,
    maxConnections: MAX_ADMIN_CONNECTIONS,
    webSocketCount: () => 0,
  });
  let whenBound: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  return {
    listen() {
      if (isClosed || server.listening) return Promise.resolve();
      const binding = new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port: adminPort, host: adminHost }, () => {
          server.off("error", reject);
          server.on("error", (error) => onError(error, "the listening socket of the admin page failed"));
          resolve();
        });
      });
      whenBound = Promise.allSettled([binding]);
      return binding;
    },

    get url() {
      const bound = server.address();
      if (typeof bound !== "object" || bound === null) return undefined;
      const scheme = keyPairs === undefined ? "http" : "https";
      return `${scheme}://${EVERY_ADDRESS.has(bound.address) ? "localhost" : bracketed(bound.address)}:${bound.port}`;
    },

    async close() {
      isClosed = true;
      await whenBound;
      const isFree = new Promise<void>((resolve) => server.close(() => resolve()));
      closeAllConnections();
      await isFree;
    },
  };
}
