/** Nodes of one cluster: servers in this process, or the real command in processes of their own, which may be killed. */
import { connectBackend } from "../../src/cluster/connect-backend.ts";
import type { Directory } from "../../src/cluster/ports.ts";
import { fileURLToPath } from "node:url";
import { pino, type Logger } from "pino";
import { createServer, type CouchwireServer, type ServerExtras } from "../../src/server.ts";
import type { OptionsInput } from "../../src/config.ts";
import { onTestEnd } from "./clean-up.ts";
import { startCli, type CliProcess } from "./cli-process.ts";
import { runLogger } from "./logs-of-run.ts";

/** A lease that tests can wait for. */
export const TEST_LEASE_MS = 1_000;

export interface Node {
  readonly url: string;
  /** The same for WebSockets. */
  readonly ws: string;
  readonly port: number;
}

export interface NodeHere extends Node {
  readonly server: CouchwireServer;
  /** Where the options switched them on. */
  readonly tcpPort: number | undefined;
  readonly adminUrl: string | undefined;
  close(): Promise<void>;
}

export interface NodeProcess extends Node {
  readonly process: CliProcess;
}

let clusters = 0;

/** What servers log goes into the file that is searched for secrets, or nowhere. */
function logger(): Logger {
  return runLogger() ?? pino({ level: "silent" });
}

/** A name for a cluster of its own. */
export function newPrefix(): string {
  clusters += 1;
  return `test-${process.pid}-${clusters}`;
}

const GAMES = fileURLToPath(new URL("games", import.meta.url));
const COMMON = {
  port: 0,
  host: "127.0.0.1",
  logLevel: "silent",
  drainMs: 0,
  leaseMs: TEST_LEASE_MS,
  games: GAMES,
} as const;

/** A node in this process. */
export async function startNode(options: OptionsInput, extras: ServerExtras = {}): Promise<NodeHere> {
  const server = createServer({ ...COMMON, ...options }, { logger: logger(), ...extras });
  const { port, url, tcpPort, adminUrl } = await server.listen();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= server.close());
  onTestEnd(close);
  return { server, port, tcpPort, adminUrl, url, ws: `ws://127.0.0.1:${port}`, close };
}

/** A node in a process of its own. `environment`: more options, as variables; `cli`: the command of another package than this one's. */
export async function startNodeProcess(
  environment: Readonly<Record<string, string>>,
  cli?: string,
): Promise<NodeProcess> {
  const variables = {
    PORT: "0",
    COUCHWIRE_HOST: "127.0.0.1",
    COUCHWIRE_LEASE_MS: String(TEST_LEASE_MS),
    COUCHWIRE_DRAIN_MS: "0",
    ...environment,
  };
  const process = startCli([], variables, undefined, cli);
  onTestEnd(async () => {
    process.kill("SIGKILL");
    await process.ended;
  });
  const { port } = await process.listening;
  return { process, port, url: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` };
}

/** Connects until it is let in: a node may still be looking for the room. */
export async function comeBack<Client extends { readonly closed: Promise<{ code: number }> }>(
  connect: () => Promise<Client>,
  isIn: (client: Client) => Promise<unknown>,
): Promise<Client> {
  for (;;) {
    const client = await connect();
    const outcome = await Promise.race([isIn(client).then(() => "in"), client.closed.then(({ code }) => code)]);
    if (outcome === "in") return client;
    if (outcome !== 1012 && outcome !== 1013 && outcome !== 1006) throw new Error(`It was closed with ${outcome}.`);
  }
}

/** The directory of a cluster, for a test that looks into it. */
export async function openDirectory(bus: string, prefix: string, leaseMs = TEST_LEASE_MS): Promise<Directory> {
  const backend = await connectBackend(bus, { prefix, leaseMs, keepMs: 600_000, log: logger() });
  onTestEnd(async () => {
    await backend.directory.close();
    await backend.bus.close();
  });
  if (backend.bus.isUp === false) await new Promise<void>((resolve) => backend.bus.onStatus?.(() => resolve()));
  return backend.directory;
}
