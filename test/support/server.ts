/** The real server on a port of its own, in this process or wherever `target.ts` says. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { OptionsInput } from "../../src/config.ts";
import type { CouchwireServer, ServerExtras } from "../../src/server.ts";
import { onTestEnd } from "./clean-up.ts";
import { noteSecret, runLogger } from "./logs-of-run.ts";
import { engineOptions, target } from "./target.ts";

export interface TestServer {
  readonly port: number;
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** The other of two nodes that are one server to the test, where it is such a server. */
  readonly edgeUrl?: string;
  /** The same for WebSockets. */
  readonly ws: string;
  /** The certificate that the server has to have, if it speaks TLS. */
  readonly ca?: string;
  /** The port of ghost-sync's wire, where the options switched it on. */
  readonly tcpPort: number | undefined;
  /** The address of the admin page, where the options switched it on. */
  readonly adminUrl: string | undefined;
  /** The server itself, for `testInProcess`; throws where it is in another process. */
  inside(): CouchwireServer;
  readonly close: () => Promise<void>;
}

const GAMES = fileURLToPath(new URL("games", import.meta.url));

/** Started now, closed when the test ends. */
export async function startServer(options: OptionsInput = {}, extras: ServerExtras = {}): Promise<TestServer> {
  // Tests end while their players are in their rooms, and wait for none of them.
  const defaults = { port: 0, host: "127.0.0.1", games: GAMES, logLevel: "silent", drainMs: 0 } as const;
  for (const secrets of [options.jwtSecret, options.apiKey]) {
    for (const secret of (secrets ?? "").split(",")) noteSecret(secret);
  }
  const logger = target.isInProcess ? (extras.logger ?? runLogger()) : undefined;
  const { port, url, edgeUrl, tcpPort, adminUrl, server, close } = await target.start(
    { ...defaults, ...engineOptions, ...options },
    logger === undefined ? extras : { ...extras, logger },
  );
  onTestEnd(close);
  return {
    port,
    url,
    ...(edgeUrl !== undefined && { edgeUrl }),
    ws: `${options.tlsCert === undefined ? "ws" : "wss"}://127.0.0.1:${port}`,
    ...(options.tlsCert !== undefined && { ca: readFileSync(options.tlsCert, "utf8") }),
    tcpPort,
    adminUrl,
    inside() {
      if (server === undefined) throw new Error("The server is in another process: this is for testInProcess alone.");
      return server;
    },
    close,
  };
}

const HEALTH = z.object({ rooms: z.number(), players: z.number(), connections: z.number() });

/** What `/healthz` counts. Each of two nodes counts its own sockets. */
export async function countsOf({ url, edgeUrl }: Pick<TestServer, "url" | "edgeUrl">): Promise<z.infer<typeof HEALTH>> {
  const counts = HEALTH.parse(await (await fetch(`${url}/healthz`)).json());
  if (edgeUrl === undefined) return counts;
  const { connections } = await countsOf({ url: edgeUrl });
  return { ...counts, connections: counts.connections + connections };
}

/** WebSockets that the server still has. */
export async function connectionCount(server: Pick<TestServer, "url" | "edgeUrl">): Promise<number> {
  return (await countsOf(server)).connections;
}
