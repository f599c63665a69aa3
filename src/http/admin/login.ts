/** `/login` and `/logout`. */
import express, { Router, type Request, type Response } from "express";
import { isNavigation } from "../answers.ts";
import { sendAdminError, sendAdminPage } from "./admin-answers.ts";
import { changeRefusal, sessionOf } from "./admin-guard.ts";
import { loginPage } from "./admin-pages.ts";
import type { AdminSessions } from "./admin-sessions.ts";
import { clearCookie, setCookie, shownSecrets } from "./cookies.ts";

/** Judges an API key that was shown from an address, and counts the wrong ones there, together with those at the API. */
export interface KeyJudge {
  judge(
    key: string,
    address: string,
  ): { readonly is: "right" | "wrong" } | { readonly is: "too_many"; readonly retryMs: number };
}

export interface LoginOptions {
  readonly sessions: AdminSessions;
  readonly keys: KeyJudge;
  readonly addressOf: (request: Request) => string;
}

/** Bytes of a login's body. */
const MAX_LOGIN_BYTES = 4_096;
const WRONG = "This is not an API key of this server.";
const TOO_MANY = "There were too many wrong keys from your address. Try again in a minute.";
const NO_KEY = "The body needs a field key, with an API key of this server, as a form or as JSON.";

export function loginRoutes({ sessions, keys, addressOf }: LoginOptions): Router {
  const router = Router({ strict: true, caseSensitive: true });

  router.get("/login", (request, response) => {
    if (sessionOf(request, sessions) !== undefined) response.redirect(303, "/");
    else sendAdminPage(response, 200, loginPage());
  });

  router.post(
    "/login",
    express.urlencoded({ extended: false, limit: MAX_LOGIN_BYTES, parameterLimit: 10 }),
    express.json({ limit: MAX_LOGIN_BYTES }),
    (request, response) => {
      const key = keyIn(request.body);
      if (key === undefined) return refuse(request, response, 400, "bad_request", NO_KEY);
      const verdict = keys.judge(key, addressOf(request));
      switch (verdict.is) {
        case "right":
          for (const secret of shownSecrets(request)) sessions.close(secret);
          setCookie(request, response, sessions.open());
          if (isNavigation(request)) response.redirect(303, "/");
          else response.json({ ok: true });
          return;
        case "wrong":
          return refuse(request, response, 401, "unauthorized", WRONG);
        case "too_many":
          response.set("Retry-After", String(Math.ceil(verdict.retryMs / 1_000)));
          return refuse(request, response, 429, "rate_limited", TOO_MANY);
      }
    },
  );

  router.post("/logout", (request, response) => {
    const secret = sessionOf(request, sessions);
    const refusal = secret === undefined ? undefined : changeRefusal(request, secret);
    if (refusal !== undefined) return sendAdminError(response, 403, "forbidden", refusal);
    if (secret !== undefined) sessions.close(secret);
    clearCookie(request, response);
    response.status(204).end();
  });

  router.all(["/login", "/logout"], (request, response) => {
    const allowed = request.path === "/login" ? "GET, HEAD, POST" : "POST";
    response.set("Allow", allowed);
    sendAdminError(response, 405, "method_not_allowed", `This path takes ${allowed}.`);
  });
  return router;
}

function keyIn(body: unknown): string | undefined {
  const key = typeof body === "object" && body !== null && "key" in body ? body.key : undefined;
  return typeof key === "string" && key !== "" ? key.trim() : undefined;
}

function refuse(request: Request, response: Response, status: number, code: string, message: string): void {
  if (isNavigation(request)) sendAdminPage(response, status, loginPage(message));
  else sendAdminError(response, status, code, message);
}
