/** One WebSocket after the other: a connection that comes back by itself for as long as the close code says so (P4.1). */
import { afterClose, CLOSE_CODES } from "../protocol/close-codes.ts";
import { RELIABLE_SUBPROTOCOL } from "../protocol/reliable/control-frames.ts";
import type { Frame } from "./outbox.ts";
import { isArrayBuffer } from "./payload.ts";
import { retryDelayMs } from "./retry-delay.ts";
import type { Environment } from "./environment.ts";
import type { WebSocketPort } from "./client-socket.ts";

/** Where a connection goes, and what it offers there. */
export interface ConnectionTarget {
  readonly address: string;
  /** Subprotocols beside `couchwire.v1`: the secrets that the server asks for (P5.9.9). */
  readonly secrets: readonly string[];
}

/** Why a connection ended: a code of `CLOSE_CODES` or RFC 6455, and a sentence for people, often empty. */
export interface CloseReason {
  readonly code: number;
  readonly reason: string;
}

/** A connection that was lost, and when it is tried again. */
export interface Retry extends CloseReason {
  /** 1-based number of the next attempt since the last connection that held. */
  readonly attempt: number;
  /** Milliseconds until then; less where the page wakes up or the network returns. */
  readonly delayMs: number;
}

/** What the connection tells. After `closed` nothing more comes. */
export interface ReconnectingSocketOwner {
  received(frame: Frame): void;
  lost(retry: Retry): void;
  closed(close: CloseReason): void;
  /** The page woke up, and the line seems to be open still. */
  woke(): void;
  /** The page comes back from the back/forward cache; what happens next follows. */
  restored(): void;
}

/** How long one attempt may take, the server's greeting included: a phone that changes networks would otherwise hang for a minute or more. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** On a page that wakes up, an attempt of this age may have begun on a network that is gone. */
export const STALE_ATTEMPT_MS = 2_000;
/** A connection that held this long was a success: the next back-off begins anew. A refusal comes right after the opening (P3.2). */
export const MIN_UPTIME_MS = 5_000;

const CLOSING = 2;
/** RFC 6455: the line was cut without a Close frame. Never on the wire. */
export const CUT: CloseReason = { code: 1006, reason: "" };
const NOT_SELECTED = `The server did not select the subprotocol ${RELIABLE_SUBPROTOCOL}: it is no Couchwire server, or a proxy drops the header.`;

type Phase =
  /** The caller's own code runs: a connection that it closes again never reaches the server. */
  | { readonly at: "starting" }
  | { readonly at: "connecting"; readonly socket: WebSocketPort; readonly sinceMs: number; readonly timer: Timer }
  /** The timer runs until the connection is a success: a line may go dead between its opening and the server's first word. */
  | { readonly at: "open"; readonly socket: WebSocketPort; readonly sinceMs: number; readonly timer: Timer }
  | { readonly at: "waiting"; readonly timer: Timer }
  | { readonly at: "closed" };

type Timer = ReturnType<typeof setTimeout>;

export class ReconnectingSocket {
  readonly #target: () => ConnectionTarget;
  readonly #owner: ReconnectingSocketOwner;
  readonly #environment: Environment;
  readonly #endWaking: () => void;
  #phase: Phase = { at: "starting" };
  /** Attempts since the last connection that held. */
  #attempt = 0;
  /** Some attempt got through, so the server may keep a seat or a room for this page. */
  #hasBeenOpen = false;

  /** Connects as soon as the caller's code has run. `target` is asked before each attempt, for what it carries may have changed. */
  constructor(target: () => ConnectionTarget, owner: ReconnectingSocketOwner, environment: Environment) {
    this.#target = target;
    this.#owner = owner;
    this.#environment = environment;
    environment.soon(() => {
      if (this.#phase.at === "starting") this.#connect();
    });
    this.#endWaking = environment.onWake((isRestored) => this.#wake(isRestored));
  }

  get isClosed(): boolean {
    return this.#phase.at === "closed";
  }

  /** What is sent now has a socket to go over. There is none any more from the server's Close frame on, of which the event tells later. */
  get isOpen(): boolean {
    return this.#phase.at === "open" && !isClosing(this.#phase.socket);
  }

  /** Hands one frame to the socket, if one is open; a closing one would throw it away and write an error to the browser's console. */
  send(frame: Frame): void {
    if (this.#phase.at === "open" && this.isOpen) this.#phase.socket.send(frame);
  }

  /** The connection proved to be a success before it was stable: the next back-off begins anew. */
  settle(): void {
    this.#attempt = 0;
    this.#clearTimer();
  }

  /** Gives the socket up and tries again after a back-off, as if the server had closed with this code. */
  retry(close: CloseReason): void {
    if (this.#phase.at !== "open") return;
    const { socket } = this.#phase;
    this.#lose(close);
    socket.close(); // without a code: 1000 would say that we leave for good
  }

  /** Whether the server may know of this page: without that there is nothing to leave. */
  get hasReachedServer(): boolean {
    return this.#hasBeenOpen || this.#phase.at === "connecting";
  }

  /** Ends it for good and tells the owner at once. The server is told that this page leaves, if it may know of it. Safe twice. */
  close(close: CloseReason = { code: CLOSE_CODES.normal.code, reason: CLOSE_CODES.normal.reason }): void {
    const phase = this.#phase;
    if (phase.at === "closed") return;
    this.#finish(close);
    if (phase.at === "open") phase.socket.close(1000);
    else if (phase.at === "connecting") leaveOnceOpen(phase.socket);
    else if (phase.at === "waiting" && this.#hasBeenOpen) this.#sayThatWeLeave();
  }

  /** Lets go of the socket without an event: the server keeps what it has for this page. Safe twice. */
  detach(): void {
    const phase = this.#phase;
    if (phase.at === "closed") return;
    this.#end();
    if ("socket" in phase) phase.socket.close(); // without a code: 1000 would say that we leave for good
  }

  get #isWaiting(): boolean {
    return this.#phase.at === "waiting";
  }

  #connect(): void {
    let socket: WebSocketPort;
    try {
      socket = this.#openSocket();
    } catch (error) {
      // What the class refuses outright, such as ws: from a page on https:, it will refuse each time.
      this.#finish({ code: CUT.code, reason: error instanceof Error ? error.message : String(error) });
      return;
    }
    this.#phase = this.#connecting(socket);
  }

  #openSocket(): WebSocketPort {
    const { address, secrets } = this.#target();
    return new this.#environment.WebSocket(address, [RELIABLE_SUBPROTOCOL, ...secrets]);
  }

  /** The line is down, and the server keeps what this page had: one more connection, for the Close frame alone. */
  #sayThatWeLeave(): void {
    try {
      leaveOnceOpen(this.#openSocket());
    } catch {
      // There is no way to the server: it lets go by itself in time.
    }
  }

  #connecting(socket: WebSocketPort): Phase {
    socket.binaryType = "arraybuffer";
    // Every listener asks whether it still speaks for this connection: a socket that was given up may report late.
    const isCurrent = (): boolean => "socket" in this.#phase && this.#phase.socket === socket;
    socket.addEventListener("open", () => {
      if (!isCurrent()) return;
      if (socket.protocol !== RELIABLE_SUBPROTOCOL) {
        this.#lose({ code: CUT.code, reason: NOT_SELECTED });
        socket.close();
        return;
      }
      this.#hasBeenOpen = true;
      this.#phase = { at: "open", socket, sinceMs: performance.now(), timer };
    });
    socket.addEventListener("message", ({ data }) => {
      if (!isCurrent()) return;
      if (typeof data === "string") this.#owner.received(data);
      else if (isArrayBuffer(data)) this.#owner.received(new Uint8Array(data));
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (isCurrent()) this.#lose({ code, reason });
    });
    // A close always follows, with all there is to know; but `ws` throws an error without a listener.
    socket.addEventListener("error", () => undefined);
    const timer = setTimeout(() => {
      if (!isCurrent()) return;
      this.#lose(CUT);
      socket.close();
    }, CONNECT_TIMEOUT_MS);
    return { at: "connecting", socket, sinceMs: performance.now(), timer };
  }

  #lose(close: CloseReason): void {
    if (afterClose(close.code) === "final") {
      this.#finish(close);
      return;
    }
    this.#clearTimer();
    if (this.#phase.at === "open" && performance.now() - this.#phase.sinceMs >= MIN_UPTIME_MS) this.#attempt = 0;
    this.#attempt += 1;
    const delayMs = retryDelayMs(this.#attempt, close.code, this.#environment.random());
    this.#phase = { at: "waiting", timer: setTimeout(() => this.#reconnect(), delayMs) };
    this.#owner.lost({ ...close, attempt: this.#attempt, delayMs });
  }

  #reconnect(): void {
    this.#clearTimer();
    this.#connect();
  }

  /** The page is seen again, or the network is back: now is the time to try. */
  #wake(isRestored: boolean): void {
    if (isRestored) this.#owner.restored();
    const phase = this.#phase;
    // A page that was frozen may have lost its socket without having heard of it.
    const isDead = "socket" in phase && isClosing(phase.socket);
    if (phase.at === "open") {
      if (isDead) this.#lose(CUT);
      else this.#owner.woke();
    }
    // A browser may tell first that the page is seen and then that it was in the cache: what was tried in between was
    // tried for the page as it was before.
    if (phase.at === "connecting" && (isRestored || isDead || performance.now() - phase.sinceMs >= STALE_ATTEMPT_MS)) {
      this.#lose(CUT);
      phase.socket.close();
    }
    if (this.#isWaiting) this.#reconnect();
  }

  #finish(close: CloseReason): void {
    this.#end();
    this.#owner.closed(close);
  }

  #end(): void {
    this.#clearTimer();
    this.#phase = { at: "closed" };
    this.#endWaking();
  }

  #clearTimer(): void {
    if ("timer" in this.#phase) clearTimeout(this.#phase.timer);
  }
}

/**
 * A socket that is closed while it connects tells the server nothing, and the server may have given this page a seat
 * already: so it is closed once it is open, with the code that gives the seat up.
 */
function leaveOnceOpen(socket: WebSocketPort): void {
  const timer = setTimeout(() => socket.close(), CONNECT_TIMEOUT_MS);
  socket.addEventListener("open", () => {
    clearTimeout(timer);
    socket.close(1000);
  });
  socket.addEventListener("close", () => clearTimeout(timer));
  socket.addEventListener("error", () => undefined); // `ws` throws an error that nothing listens to
}

/** The socket carries nothing any more, whether or not its end was told. */
function isClosing(socket: WebSocketPort): boolean {
  return socket.readyState >= CLOSING;
}
