/** How the admin server answers. Unlike the main one it lets no other origin read anything, so it shares none of its answers. */
import type { Response } from "express";
import type { Html } from "../html.ts";

/** `{"error": {"code", "message"}}`, as the API answers. */
export function sendAdminError(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ error: { code, message } });
}

export function sendAdminPage(response: Response, status: number, page: Html): void {
  response.status(status).type("text/html; charset=utf-8").send(page.toString());
}
