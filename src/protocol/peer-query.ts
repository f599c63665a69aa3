/** What hosts and players may say in the query of their addresses (P5.1, P5.2). */
import type { HostBytes, HostFormat } from "./host-encoder.ts";
import { failure, success, type Result } from "./result.ts";

/** The one method of `URLSearchParams` that is needed here. */
export interface QueryParameters {
  get(name: string): string | null;
}

/** How a peer that comes back goes on. */
export interface SessionQuery {
  /** The secret that the peer made up. Not to be kept, logged or compared as it is: hash it. */
  readonly session: string | undefined;
  /** Data frames it had got, and the life of the room in which it counted them. */
  readonly received: number | undefined;
  readonly epoch: string | undefined;
}

export interface HostQuery extends SessionQuery {
  readonly format: HostFormat;
  readonly bytes: HostBytes;
}

export interface PlayerQuery extends SessionQuery {
  readonly name: string | undefined;
  readonly pin: string | undefined;
  /** The token of a rescue link. */
  readonly rescue: string | undefined;
}

/** Characters of a display name: more do not fit on a television. */
export const MAX_DISPLAY_NAME_LENGTH = 64;

const SESSION = /^[A-Za-z0-9_-]{16,128}$/;
const COUNT = /^\d{1,15}$/;

/** Reads a host's query; the failure is a sentence for the close reason. `defaultBytes` is for hosts that ask for nothing. */
export function parseHostQuery(query: QueryParameters, defaultBytes: HostBytes): Result<HostQuery, string> {
  const format = query.get("format") ?? "cbor";
  if (format !== "cbor" && format !== "json") return failure(`"format" has to be cbor or json, not ${quote(format)}.`);
  const bytes = query.get("bytes") ?? defaultBytes;
  if (bytes !== "array" && bytes !== "string")
    return failure(`"bytes" has to be array or string, not ${quote(bytes)}.`);
  const session = parseSessionQuery(query);
  return session.ok ? success({ format, bytes, ...session.value }) : session;
}

/** Reads a player's query; the failure is a sentence for the close reason. */
export function parsePlayerQuery(query: QueryParameters): Result<PlayerQuery, string> {
  const name = query.get("name")?.trim();
  if (name !== undefined && name.length > MAX_DISPLAY_NAME_LENGTH) {
    return failure(`"name" may have ${MAX_DISPLAY_NAME_LENGTH} characters, not ${name.length}.`);
  }
  const pin = query.get("pin") ?? undefined;
  const rescue = query.get("rescue") ?? undefined;
  const session = parseSessionQuery(query);
  return session.ok ? success({ name: name === "" ? undefined : name, pin, rescue, ...session.value }) : session;
}

function parseSessionQuery(query: QueryParameters): Result<SessionQuery, string> {
  const session = query.get("session") ?? undefined;
  // The secret itself is never quoted: close reasons end up in logs.
  if (session !== undefined && !SESSION.test(session))
    return failure('"session" has to be 16 to 128 of A-Z a-z 0-9 _ -.');
  const received = query.get("received");
  if (received !== null && !COUNT.test(received))
    return failure(`"received" has to be a count, not ${quote(received)}.`);
  const epoch = query.get("epoch") ?? undefined;
  return success({ session, received: received === null ? undefined : Number(received), epoch });
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 24));
}
