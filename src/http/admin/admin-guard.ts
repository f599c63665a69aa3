/** Who may use the admin page: log in with an API key, be known by the cookie, and show with each change that it comes from the page itself. */
import type { Request, RequestHandler, Response } from "express";
import { isNavigation } from "../answers.ts";
import { sendAdminError } from "./admin-answers.ts";
import { csrfTokenOf, isCsrfToken, type AdminSessions } from "./admin-sessions.ts";
import { shownSecrets } from "./cookies.ts";

const READING: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** Whether a request changes nothing. */
export function isReading({ method }: Request): boolean {
  return READING.has(method);
}

/** The secret of the session that this request shows, if there is one. */
export function sessionOf(request: Request, sessions: AdminSessions): string | undefined {
  return shownSecrets(request).find((secret) => sessions.use(secret));
}

/**
 * Refuses what a browser says comes from another origin. Games run scripts on the main origin, which is the same site, so the cookie is sent from there too.
 * Following a link to a page is allowed. Browsers without `Sec-Fetch-Site` name the origin of a change in `Origin`.
 */
export const refuseOtherOrigins: RequestHandler = (request, response, next) => {
  const site = request.get("Sec-Fetch-Site");
  const isOwn = site === undefined || site === "same-origin" || site === "none";
  const isLink = request.method === "GET" && request.get("Sec-Fetch-Mode") === "navigate";
  if ((isOwn || isLink) && (isReading(request) || isOfOwnOrigin(request))) next();
  else sendAdminError(response, 403, "forbidden", OTHER_ORIGIN);
};

const OTHER_ORIGIN = "Pages of other origins may not use the admin page. A proxy in front of it has to pass Host on.";

/** Whether a request names no origin, as programs do, or the one that it was sent to. The scheme is not compared: a proxy may speak https. */
function isOfOwnOrigin(request: Request): boolean {
  const origin = request.get("Origin");
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false; // `null`, the origin of sandboxed pages
  const { protocol, host } = new URL(origin);
  const own = `${protocol}//${request.host}`;
  return URL.canParse(own) && new URL(own).host === host;
}

/** Lets requests of a session pass. A page's visitor without one is led to the login; all others are refused. */
export function needSession(sessions: AdminSessions): RequestHandler {
  return (request, response, next) => {
    const secret = sessionOf(request, sessions);
    if (secret !== undefined) {
      const refusal = changeRefusal(request, secret);
      setSecret(response, secret);
      if (refusal === undefined) next();
      else sendAdminError(response, 403, "forbidden", refusal);
    } else if (isReading(request) && isNavigation(request)) {
      response.redirect(303, "/login");
    } else {
      sendAdminError(response, 401, "unauthorized", "Log in first: POST /login with the field key, an API key.");
    }
  };
}

/** Why a request that changes something is refused, though its cookie is right: `undefined` where it is not. */
export function changeRefusal(request: Request, secret: string): string | undefined {
  if (isReading(request) || isCsrfToken(request.get("X-CSRF-Token"), secret)) return undefined;
  return "A change needs the header x-csrf-token with the content of <meta name=csrf-token>. Reload the page and try again.";
}

/** The token for the pages of the session that this request has shown. */
export function csrfTokenFor(response: Response): string {
  const secret: unknown = response.locals[SECRET];
  return typeof secret === "string" ? csrfTokenOf(secret) : "";
}

const SECRET = "adminSecret";

function setSecret(response: Response, secret: string): void {
  response.locals[SECRET] = secret;
}
