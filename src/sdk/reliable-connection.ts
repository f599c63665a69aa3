/** A line to the server that outlives its sockets: what goes in at one end comes out at the other once, and in order. */
import { ConnectFailures, type ConnectFailure } from "./connect-failure.ts";
import { ReconnectingSocket, CUT, type CloseReason, type ConnectionTarget, type Retry } from "./reconnecting-socket.ts";
import { ReliableSession, type ResumeResult } from "./reliable-session.ts";
import { checkFrameSize, type Frame, type OutboxOptions } from "./outbox.ts";
import { newSecret } from "./session.ts";
import { SendRate } from "./send-rate.ts";
import { LivenessMonitor } from "./liveness-monitor.ts";
import type { Environment } from "./environment.ts";
import { VolatileSender, type VolatilePace } from "./volatile-sender.ts";

export interface ReliableConnectionPlan extends OutboxOptions {
  /** The server's address over HTTP: what people know it by, and where it is asked why no WebSocket comes about. */
  readonly server: string;
  /** Where to connect to. Asked before each attempt, for what it carries may have changed. */
  readonly target: () => LineTarget;
  /** Milliseconds the server may take to answer. */
  readonly pongTimeoutMs: number;
  /** How fast a player may send; a host may send as it likes. */
  readonly pace?: VolatilePace;
  /** Says something to the developer. */
  readonly warn: (sentence: string) => void;
}

export interface LineTarget {
  /** Without a query. */
  readonly address: string;
  readonly query: Readonly<Record<string, string>>;
  /** As `ConnectionTarget` has them. */
  readonly secrets: readonly string[];
}

/** How a frame is sent. */
export interface LineSendOptions {
  /** The SDK says it on its own behalf. */
  readonly isOwn?: boolean;
  /** Milliseconds that it may wait before it is first written. */
  readonly ttlMs?: number;
}

/** What the line tells. After `closed` nothing more comes. */
export interface ReliableConnectionOwner {
  /** The line is up. What waited here is on its way; what waited there follows. */
  greeted(greeting: ResumeResult): void;
  received(frame: Frame): void;
  /** The line is down, or an attempt to get it back has failed. */
  lost(retry: Retry, wasUp: boolean): void;
  /** Why an attempt failed, told when it is known. */
  connecting(failure: ConnectFailure): void;
  closed(close: CloseReason): void;
}

/** How long frames may go unacknowledged where no more of them come. */
export const ACK_AFTER_MS = 500;

export class ReliableConnection {
  readonly #owner: ReliableConnectionOwner;
  readonly #link: ReliableSession;
  readonly #liveness: LivenessMonitor;
  readonly #connection: ReconnectingSocket;
  readonly #failures: ConnectFailures;
  readonly #letSleep: () => void;
  readonly #volatile: VolatileSender;
  readonly #rate: SendRate | undefined;
  readonly #maxFrameBytes: number;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(plan: ReliableConnectionPlan, owner: ReliableConnectionOwner, environment: Environment) {
    this.#owner = owner;
    this.#maxFrameBytes = plan.maxFrameBytes;
    this.#link = new ReliableSession(plan, (frame) => this.#connection.send(frame));
    this.#liveness = new LivenessMonitor({
      ask: () => this.#link.ask(),
      onDead: () => this.#connection.retry(CUT),
      pongTimeoutMs: plan.pongTimeoutMs,
      isVisible: environment.isVisible,
    });
    this.#volatile = new VolatileSender({
      pace: plan.pace,
      limitBytes: plan.limitBytes,
      isOpen: () => this.isUp && this.#connection.isOpen,
      send: (frame, expiresAt) => this.#sendVolatileNow(frame, expiresAt),
    });
    this.#rate = plan.pace === undefined ? undefined : new SendRate(plan.warn);
    this.#failures = new ConnectFailures({
      address: plan.server,
      tell: (failure) => owner.connecting(failure),
      warn: plan.warn,
    });
    const connectionOwner = {
      received: (frame: Frame) => this.#received(frame),
      lost: (retry: Retry) => this.#lost(retry),
      closed: (close: CloseReason) => this.#closed(close),
      woke: () => this.#liveness.wake(),
      // Another page may have taken this one's place meanwhile; under its old name this page would not get it back.
      restored: () => void (page = newSecret()),
    };
    let page = newSecret();
    let attempts = 0;
    // The server has to know a request that was overtaken by the next one from a page that is opened again.
    const target = (): ConnectionTarget => {
      const { address, query, secrets } = plan.target();
      const whole = new URLSearchParams({ ...query, ...this.#link.resumption, attempt: `${page}.${++attempts}` });
      return { address: `${address}?${whole}`, secrets };
    };
    this.#connection = new ReconnectingSocket(target, connectionOwner, environment);
    this.#letSleep = environment.keepAwake();
  }

  get isUp(): boolean {
    return this.#link.isUp;
  }

  get isClosed(): boolean {
    return this.#connection.isClosed;
  }

  /** Whether the server may know of this line. */
  get hasReachedServer(): boolean {
    return this.#connection.hasReachedServer;
  }

  /** The number of the last frame that was received. */
  get received(): number {
    return this.#link.received;
  }

  /**
   * Sends a frame, or keeps it until the line is up, but no longer than `ttlMs`. Nothing changes its bytes from now on. `false`
   * after the end.
   * @throws {CouchwireError} `queue_full`, but not for what the SDK says on its own behalf (`isOwn`); `too_large`.
   */
  send(frame: Frame, { isOwn = false, ttlMs = Infinity }: LineSendOptions = {}): boolean {
    if (this.isClosed) return false;
    if (!isOwn) this.#volatile.flush();
    this.#link.send(frame, isOwn, performance.now() + ttlMs);
    this.#volatile.countOther();
    this.#sent(frame);
    return true;
  }

  /**
   * As `send`; but of the frames of this name that cannot go at once only the newest waits.
   * @throws {CouchwireError} `too_large`
   */
  sendVolatile(name: string, frame: Frame, { ttlMs = Infinity }: LineSendOptions = {}): boolean {
    if (this.isClosed) return false;
    checkFrameSize(frame, this.#maxFrameBytes);
    this.#volatile.add(name, frame, performance.now() + ttlMs);
    return true;
  }

  /** Gives the connection up and tries again after a back-off, as if the server had closed with this code. */
  retry(close: CloseReason): void {
    this.#connection.retry(close);
  }

  /** Leaves for good and tells the owner at once. Safe twice. */
  close(close: CloseReason): void {
    this.#connection.close(close);
  }

  /** Lets go of the line without an event; the server keeps the seat or the room. Safe twice. */
  detach(): void {
    this.#connection.detach();
    this.#end();
  }

  #received(frame: Frame): void {
    this.#liveness.heard();
    const incoming = this.#link.read(frame, performance.now());
    switch (incoming.is) {
      case "control":
        if (this.#link.hasUnconfirmed) this.#liveness.sent(); // it came, but what was sent is still to be heard of
        return;
      case "data":
        this.#acknowledgeSoon();
        return this.#owner.received(incoming.data);
      case "greeting":
        this.#connection.settle();
        this.#failures.end();
        this.#liveness.start();
        this.#volatile.flush();
        if (this.#link.hasUnconfirmed) this.#liveness.sent();
        return this.#owner.greeted(incoming.greeting);
      default:
        incoming satisfies never;
    }
  }

  #acknowledgeSoon(): void {
    if (!this.#link.owesAck) return;
    this.#ackTimer ??= setTimeout(() => {
      this.#ackTimer = undefined;
      this.#link.acknowledge();
    }, ACK_AFTER_MS);
  }

  #sendVolatileNow(frame: Frame, expiresAt: number): boolean {
    try {
      this.#link.send(frame, false, expiresAt);
    } catch {
      return false; // no room: what is volatile may go
    }
    this.#sent(frame);
    return true;
  }

  #sent(frame: Frame): void {
    if (!this.isUp) return;
    this.#liveness.sent();
    this.#rate?.count(frame);
  }

  #lost(retry: Retry): void {
    const wasUp = this.isUp;
    this.#down();
    this.#owner.lost(retry, wasUp);
    if (!wasUp) this.#failures.failed(retry);
  }

  #closed(close: CloseReason): void {
    this.#end();
    this.#owner.closed(close);
  }

  #end(): void {
    this.#down();
    this.#failures.end();
    this.#letSleep();
  }

  #down(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    this.#liveness.stop();
    this.#volatile.stop();
    this.#link.down();
  }
}
