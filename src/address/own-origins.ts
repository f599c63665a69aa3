/** The origins that pages of this server have, seen from a request: by the address that the browser asked, and by the public URL. */
import type { IncomingHttpHeaders } from "node:http";
import { compile as compileTrust } from "proxy-addr";
import { isOwnHost } from "./own-host.ts";

export interface OwnOriginsOptions {
  /** Addresses and networks of proxies whose `X-Forwarded-Host` and `X-Forwarded-Proto` are believed. @default none */
  readonly trustedProxies: readonly string[];
  /** The address for phones now; empty where it is not known. */
  readonly publicUrl: () => string;
  /**
   * Whether an option says that address: then a request that names another host is from a name that a site elsewhere may have pointed here, unless it is an IP
   * address, localhost, or a name of the local network (`.local`). @default false: the name that was asked for counts
   */
  readonly isPublicUrlConfigured?: boolean;
}

/** The part of a request that tells which address it was sent to. */
interface AskedRequest {
  readonly headers: IncomingHttpHeaders;
  /** `encrypted` is true for a socket with TLS, on Bun too. */
  readonly socket: { readonly remoteAddress?: string | undefined; readonly encrypted?: boolean };
}

/** An explicit port behind a name, an IPv4 address, or an IPv6 address in brackets. */
const WITH_PORT = /:\d+$/;

/** Returns a function that lists the own origins of one request. */
export function createOwnOrigins({ trustedProxies, publicUrl, isPublicUrlConfigured = false }: OwnOriginsOptions) {
  const isTrusted = compileTrust([...trustedProxies]);
  return (request: AskedRequest): string[] => {
    const own = ofRequest(request, isTrusted(request.socket.remoteAddress ?? "", 0));
    const address = publicUrl();
    if (address === "") return own;
    const { origin, hostname } = new URL(address);
    return [...own.filter((each) => !isPublicUrlConfigured || isFromHere(each, hostname)), origin];
  };
}

function isFromHere(origin: string, publicName: string): boolean {
  const host = origin.replace(/^https?:\/\//, "");
  return isOwnHost(host, [publicName]) || IN_LOCAL_NETWORK.test(host);
}

/** RFC 6762: such a name is asked of the local network alone. */
const IN_LOCAL_NETWORK = /^[^.:]+\.local(?::\d+)?$/i;

function ofRequest({ headers, socket }: AskedRequest, isByTrustedProxy: boolean): string[] {
  const forwarded = (name: string): string | undefined => (isByTrustedProxy ? first(headers[name]) : undefined);
  const host = forwarded("x-forwarded-host") ?? headers.host;
  if (host === undefined || host === "") return [];
  const scheme = forwarded("x-forwarded-proto") ?? (socket.encrypted === true ? "https" : undefined);
  if (scheme !== undefined) return [`${scheme}://${host}`];
  // On plain http a proxy in front may have ended TLS, which it does on port 443: then the host has no port.
  return WITH_PORT.test(host) ? [`http://${host}`] : [`http://${host}`, `https://${host}`];
}

/** Each proxy appends to such a header, so the browser's own is the first. */
function first(header: string | readonly string[] | undefined): string | undefined {
  const text = typeof header === "string" ? header : header?.[0];
  const value = text?.split(",", 1)[0]?.trim();
  return value === "" ? undefined : value;
}
