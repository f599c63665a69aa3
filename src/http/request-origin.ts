/**
 * The address that a browser sent a request to. It reaches the server, so links in the answer begin with it. The client can
 * forge it, so it is used for this answer only and never stored.
 */
import type { Request } from "express";
import { isLoopbackName } from "../address/loopback.ts";

/** RFC 9110, section 7.2, without user and path: a name or an IPv4 address, or an IPv6 address in brackets, then a port. */
export const HOST = /^(?:[a-z\d](?:[a-z\d._-]{0,252})|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/**
 * The origin, such as `http://tv.local:8081`, in lower case and without a trailing slash. `undefined` if the request names `localhost`,
 * no host or an invalid one. Express reads `X-Forwarded-Host` and `X-Forwarded-Proto` of trusted proxies.
 */
export function requestOrigin(request: Pick<Request, "host" | "protocol">): string | undefined {
  const { protocol } = request;
  const host: string | undefined = request.host; // Express's types omit that the host may be missing.
  if (host === undefined || !HOST.test(host) || (protocol !== "http" && protocol !== "https")) return undefined;
  const text = `${protocol}://${host}`;
  if (!URL.canParse(text)) return undefined;
  const { origin, hostname } = new URL(text);
  return isLoopbackName(hostname) ? undefined : origin;
}
