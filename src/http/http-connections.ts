/**
 * Holds each HTTP connection to what one may cost. Node starts every request of a pipeline at once, each with a file and
 * a buffer of its own; here a connection's next request starts when the response before it has been written. What waits
 * counts in the memory budget, and connections that are being answered count in the connection limit.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { NetworkLedger, type LedgerEntry } from "../hub/network-ledger.ts";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import type { MemoryAccount, MemoryBudget } from "../room/memory-budget.ts";

export interface HttpConnectionsOptions {
  /** Connections at one time, WebSockets included. Past it a request is answered 503. */
  readonly maxConnections: number;
  /** The number of WebSockets among them now. */
  readonly webSocketCount: () => number;
  readonly budget: MemoryBudget;
  /** The client's address; trusted proxies are skipped. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** What the log calls a request. @default it has no name */
  readonly requestIdOf?: (request: IncomingMessage) => string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Closes connections that wait for their next request. They give way when the limit is reached. */
  readonly closeIdle: () => void;
  /** Whether it only asks how the server is: a few of those are answered where it is full, too. @default none does */
  readonly isProbe?: ((request: IncomingMessage) => boolean) | undefined;
  /** Whether pages of any site may read that the server is full. @default true */
  readonly isForAnyOrigin?: boolean | undefined;
  readonly answer: RequestListener;
}

/** Requests that one connection may pipeline; past it the connection is cut. Browsers and proxies do not pipeline. */
export const MAX_REQUESTS_AHEAD = 256;
/** Probes that are answered beyond the limit at one time. */
const MAX_PROBES = 16;
/** Requests per connection; after it the client has to open a new one. */
export const MAX_REQUESTS = 1_000;
/** Memory of a waiting request and its response, without URL and headers: measured, then rounded up. */
const REQUEST_BYTES = 8_192;
/** Memory of each header name and value beside its letters. A request may have thousands of them. */
const HEADER_PART_BYTES = 48;
/** How long an upgrade waits for the answers to earlier requests of its connection. */
const UPGRADE_WAIT_MS = 10_000;
/** A connection that takes longer to answer gives way to another network's when the limit is reached. */
const SLOW_MS = 5_000;
/** Interval at which unsent response bytes are counted. Clients that read at once never show. */
const COUNT_EVERY_MS = 500;
const RETRY_AFTER_SECONDS = "5";

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Memory that the request counts for while it waits. */
  readonly bytes: number;
}

interface HttpConnection {
  readonly socket: Socket;
  /** Open while a request is being answered. */
  account: MemoryAccount | undefined;
  /** Its place among those that are being answered. */
  entry: LedgerEntry<HttpConnection> | undefined;
  /** It is answered beyond the limit. */
  isProbing: boolean;
  current: Exchange | undefined;
  readonly ahead: Exchange[];
  bytesAhead: number;
  /** Requests that were started. */
  count: number;
  /** Called once every request has been answered. */
  onRest: (() => void) | undefined;
}

export class HttpConnections {
  readonly #options: HttpConnectionsOptions;
  readonly #known = new WeakMap<Socket, HttpConnection>();
  /** Connections that are being answered. */
  readonly #busy = new Set<HttpConnection>();
  /** The same, by network. */
  readonly #ledger: NetworkLedger<HttpConnection>;
  #openCount = 0;
  #probes = 0;
  #counting: NodeJS.Timeout | undefined;

  constructor(options: HttpConnectionsOptions) {
    this.#options = options;
    this.#ledger = new NetworkLedger({
      capacity: options.maxConnections,
      idleRank: (_connection, busyMs) => (busyMs >= SLOW_MS ? 0 : undefined),
      now: options.now,
    });
  }

  /** Answers a request after the earlier requests of its connection. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    if (request.socket.destroyed) return; // a request that was read together with the one that ended the connection
    const connection = this.#connectionOf(request.socket);
    const exchange = { request, response, bytes: bytesOf(request) };
    if (connection.current === undefined) {
      this.#start(connection, exchange);
    } else if (connection.ahead.length < MAX_REQUESTS_AHEAD) {
      connection.ahead.push(exchange);
      connection.bytesAhead += exchange.bytes;
      this.#count(connection);
    } else {
      this.#end(connection);
    }
  }

  /**
   * Calls `upgrade` once all earlier requests of this connection are answered, which is nearly always at once. Node emits a pipelined upgrade as soon as it
   * has read it, and the rest of an earlier answer would end up between WebSocket frames. A connection that does not read its answers is destroyed.
   */
  whenAnswered(socket: Socket, upgrade: () => void): void {
    const connection = this.#known.get(socket);
    if (connection?.current === undefined) return upgrade();
    const deadline = setTimeout(() => this.#end(connection), UPGRADE_WAIT_MS).unref();
    // Node has detached the socket from its HTTP server, so pending responses no longer get `drain`.
    const onDrain = (): void => void connection.current?.response.emit("drain");
    socket.on("drain", onDrain);
    socket.on("error", () => socket.destroy());
    connection.onRest = () => {
      clearTimeout(deadline);
      socket.off("drain", onDrain);
      if (!socket.destroyed) upgrade();
    };
  }

  /** Whether a request of this connection is being answered. */
  isAnswering(socket: Duplex): boolean {
    return socket instanceof Socket && this.#known.get(socket)?.current !== undefined;
  }

  #connectionOf(socket: Socket): HttpConnection {
    const known = this.#known.get(socket);
    if (known !== undefined) return known;
    const connection: HttpConnection = {
      socket,
      account: undefined,
      entry: undefined,
      isProbing: false,
      current: undefined,
      ahead: [],
      bytesAhead: 0,
      count: 0,
      onRest: undefined,
    };
    this.#known.set(socket, connection);
    this.#openCount += 1;
    socket.once("close", () => {
      this.#openCount -= 1;
      this.#end(connection);
    });
    return connection;
  }

  #start(connection: HttpConnection, exchange: Exchange): void {
    const { request, response } = exchange;
    connection.current = exchange;
    connection.count += 1;
    if (connection.count >= MAX_REQUESTS) response.setHeader("Connection", "close");
    connection.account ??= this.#options.budget.open({ cut: () => this.#end(connection) });
    const address = this.#options.addressOf(request);
    const isWithoutPlace = !this.#busy.has(connection) && !this.#makePlaceFor(address);
    const isRefused = isWithoutPlace && !this.#beginProbe(connection, exchange);
    connection.entry ??= this.#ledger.enter(connection, address);
    this.#busy.add(connection);
    this.#counting ??= setInterval(() => this.#countAll(), COUNT_EVERY_MS).unref();
    // `finish` and `close` both mean that the response was written. A broken connection emits `close` alone.
    const onDone = (): void => {
      if (connection.current === exchange) this.#next(connection);
    };
    response.once("finish", onDone);
    response.once("close", onDone);
    if (isRefused) this.#refuse(request, response);
    else this.#options.answer(request, response);
    this.#count(connection);
  }

  /** A server that is full is not ill. @returns whether this asks how it is, and not too many do */
  #beginProbe(connection: HttpConnection, { request, response }: Exchange): boolean {
    if (this.#options.isProbe?.(request) !== true || this.#probes >= MAX_PROBES) return false;
    response.setHeader("Connection", "close");
    connection.isProbing = true;
    this.#probes += 1;
    return true;
  }

  #refuse(request: IncomingMessage, response: ServerResponse): void {
    const { requestIdOf, isForAnyOrigin = true } = this.#options;
    if (requestIdOf !== undefined) response.setHeader("x-request-id", requestIdOf(request));
    if (isForAnyOrigin) response.setHeader("Access-Control-Allow-Origin", "*");
    response.writeHead(503, {
      "Content-Type": "text/plain; charset=utf-8",
      "Retry-After": RETRY_AFTER_SECONDS,
      Connection: "close",
    });
    response.end(CLOSE_CODES.overloaded.reason);
  }

  #next(connection: HttpConnection): void {
    connection.current = undefined;
    const next = connection.ahead.shift();
    connection.bytesAhead -= next?.bytes ?? 0;
    if (next === undefined || connection.socket.destroyed) this.#rest(connection);
    else this.#start(connection, next);
  }

  /** Destroys a connection and releases what it holds. Safe to call twice. */
  #end(connection: HttpConnection): void {
    connection.socket.destroy();
    connection.ahead.length = 0;
    connection.bytesAhead = 0;
    connection.current = undefined;
    this.#rest(connection);
  }

  /** Every request has been answered. */
  #rest(connection: HttpConnection): void {
    connection.account?.close();
    connection.account = undefined;
    this.#busy.delete(connection);
    if (connection.isProbing) this.#probes -= 1;
    connection.isProbing = false;
    this.#ledger.leave(connection.entry);
    connection.entry = undefined;
    if (this.#busy.size === 0) {
      clearInterval(this.#counting);
      this.#counting = undefined;
    }
    const { onRest } = connection;
    connection.onRest = undefined;
    onRest?.();
  }

  /** Whether one more connection may be answered. At the limit, a slow connection of the largest network gives way. */
  #makePlaceFor(address: string): boolean {
    const { maxConnections, webSocketCount, closeIdle } = this.#options;
    if (this.#openCount + webSocketCount() > maxConnections) closeIdle();
    const isFree = this.#busy.size + webSocketCount() < maxConnections;
    if (isFree && this.#ledger.hasPlaceFor(address)) return true;
    const slow = this.#ledger.idleHoldingFor(address);
    if (slow !== undefined) this.#end(slow);
    return slow !== undefined;
  }

  #countAll(): void {
    for (const connection of this.#busy) this.#count(connection);
  }

  #count({ current, account, bytesAhead }: HttpConnection): void {
    if (current === undefined || account === undefined) return;
    account.add(current.response.writableLength + current.bytes + bytesAhead - account.bytes);
  }
}

function bytesOf({ url = "", rawHeaders }: IncomingMessage): number {
  let bytes = REQUEST_BYTES + url.length;
  for (const part of rawHeaders) bytes += HEADER_PART_BYTES + part.length;
  return bytes;
}
