/** A server with ghost-sync's wire on a TCP port, and rooms of the kind `relay` that always exist. */
import type { OptionsInput } from "../../src/config.ts";
import type { ServerExtras } from "../../src/server.ts";
import { startServer, type TestServer } from "./server.ts";
import { TcpTestClient } from "./tcp-client.ts";

export interface TcpServer extends TestServer {
  readonly tcpPort: number;
  readonly connect: () => Promise<TcpTestClient>;
}

const HOUR_MS = 3_600_000;

/** No ping and no rate disturbs a test that does not ask for it. */
const QUIET = { pingMs: HOUR_MS, idleMs: 2 * HOUR_MS, playerRate: 0, playerBytes: 0 } as const;

export async function startTcpServer(options: OptionsInput = {}, extras: ServerExtras = {}): Promise<TcpServer> {
  const standingRooms = "lobby:relay,a:relay,b:relay";
  const server = await startServer({ ...QUIET, tcpPort: 0, standingRooms, ...options }, extras);
  const { tcpPort } = server;
  if (tcpPort === undefined) throw new Error("The server listens on no TCP port.");
  return { ...server, tcpPort, connect: () => TcpTestClient.connect(tcpPort) };
}
