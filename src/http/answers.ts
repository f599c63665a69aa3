/** How every route answers: as text for programs or as a page for people, open to scripts of any site. */

import type { Request, RequestHandler, Response } from "express";
import type { Html } from "./html.ts";

const ALLOWED_METHODS = "GET, HEAD, OPTIONS";

/** Seconds for which a browser may cache a preflight's answer: one day. */
const PREFLIGHT_MAX_AGE_S = 86_400;

/** Whether a browser navigates to a page (P1.3, P1.4). Everything else counts as a program. */
export function isNavigation(request: Request): boolean {
  return /\btext\/html\b/i.test(request.get("Accept") ?? "");
}

/** Whether a program accepts JSON only. axios also accepts text and all other types, so it gets text (P5.9.2). */
export function wantsJson(request: Request): boolean {
  const accepted = request.get("Accept") ?? "";
  return /\bapplication\/json\b/i.test(accepted) && !/\btext\/(?:plain|html|\*)|\*\/\*/i.test(accepted);
}

/** Any site may read the answer: games are hosted anywhere, and room codes and game names are no secret of one site. */
export function allowAnyOrigin(response: Response): Response {
  return response.set({ "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" });
}

export function sendText(response: Response, status: number, text: string): void {
  allowAnyOrigin(response).status(status).type("text/plain; charset=utf-8").send(text);
}

/** `{"error": {"code", "message"}}`, as a room's path answers a program that asked for JSON (P5.9.2). */
export function sendJsonError(response: Response, status: number, code: string, message: string): void {
  allowAnyOrigin(response).status(status).json({ error: { code, message } });
}

export function sendPage(response: Response, status: number, page: Html): void {
  allowAnyOrigin(response).status(status).type("text/html; charset=utf-8").send(page.toString());
}

/** Middleware for read-only paths (P1.8): passes GET and HEAD on and answers other methods itself. */
export const readOnly: RequestHandler = (request, response, next) => {
  switch (request.method) {
    case "GET":
    case "HEAD":
      next();
      return;
    case "OPTIONS":
      allowAnyOrigin(response)
        .set({
          Allow: ALLOWED_METHODS,
          "Access-Control-Allow-Methods": ALLOWED_METHODS,
          "Access-Control-Allow-Headers": request.get("Access-Control-Request-Headers") ?? "*",
          "Access-Control-Max-Age": String(PREFLIGHT_MAX_AGE_S),
        })
        .vary("Access-Control-Request-Headers")
        .status(204)
        .end();
      return;
    default:
      response.set("Allow", ALLOWED_METHODS);
      sendText(response, 405, `This path is only read: ${ALLOWED_METHODS}.`);
  }
};
