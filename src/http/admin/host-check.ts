/**
 * Refuses requests that were sent to another name than the server's. A site can point a name of its own at 127.0.0.1 and so let its scripts
 * reach a server that only this machine should reach (DNS rebinding); the browser then sends that name in `Host`.
 */
import { isIP } from "node:net";
import type { RequestHandler } from "express";
import { sendAdminError } from "./admin-answers.ts";

/** A name, or an IP address in the brackets of IPv6, and perhaps a port. */
const HOST = /^(?:\[([\da-f:.%]+)\]|([^\s:/?#@[\]]+))(?::\d{1,5})?$/i;
/** How much of a refused host the answer repeats. */
const SHOWN_LENGTH = 64;

/** `names` gives the host names, beside IP addresses and localhost, that the server may be called by. */
export function checkHost(names: () => readonly (string | undefined)[]): RequestHandler {
  return (request, response, next) => {
    const hosts = request.headersDistinct["host"] ?? [];
    const [host = ""] = hosts;
    // With an absolute address in its first line, a request is for that address, whatever `Host` says.
    if (hosts.length === 1 && request.url.startsWith("/") && isOwnHost(host, names())) next();
    else sendAdminError(response, 421, "misdirected", describe(host));
  };
}

/** Whether a `Host` header names an IP address, localhost, or one of these names. */
export function isOwnHost(host: string, names: readonly (string | undefined)[]): boolean {
  const [, ipv6, name = ""] = HOST.exec(host) ?? [];
  if (ipv6 !== undefined) return isIP(ipv6) === 6;
  const wanted = plain(name);
  if (wanted === "") return false;
  return (
    isIP(wanted) === 4 || wanted === "localhost" || names.some((each) => each !== undefined && plain(each) === wanted)
  );
}

/** A host name without case and the full stop at its end. */
function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function describe(host: string): string {
  const shown = JSON.stringify(host.slice(0, SHOWN_LENGTH));
  return `This server is not ${shown}. Open it by its IP address, as localhost, or by the name of COUCHWIRE_ADMIN_HOST or COUCHWIRE_PUBLIC_URL.`;
}
