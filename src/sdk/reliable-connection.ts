/** A connection to the server that outlives its sockets: each frame that is sent at one end arrives at the other once, and in order. */
import { ClockSampling } from "./clock-sampling.ts";
import type { GameNotice } from "../protocol/reliable/control-frames.ts";
import { ConnectFailures, type ConnectFailure } from "./connect-failure.ts";
import {
  ReconnectingSocket,
  CUT,
  type CloseReason,
  type ConnectionTarget,
  type LostCause,
  type Retry,
} from "./reconnecting-socket.ts";
import { ReliableSession, type ResumeResult } from "./reliable-session.ts";
import { checkFrameSize, type Frame, type OutboxOptions } from "./outbox.ts";
import { playgroundAgent } from "./playground.ts";
import { RoomClock } from "./room-clock.ts";
import { newSecret } from "./session.ts";
import { SendRate } from "./send-rate.ts";
import { TokenRenewal } from "./token-renewal.ts";
import type { TokenSource } from "./token-source.ts";
import { LivenessMonitor } from "./liveness-monitor.ts";
import type { Environment } from "./environment.ts";
import { VolatileSender, type VolatilePace } from "./volatile-sender.ts";

export interface ReliableConnectionPlan extends OutboxOptions {
  /** The server's address over HTTP: for messages, and to ask the server why no WebSocket opens. */
  readonly server: string;
  /** Where to connect to. Asked before each attempt, for it may have changed. */
  readonly target: () => Endpoint | PromiseLike<Endpoint>;
  /** Where newer tokens come from while the connection is open. @default there are none */
  readonly token?: TokenSource | undefined;
  /** Milliseconds the server may take to answer. */
  readonly pongTimeoutMs: number;
  /** How fast a player may send; a host has no pace. */
  readonly pace?: VolatilePace;
  /** The server is asked for a place among the watchers, who say votes alone. @default false */
  readonly isWatcher?: boolean;
  /** Tells the developer something. */
  readonly warn: (sentence: string) => void;
}

export interface Endpoint {
  /** Without a query. */
  readonly address: string;
  readonly query: Readonly<Record<string, string>>;
  /** As `ConnectionTarget` has them. */
  readonly secrets: readonly string[];
}

/** How a frame is sent. */
export interface FrameSendOptions {
  /** The SDK sends it on its own behalf. */
  readonly isOwn?: boolean;
  /** Milliseconds that it may wait before it is first written. */
  readonly ttlMs?: number;
}

/** Is told what happens. After `closed` nothing more comes. */
export interface ReliableConnectionOwner {
  /** The connection is up. What waited here is on its way; what waited on the server follows. */
  greeted(greeting: ResumeResult): void;
  received(frame: Frame): void;
  /** No seat is free: the connection waits for one, at this place of the line, from 1. */
  queued?(position: number): void;
  /** The connection is up, and watches: `vote` alone says something. */
  watching?(): void;
  /** A message was not passed on, and why. */
  refused?(reason: string): void;
  /** The room is another game's, and nothing more comes to this page. */
  game?(notice: GameNotice): void;
  /** The connection is down, or an attempt to get it back has failed. */
  lost(retry: Retry, wasUp: boolean): void;
  /** Why an attempt failed, told when it is known. */
  connecting(failure: ConnectFailure): void;
  closed(close: CloseReason): void;
}

/** A server that does not take a watcher in says so at once. One that does says nothing. */
export const REFUSED_WITHIN_MS = 250;

/** How long frames may go unacknowledged where no more of them come. */
export const ACK_AFTER_MS = 500;

export class ReliableConnection {
  readonly #owner: ReliableConnectionOwner;
  readonly #session: ReliableSession;
  readonly #liveness: LivenessMonitor;
  readonly #connection: ReconnectingSocket;
  readonly #failures: ConnectFailures;
  readonly #letSleep: () => void;
  readonly #volatile: VolatileSender;
  readonly #rate: SendRate | undefined;
  readonly #maxFrameBytes: number;
  readonly #clock = new RoomClock();
  readonly #sampling: ClockSampling;
  readonly #renewal: TokenRenewal;
  /** The server of the moment says what time it is. */
  #tellsTime = false;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #isWatcher: boolean;
  /** Runs while a watcher may still be refused. */
  #watchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(plan: ReliableConnectionPlan, owner: ReliableConnectionOwner, environment: Environment) {
    this.#owner = owner;
    this.#maxFrameBytes = plan.maxFrameBytes;
    this.#isWatcher = plan.isWatcher === true;
    this.#session = new ReliableSession(plan, (frame) => this.#connection.send(frame));
    this.#sampling = new ClockSampling(this.#clock, () => this.#session.askTime());
    this.#renewal = new TokenRenewal(plan.token, (token) => this.#session.showToken(token), plan.warn);
    this.#liveness = new LivenessMonitor({
      ask: () => this.#session.ask(),
      onDead: () => this.#connection.retry(CUT),
      pongTimeoutMs: plan.pongTimeoutMs,
      isVisible: environment.isVisible,
    });
    this.#volatile = new VolatileSender({
      pace: plan.pace,
      limitBytes: plan.limitBytes,
      isOpen: () => this.isUp && this.#connection.isOpen,
      send: (frame, expiresAt) => this.sendVolatileNow(frame, expiresAt),
    });
    this.#rate = plan.pace === undefined ? undefined : new SendRate(plan.warn);
    this.#failures = new ConnectFailures({
      address: plan.server,
      tell: (failure) => owner.connecting(failure),
      warn: plan.warn,
    });
    const connectionOwner = {
      opened: () => {
        if (this.#isWatcher) this.#watchTimer = setTimeout(() => this.watch(), REFUSED_WITHIN_MS);
      },
      received: (frame: Frame) => this.onFrame(frame),
      lost: (retry: Retry, cause?: LostCause) => this.onLost(retry, cause),
      closed: (close: CloseReason) => this.onClosed(close),
      woke: () => this.onWoke(),
      // Another page may have taken this one's place: under its old name this page would be refused as stale.
      restored: () => void (page = newSecret()),
    };
    let page = newSecret();
    let attempts = 0;
    // The number tells a stale attempt, which a later one overtook, from a page that is opened again.
    const targetAt = ({ address, query, secrets }: Endpoint): ConnectionTarget => {
      const whole = new URLSearchParams({ ...query, ...this.#session.resumption, attempt: `${page}.${++attempts}` });
      return { address: `${address}?${whole}`, secrets };
    };
    const agent = playgroundAgent(plan.server);
    const target = (): ConnectionTarget | PromiseLike<ConnectionTarget> => {
      const endpoint = agent === undefined ? plan.target() : agent.then(() => plan.target());
      return "then" in endpoint ? endpoint.then(targetAt) : targetAt(endpoint);
    };
    this.#connection = new ReconnectingSocket(target, connectionOwner, environment);
    this.#letSleep = environment.keepAwake();
  }

  get isUp(): boolean {
    return this.#session.isUp;
  }

  /** Whether the connection is up, and watches. */
  get isWatching(): boolean {
    return this.#session.isWatching;
  }

  get isClosed(): boolean {
    return this.#connection.isClosed;
  }

  /** Whether the server may know of this connection. */
  get hasReachedServer(): boolean {
    return this.#connection.hasReachedServer;
  }

  /** The number of the last frame that was received. */
  get received(): number {
    return this.#session.received;
  }

  /** Whether the server tells its time: one of 0.2 or newer. */
  get isClockTold(): boolean {
    return this.#tellsTime;
  }

  /** The room's clock in whole milliseconds since 1970; until the server has told it, this device's. It does not go back once it was told. */
  get now(): number {
    return Math.round(this.#clock.now(performance.now(), Date.now()));
  }

  /**
   * Sends a frame, or keeps it until the connection is up, but no longer than `ttlMs`. Nothing changes its bytes from now on. `false`
   * after the end.
   * @throws {CouchwireError} `queue_full`, but not for what the SDK sends on its own behalf (`isOwn`); `too_large`.
   */
  send(frame: Frame, { isOwn = false, ttlMs = Infinity }: FrameSendOptions = {}): boolean {
    if (this.isClosed || this.isMute) return false;
    if (!isOwn) this.#volatile.flush();
    this.#session.send(frame, isOwn, performance.now() + ttlMs);
    this.#volatile.countOther();
    this.noteSent(frame);
    return true;
  }

  /**
   * As `send`; but of the frames of this name that cannot go at once only the newest waits.
   * @throws {CouchwireError} `too_large`
   */
  sendVolatile(name: string, frame: Frame, { ttlMs = Infinity }: FrameSendOptions = {}): boolean {
    if (this.isClosed || this.isMute) return false;
    checkFrameSize(frame, this.#maxFrameBytes);
    this.#volatile.add(name, frame, performance.now() + ttlMs);
    return true;
  }

  /** Says a watcher's vote; `false` where the connection does not watch now. */
  vote(text: string): boolean {
    if (!this.isWatching) return false;
    this.#session.vote(text);
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

  /** Ends the connection without an event; the server keeps the seat or the room. Safe twice. */
  detach(): void {
    this.#connection.detach();
    this.end();
  }

  /** What a watcher says would count as a vote. */
  private get isMute(): boolean {
    return this.#isWatcher || this.isWatching;
  }

  /** The server has taken the connection in as a watcher's. */
  private watch(): void {
    clearTimeout(this.#watchTimer);
    this.#connection.hold();
    this.#failures.end();
    this.#session.watch();
    this.#owner.watching?.();
  }

  private onFrame(frame: Frame): void {
    this.#liveness.heard();
    if (this.#isWatcher && !this.isWatching) this.watch();
    const incoming = this.#session.read(frame, performance.now());
    switch (incoming.is) {
      case "control":
        return this.awaitAck();
      case "data":
        this.awaitAck();
        this.acknowledgeSoon();
        return this.#owner.received(incoming.data);
      case "refused":
        return this.#owner.refused?.(incoming.reason);
      case "time":
        return this.#sampling.heard(incoming.now);
      case "game":
        return this.#owner.game?.(incoming.game);
      case "shown":
        return this.#owner.received(incoming.data);
      case "watching":
        return this.watch();
      case "queued":
        this.#connection.hold();
        this.#failures.end();
        this.#liveness.start();
        return this.#owner.queued?.(incoming.position);
      case "token":
        return this.#renewal.answered(incoming.answer);
      case "greeting":
        this.#connection.settle();
        this.#failures.end();
        this.#liveness.start();
        this.#volatile.flush();
        this.awaitAck();
        this.setClock(incoming.greeting.hello.now);
        this.#renewal.start(incoming.greeting.hello.expires_ms);
        return this.#owner.greeted(incoming.greeting);
      default:
        incoming satisfies never;
    }
  }

  private setClock(now: number | undefined): void {
    this.#tellsTime = now !== undefined;
    if (now === undefined) return;
    this.#clock.add({ askedAt: undefined, heardAt: performance.now(), now });
    this.#sampling.start();
  }

  /** While the page slept its own clock may have stood still. */
  private onWoke(): void {
    this.#liveness.wake();
    if (this.isUp && this.#tellsTime) this.#sampling.start();
  }

  /** What was heard last may have been said before the line died: as long as frames are to be acknowledged, the server has to say something. */
  private awaitAck(): void {
    if (this.#session.hasUnconfirmed) this.#liveness.sent();
  }

  private acknowledgeSoon(): void {
    if (!this.#session.owesAck) return;
    this.#ackTimer ??= setTimeout(() => {
      this.#ackTimer = undefined;
      this.#session.acknowledge();
    }, ACK_AFTER_MS);
  }

  private sendVolatileNow(frame: Frame, expiresAt: number): boolean {
    try {
      this.#session.send(frame, false, expiresAt);
    } catch {
      return false; // no room: a volatile frame may be dropped
    }
    this.noteSent(frame);
    return true;
  }

  private noteSent(frame: Frame): void {
    if (!this.isUp) return;
    this.#liveness.sent();
    this.#rate?.count(frame);
  }

  private onLost(retry: Retry, cause?: LostCause): void {
    const wasUp = this.isUp || this.isWatching;
    this.down();
    this.#owner.lost(retry, wasUp);
    if (!wasUp) this.#failures.failed(retry, cause);
  }

  private onClosed(close: CloseReason): void {
    this.end();
    this.#owner.closed(close);
  }

  private end(): void {
    this.down();
    this.#failures.end();
    this.#letSleep();
  }

  private down(): void {
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#watchTimer);
    this.#ackTimer = undefined;
    this.#liveness.stop();
    this.#sampling.stop();
    this.#renewal.stop();
    this.#volatile.stop();
    this.#session.down();
  }
}
