/** What machines ask of a server: `/healthz`, `/readyz` and `/metrics`, on the main port and on the admin port. */
import express, { type Router } from "express";
import type { Eventually } from "../protocol/eventually.ts";
import { withoutBasePath } from "../base-path.ts";
import { allowAnyOrigin, readOnly } from "./answers.ts";
import type { Health } from "./health.ts";
import { metricsRoute, type MetricsRouteOptions } from "./metrics-route.ts";
import { readyRoute, type Readiness } from "./ready-route.ts";

/** Whether a request of this URL is one of these, as the server sees it from outside or from within. */
export function isProbe(url: string, basePath: string): boolean {
  return /^\/(?:healthz|readyz|metrics)(?:$|\?)/.test(withoutBasePath(url, basePath));
}

export interface ProbesOptions {
  /** What `GET /healthz` tells besides `status` and `bus`: counts of rooms, connections, players; the memory in bytes. */
  readonly health: () => Eventually<Health>;
  readonly readiness: () => Readiness;
  /** `undefined`: there is no `/metrics`. */
  readonly metrics: MetricsRouteOptions | undefined;
  /** Whether pages of other origins may read the health. @default true */
  readonly isForAnyOrigin?: boolean;
}

export function createProbes({ health, readiness, metrics, isForAnyOrigin = true }: ProbesOptions): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  router.all("/healthz", readOnly, async (request, response) => {
    if (isForAnyOrigin) allowAnyOrigin(response);
    response.set("Cache-Control", "no-store").vary("Accept");
    if (request.accepts(["json", "text"]) === "text") response.type("text").send("ok");
    else response.json({ status: "ok", ...busOf(readiness()), ...(await health()) });
  });
  router.all("/readyz", readOnly, readyRoute(readiness));
  if (metrics !== undefined) router.all("/metrics", readOnly, metricsRoute(metrics));
  return router;
}

/** A server by itself says nothing of a bus here, as ever. */
function busOf({ bus }: Readiness): { readonly bus?: Readiness["bus"] } {
  return bus === "none" ? {} : { bus };
}
