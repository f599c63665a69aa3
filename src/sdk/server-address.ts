/** Where the server is, and what the page's own address says about game and room. */
import { invalid, quote } from "./invalid-argument.ts";

/** One server, as its two kinds of addresses begin. Neither ends with a slash. */
export interface ServerAddress {
  readonly http: string;
  readonly ws: string;
}

/** Reads the `server` option; without one it is the page's origin. `http`, `https`, `ws` and `wss` are all understood. */
export function parseServer(server: string | URL | undefined): ServerAddress {
  const text = String(server ?? pageAddress()?.origin ?? "");
  if (text === "" || text === "null") {
    throw invalid('There is no page to take the server\'s address from: say { server: "http://192.168.1.7:8081" }.');
  }
  const match = /^(?:http|ws)(s?):\/\/([^/?#\s]+)([^?#]*)/i.exec(text);
  if (match === null) {
    throw invalid(`\`server\` has to be an address such as "http://192.168.1.7:8081"; this is ${quote(text)}.`);
  }
  const [, secure, host, path = ""] = match;
  const rest = `${secure?.toLowerCase()}://${host}${path.replace(/\/+$/, "")}`;
  return { http: `http${rest}`, ws: `ws${rest}` };
}

/** The NAME of `/games/NAME/…` in the page's path; `""` where the page is elsewhere, or there is none. */
export function gameOfPage(): string {
  const folder = /\/games\/([^/]+)/.exec(pageAddress()?.pathname ?? "")?.[1] ?? "";
  try {
    return decodeURIComponent(folder);
  } catch {
    return folder; // a stray `%` means itself
  }
}

/** The CODE of `?room=CODE` in the page's address, unchecked. */
export function codeOfPage(): string | undefined {
  return new URLSearchParams(pageAddress()?.search).get("room") ?? undefined;
}

/** The TOKEN of `?rescue=TOKEN` in the page's address: it gives another phone's seat to this one. */
export function rescueOfPage(): string | undefined {
  return new URLSearchParams(pageAddress()?.search).get("rescue") ?? undefined;
}

/** Takes the token, which is good only once, out of the address bar: it should be neither bookmarked nor sent on. */
export function forgetRescueOfPage(): void {
  const page = pageAddress();
  if (page === undefined || typeof history === "undefined") return;
  const url = new URL(page.href);
  url.searchParams.delete("rescue");
  history.replaceState(history.state, "", url);
}

/** What phones open, given where the server says it is reached from outside. */
export async function fetchPublicUrl(server: ServerAddress): Promise<string> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), INFO_TIMEOUT_MS);
  try {
    const response = await fetch(`${server.http}/api/info`, { signal: abort.signal });
    const info: unknown = await response.json();
    const url: unknown = typeof info === "object" && info !== null ? Reflect.get(info, "public_url") : undefined;
    if (response.ok && typeof url === "string") return parseServer(url).http;
  } catch {
    // A server that does not tell, or an older one: the address we reached it by is the best there is.
  } finally {
    clearTimeout(timer);
  }
  return server.http;
}

/** The QR code can wait this long, and no longer. */
const INFO_TIMEOUT_MS = 2_000;

function pageAddress(): Location | undefined {
  return typeof location === "undefined" ? undefined : location;
}
