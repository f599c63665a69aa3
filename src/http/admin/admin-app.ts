/** Everything that the admin server answers, as one express app. */
import { fileURLToPath } from "node:url";
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from "express";
import { isNavigation } from "../answers.ts";
import { clientErrorStatus } from "../client-error-status.ts";
import { requestLog, type RequestLogOptions } from "../request-log.ts";
import { sendAdminError, sendAdminPage } from "./admin-answers.ts";
import type { AdminDesk } from "./admin-desk.ts";
import { adminHeaders } from "./admin-headers.ts";
import { csrfTokenFor, isReading, needSession, refuseOtherOrigins } from "./admin-guard.ts";
import { bansPage, nothingHerePage, overviewPage, roomPage } from "./admin-pages.ts";
import type { AdminSessions } from "./admin-sessions.ts";
import { checkHost } from "./check-host.ts";
import { dataRoutes } from "./data-routes.ts";
import { loginRoutes, type KeyJudge } from "./login.ts";

export interface AdminAppOptions {
  readonly sessions: AdminSessions;
  readonly keys: KeyJudge;
  readonly addressOf: (request: Request) => string;
  /** Host names, beside IP addresses and localhost, that the server may be called by. */
  readonly names: () => readonly (string | undefined)[];
  /** Addresses and networks of trusted proxies: their `X-Forwarded-Proto` is used. */
  readonly trustedProxies: readonly string[];
  readonly desk: AdminDesk;
  /** Answers what needs no login: health and metrics. @default none */
  readonly probes?: RequestHandler | undefined;
  /** Names requests, and hears what was answered. @default requests have no names */
  readonly requests?: RequestLogOptions | undefined;
  /** The API's routes, for those that show a key themselves and for sessions. @default none */
  readonly api?: AdminApi | undefined;
  /** Called with each error that is answered with 500. */
  readonly onError: (error: unknown) => void;
}

/** The routes of the API. */
export interface AdminApi {
  /** Answers requests that show a key or a token of their own. */
  readonly byKey: RequestHandler;
  /** Answers requests that may do everything. */
  readonly bySession: RequestHandler;
}

// The package is three folders up, both from `src/http/admin` and from `dist/http/admin`.
const PAGES_FOLDER = fileURLToPath(new URL("../../../admin-pages/", import.meta.url));
const PUBLIC_FOLDER = fileURLToPath(new URL("../../../public/", import.meta.url));

export function createAdminApp(options: AdminAppOptions): Express {
  const { sessions, names, desk, probes, api } = options;
  const app = express();
  app.set("case sensitive routing", true);
  app.set("strict routing", true);
  app.disable("x-powered-by");
  app.set("trust proxy", options.trustedProxies); // `request.secure` uses it
  if (options.requests !== undefined) app.use(requestLog(options.requests));
  app.use(...adminHeaders(), checkHost(names));
  app.use(refuseOtherOrigins);
  if (probes !== undefined)
    app.use((request, response, next) => (isReading(request) ? probes(request, response, next) : next()));
  app.get("/favicon.ico", (_request, response) => response.sendFile("favicon.svg", { root: PUBLIC_FOLDER }));
  app.use("/assets/", express.static(PAGES_FOLDER, { index: false, redirect: false, cacheControl: false }));
  app.use(loginRoutes(options));
  if (api !== undefined) {
    app.use((request, response, next) => (showsKey(request) ? api.byKey(request, response, next) : next()));
  }
  app.use(needSession(sessions));
  if (api !== undefined) app.use(api.bySession);
  app.get("/", (_request, response) => sendAdminPage(response, 200, overviewPage(csrfTokenFor(response))));
  app.get("/bans", (_request, response) => sendAdminPage(response, 200, bansPage(csrfTokenFor(response))));
  app.get("/rooms/:id", (request, response) =>
    sendAdminPage(response, 200, roomPage(csrfTokenFor(response), request.params.id)),
  );
  app.use("/data", dataRoutes(desk));
  app.use((request, response) => {
    if (isNavigation(request)) sendAdminPage(response, 404, nothingHerePage(csrfTokenFor(response)));
    else sendAdminError(response, 404, "not_found", "There is nothing at this path.");
  });
  app.use(errorAnswer(options.onError));
  return app;
}

/** A program that shows a key has no cookie, and needs none. A proxy's own `Authorization`, such as Basic, is no key. */
function showsKey(request: Request): boolean {
  return request.get("X-API-Key") !== undefined || /^Bearer\b/i.test(request.get("Authorization") ?? "");
}

/** Answers a request that failed with a short sentence. Stack traces never leave the server. */
function errorAnswer(onError: (error: unknown) => void): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = clientErrorStatus(error);
    if (status === undefined) onError(error);
    if (status === 413) sendAdminError(response, 413, "too_large", "This body is too large.");
    else if (status === undefined) sendAdminError(response, 500, "internal_error", "Something went wrong here.");
    else sendAdminError(response, status, "bad_request", "This request is malformed.");
  };
}
