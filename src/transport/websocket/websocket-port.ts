/** A WebSocket as a port of a room: frames in and out, pings and pongs, and how it ends (RFC 6455). */
import type { Duplex } from "node:stream";
import { CLOSE_CODES, type CloseName } from "../../protocol/close-codes.ts";
import type { PlayerPort } from "../../room/ports.ts";
import type { Deferring, EventLoopTurn } from "./event-loop-turn.ts";
import { closePayload, OPCODE } from "./frame.ts";
import { FrameReader, type FrameFault, type FrameListener } from "./frame-reader.ts";
import { readSocket, type SocketOwner } from "./socket-reader.ts";
import { FrameWriter, type WriterOwner } from "./frame-writer.ts";
import { PingQuestions } from "./ping-questions.ts";

/** Whom a port tells. */
export interface PortOwner {
  /** A message; none comes after `close`. */
  onMessage(data: Uint8Array, isText: boolean): void;
  /** A read is over, and a frame or a message has begun that is not: more of what the peer says is on its way. */
  onPart(): void;
  /** All that was sent has left this process, after some of it had to wait. */
  onDrained(): void;
  /** The peer has confirmed that so many frames arrived. */
  onConfirmed(count: number): void;
  /** The peer says goodbye, with that code, or has gone without, or said what nobody can read. May be called twice. */
  onGone(how: number | FrameFault | undefined): void;
  /** There is no connection any more. Called once, at last. */
  onEnded(): void;
}

export interface WebSocketPortOptions {
  /** Bytes in one message. */
  readonly maxPayload: number;
  readonly turn: EventLoopTurn;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** How long a peer may take to answer a Close, and to hang up. */
const CLOSE_TIMEOUT_MS = 5_000;

const NO_PAYLOAD = new Uint8Array(0);

/**
 * Serves as `PlayerPort` and as `HostPort`. It also remembers whether anything was heard of its peer, for the
 * heartbeat to look at.
 */
export class WebSocketPort implements PlayerPort, SocketOwner, FrameListener, WriterOwner, Deferring {
  readonly #stream: Duplex;
  readonly #owner: PortOwner;
  readonly #options: WebSocketPortOptions;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  #isClosing = false;
  #hasSentClose = false;
  #closeTimer: NodeJS.Timeout | undefined;
  readonly #questions: PingQuestions;
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

  /** `stream` has been upgraded; `head` is what the peer has said behind its request. */
  constructor(stream: Duplex, head: Buffer, owner: PortOwner, options: WebSocketPortOptions) {
    this.#stream = stream;
    this.#owner = owner;
    this.#options = options;
    this.#questions = new PingQuestions(options.now);
    this.#reader = new FrameReader(this, options.maxPayload);
    this.#writer = new FrameWriter(stream, options.turn, this);
    if (head.length > 0) stream.unshift(head);
    readSocket(stream, this);
  }

  /** Says that this is a WebSocket from now on, before anything else is said. */
  open(answer: Uint8Array): void {
    this.#writer.open(answer);
  }

  /** The stream's next bytes. */
  onData(chunk: Uint8Array): void {
    const { turn } = this.#options;
    this.wasHeard = true;
    this.bytesHeard += chunk.length;
    turn.beginRead(this.#reader);
    try {
      this.#reader.read(chunk);
    } finally {
      turn.endRead(); // or what is held would wait for somebody else's read
    }
    if (this.#reader.isAmid && !this.#isClosing) this.#owner.onPart();
  }

  /** The stream's other end has said all it had to say. */
  onEnd(): void {
    this.#owner.onGone(undefined);
    this.#writer.end();
  }

  /** There is no stream any more. */
  onSocketClosed(): void {
    clearTimeout(this.#closeTimer);
    this.#reader.stop();
    this.#owner.onGone(undefined);
    this.#owner.onEnded();
  }

  get queued(): number {
    return this.#writer.queued;
  }

  get isBusy(): boolean {
    return this.#writer.isBusy;
  }

  get rtt(): number | undefined {
    return this.#questions.rtt;
  }

  /** The room has let go of this peer: what it still says is nobody's business. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  send(data: Uint8Array, isText: boolean): void {
    this.#send(isText ? OPCODE.text : OPCODE.binary, data);
  }

  sendParts(head: Uint8Array, data: Uint8Array): void {
    this.#send(OPCODE.binary, data, head);
  }

  sendAhead(data: Uint8Array, isText: boolean): void {
    if (!this.#isClosing) this.#writer.sendAhead(isText ? OPCODE.text : OPCODE.binary, data);
  }

  close(name: CloseName, reason: string = CLOSE_CODES[name].reason): void {
    if (this.#isClosing) return;
    this.resume(); // or the peer's own Close would never be read
    this.#sendClose(CLOSE_CODES[name].code, reason);
  }

  pause(): void {
    this.isPaused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.#stream.resume();
  }

  confirm(count: number): void {
    this.#ping(this.#questions.confirm(count));
  }

  /** A ping that measures the way. By when its pong has to be here is the heartbeat's business, and only for its own. */
  probe(): void {
    this.#ping(this.#questions.probe());
  }

  /** For the heartbeat alone: a ping of its own, at once. The one after it is due after so many milliseconds. */
  ping(intervalMs: number): void {
    this.#notePing(intervalMs);
    this.probe();
    this.isPingStuck = this.queued > 0;
  }

  /** As `ping`, but in one write with what is sent next, since a write of its own is nearly all that a ping costs (row `audience`). Where that only waits, it is no company. */
  pingWithNext(intervalMs: number): void {
    this.#pingWithNextMs = intervalMs;
  }

  /** Cuts the line without a goodbye, for peers that would not hear it. */
  terminate(): void {
    this.#isClosing = true;
    this.#stream.destroy();
  }

  onDrained(): void {
    this.onTurnEnd();
    this.#owner.onDrained();
  }

  onMessage(data: Uint8Array, isText: boolean): void {
    if (!this.#isClosing) this.#owner.onMessage(data, isText);
  }

  /**
   * One answer a read, and none while the line takes no more; then the newest ping's is next, as RFC 6455 (5.5.3) allows: or
   * one who only asks and never reads could fill the memory with answers.
   */
  onPing(payload: Buffer): void {
    if (this.#pongedIn === this.#options.turn.event || this.#writer.queued > 0) {
      if (this.#owedPong === undefined) this.#options.turn.atEnd(this);
      this.#owedPong = Buffer.from(payload);
    } else {
      this.#pong(payload);
    }
  }

  onTurnEnd(): void {
    const owed = this.#owedPong;
    if (owed === undefined || this.#writer.queued > 0) return;
    this.#owedPong = undefined;
    this.#pong(owed);
  }

  onPong(payload: Buffer): void {
    this.unanswered = 0;
    const confirmed = this.#questions.answer(payload);
    if (confirmed !== undefined) this.#owner.onConfirmed(confirmed);
  }

  /** The peer's Close is answered with its own code; then the server hangs up first (RFC 6455, section 7.1.1). */
  onClose(code: number | undefined): void {
    this.#sendClose(code, "");
    this.#writer.end();
    this.#owner.onGone(code);
  }

  /** The peer is told what was wrong, and the server hangs up first, or one who does as told would wait for the deadline. */
  onFault(fault: FrameFault): void {
    this.#sendClose(CLOSE_CODES[fault].code, CLOSE_CODES[fault].reason);
    this.#writer.end();
    this.resume(); // what still comes is read and thrown away, or our Close might never arrive
    this.#owner.onGone(fault);
  }

  #sendClose(code: number | undefined, reason: string): void {
    if (this.#hasSentClose) return;
    this.#hasSentClose = true;
    this.#isClosing = true;
    this.#writer.send(OPCODE.close, code === undefined ? NO_PAYLOAD : closePayload(code, reason));
    this.#closeTimer = setTimeout(() => this.#stream.destroy(), CLOSE_TIMEOUT_MS);
  }

  /** One that leaves before it is due does not make the next one due any sooner. */
  #notePing(intervalMs: number): void {
    this.#pingWithNextMs = 0;
    this.pingAt = Math.max(this.pingAt, Math.round(this.#options.now())) + intervalMs;
    this.unanswered += 1;
    this.bytesHeard = 0;
  }

  #send(opcode: number, data: Uint8Array, lead?: Uint8Array): void {
    if (this.#isClosing) return;
    const hasCompany = this.#pingWithNextMs > 0 && this.#writer.queued === 0;
    if (hasCompany) {
      this.#notePing(this.#pingWithNextMs);
      this.#writer.sendAhead(OPCODE.ping, this.#questions.probe());
    }
    this.#writer.send(opcode, data, lead);
    if (hasCompany) this.isPingStuck = this.queued > 0;
  }

  #ping(payload: Uint8Array): void {
    if (!this.#isClosing) this.#writer.send(OPCODE.ping, payload);
  }

  #pong(payload: Buffer): void {
    this.#pongedIn = this.#options.turn.event;
    if (!this.#isClosing) this.#writer.send(OPCODE.pong, payload);
  }
}
