/**
 * The address that a browser sent a request to. It certainly reaches the server, so links in the answer begin with it. It is the
 * requester's own claim: it is used for the answer to this request and is kept nowhere.
 */
import type { Request } from "express";
import { isLoopbackName } from "../address/loopback.ts";

/** RFC 9110, section 7.2, without user and path: a name or an IPv4 address, or an IPv6 address in brackets, then a port. */
const HOST = /^(?:[a-z\d](?:[a-z\d._-]{0,252})|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/**
 * `http://tv.local:8081`, in lower case and without a slash at the end; nothing where the request names this machine (`localhost`),
 * no host, or something that is none. Express reads `X-Forwarded-Host` and `X-Forwarded-Proto` where it trusts the proxy.
 */
export function requestOrigin(request: Pick<Request, "host" | "protocol">): string | undefined {
  const { protocol } = request;
  const host: string | undefined = request.host; // its types forget requests without one
  if (host === undefined || !HOST.test(host) || (protocol !== "http" && protocol !== "https")) return undefined;
  const text = `${protocol}://${host}`;
  if (!URL.canParse(text)) return undefined;
  const { origin, hostname } = new URL(text);
  return isLoopbackName(hostname) ? undefined : origin;
}
