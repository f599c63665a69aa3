/** A name for each request and each connection, so that the log lines of one can be found. It is no secret, and says nothing about its client. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { compile as compileTrust } from "proxy-addr";
import { socketAddress } from "./client-address.ts";

/** The header in which proxies hand such a name over, and in which the server tells it to the client. */
export const REQUEST_ID_HEADER = "x-request-id";

/** Names that proxies make: UUIDs, hexadecimal digits, base64, `node-7:42`. Not so long that it could fill the log. */
const SANE = /^[\w.:/+=-]{1,128}$/;

/** Gives each request its name: the one that a trusted proxy has given it, or a new one. The same request gets the same name again. */
export function createRequestIds(trustedProxies: readonly string[] = []): (request: IncomingMessage) => string {
  const isTrusted = compileTrust([...trustedProxies]);
  const known = new WeakMap<IncomingMessage, string>();
  return (request) => {
    const before = known.get(request);
    if (before !== undefined) return before;
    const given = request.headers[REQUEST_ID_HEADER];
    const isGiven = typeof given === "string" && SANE.test(given) && isTrusted(socketAddress(request), 0);
    const id = isGiven ? given : newRequestId();
    known.set(request, id);
    return id;
  };
}

export function newRequestId(): string {
  return randomUUID();
}
