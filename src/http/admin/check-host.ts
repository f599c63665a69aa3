/**
 * Refuses requests that were sent to another name than the server's. A site can point a name of its own at 127.0.0.1 and so let its scripts
 * reach a server that only this machine should reach (DNS rebinding); the browser then sends that name in `Host`.
 */
import type { RequestHandler } from "express";
import { isOwnHost } from "../../address/own-host.ts";
import { sendAdminError } from "./admin-answers.ts";

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

function describe(host: string): string {
  const shown = JSON.stringify(host.slice(0, SHOWN_LENGTH));
  return `This server is not ${shown}. Open it by its IP address, as localhost, or by the name of COUCHWIRE_ADMIN_HOST or COUCHWIRE_PUBLIC_URL.`;
}
