/** Where the server is, and what the page's own address says about game and room. */
import { invalid, quote } from "./invalid-argument.ts";

/** One server, as its two kinds of addresses begin. Neither ends with a slash. */
export interface ServerEndpoint {
  readonly http: string;
  readonly ws: string;
}

/** Reads the `server` option; without one it is the server that the page came from. `http`, `https`, `ws` and `wss` are all understood. */
export function parseServer(server: string | URL | undefined): ServerEndpoint {
  const text = String(server ?? serverOfPage() ?? "");
  if (text === "" || text.startsWith("null")) {
    throw invalid('There is no page to take the server\'s address from: say { server: "http://192.168.1.7:8081" }.');
  }
  const match = /^(?:http|ws)(s?):\/\/([^/?#\s]+)([^?#]*)/i.exec(text);
  if (match === null || parseUrl(text) === undefined) {
    throw invalid(`\`server\` has to be an address such as "http://192.168.1.7:8081"; this is ${quote(text)}.`);
  }
  const [, secure, host, path = ""] = match;
  const rest = `${secure?.toLowerCase()}://${host}${path.replace(/\/+$/, "")}`;
  return { http: `http${rest}`, ws: `ws${rest}` };
}

/** `undefined` for what is no URL. Not `URL.canParse`: phones and TVs of 2022 do not have it. */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** The page's origin, and the path below which a proxy has put the server: what stands before `/games/NAME/`. */
function serverOfPage(): string | undefined {
  const page = pageAddress();
  return page === undefined ? undefined : page.origin + basePathOf(page);
}

/**
 * The address of the SDK itself decides, `/party/sdk/couchwire.js`: a base path may have a `/games/` in it too. A page
 * that has the SDK in a bundle of its own goes by its own address.
 */
function basePathOf({ origin, pathname }: Location): string {
  const script: string | undefined = import.meta.url; // a bundle in an older format has none
  const own = /^([^?#]*)\/sdk\/couchwire\.js(?:[?#]|$)/.exec(script ?? "")?.[1];
  if (own !== undefined && `${origin}${pathname}`.startsWith(`${own}/games/`)) return own.slice(origin.length);
  return /^(.*?)\/games\/[^/]+/.exec(pathname)?.[1] ?? "";
}

/** The NAME of `/games/NAME/…` in the page's path; `""` where the page is elsewhere, or there is none. */
export function gameOfPage(): string {
  const page = pageAddress();
  const path = page === undefined ? "" : page.pathname.slice(basePathOf(page).length);
  const folder = /\/games\/([^/]+)/.exec(path)?.[1] ?? "";
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

/** Where phones reach the server. */
export interface PublicUrl {
  /** No slash at the end. */
  readonly url: string;
  /** Whether the server found it by itself and may find another one later. */
  readonly canChange: boolean;
  /** Whether the server said so; else it is the address that it was asked at. */
  readonly isAnswered: boolean;
}

/**
 * Asks the server where phones reach it. What its user has configured comes first; then the address that it was asked at, if that is
 * no loopback name, because it certainly leads there, whatever proxies stand between; then what the server knows.
 */
export async function fetchPublicUrl(server: ServerEndpoint): Promise<PublicUrl> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), INFO_TIMEOUT_MS);
  try {
    const response = await fetch(`${server.http}/api/info`, { signal: abort.signal });
    const info: unknown = await response.json();
    const { url, isConfigured } = readInfo(info);
    if (response.ok && url !== undefined) {
      const isOurs = isConfigured === false && !isLoopback(server.http);
      return {
        url: isOurs ? server.http : parseServer(url).http,
        canChange: isConfigured === false && !isOurs,
        isAnswered: true,
      };
    }
  } catch {
    // A server that does not tell, or an older one: the address we reached it by is the best there is.
  } finally {
    clearTimeout(timer);
  }
  return { url: server.http, canChange: isLoopback(server.http), isAnswered: false };
}

/** `isConfigured` is undefined where the server is an older one. */
function readInfo(info: unknown): { readonly url: string | undefined; readonly isConfigured: boolean | undefined } {
  const read = (name: string): unknown =>
    typeof info === "object" && info !== null ? Reflect.get(info, name) : undefined;
  const [url, isConfigured] = [read("public_url"), read("public_url_configured")];
  return {
    url: typeof url === "string" ? url : undefined,
    isConfigured: typeof isConfigured === "boolean" ? isConfigured : undefined,
  };
}

/** Whether this address means the machine that opens it. */
function isLoopback(address: string): boolean {
  return /^https?:\/\/(?:(?:[^/]*\.)?localhost\.?|127\.[\d.]+|0\.0\.0\.0|\[::1?\])(?:[:/]|$)/i.test(address);
}

/** The QR code can wait this long, and no longer. */
const INFO_TIMEOUT_MS = 2_000;

function pageAddress(): Location | undefined {
  return typeof location === "undefined" ? undefined : location;
}
