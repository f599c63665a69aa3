/** `GET /metrics` in Prometheus' text format. */
import type { Request, RequestHandler } from "express";
import { sendJsonError } from "./answers.ts";

/** The figures of a server, as a scraper gets them. */
export interface MetricsText {
  readonly contentType: string;
  read(): Promise<string>;
}

/** Whether the request may read the figures. */
export type MetricsAccess = "allowed" | "unauthorized" | "too_many";

export interface MetricsRouteOptions {
  readonly metrics: MetricsText;
  readonly access: (request: Request) => MetricsAccess;
}

const RETRY_AFTER_SECONDS = "60";

export function metricsRoute({ metrics, access }: MetricsRouteOptions): RequestHandler {
  return async (request, response) => {
    response.set("Cache-Control", "no-store");
    switch (access(request)) {
      case "allowed":
        response.set("Content-Type", metrics.contentType).send(await metrics.read());
        return;
      case "unauthorized":
        response.set("WWW-Authenticate", "Bearer");
        sendJsonError(
          response,
          401,
          "unauthorized",
          "The metrics need an API key: x-api-key or Authorization: Bearer.",
        );
        return;
      case "too_many":
        response.set("Retry-After", RETRY_AFTER_SECONDS);
        sendJsonError(
          response,
          429,
          "rate_limited",
          "Too many wrong keys came from your address. Come back in a minute.",
        );
    }
  };
}
