/**
 * Holds each HTTP connection to what one may cost. Node starts every request of a pipeline at once, each with a file and
 * a buffer of its own; here a connection's next request starts when the response before it has been written. What waits
 * counts in the memory budget, and connections that are being answered count in the connection limit.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { NetworkLedger } from "../hub/network-ledger.ts";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import type { MemoryAccount, MemoryBudget } from "../room/memory-budget.ts";

export interface HttpConnectionsOptions {
  /** Connections at one time, WebSockets included. Past it a request is answered 503. */
  readonly maxConnections: number;
  /** How many of them are WebSockets now. */
  readonly webSocketCount: () => number;
  readonly budget: MemoryBudget;
  /** Where a request comes from, proxies considered. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Closes the connections that wait for their next request; they give way when the limit is reached. */
  readonly closeIdle: () => void;
  readonly answer: RequestListener;
}

/** Requests that one connection may send ahead. Browsers send none, proxies neither; a program that sends more is cut off. */
export const MAX_REQUESTS_AHEAD = 256;
/** A pipeline ends here: the client has to open a new connection. Load balancers use one for thousands of requests at most. */
export const MAX_REQUESTS = 1_000;
/** What a request that waits takes up with its response, without its address and headers: measured, and rounded up. */
const REQUEST_BYTES = 8_192;
/** What each name and each value of its headers takes up besides its letters: a request may have thousands. */
const HEADER_PART_BYTES = 48;
/** How long an upgrade waits for the answers to what its connection asked before. */
const UPGRADE_WAIT_MS = 10_000;
/** A connection whose answers take longer gives way to another network's where no place is left. */
const SLOW_MS = 5_000;
/** How often the bytes are counted that clients have not taken. One that takes them at once never shows. */
const COUNT_EVERY_MS = 500;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What it takes up while it waits. */
  readonly bytes: number;
}

interface HttpConnection {
  readonly socket: Socket;
  /** Exists while a request is being answered. */
  account: MemoryAccount | undefined;
  current: Exchange | undefined;
  readonly ahead: Exchange[];
  bytesAhead: number;
  /** Requests that were begun. */
  count: number;
  /** What happens once nothing is left to answer. */
  onRest: (() => void) | undefined;
}

export class HttpConnections {
  readonly #options: HttpConnectionsOptions;
  readonly #known = new WeakMap<Socket, HttpConnection>();
  /** Those that are being answered. */
  readonly #busy = new Set<HttpConnection>();
  /** The same, by network. */
  readonly #ledger: NetworkLedger<HttpConnection>;
  #openCount = 0;
  #counting: NodeJS.Timeout | undefined;

  constructor(options: HttpConnectionsOptions) {
    this.#options = options;
    this.#ledger = new NetworkLedger({
      capacity: options.maxConnections,
      idleRank: (_connection, busyMs) => (busyMs >= SLOW_MS ? 0 : undefined),
      now: options.now,
    });
  }

  /** Answers a request, now or after those that its connection sent before. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    if (request.socket.destroyed) return; // what was read with the request that ended it
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
   * Calls `upgrade` once all earlier requests of this connection are answered, which is nearly always at once. Node hands over an upgrade that was sent
   * ahead as soon as it has read it, and the rest of an answer would come in the middle of WebSocket frames. A connection that does not take its answers ends.
   */
  whenAnswered(socket: Socket, upgrade: () => void): void {
    const connection = this.#known.get(socket);
    if (connection?.current === undefined) return upgrade();
    const deadline = setTimeout(() => this.#end(connection), UPGRADE_WAIT_MS).unref();
    // Node has let go of the socket, and does not tell the answers any more that it takes bytes again.
    const onDrain = (): void => void connection.current?.response.emit("drain");
    socket.on("drain", onDrain);
    socket.on("error", () => socket.destroy());
    connection.onRest = () => {
      clearTimeout(deadline);
      socket.off("drain", onDrain);
      if (!socket.destroyed) upgrade();
    };
  }

  #connectionOf(socket: Socket): HttpConnection {
    const known = this.#known.get(socket);
    if (known !== undefined) return known;
    const connection: HttpConnection = {
      socket,
      account: undefined,
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
    const isRefused = !this.#busy.has(connection) && !this.#makePlaceFor(address);
    if (!this.#busy.has(connection)) this.#ledger.enter(connection, address);
    this.#busy.add(connection);
    this.#counting ??= setInterval(() => this.#countAll(), COUNT_EVERY_MS).unref();
    // "finish" and "close" both say that it has been written; a connection that breaks says "close" alone.
    const onDone = (): void => {
      if (connection.current === exchange) this.#next(connection);
    };
    response.once("finish", onDone);
    response.once("close", onDone);
    if (isRefused) refuse(response);
    else this.#options.answer(request, response);
    this.#count(connection);
  }

  #next(connection: HttpConnection): void {
    connection.current = undefined;
    const next = connection.ahead.shift();
    connection.bytesAhead -= next?.bytes ?? 0;
    if (next === undefined || connection.socket.destroyed) this.#rest(connection);
    else this.#start(connection, next);
  }

  /** Ends a connection and gives back at once what it holds. Safe twice. */
  #end(connection: HttpConnection): void {
    connection.socket.destroy();
    connection.ahead.length = 0;
    connection.bytesAhead = 0;
    connection.current = undefined;
    this.#rest(connection);
  }

  /** Nothing is left to answer. */
  #rest(connection: HttpConnection): void {
    connection.account?.close();
    connection.account = undefined;
    this.#busy.delete(connection);
    this.#ledger.leave(connection);
    if (this.#busy.size === 0) {
      clearInterval(this.#counting);
      this.#counting = undefined;
    }
    const { onRest } = connection;
    connection.onRest = undefined;
    onRest?.();
  }

  /** Whether one more connection may be answered. Where the house is full, a slow one of the largest network gives way. */
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

const RETRY_AFTER_SECONDS = "5";

function refuse(response: ServerResponse): void {
  response.writeHead(503, {
    "Content-Type": "text/plain; charset=utf-8",
    "Access-Control-Allow-Origin": "*",
    "Retry-After": RETRY_AFTER_SECONDS,
    Connection: "close",
  });
  response.end(CLOSE_CODES.overloaded.reason);
}
