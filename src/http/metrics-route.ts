/** `GET /metrics` in Prometheus' text format. */
import type { Request, RequestHandler } from "express";
import { isLater } from "../protocol/eventually.ts";
import type { AccessCheck, AccessDenial } from "./api/access.ts";

/** The figures of a server, as Prometheus reads them. */
export interface MetricsText {
  readonly contentType: string;
  read(): Promise<string>;
}

export interface MetricsRouteOptions {
  readonly metrics: MetricsText;
  /** Who may read them. `undefined`: every client that reaches this port. */
  readonly access: AccessCheck | undefined;
}

/** The figures are those of all rooms. */
const ONE_ROOM: AccessDenial = { status: 403, code: "forbidden", message: "Your token is for one room." };

export function metricsRoute({ metrics, access }: MetricsRouteOptions): RequestHandler {
  return async (request, response) => {
    response.set("Cache-Control", "no-store");
    const denial = await denialOf(request, access);
    if (denial === undefined) {
      response.set("Content-Type", metrics.contentType).send(await metrics.read());
      return;
    }
    const { status, code, message, retrySeconds } = denial;
    if (status === 401) response.set("WWW-Authenticate", "Bearer");
    if (retrySeconds !== undefined) response.set("Retry-After", String(retrySeconds));
    response.status(status).json({ error: { code, message } });
  };
}

async function denialOf(request: Request, access: AccessCheck | undefined): Promise<AccessDenial | undefined> {
  const judged = access?.(request);
  if (judged === undefined) return undefined;
  const answer = isLater(judged) ? await judged : judged;
  if (!answer.ok) return answer.failure;
  return answer.value.room === undefined ? undefined : ONE_ROOM;
}
