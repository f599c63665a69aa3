/**
 * What the servers of a run of tests log, and the secrets that its clients show, each in files of a folder. `scripts/search-logs.js` looks for the ones in the others when
 * the run is over. Nothing happens unless `COUCHWIRE_TEST_LOGS` names the folder.
 */
import { subscribe } from "node:diagnostics_channel";
import { appendFileSync, mkdirSync } from "node:fs";
import { ClientRequest } from "node:http";
import { join } from "node:path";
import type { Logger } from "pino";
import { z } from "zod";
import { createLogger } from "../../src/log/logger.ts";

const { COUCHWIRE_TEST_LOGS: folder } = process.env;

/** Parameters of an address, and headers, whose values are secrets. */
const SECRET_PARAMETERS = ["session", "token", "pin", "rescue"];
const SECRET_HEADERS = new Set(["authorization", "x-api-key", "cookie"]);
const SECRET_SUBPROTOCOL = /^couchwire\.(?:session|token|pin|rescue)\.(.+)$/;

const known = new Set<string>();

/** Remembers what no log line may show. */
export function noteSecret(secret: string): void {
  if (folder === undefined || secret === "" || known.has(secret)) return;
  known.add(secret);
  appendFileSync(join(folder, `secrets-${process.pid}.txt`), `${secret.replaceAll("\n", " ")}\n`);
}

/** Keeps what a process has written, where its standard output is no file of the folder. */
export function keepOutput(text: string): void {
  if (folder !== undefined) appendFileSync(join(folder, `output-${process.pid}.txt`), text);
}

/** A logger for a test that looks at no lines itself. */
export function runLogger(): Logger | undefined {
  if (folder === undefined) return undefined;
  const file = join(folder, `log-${process.pid}.txt`);
  return createLogger("trace", { write: (line) => appendFileSync(file, line) });
}

const UNDICI_REQUEST = z.object({
  request: z.object({ path: z.string(), headers: z.union([z.array(z.unknown()), z.string()]).optional() }),
});

function noteSecretsOf(path: string, headers: readonly (readonly [string, string])[]): void {
  const query = new URLSearchParams(path.split("?")[1] ?? "");
  for (const name of SECRET_PARAMETERS) for (const value of query.getAll(name)) noteSecret(value);
  for (const [name, value] of headers) {
    if (SECRET_HEADERS.has(name.toLowerCase())) noteSecret(value.replace(/^(?:Bearer +|[^=]*=)/i, ""));
    if (name.toLowerCase() !== "sec-websocket-protocol") continue;
    for (const offer of value.split(",")) noteSecret(SECRET_SUBPROTOCOL.exec(offer.trim())?.[1] ?? "");
  }
}

if (folder !== undefined) {
  mkdirSync(folder, { recursive: true });
  subscribe("http.client.request.start", (message) => {
    const request: unknown = typeof message === "object" && message !== null && "request" in message && message.request;
    if (!(request instanceof ClientRequest)) return;
    const headers = Object.entries(request.getHeaders()).map(([name, value]) => [name, String(value)] as const);
    noteSecretsOf(request.path, headers);
  });
  subscribe("undici:request:create", (message) => {
    const parsed = UNDICI_REQUEST.safeParse(message);
    if (!parsed.success) return;
    const { path, headers = [] } = parsed.data.request;
    const flat = typeof headers === "string" ? headers.split(/\r\n|: /) : headers.map(String);
    const pairs = flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""] as const] : []));
    noteSecretsOf(path, pairs);
  });
}
