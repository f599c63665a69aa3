/** A WebSocket that reconnects by itself for as long as the close code allows it (P4.1). */
import { afterClose, CLOSE_CODES } from "../protocol/close-codes.ts";
import { RELIABLE_SUBPROTOCOL } from "../protocol/reliable/control-frames.ts";
import type { Frame } from "./outbox.ts";
import { isArrayBuffer } from "./payload.ts";
import { retryDelayMs } from "./retry-delay.ts";
import type { Environment } from "./environment.ts";
import type { WebSocketPort } from "./client-socket.ts";
import { CouchwireError } from "./couchwire-error.ts";
import { NO_TOKEN } from "./token-source.ts";

/** The address and subprotocols of a connection. */
export interface ConnectionTarget {
  readonly address: string;
  /** Subprotocols beside `couchwire.v1` that carry secrets (P5.9.9). */
  readonly secrets: readonly string[];
}

/** Why a connection ended: a code of `CLOSE_CODES` or RFC 6455, and a sentence for people, which may be empty. */
export interface CloseReason {
  /** 1006 where the connection broke without a close code. */
  readonly code: number;
  /** A sentence for people. */
  readonly reason: string;
}

/** A lost connection and the delay until the next attempt. */
export interface Retry extends CloseReason {
  /** 1-based number of the next attempt since the last connection that held. */
  readonly attempt: number;
  /** Milliseconds until the next attempt; less if the page wakes up or the network returns. */
  readonly delayMs: number;
}

/** Why an attempt failed that no server has closed: there was no token to show, or no Couchwire server was at the other end. */
export type LostCause = typeof NO_TOKEN | "unreachable";

/** Callbacks of the connection. None is called after `closed`. */
export interface ReconnectingSocketOwner {
  /** The server has taken the connection. What it says of it follows, if it says anything. @default it is not told */
  opened?(): void;
  received(frame: Frame): void;
  /** `cause` is given where the close code does not tell it. */
  lost(retry: Retry, cause?: LostCause): void;
  closed(close: CloseReason): void;
  /** The page woke up, and the connection seems to be open. */
  woke(): void;
  /** The page was restored from the back/forward cache. */
  restored(): void;
}

/** Time limit of an attempt, including the server's first frame. A phone that changes networks could otherwise hang for a minute or more. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** When the page wakes up, an attempt of this age may have started on a network that is gone. */
export const STALE_ATTEMPT_MS = 2_000;
/** A connection that lasts this long resets the back-off. Refusals come right after the opening (P3.2). */
export const MIN_UPTIME_MS = 5_000;

const CLOSING = 2;
/** The connection was lost without a Close frame (RFC 6455). Never sent. */
export const CUT: CloseReason = { code: 1006, reason: "" };
const NOT_SELECTED = `The server did not select the subprotocol ${RELIABLE_SUBPROTOCOL}: it is no Couchwire server, or a proxy drops the header.`;

/** What a program may still have to fetch. */
type Awaitable<Value> = Value | PromiseLike<Value>;

const NOT_TOLD = "The page was not told in time what to show the server, such as its token.";

type Phase =
  /** The caller's code still runs: a connection that it closes at once never reaches the server. */
  | { readonly at: "starting" }
  /** The program fetches what the connection shows, such as a token. */
  | { readonly at: "asking"; readonly timer: Timer }
  | { readonly at: "connecting"; readonly socket: WebSocketPort; readonly sinceMs: number; readonly timer: Timer }
  /** The timer runs until the connection is stable: it may die between the opening and the server's first frame. */
  | { readonly at: "open"; readonly socket: WebSocketPort; readonly sinceMs: number; readonly timer: Timer }
  | { readonly at: "waiting"; readonly timer: Timer }
  | { readonly at: "closed" };

type Timer = ReturnType<typeof setTimeout>;

export class ReconnectingSocket {
  readonly #target: () => Awaitable<ConnectionTarget>;
  readonly #owner: ReconnectingSocketOwner;
  readonly #environment: Environment;
  readonly #endWaking: () => void;
  #phase: Phase = { at: "starting" };
  /** Attempts since the last stable connection. */
  #attempt = 0;
  /** An attempt succeeded once, so the server may keep a seat or a room for this page. */
  #hasBeenOpen = false;

  /** Connects once the caller's code has run. `target` is called before each attempt, since its result may change. */
  constructor(target: () => Awaitable<ConnectionTarget>, owner: ReconnectingSocketOwner, environment: Environment) {
    this.#target = target;
    this.#owner = owner;
    this.#environment = environment;
    environment.soon(() => {
      if (this.#phase.at === "starting") this.connect();
    });
    this.#endWaking = environment.onWake((isRestored) => this.wake(isRestored));
  }

  get isClosed(): boolean {
    return this.#phase.at === "closed";
  }

  /** Whether frames can be sent now. Becomes `false` with the server's Close frame, before the `close` event. */
  get isOpen(): boolean {
    return this.#phase.at === "open" && !isClosing(this.#phase.socket);
  }

  /** Sends one frame if the socket is open. A closing socket would drop it and log an error to the browser's console. */
  send(frame: Frame): void {
    if (this.#phase.at === "open" && this.isOpen) this.#phase.socket.send(frame);
  }

  /** Resets the back-off before the connection has been up for `MIN_UPTIME_MS`. */
  settle(): void {
    this.#attempt = 0;
    this.clearTimer();
  }

  /** The server has taken the connection in, though it has not said its first frame yet, and may not for long. */
  hold(): void {
    this.clearTimer();
  }

  /** Abandons the socket and reconnects after a back-off, as if the server had closed with this code. */
  retry(close: CloseReason): void {
    if (this.#phase.at !== "open") return;
    const { socket } = this.#phase;
    this.lose(close);
    socket.close(); // without a code: 1000 would say that we leave for good
  }

  /** Whether the server may know of this page. Otherwise there is nothing to leave. */
  get hasReachedServer(): boolean {
    return this.#hasBeenOpen || this.#phase.at === "connecting";
  }

  /** Closes for good and tells the owner at once. The server is told that this page leaves, if it may know of it. Safe to call twice. */
  close(close: CloseReason = { code: CLOSE_CODES.normal.code, reason: CLOSE_CODES.normal.reason }): void {
    const phase = this.#phase;
    if (phase.at === "closed") return;
    this.finish(close);
    if (phase.at === "open") phase.socket.close(1000);
    else if (phase.at === "connecting") leaveOnceOpen(phase.socket);
    else if (phase.at === "waiting" && this.#hasBeenOpen) this.sayThatWeLeave();
  }

  /** Abandons the socket without an event. The server keeps this page's seat. Safe to call twice. */
  detach(): void {
    const phase = this.#phase;
    if (phase.at === "closed") return;
    this.end();
    if ("socket" in phase) phase.socket.close(); // without a code: 1000 would say that we leave for good
  }

  private get isWaiting(): boolean {
    return this.#phase.at === "waiting";
  }

  private connect(): void {
    const target = this.#target();
    if (isTarget(target)) {
      this.connectTo(target);
      return;
    }
    const timer = setTimeout(
      () => this.loseWhileAsking(timer, { code: CUT.code, reason: NOT_TOLD }),
      CONNECT_TIMEOUT_MS,
    );
    this.#phase = { at: "asking", timer };
    void this.connectOnceTold(target, timer);
  }

  private async connectOnceTold(target: PromiseLike<ConnectionTarget>, timer: Timer): Promise<void> {
    let told: ConnectionTarget;
    try {
      told = await target;
    } catch (error) {
      const cause = error instanceof CouchwireError && error.code === NO_TOKEN ? NO_TOKEN : undefined;
      this.loseWhileAsking(timer, { code: CUT.code, reason: sentenceOf(error) }, cause);
      return;
    }
    if (!this.isAsking(timer)) return;
    this.clearTimer();
    this.connectTo(told);
  }

  private isAsking(timer: Timer): boolean {
    return this.#phase.at === "asking" && this.#phase.timer === timer;
  }

  private loseWhileAsking(timer: Timer, close: CloseReason, cause?: LostCause): void {
    if (this.isAsking(timer)) this.lose(close, cause);
  }

  private connectTo(target: ConnectionTarget): void {
    let socket: WebSocketPort;
    try {
      socket = this.openSocket(target);
    } catch (error) {
      // What the constructor refuses, such as ws: on a page over https:, it refuses each time.
      this.finish({ code: CUT.code, reason: sentenceOf(error) });
      return;
    }
    this.#phase = this.connecting(socket);
  }

  private openSocket({ address, secrets }: ConnectionTarget): WebSocketPort {
    return new this.#environment.WebSocket(address, [RELIABLE_SUBPROTOCOL, ...secrets]);
  }

  /** The connection is down, but the server keeps this page's seat: connects once more to send the Close frame. */
  private sayThatWeLeave(): void {
    const leave = (target: ConnectionTarget): void => {
      try {
        leaveOnceOpen(this.openSocket(target));
      } catch {
        // The server cannot be reached. It gives the seat up by itself after the grace.
      }
    };
    const target = this.#target();
    if (isTarget(target)) leave(target);
    else target.then(leave, () => undefined);
  }

  private connecting(socket: WebSocketPort): Phase {
    socket.binaryType = "arraybuffer";
    // Every listener checks that its socket is the current one: an abandoned socket may still emit events.
    const isCurrent = (): boolean => "socket" in this.#phase && this.#phase.socket === socket;
    socket.addEventListener("open", () => {
      if (!isCurrent()) return;
      if (socket.protocol !== RELIABLE_SUBPROTOCOL) {
        this.lose({ code: CUT.code, reason: NOT_SELECTED }, "unreachable");
        socket.close();
        return;
      }
      this.#hasBeenOpen = true;
      this.#phase = { at: "open", socket, sinceMs: performance.now(), timer };
      this.#owner.opened?.();
    });
    socket.addEventListener("message", ({ data }) => {
      if (!isCurrent()) return;
      if (typeof data === "string") this.#owner.received(data);
      else if (isArrayBuffer(data)) this.#owner.received(new Uint8Array(data));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (isCurrent()) this.lose({ code, reason });
    });
    // A `close` event with the details always follows, but `ws` throws errors that have no listener.
    socket.addEventListener("error", () => undefined);
    const timer = setTimeout(() => {
      if (!isCurrent()) return;
      this.lose(CUT);
      socket.close();
    }, CONNECT_TIMEOUT_MS);
    return { at: "connecting", socket, sinceMs: performance.now(), timer };
  }

  private lose(close: CloseReason, cause?: LostCause): void {
    if (afterClose(close.code) === "final") {
      this.finish(close);
      return;
    }
    this.clearTimer();
    if (this.#phase.at === "open" && performance.now() - this.#phase.sinceMs >= MIN_UPTIME_MS) this.#attempt = 0;
    this.#attempt += 1;
    const delayMs = retryDelayMs(this.#attempt, close.code, this.#environment.random());
    this.#phase = { at: "waiting", timer: setTimeout(() => this.reconnect(), delayMs) };
    this.#owner.lost({ ...close, attempt: this.#attempt, delayMs }, cause);
  }

  private reconnect(): void {
    this.clearTimer();
    this.connect();
  }

  /** The page is visible again, or the network is back: reconnects at once. */
  private wake(isRestored: boolean): void {
    if (isRestored) this.#owner.restored();
    const phase = this.#phase;
    // A frozen page may have lost its socket without an event.
    const isDead = "socket" in phase && isClosing(phase.socket);
    if (phase.at === "open") {
      if (isDead) this.lose(CUT);
      else this.#owner.woke();
    }
    // A browser may first report that the page is visible and then that it was restored. An attempt in between was
    // made for the page as it was before.
    if (phase.at === "connecting" && (isRestored || isDead || performance.now() - phase.sinceMs >= STALE_ATTEMPT_MS)) {
      this.lose(CUT);
      phase.socket.close();
    }
    if (this.isWaiting) this.reconnect();
  }

  private finish(close: CloseReason): void {
    this.end();
    this.#owner.closed(close);
  }

  private end(): void {
    this.clearTimer();
    this.#phase = { at: "closed" };
    this.#endWaking();
  }

  private clearTimer(): void {
    if ("timer" in this.#phase) clearTimeout(this.#phase.timer);
  }
}

/**
 * Closes a connecting socket once it is open, with the code that gives the seat up. Closed earlier, it would send no Close
 * frame, and the server may already have given this page a seat.
 */
function leaveOnceOpen(socket: WebSocketPort): void {
  const timer = setTimeout(() => socket.close(), CONNECT_TIMEOUT_MS);
  socket.addEventListener("open", () => {
    clearTimeout(timer);
    socket.close(1000);
  });
  socket.addEventListener("close", () => clearTimeout(timer));
  socket.addEventListener("error", () => undefined); // `ws` throws errors that have no listener
}

function isTarget(target: Awaitable<ConnectionTarget>): target is ConnectionTarget {
  return "address" in target;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the socket is closing or closed, with or without a `close` event so far. */
function isClosing(socket: WebSocketPort): boolean {
  return socket.readyState >= CLOSING;
}
