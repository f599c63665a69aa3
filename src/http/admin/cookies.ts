/** The cookie of the admin page. */
import type { Request, Response } from "express";
import { ADMIN_SESSION_MS } from "./admin-sessions.ts";

const NAME = "couchwire_admin";
/** Cookies of this name that are looked at. */
const MAX_SHOWN = 8;

/**
 * The secrets that a request shows. There may be several: cookies know no ports, so a page of the main origin can set one of the same name, and must not hide
 * the right one by that.
 */
export function shownSecrets(request: Request): readonly string[] {
  const cookies = (request.get("Cookie") ?? "").split(";");
  return cookies
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${NAME}=`))
    .slice(0, MAX_SHOWN)
    .map((cookie) => cookie.slice(NAME.length + 1));
}

/** Scripts cannot read it, and requests from other sites do not have it. */
export function setCookie(request: Request, response: Response, secret: string): void {
  response.cookie(NAME, secret, { ...attributesFor(request), maxAge: ADMIN_SESSION_MS });
}

export function clearCookie(request: Request, response: Response): void {
  response.clearCookie(NAME, attributesFor(request));
}

function attributesFor(request: Request) {
  return { httpOnly: true, sameSite: "strict", secure: request.secure, path: "/" } as const;
}
