/** A WebSocket as a connection: frames in and out, pings and pongs, and how it ends (RFC 6455). */
import { CLOSE_CODES, fitCloseReason, type CloseName } from "../../protocol/close-codes.ts";
import type { MemoryAccount } from "../../room/memory-budget.ts";
import type { ConnectionHandler } from "../../room/ports.ts";
import { Connection, type ConnectionOwner } from "../connection.ts";
import { PingFlood } from "../ping-flood.ts";
import type { EngineSocket, FrameFault, SocketListener } from "./engine.ts";
import { PingTracker } from "./pings.ts";
import type { Deferring, WriteScheduler } from "./write-scheduler.ts";

/** Hands the socket to an engine, which tells the listener what comes. */
export type AcceptSocket = (listener: SocketListener, memory: MemoryAccount) => EngineSocket;

/** What a page sends that closes on purpose; one that is reloaded or navigates away sends 1001 or no code. */
const LEFT_ON_PURPOSE = 1000;

export class WebSocketConnection extends Connection implements SocketListener, Deferring {
  readonly #socket: EngineSocket;
  readonly #scheduler: WriteScheduler;
  readonly #now: () => number;
  readonly #pings: PingTracker;
  #hasSentClose = false;
  /** Made for the first ping, or pong that was not asked for: browsers send neither. */
  #pingFlood: PingFlood | undefined;
  /** Pings that were sent and have had no pong of their own. */
  #pongsToCome = 0;
  #pongedIn = -1;
  /** A ping that waits to be answered. */
  #owedPong: Buffer | undefined;
  /** A ping is to leave with what is sent next, and the one after it is due so many milliseconds later; 0 where there is none. */
  #pingWithNextMs = 0;

  /** Throws where the engine cannot take the socket. */
  constructor(owner: ConnectionOwner, scheduler: WriteScheduler, accept: AcceptSocket) {
    super(owner);
    this.#scheduler = scheduler;
    this.#now = owner.now;
    this.#pings = new PingTracker(owner);
    try {
      this.#socket = accept(this, this.memory);
    } catch (error) {
      this.memory.close(); // there is no connection whose end would do it
      throw error;
    }
  }

  onBytes(count: number): void {
    this.tellBytes(count);
  }

  onMessage(data: Uint8Array, isText: boolean): void {
    this.tellMessage(data, isText);
  }

  onPart(): void {
    this.tellPart();
  }

  onEnd(): void {
    this.tellGone("cut");
    this.#socket.end();
  }

  onSocketClosed(): void {
    this.tellGone("cut");
    this.tellEnded();
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

  send(data: Uint8Array, isText: boolean): void {
    this.#send(data, isText);
  }

  override sendParts(head: Uint8Array, data: Uint8Array, isText = false): void {
    this.#send(data, isText, head);
  }

  override sendCorked(data: Uint8Array, isText: boolean): void {
    if (!this.isClosing) this.#socket.sendCorked(data, isText);
  }

  close(name: CloseName, reason: string = CLOSE_CODES[name].reason): void {
    if (this.isClosing) return;
    this.readToEnd(); // or the peer's own Close would never be read
    // The connection that takes its place is sent all of it again.
    if (name === "replaced") this.#socket.dropQueue();
    const lastWord = this.farewell?.(name, reason);
    if (lastWord !== undefined) this.#send(lastWord.data, lastWord.isText);
    this.#sendClose(CLOSE_CODES[name].code, fitCloseReason(reason));
  }

  protected stopReading(): void {
    this.#socket.pause();
  }

  protected startReading(): void {
    this.#socket.resume();
  }

  confirm(count: number): void {
    this.#ping(this.#pings.confirm(count));
  }

  /** A ping that measures the way. The heartbeat decides by when the pong has to come, and only for its own pings. */
  probe(): void {
    this.#ping(this.#pings.probe());
  }

  /** In one write with what is sent next, since a write of its own is most of what a ping costs. Not while the socket is backed up. */
  override pingWithNext(intervalMs: number): void {
    this.#pingWithNextMs = intervalMs;
  }

  override letIn(handler: ConnectionHandler): void {
    super.letIn(handler);
    this.onTurnEnd();
  }

  override closeAndDrop(name: CloseName): void {
    this.#socket.dropQueue();
    this.close(name);
  }

  terminate(): void {
    this.isClosing = true;
    this.#socket.terminate();
  }

  onDrained(): void {
    this.onTurnEnd();
    this.tellDrained();
  }

  /**
   * One answer a read, and none while the socket is backed up; then the newest ping is answered, as RFC 6455 (5.5.3) allows. Otherwise a
   * peer that only asks and never reads could fill the memory with answers. A peer whose admission is undecided is answered when it is let in, since
   * the answer tells it that.
   */
  onPing(payload: Buffer): void {
    if (this.#isFlood()) return;
    if (this.isHeld || this.#pongedIn === this.#scheduler.event || this.#socket.queued > 0) {
      if (this.#owedPong === undefined) this.#scheduler.atEnd(this);
      this.#owedPong = Buffer.from(payload);
    } else {
      this.#pong(payload);
    }
  }

  onTurnEnd(): void {
    const owed = this.#owedPong;
    if (owed === undefined || this.isHeld || this.#socket.queued > 0) return;
    this.#pong(owed);
  }

  onPong(payload: Buffer): void {
    if (this.#pongsToCome > 0) this.#pongsToCome -= 1;
    else if (this.#isFlood()) return;
    this.unanswered = 0;
    const confirmed = this.#pings.answer(payload);
    if (confirmed !== undefined) this.tellConfirmed(confirmed);
  }

  /** The peer's Close is answered with its own code; then the server hangs up first (RFC 6455, section 7.1.1). */
  onClose(code: number | undefined): void {
    this.#sendClose(code, "");
    this.#socket.end();
    this.tellGone(code === LEFT_ON_PURPOSE ? "left" : "cut");
  }

  /** The peer is told what was wrong, and the server hangs up first: nothing that the peer still says is read. */
  onFault(fault: FrameFault): void {
    this.#sendClose(CLOSE_CODES[fault].code, CLOSE_CODES[fault].reason);
    this.#socket.end();
    this.readToEnd(); // what still comes is read and thrown away, or our Close might never arrive
    this.tellGone(fault);
  }

  #sendClose(code: number | undefined, reason: string): void {
    if (this.#hasSentClose) return;
    this.#hasSentClose = true;
    this.beginClosing();
    this.#socket.close(code, reason);
  }

  /** Whether the ping, or the pong that was not asked for, which has just come is one too many. The peer is closed then. */
  #isFlood(): boolean {
    this.#pingFlood ??= new PingFlood(this.#now);
    const isFlood = this.#pingFlood.add();
    if (isFlood && !this.isClosing) this.end("rate_limited", this.handler?.ban());
    return isFlood;
  }

  protected override notePing(intervalMs: number): void {
    this.#pingWithNextMs = 0;
    super.notePing(intervalMs);
  }

  #send(data: Uint8Array, isText: boolean, head?: Uint8Array): void {
    if (this.isClosing) return;
    const hasCompany = this.#pingWithNextMs > 0 && this.#socket.queued === 0;
    if (hasCompany) {
      this.notePing(this.#pingWithNextMs);
      this.#pongsToCome += 1;
      this.#socket.pingCorked(this.#pings.probe());
    }
    this.#socket.send(data, isText, head);
    if (hasCompany) this.isPingStuck = this.queued > 0;
  }

  #ping(payload: Uint8Array): void {
    if (this.isClosing) return;
    this.#pongsToCome += 1;
    this.#socket.ping(payload);
  }

  #pong(payload: Buffer): void {
    this.#owedPong = undefined; // an older one that is answered later would be out of order
    this.#pongedIn = this.#scheduler.event;
    if (!this.isClosing) this.#socket.pong(payload);
  }
}
