/** Gives each answer the name of its request, and tells the log of it. */
import type { IncomingMessage } from "node:http";
import type { Request, RequestHandler } from "express";

/** What is known of a request that was answered. Neither query nor headers, which may have secrets in them. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  /** The route that answered, as it is declared: `/api/rooms/:id`. `undefined` where it is none, or several. */
  readonly route: string | undefined;
  readonly status: number;
  readonly ms: number;
}

export interface RequestLogOptions {
  readonly requestIdOf: (request: IncomingMessage) => string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly onAnswered: (request: AnsweredRequest) => void;
}

/** Longer paths are cut off: a client may ask for anything. */
const MAX_PATH = 256;

export function requestLog({ requestIdOf, now, onAnswered }: RequestLogOptions): RequestHandler {
  return (request, response, next) => {
    const requestId = requestIdOf(request);
    const startedAt = now();
    const { method, path } = request;
    response.setHeader("x-request-id", requestId);
    response.once("finish", () => {
      // A guest app that passes the request on takes the header back with all others.
      if (response.getHeader("x-request-id") !== requestId) return;
      const ms = Math.round(now() - startedAt);
      const route = routeOf(request);
      onAnswered({ requestId, method, path: path.slice(0, MAX_PATH), route, status: response.statusCode, ms });
    });
    next();
  };
}

function routeOf(request: Request): string | undefined {
  const route: unknown = request.route;
  const isOne = typeof route === "object" && route !== null && "path" in route && typeof route.path === "string";
  return isOne ? `${request.baseUrl}${String(route.path)}` : undefined;
}
