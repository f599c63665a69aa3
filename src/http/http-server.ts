/** Node's HTTP server with a limit on everything that a connection may take: time, requests, descriptors, memory. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import type { MemoryBudget } from "../room/memory-budget.ts";
import { HttpConnections, MAX_REQUESTS } from "./http-connections.ts";

export interface HttpServerOptions {
  readonly app: RequestListener;
  readonly budget: MemoryBudget;
  readonly maxConnections: number;
  readonly webSocketCount: () => number;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly now: () => number;
  /** How long a connection may wait for its next request, in milliseconds. */
  readonly keepAliveMs: number;
}

export interface HttpServer {
  readonly server: Server;
  /** Answers a request that the server itself does not hand to the app: one that asked for an upgrade. */
  readonly answer: RequestListener;
  /** Calls `upgrade` once all earlier requests of this connection are answered. */
  readonly whenAnswered: (socket: Socket, upgrade: () => void) => void;
}

/** How long a client may take to send the head of a request, before it costs more than it is worth. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often Node looks for those who take longer. */
const TIMEOUT_CHECK_MS = 2_000;
/** How long a client may take nothing of a response that waits for it. */
export const STALLED_AFTER_MS = 30_000;
/** Sockets beyond the limit that are accepted all the same, to be told why they cannot stay. Past it the system drops them. */
const EXTRA_SOCKETS = 2_000;

export function createHttpServer({ app, keepAliveMs, maxConnections, ...options }: HttpServerOptions): HttpServer {
  const connections = new HttpConnections({
    ...options,
    maxConnections,
    answer: app,
    closeIdle: () => server.closeIdleConnections(),
  });
  const answer: RequestListener = (request, response) => connections.handle(request, response);
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      keepAliveTimeout: keepAliveMs,
      noDelay: true,
    },
    answer,
  );
  server.timeout = STALLED_AFTER_MS;
  server.maxRequestsPerSocket = MAX_REQUESTS;
  server.maxConnections = maxConnections + EXTRA_SOCKETS;
  return { server, answer, whenAnswered: (socket, upgrade) => connections.whenAnswered(socket, upgrade) };
}
