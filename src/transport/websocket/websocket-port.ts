/** A WebSocket as a port of a room: frames in and out, pings and pongs, and how it ends (RFC 6455). */
import { CLOSE_CODES, type CloseName } from "../../protocol/close-codes.ts";
import type { PlayerPort } from "../../room/ports.ts";
import type { EngineSocket, FrameFault, SocketListener } from "./engine.ts";
import { PingFlood } from "./ping-flood.ts";
import { PingTracker } from "./ping-tracker.ts";
import type { Deferring, WriteScheduler } from "./write-scheduler.ts";

/** Whom a port tells. */
export interface PortOwner {
  /** A message; none comes after `close`. */
  onMessage(data: Uint8Array, isText: boolean): void;
  /** A read is over in the middle of a message: more of it is on its way. */
  onPart(): void;
  /** All that was sent has left this process, after some of it had to wait. */
  onDrained(): void;
  /** The peer has confirmed that so many frames arrived. */
  onConfirmed(count: number): void;
  /** The peer has closed with that code, or has gone without one, or has broken the protocol. May be called twice. */
  onGone(how: number | FrameFault | undefined): void;
  /** The peer pings far too often, or sends pongs that were not asked for. */
  onPingFlood(): void;
  /** There is no connection any more. Called once, last. */
  onEnded(): void;
}

export interface WebSocketPortOptions {
  readonly scheduler: WriteScheduler;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** How long a peer may take to answer a Close, and to hang up. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Serves as `PlayerPort` and as `HostPort`. It also remembers whether anything was heard of its peer, for the
 * heartbeat to look at.
 */
export class WebSocketPort implements PlayerPort, SocketListener, Deferring {
  readonly #socket: EngineSocket;
  readonly #owner: PortOwner;
  readonly #options: WebSocketPortOptions;
  #isClosing = false;
  #hasSentClose = false;
  #closeTimer: NodeJS.Timeout | undefined;
  readonly #pings: PingTracker;
  /** Made for the first ping, or pong that was not asked for: browsers send neither. */
  #pingFlood: PingFlood | undefined;
  /** Pings that were sent and have had no pong of their own. */
  #pongsToCome = 0;
  #pongedIn = -1;
  /** A ping that waits to be answered. */
  #owedPong: Buffer | undefined;

  /** Anything has come since the heartbeat last looked. */
  wasHeard = true;
  /** Bytes that have come since the heartbeat's last ping. */
  bytesHeard = 0;
  /** We do not read from this peer, so its silence says nothing about it. */
  isPaused = false;
  /** For the heartbeat alone: its last ping had to wait, since the socket did not take it. */
  isPingStuck = false;
  /** Pings of the heartbeat that are out, and no pong has come since. */
  unanswered = 0;
  /** For the heartbeat alone: when anything was heard last, and when the next ping is due. */
  heardAt = 0;
  pingAt = 0;
  /** A ping is to leave with what is sent next, and the one after it is due so many milliseconds later; 0 where there is none. */
  #pingWithNextMs = 0;

  /** `accept` hands the connection to an engine, which tells this port what comes. */
  constructor(owner: PortOwner, options: WebSocketPortOptions, accept: (listener: SocketListener) => EngineSocket) {
    this.#owner = owner;
    this.#options = options;
    this.#pings = new PingTracker(options.now);
    this.#socket = accept(this);
  }

  onBytes(count: number): void {
    this.wasHeard = true;
    this.bytesHeard += count;
  }

  onPart(): void {
    if (!this.#isClosing) this.#owner.onPart();
  }

  onEnd(): void {
    this.#owner.onGone(undefined);
    this.#socket.end();
  }

  onSocketClosed(): void {
    clearTimeout(this.#closeTimer);
    this.#owner.onGone(undefined);
    this.#owner.onEnded();
  }

  get queued(): number {
    return this.#socket.queued;
  }

  get isBusy(): boolean {
    return this.#socket.isBusy;
  }

  get rtt(): number | undefined {
    return this.#pings.rtt;
  }

  /** The room has let go of this peer: what it still says is not passed on. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  send(data: Uint8Array, isText: boolean): void {
    this.#send(data, isText);
  }

  sendParts(head: Uint8Array, data: Uint8Array, isText = false): void {
    this.#send(data, isText, head);
  }

  sendCorked(data: Uint8Array, isText: boolean): void {
    if (!this.#isClosing) this.#socket.sendCorked(data, isText);
  }

  close(name: CloseName, reason: string = CLOSE_CODES[name].reason): void {
    if (this.#isClosing) return;
    this.resume(); // or the peer's own Close would never be read
    // The line that takes its place is sent all of it again.
    if (name === "replaced") this.#socket.dropQueue();
    this.#sendClose(CLOSE_CODES[name].code, reason);
  }

  pause(): void {
    if (this.#isClosing) return; // the peer's own Close has to be read
    this.isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.#socket.resume();
  }

  confirm(count: number): void {
    this.#ping(this.#pings.confirm(count));
  }

  /** A ping that measures the way. By when its pong has to be here is the heartbeat's business, and only for its own. */
  probe(): void {
    this.#ping(this.#pings.probe());
  }

  /** For the heartbeat alone: a ping of its own, at once. The one after it is due after so many milliseconds. */
  ping(intervalMs: number): void {
    this.#notePing(intervalMs);
    this.probe();
    this.isPingStuck = this.queued > 0;
  }

  /** As `ping`, but in one write with what is sent next, since a write of its own is most of what a ping costs. Not while the socket is backed up. */
  pingWithNext(intervalMs: number): void {
    this.#pingWithNextMs = intervalMs;
  }

  /** As `close`, for a peer whose queue takes up too much memory: what still waits is dropped. */
  closeAndDrop(name: CloseName): void {
    this.#socket.dropQueue();
    this.close(name);
  }

  /** Cuts the line without a goodbye, for peers that would not hear it. */
  terminate(): void {
    this.#isClosing = true;
    this.#socket.terminate();
  }

  onDrained(): void {
    this.onTurnEnd();
    this.#owner.onDrained();
  }

  onMessage(data: Uint8Array, isText: boolean): void {
    if (!this.#isClosing) this.#owner.onMessage(data, isText);
  }

  /**
   * One answer a read, and none while the socket is backed up; then the newest ping is answered, as RFC 6455 (5.5.3) allows. Otherwise a
   * peer that only asks and never reads could fill the memory with answers.
   */
  onPing(payload: Buffer): void {
    if (this.#isFlood()) return;
    if (this.#pongedIn === this.#options.scheduler.event || this.#socket.queued > 0) {
      if (this.#owedPong === undefined) this.#options.scheduler.atEnd(this);
      this.#owedPong = Buffer.from(payload);
    } else {
      this.#pong(payload);
    }
  }

  onTurnEnd(): void {
    const owed = this.#owedPong;
    if (owed === undefined || this.#socket.queued > 0) return;
    this.#owedPong = undefined;
    this.#pong(owed);
  }

  onPong(payload: Buffer): void {
    if (this.#pongsToCome > 0) this.#pongsToCome -= 1;
    else if (this.#isFlood()) return;
    this.unanswered = 0;
    const confirmed = this.#pings.answer(payload);
    if (confirmed !== undefined) this.#owner.onConfirmed(confirmed);
  }

  /** The peer's Close is answered with its own code; then the server hangs up first (RFC 6455, section 7.1.1). */
  onClose(code: number | undefined): void {
    this.#sendClose(code, "");
    this.#socket.end();
    this.#owner.onGone(code);
  }

  /** The peer is told what was wrong, and the server hangs up first: nothing that the peer still says is read. */
  onFault(fault: FrameFault): void {
    this.#sendClose(CLOSE_CODES[fault].code, CLOSE_CODES[fault].reason);
    this.#socket.end();
    this.resume(); // what still comes is read and thrown away, or our Close might never arrive
    this.#owner.onGone(fault);
  }

  #sendClose(code: number | undefined, reason: string): void {
    if (this.#hasSentClose) return;
    this.#hasSentClose = true;
    this.#isClosing = true;
    this.#socket.close(code, reason);
    this.#closeTimer = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
  }

  /** Whether the ping, or the pong that was not asked for, which has just come is one too many. The peer is closed then. */
  #isFlood(): boolean {
    this.#pingFlood ??= new PingFlood(this.#options.now);
    const isFlood = this.#pingFlood.add();
    if (isFlood && !this.#isClosing) this.#owner.onPingFlood();
    return isFlood;
  }

  /** One that leaves before it is due does not make the next one due any sooner. */
  #notePing(intervalMs: number): void {
    this.#pingWithNextMs = 0;
    this.pingAt = Math.max(this.pingAt, Math.round(this.#options.now())) + intervalMs;
    this.unanswered += 1;
    this.bytesHeard = 0;
  }

  #send(data: Uint8Array, isText: boolean, head?: Uint8Array): void {
    if (this.#isClosing) return;
    const hasCompany = this.#pingWithNextMs > 0 && this.#socket.queued === 0;
    if (hasCompany) {
      this.#notePing(this.#pingWithNextMs);
      this.#pongsToCome += 1;
      this.#socket.pingCorked(this.#pings.probe());
    }
    this.#socket.send(data, isText, head);
    if (hasCompany) this.isPingStuck = this.queued > 0;
  }

  #ping(payload: Uint8Array): void {
    if (this.#isClosing) return;
    this.#pongsToCome += 1;
    this.#socket.ping(payload);
  }

  #pong(payload: Buffer): void {
    this.#pongedIn = this.#options.scheduler.event;
    if (!this.#isClosing) this.#socket.pong(payload);
  }
}
