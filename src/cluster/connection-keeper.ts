/**
 * Keeps one connection to a server for as long as it is wanted: makes it, asks whether the server is still there, and makes it again. It never gives
 * up, and it says once when the server is gone and once when it is back.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { OnceAMinute } from "./once-a-minute.ts";

/** One connection. It lives once: after it is over, the keeper makes another one. */
export interface KeptConnection {
  /** Resolves when the connection can be used; rejects where it could not be made. */
  readonly ready: Promise<unknown>;
  /** Resolves with the reason when the connection is over, whichever side ended it. It never rejects. */
  readonly over: Promise<string>;
  /** Resolves when the server has answered. */
  ping(): Promise<unknown>;
  /** Ends the connection at once. Safe twice. Resolves when nothing of it is left. */
  destroy(): Promise<unknown>;
}

export interface KeeperOptions<Connection extends KeptConnection> {
  /** What the log calls the server: an address without user and password. */
  readonly name: string;
  readonly create: () => Connection;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
  /**
   * Milliseconds between two questions whether the server is still there. One without an answer for twice that ends the connection. No wait before a next try
   * is longer either: a server that is back with nothing in it is told within a lease what it knew.
   */
  readonly pingMs: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
const SILENT = "it does not answer";

/** What is asked of a connection that was closed for good. */
export class ClosedError extends Error {
  override readonly name = "ClosedError";
}

export class ConnectionKeeper<Connection extends KeptConnection> {
  readonly #options: KeeperOptions<Connection>;
  readonly #statusListeners: ((isUp: boolean) => void)[] = [];
  readonly #preparations: ((connection: Connection) => Promise<unknown>)[] = [];
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #current: Connection | undefined;
  /** `undefined`: the first try is not over. */
  #status: boolean | undefined;
  #waiting = deferred<Connection>();
  readonly #losses = new OnceAMinute();
  #isMissed = false;

  constructor(options: KeeperOptions<Connection>) {
    this.#options = options;
    this.#running = this.#run();
  }

  get isUp(): boolean {
    return this.#status === true;
  }

  /** The connection while it is up. */
  get current(): Connection | undefined {
    return this.isUp ? this.#current : undefined;
  }

  /** The connection as soon as it is up. Rejects with a `ClosedError` when the keeper is closed first. */
  whenUp(): Promise<Connection> {
    const isUsable = this.isUp && !this.#closing.signal.aborted;
    return isUsable && this.#current !== undefined ? Promise.resolve(this.#current) : this.#waiting.promise;
  }

  /** `listener` is told when the connection goes away, or the first try fails, and when there is one, after all preparations. */
  onStatus(listener: (isUp: boolean) => void): void {
    this.#statusListeners.push(listener);
  }

  /** `prepare` runs on every new connection before it counts as up; where it rejects, the next connection is tried. */
  beforeUp(prepare: (connection: Connection) => Promise<unknown>): void {
    this.#preparations.push(prepare);
  }

  /** Ends the connection and every wait for one. Safe twice. */
  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort();
      const closed = new ClosedError(`The connection to ${this.#options.name} was closed.`);
      this.#waiting.reject(closed);
      this.#waiting = deferred(); // the one before may have been fulfilled with a connection that is over now
      this.#waiting.reject(closed);
    }
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let failures = 0;
    // What asks for a connection in the turn in which the keeper is made adds its preparation in time.
    await Promise.resolve();
    while (!signal.aborted) {
      const connection = this.#options.create();
      this.#current = connection;
      const stop = (): void => void connection.destroy();
      signal.addEventListener("abort", stop, { once: true });
      const { reason, wasUp } = await this.#live(connection);
      signal.removeEventListener("abort", stop);
      this.#setUp(false);
      this.#current = undefined;
      await connection.destroy();
      if (signal.aborted) return;
      failures = wasUp ? 0 : failures + 1;
      this.#mentionLoss(reason);
      await delay(retryDelay(failures, this.#options.pingMs), undefined, { signal }).catch(() => {});
    }
  }

  /** Lives with a connection until it is over. */
  async #live(connection: Connection): Promise<{ readonly reason: string; readonly wasUp: boolean }> {
    const ended = connection.over.then((reason) => Promise.reject(new Error(reason)));
    try {
      await Promise.race([ended, within(CONNECT_TIMEOUT_MS, this.#prepared(connection))]);
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error), wasUp: false };
    }
    this.#setUp(true);
    return { reason: await whyOver(connection, this.#options.pingMs), wasUp: true };
  }

  async #prepared(connection: Connection): Promise<void> {
    await connection.ready;
    for (const prepare of this.#preparations) await prepare(connection);
  }

  #setUp(isUp: boolean): void {
    if (this.#status === isUp) return;
    const wasUp = this.isUp;
    this.#status = isUp;
    if (isUp && this.#current !== undefined) {
      if (this.#isMissed) this.#options.log.info({ bus: this.#options.name }, "the bus is back");
      this.#isMissed = false;
      this.#losses.reset();
      this.#waiting.resolve(this.#current);
    } else if (wasUp && !this.#closing.signal.aborted) {
      this.#waiting = deferred();
    }
    for (const listener of this.#statusListeners) this.#tell(listener, isUp);
  }

  #tell(listener: (isUp: boolean) => void, isUp: boolean): void {
    try {
      listener(isUp);
    } catch (error) {
      this.#options.log.error({ err: error }, "a listener of the bus failed");
    }
  }

  #mentionLoss(reason: string): void {
    this.#isMissed = true;
    if (!this.#losses.isDue()) return;
    this.#options.log.warn(
      { bus: this.#options.name, reason },
      "the bus cannot be reached; couchwire tries again until it can",
    );
  }
}

/** Half of the wait is drawn, so that nodes that have lost one server do not all come back in one moment. */
function retryDelay(failures: number, pingMs: number): number {
  const longest = Math.min(LAST_RETRY_MS, pingMs, FIRST_RETRY_MS * 2 ** Math.min(failures, 16));
  return Math.max(FIRST_RETRY_MS, longest * (0.5 + Math.random() / 2));
}

/** Asks again and again whether the server is there. Resolves with the reason why the connection is over, or is of no more use. */
async function whyOver(connection: KeptConnection, pingMs: number): Promise<string> {
  const silence = deferred<string>();
  let isAsked = false;
  let rounds = 0;
  const ask = (): void => {
    if (!isAsked) {
      isAsked = true;
      rounds = 0;
      const answered = (): void => void (isAsked = false);
      connection.ping().then(answered, answered); // A refusal is an answer; where the connection is over, `over` tells.
    } else if (++rounds === 2) {
      whenRead(() => isAsked && rounds === 2 && silence.resolve(SILENT));
    }
  };
  const timer = setInterval(ask, pingMs);
  const reason = await Promise.race([connection.over, silence.promise]);
  clearInterval(timer);
  return reason;
}

/** The answer, or a rejection where it takes longer. */
async function within(ms: number, answer: Promise<unknown>): Promise<void> {
  const late = deferred<never>();
  const timer = setTimeout(() => whenRead(() => late.reject(new Error(SILENT))), ms);
  try {
    await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A process that was stopped finds its timers over before it has read what arrived meanwhile, so a turn passes. */
function whenRead(action: () => unknown): void {
  setImmediate(() => setImmediate(action));
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

function deferred<T>(): Deferred<T> {
  let settle: Pick<Deferred<T>, "resolve" | "reject"> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => {}); // A connection that nothing waits for may end.
  return { promise, resolve: (value) => settle?.resolve(value), reject: (error) => settle?.reject(error) };
}
