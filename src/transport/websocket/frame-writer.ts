/**
 * Writes a server's WebSocket frames to a socket. A system call is what a small frame costs most, so: a frame is written in
 * one piece with its head; the first one for a socket that a read brings is written at once, unless that read's next one is for the same socket
 * (`HeldFrame`); and what the same turn of the event loop still brings for it is gathered and written when the turn ends (rows `flood` and `echo` of docs/PERFORMANCE.md).
 */
import type { Duplex } from "node:stream";
import { compact } from "../../room/lent-bytes.ts";
import type { Deferring, EventLoopTurn } from "./event-loop-turn.ts";
import { headBytes, LARGE_BYTES, writeHead } from "./frame.ts";
import { GatheredFrames } from "./gathered-frames.ts";
import type { Holder } from "./held-frame.ts";
import { wholeFrame } from "./shared-frame.ts";

/** So much is not kept until the turn ends: a system call is nothing beside it, and it would only fill the memory. */
const MAX_GATHERED_BYTES = 65_536;
const NOTHING = new Uint8Array(0);

export interface WriterOwner {
  /** All that was sent has left this process, after some of it had to wait. */
  onDrained(): void;
}

export class FrameWriter implements Deferring, Holder {
  readonly #stream: Duplex;
  readonly #turn: EventLoopTurn;
  readonly #owner: WriterOwner;
  /** The event in which the socket has had its write. */
  #writtenIn = -1;
  /** Made when there is something to gather, since most sockets idle, and kept then. */
  #gathered: GatheredFrames | undefined;
  #isGathering = false;
  /** What is gathered goes with the next frame, and not when the turn ends. */
  #isAhead = false;
  /** The socket did not take all at once: what is gathered goes when it has. */
  #isBackedUp = false;

  constructor(stream: Duplex, turn: EventLoopTurn, owner: WriterOwner) {
    this.#stream = stream;
    this.#turn = turn;
    this.#owner = owner;
  }

  /** Bytes that have to wait, since the socket did not take them. What only waits for the end of the turn does not count. */
  get queued(): number {
    const refused = this.#stream.writableLength;
    return refused > 0 || this.#isBackedUp ? refused + (this.#gathered?.bytes ?? 0) : 0;
  }

  /** The socket takes no more for now. */
  get isBusy(): boolean {
    return this.#stream.writableNeedDrain || (this.#isBackedUp && this.#isGathering);
  }

  /** What is sent now would only wait behind what the socket did not take. */
  get #isRefused(): boolean {
    return this.#isBackedUp || this.#stream.writableLength > 0;
  }

  /** The socket is not to be written to now: it has had its write, or takes none. */
  get #hasToWait(): boolean {
    return this.#writtenIn === this.#turn.event || this.#isRefused;
  }

  /** The answer that makes a WebSocket of the stream: what comes before the first frame, and keeps none from being written at once. */
  open(answer: Uint8Array): void {
    this.#write(answer);
  }

  /** Sends one whole message, or a control frame: `lead`, then `payload`, which may be lent. */
  send(opcode: number, payload: Uint8Array, lead: Uint8Array = NOTHING): void {
    if (this.#isGathering || this.#hasToWait) {
      this.#gather(opcode, lead, payload);
      if (this.#isAhead) this.#flushAhead();
      return;
    }
    const { event, isMoreAtHand, heldFrame, sharedFrame } = this.#turn;
    this.#writtenIn = event;
    if (payload.length < LARGE_BYTES) {
      const frame = lead.length > 0 ? wholeFrame(opcode, lead, payload) : sharedFrame.of(opcode, payload, event);
      if (isMoreAtHand) heldFrame.hold(this, frame);
      else this.#write(frame);
    } else {
      this.#writePieces([headOf(opcode, lead, payload), compact(payload)]);
    }
  }

  /** Sends a small frame in one write with the next one, which has to be sent in the same breath. */
  sendAhead(opcode: number, payload: Uint8Array): void {
    const isAhead = this.#isAhead || !(this.#isGathering || this.#hasToWait);
    this.#isGathering ||= isAhead; // and not until the turn ends
    this.#gather(opcode, NOTHING, payload);
    this.#isAhead = isAhead && this.#isGathering;
  }

  /** Sends what is gathered, and then the end of the stream. */
  end(): void {
    const held = this.#turn.heldFrame.takeBack(this);
    if (held !== undefined) this.#write(held);
    this.#flush();
    if (!this.#stream.writableEnded) this.#stream.end();
  }

  writeHeld(frame: Uint8Array): void {
    this.#write(frame);
  }

  onTurnEnd(): void {
    if (!this.#isGathering || this.#isBackedUp) return;
    if (this.#stream.writableLength > 0) this.#awaitTaken();
    else this.#flush();
  }

  #gather(opcode: number, lead: Uint8Array, payload: Uint8Array): void {
    if (!this.#isGathering) {
      this.#isGathering = true;
      this.#turn.atEnd(this);
    }
    const gathered = this.#gatheredFrames();
    const held = this.#turn.heldFrame.takeBack(this);
    if (held !== undefined) gathered.addFrame(held);
    gathered.add(opcode, lead, payload);
    if (gathered.bytes >= MAX_GATHERED_BYTES && !this.#isRefused) this.#flush();
  }

  #flushAhead(): void {
    this.#isAhead = false;
    this.#writtenIn = this.#turn.event;
    this.#flush();
  }

  #gatheredFrames(): GatheredFrames {
    return (this.#gathered ??= new GatheredFrames());
  }

  #flush(): void {
    if (!this.#isGathering) return;
    this.#isGathering = false;
    this.#writeGathered();
  }

  /** Everything gathered, in one system call where there is one for it. */
  #writeGathered(): void {
    this.#writePieces(this.#gatheredFrames().take());
  }

  #writePieces(pieces: readonly Uint8Array[]): void {
    const [first] = pieces;
    if (first === undefined) return;
    if (pieces.length === 1) return this.#write(first);
    this.#stream.cork();
    for (const piece of pieces) this.#stream.write(piece);
    this.#stream.uncork();
    this.#noteRefused();
  }

  #write(piece: Uint8Array): void {
    this.#stream.write(piece);
    this.#noteRefused();
  }

  #noteRefused(): void {
    if (this.#stream.writableLength > 0 && !this.#isBackedUp) this.#awaitTaken();
  }

  /**
   * Asks to be told when the socket has taken what it was given: by a write of nothing behind it, so that the writes
   * that are taken at once, which is nearly all, need nobody who follows them.
   */
  #awaitTaken(): void {
    this.#isBackedUp = true;
    this.#stream.write(NOTHING, (error) => {
      if (error) return; // what was cut has not drained
      this.#isBackedUp = false;
      this.onTurnEnd();
      if (!this.#isBackedUp && !this.#isGathering) this.#owner.onDrained();
    });
  }
}

/** What comes before a large payload, which stays as it is. */
function headOf(opcode: number, lead: Uint8Array, payload: Uint8Array): Buffer {
  const bytes = lead.length + payload.length;
  const head = Buffer.allocUnsafe(headBytes(bytes) + lead.length);
  head.set(lead, writeHead(head, 0, opcode, bytes));
  return head;
}
