/** Node's HTTP server with limits on the time, requests, file descriptors and memory of each connection. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from "node:http";
import type { Server as SecureServer } from "node:https";
import type { Socket } from "node:net";
import type { MemoryBudget } from "../room/memory-budget.ts";
import { answerBrokenRequests } from "./broken-request.ts";
import { HttpConnections, MAX_REQUESTS } from "./http-connections.ts";
import { createHttpsServer } from "./https-server.ts";
import type { KeyPairWatch } from "./key-pair-watch.ts";

export interface HttpServerOptions {
  readonly app: RequestListener;
  readonly budget: MemoryBudget;
  readonly maxConnections: number;
  readonly webSocketCount: () => number;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly requestIdOf?: (request: IncomingMessage) => string;
  /** Whether it only asks how the server is. @default none does */
  readonly isProbe?: (request: IncomingMessage) => boolean;
  readonly now: () => number;
  /** How long a connection may wait for its next request, in milliseconds. */
  readonly keepAliveMs: number;
  /** With a certificate the server speaks https. @default plain http */
  readonly keyPairs?: KeyPairWatch | undefined;
  /** Whether pages of any site may read what is answered before the app is asked. @default true */
  readonly isForAnyOrigin?: boolean;
}

export interface HttpServer {
  readonly server: Server | SecureServer;
  /** Answers a request with `Upgrade`, which Node's server does not emit as a request. */
  readonly answer: RequestListener;
  /** Calls `upgrade` once all earlier requests of this connection are answered. */
  readonly whenAnswered: (socket: Socket, upgrade: () => void) => void;
  readonly closeAllConnections: () => void;
}

/** How long a client may take to send the head of a request. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** How often Node checks these time-outs. */
const TIMEOUT_CHECK_MS = 2_000;
/** How long a client may read nothing of a waiting response. */
export const STALLED_AFTER_MS = 30_000;
/** Sockets beyond the limit that are accepted to be answered with 503. Past it Node drops them. */
const EXTRA_SOCKETS = 2_000;

export function createHttpServer({
  app,
  keepAliveMs,
  maxConnections,
  keyPairs,
  isForAnyOrigin = true,
  ...options
}: HttpServerOptions): HttpServer {
  const connections = new HttpConnections({
    ...options,
    maxConnections,
    isForAnyOrigin,
    answer: app,
    closeIdle: () => server.closeIdleConnections(),
  });
  const answer: RequestListener = (request, response) => connections.handle(request, response);
  const limits: ServerOptions = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    keepAliveTimeout: keepAliveMs,
    noDelay: true,
  };
  const { server, closeAllConnections } =
    keyPairs === undefined
      ? createPlainServer(limits, answer)
      : createHttpsServer(keyPairs, limits, answer, isForAnyOrigin);
  answerBrokenRequests(server, (socket) => connections.isAnswering(socket));
  server.timeout = STALLED_AFTER_MS;
  server.maxRequestsPerSocket = MAX_REQUESTS;
  server.maxConnections = maxConnections + EXTRA_SOCKETS;
  return {
    server,
    answer,
    whenAnswered: (socket, upgrade) => connections.whenAnswered(socket, upgrade),
    closeAllConnections,
  };
}

function createPlainServer(
  limits: ServerOptions,
  answer: RequestListener,
): Pick<HttpServer, "server" | "closeAllConnections"> {
  const server = createServer(limits, answer);
  return { server, closeAllConnections: () => server.closeAllConnections() };
}
