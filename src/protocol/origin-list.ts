/** Origins of pages (RFC 6454), as the option `origins` lists them and as browsers name them in `Origin`. */
import { failure, success, type Result } from "./result.ts";

/** What a page without an address of its own sends: one of a file, or in a sandboxed frame. */
export const OPAQUE_ORIGIN = "null";

/** An origin, or a pattern whose label `*` stands for any one label. */
export interface OriginPattern {
  readonly scheme: string;
  readonly labels: readonly string[];
  readonly port: number;
}

/** Scheme, host and port. The host is a name or an IPv4 address whose labels may be `*`, or an IPv6 address in brackets. */
const ORIGIN = /^(https?):\/\/(\[[\da-f:.]{2,45}\]|(?:(?:\*|[\w-]{1,63})\.)*[\w-]{1,63})(?::(\d{1,5}))?\/?$/i;
const MAX_ORIGIN_LENGTH = 300;
const MAX_PORT = 65_535;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Reads a list with commas. The failure is the first entry that is no origin. `null` is among the origins where it is listed. */
export function parseOriginList(text: string): Result<readonly (OriginPattern | typeof OPAQUE_ORIGIN)[], string> {
  const origins: (OriginPattern | typeof OPAQUE_ORIGIN)[] = [];
  for (const part of text.split(",")) {
    const entry = part.trim();
    const origin = entry === OPAQUE_ORIGIN ? entry : parseOrigin(entry);
    if (origin === undefined) return failure(entry);
    origins.push(origin);
  }
  return success(origins);
}

/** Reads one origin or pattern; `undefined` where it is none. */
export function parseOrigin(text: string): OriginPattern | undefined {
  const [, scheme = "", host = "", port] =
    text.length > MAX_ORIGIN_LENGTH ? [] : (ORIGIN.exec(text.toLowerCase()) ?? []);
  const number = port === undefined ? DEFAULT_PORTS[scheme] : Number(port);
  if (number === undefined || number > MAX_PORT) return undefined;
  return { scheme, labels: host.startsWith("[") ? [host] : host.split("."), port: number };
}

/** Whether the pattern stands for this origin: the same scheme and port, and label for label the same name. */
export function matchesOrigin(pattern: OriginPattern, origin: OriginPattern): boolean {
  return (
    pattern.scheme === origin.scheme &&
    pattern.port === origin.port &&
    pattern.labels.length === origin.labels.length &&
    pattern.labels.every((label, index) => label === "*" || label === origin.labels[index])
  );
}
