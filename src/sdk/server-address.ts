/** The server's address, and the game and room in the page's own address. */
import { invalid, quote } from "./invalid-argument.ts";

/** The base URLs of a server, without trailing slashes. */
export interface ServerEndpoint {
  readonly http: string;
  readonly ws: string;
}

/** Parses the `server` option (`http`, `https`, `ws` or `wss`). Without it, uses the server that the page came from. */
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

/** `undefined` for an invalid URL. Phones and TVs of 2022 do not have `URL.canParse`. */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** The page's origin with the server's base path, which precedes `/games/NAME/`. */
function serverOfPage(): string | undefined {
  const page = pageAddress();
  return page === undefined ? undefined : page.origin + basePathOf(page);
}

/**
 * Reads the base path from the address of the SDK itself, `/party/sdk/couchwire.js`, since a base path may contain `/games/`.
 * A page with the SDK in its own bundle uses the page's address.
 */
function basePathOf({ origin, pathname }: Location): string {
  const script: string | undefined = import.meta.url; // Bundles in older formats have no `import.meta.url`.
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
    return folder; // A stray `%` stays as it is.
  }
}

/** The game whose page this is, where this server serves the page; `""` elsewhere. */
export function gameOfPageAt({ http }: ServerEndpoint): string {
  return serverOfPage() === http ? gameOfPage() : "";
}

/** The CODE of `?room=CODE` in the page's address, unchecked. */
export function codeOfPage(): string | undefined {
  return new URLSearchParams(pageAddress()?.search).get("room") ?? undefined;
}

/** The TOKEN of `?rescue=TOKEN` in the page's address, which transfers another phone's seat to this one. */
export function rescueOfPage(): string | undefined {
  return new URLSearchParams(pageAddress()?.search).get("rescue") ?? undefined;
}

/** Removes the token from the address bar. It works once, and should be neither bookmarked nor shared. */
export function forgetRescueOfPage(): void {
  forgetOfPage("rescue");
}

/** Whether the page's address has `?fresh`. It is taken out, or each reload would open another room. */
export function forgetFreshOfPage(): boolean {
  const page = pageAddress();
  if (page === undefined || !new URLSearchParams(page.search).has("fresh")) return false;
  forgetOfPage("fresh");
  return true;
}

function forgetOfPage(name: string): void {
  const page = pageAddress();
  if (page === undefined || typeof history === "undefined") return;
  const url = new URL(page.href);
  url.searchParams.delete(name);
  history.replaceState(history.state, "", url);
}

/** The address at which phones reach the server. */
export interface AdvertisedUrl {
  /** Without a trailing slash. */
  readonly url: string;
  /** Whether the server detected the address and may detect another one later. */
  readonly canChange: boolean;
  /** Whether the server answered; otherwise it is the address of the request. */
  readonly isAnswered: boolean;
}

/**
 * Asks the server for its address for phones. Its configured address comes first. Then the address of this request, unless it is a
 * loopback name, since it works through all proxies. Then the address that the server detected.
 */
export async function fetchPublicUrl(server: ServerEndpoint): Promise<AdvertisedUrl> {
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
    // The server does not answer, or is an older one: the address of the request is the best guess.
  } finally {
    clearTimeout(timer);
  }
  return { url: server.http, canChange: isLoopback(server.http), isAnswered: false };
}

/** `isConfigured` is undefined for older servers. */
function readInfo(info: unknown): { readonly url: string | undefined; readonly isConfigured: boolean | undefined } {
  const read = (name: string): unknown =>
    typeof info === "object" && info !== null ? Reflect.get(info, name) : undefined;
  const [url, isConfigured] = [read("public_url"), read("public_url_configured")];
  return {
    url: typeof url === "string" ? url : undefined,
    isConfigured: typeof isConfigured === "boolean" ? isConfigured : undefined,
  };
}

/** Whether this is a loopback address. */
function isLoopback(address: string): boolean {
  return /^https?:\/\/(?:(?:[^/]*\.)?localhost\.?|127\.[\d.]+|0\.0\.0\.0|\[::1?\])(?:[:/]|$)/i.test(address);
}

/** How long the QR code may wait for the answer. */
const INFO_TIMEOUT_MS = 2_000;

function pageAddress(): Location | undefined {
  return typeof location === "undefined" ? undefined : location;
}
