/**
 * Writes a server's WebSocket frames to a socket. A system call is what a small frame costs most, so: a frame is written in
 * one piece with its head; the first frame that one read brings for a socket is written at once, and what that read, or another of the
 * same event-loop turn, brings it after that is gathered and written when the turn ends (rows `flood` and `echo` of docs/PERFORMANCE.md).
 */
import type { Duplex } from "node:stream";
import { compact } from "../../room/outbox.ts";
import type { Deferring, EventLoopTurn } from "./event-loop-turn.ts";
import { headBytes, writeHead } from "./frame.ts";

/** Payloads from this size on are not copied together with others, but handed over as they are. */
const LARGE_BYTES = 16_384;
/** The first and the largest buffer that small frames are gathered in. */
const FIRST_GATHER_BYTES = 1_024;
const MAX_GATHER_BYTES = 65_536;
const GATHER_GROWTH = 4;
const NOTHING = new Uint8Array(0);
/** What most writers have gathered most of the time; never filled. */
const NONE: Uint8Array[] = [];

export interface WriterOwner {
  /** All that was sent has left this process, after some of it had to wait. */
  onDrained(): void;
}

export class FrameWriter implements Deferring {
  readonly #stream: Duplex;
  readonly #turn: EventLoopTurn;
  readonly #owner: WriterOwner;
  /** The event in which the socket has had its write. */
  #writtenIn = -1;
  /** What is gathered: full buffers and large payloads, in order, then the buffer that is being filled. */
  #full: Uint8Array[] = NONE;
  #fullBytes = 0;
  #filling: Buffer | undefined;
  #filled = 0;
  #isGathering = false;
  /** The socket did not take all at once: what is gathered goes when it has. */
  #isBackedUp = false;
  #writesUnderWay = 0;
  #owesDrained = false;
  /** One function for all writes, so that following them costs no allocation. */
  readonly #onWritten = (error?: Error | null): void => {
    this.#writesUnderWay -= 1;
    if (this.#writesUnderWay > 0 || error) return; // what was cut has not drained
    if (this.#isBackedUp) {
      this.#isBackedUp = false;
      this.onTurnEnd();
      if (this.#writesUnderWay > 0) return;
    }
    if (!this.#owesDrained || this.#isGathering) return;
    this.#owesDrained = false;
    this.#owner.onDrained();
  };

  constructor(stream: Duplex, turn: EventLoopTurn, owner: WriterOwner) {
    this.#stream = stream;
    this.#turn = turn;
    this.#owner = owner;
  }

  /** Bytes that have to wait, since the socket did not take them. What only waits for the end of the turn does not count. */
  get queued(): number {
    const refused = this.#stream.writableLength;
    return refused > 0 || this.#isBackedUp ? refused + this.#fullBytes + this.#filled : 0;
  }

  /** The socket takes no more for now. */
  get isBusy(): boolean {
    return this.#isBackedUp || this.#stream.writableNeedDrain;
  }

  /** Sends one whole message, or a control frame: `lead`, then `payload`. Nobody changes them from now on. */
  send(opcode: number, payload: Uint8Array, lead: Uint8Array = NOTHING): void {
    if (this.#isGathering || this.#writtenIn === this.#turn.event || this.#stream.writableLength > 0) {
      this.#gather(opcode, lead, payload);
      return;
    }
    this.#writtenIn = this.#turn.event;
    if (payload.length >= LARGE_BYTES) {
      this.#gather(opcode, lead, payload); // two pieces, one system call
      this.#flush();
      return;
    }
    const bytes = lead.length + payload.length;
    const frame = Buffer.allocUnsafe(headBytes(bytes) + bytes);
    put(frame, 0, opcode, lead, payload);
    this.#write(frame);
    this.#noteRefused();
  }

  /** Sends what is gathered, and then the end of the stream. */
  end(): void {
    this.#flush();
    this.#stream.end();
  }

  onTurnEnd(): void {
    if (!this.#isGathering) return;
    // Only behind writes of our own: nobody tells us when the handshake has left.
    if (this.#writesUnderWay > 0 && this.#stream.writableLength > 0) this.#isBackedUp = true;
    else this.#flush();
  }

  #gather(opcode: number, lead: Uint8Array, payload: Uint8Array): void {
    if (!this.#isGathering) {
      this.#isGathering = true;
      this.#turn.atEnd(this);
    }
    const bytes = lead.length + payload.length;
    if (payload.length < LARGE_BYTES) {
      const buffer = this.#room(headBytes(bytes) + bytes);
      this.#filled = put(buffer, this.#filled, opcode, lead, payload);
    } else {
      const buffer = this.#room(headBytes(bytes) + lead.length);
      const at = writeHead(buffer, this.#filled, opcode, bytes);
      buffer.set(lead, at);
      this.#filled = at + lead.length;
      this.#closeFilling();
      this.#addFull(compact(payload)); // it may wait long, and with it all of the frame that it came in
    }
    if (this.#fullBytes + this.#filled >= MAX_GATHER_BYTES) this.#flushEarly();
  }

  /** A buffer that takes so many bytes more. */
  #room(bytes: number): Buffer {
    const filling = this.#filling;
    if (filling !== undefined && this.#filled + bytes <= filling.length) return filling;
    if (filling === undefined || this.#filled + bytes > MAX_GATHER_BYTES) {
      this.#closeFilling();
      this.#filling = Buffer.allocUnsafe(Math.max(FIRST_GATHER_BYTES, bytes));
      return this.#filling;
    }
    const wanted = Math.max(this.#filled + bytes, filling.length * GATHER_GROWTH);
    const larger = Buffer.allocUnsafe(Math.min(MAX_GATHER_BYTES, wanted));
    filling.copy(larger, 0, 0, this.#filled);
    this.#filling = larger;
    return larger;
  }

  #closeFilling(): void {
    if (this.#filling === undefined) return;
    this.#addFull(this.#filling.subarray(0, this.#filled));
    this.#filling = undefined;
    this.#filled = 0;
  }

  #addFull(bytes: Uint8Array): void {
    if (this.#full === NONE) this.#full = [bytes];
    else this.#full.push(bytes);
    this.#fullBytes += bytes.length;
  }

  /** Everything gathered, in one system call where there is one for it. */
  #flush(): void {
    if (!this.#isGathering) return;
    this.#isGathering = false;
    if (this.#full.length > 0) {
      this.#flushMany();
      return;
    }
    const gathered = this.#filling?.subarray(0, this.#filled);
    this.#filling = undefined;
    this.#filled = 0;
    if (gathered !== undefined) this.#write(gathered);
    this.#noteRefused();
  }

  /** A system call is nothing beside so many bytes, and they would only fill the memory. */
  #flushEarly(): void {
    if (this.#stream.writableLength === 0) this.#flush();
  }

  #flushMany(): void {
    this.#closeFilling();
    const pieces = this.#full;
    this.#full = NONE;
    this.#fullBytes = 0;
    this.#stream.cork();
    for (const piece of pieces) this.#write(piece);
    this.#stream.uncork();
    this.#noteRefused();
  }

  #noteRefused(): void {
    if (this.#stream.writableLength > 0) this.#owesDrained = true;
  }

  #write(bytes: Uint8Array): void {
    this.#writesUnderWay += 1;
    this.#stream.write(bytes, this.#onWritten);
  }
}

/** Writes a whole frame and returns where it ends. */
function put(buffer: Buffer, at: number, opcode: number, lead: Uint8Array, payload: Uint8Array): number {
  const leadAt = writeHead(buffer, at, opcode, lead.length + payload.length);
  const payloadAt = leadAt + lead.length;
  if (lead.length > 0) buffer.set(lead, leadAt);
  buffer.set(payload, payloadAt);
  return payloadAt + payload.length;
}
