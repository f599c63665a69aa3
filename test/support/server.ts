/** The real server, in this process, on a port of its own. */
import { fileURLToPath } from "node:url";
import type { OptionsInput } from "../../src/config.ts";
import { createServer, type CouchwireServer, type ServerExtras } from "../../src/server.ts";
import { onTestEnd } from "./clean-up.ts";

export interface TestServer {
  readonly server: CouchwireServer;
  readonly port: number;
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** The same for WebSockets. */
  readonly ws: string;
}

const GAMES = fileURLToPath(new URL("games", import.meta.url));

/** Started now, closed when the test ends. */
export async function startServer(options: OptionsInput = {}, extras: ServerExtras = {}): Promise<TestServer> {
  const server = createServer({ port: 0, host: "127.0.0.1", games: GAMES, logLevel: "silent", ...options }, extras);
  onTestEnd(() => server.close());
  const { port, url } = await server.listen();
  return {
    server,
    port,
    url,
    ws: `ws://127.0.0.1:${port}`,
  };
}

/** WebSockets that the server still has. */
export async function connectionCount({ url }: TestServer): Promise<number> {
  const health: { readonly connections: number } = await (await fetch(`${url}/healthz`)).json();
  return health.connections;
}
