/** The path below which a server is reached from outside: `/party` of `https://example.org/party/`. */

/** Whether a request's address is the base path or lies below it. */
export function isBelowBasePath(url: string, basePath: string): boolean {
  return basePath === "" || (url.startsWith(basePath) && /^(?:$|[/?])/.test(url.slice(basePath.length)));
}

/** The path of a public URL without the slash at its end; `""` for a server at the root of its host, or without one. */
export function basePathOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? "" : new URL(publicUrl).pathname.replace(/\/+$/, "");
}

/**
 * A request's address as the routes know it. Some proxies take the base path off and some pass it on; the server
 * answers both, so an address that does not begin with the base path stays as it is.
 */
export function withoutBasePath(url: string, basePath: string): string {
  if (basePath === "" || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest.startsWith("/")) return rest;
  return rest === "" || rest.startsWith("?") ? `/${rest}` : url;
}
