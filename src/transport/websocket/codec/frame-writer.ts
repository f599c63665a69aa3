/**
 * Writes a server's WebSocket frames to a socket. A system call is most of what a small frame costs, so a frame leaves in one piece with its
 * head. The first frame that a read causes for a socket is written at once, unless the next one is for the same socket (`DeferredFrame`). Further
 * frames of the same turn of the event loop are gathered and written when the turn ends.
 */
import type { Duplex } from "node:stream";
import type { MemoryAccount } from "../../../room/memory-budget.ts";
import { WriteGrace } from "../write-grace.ts";
import type { Deferring, FrameOwner, WriteScheduler } from "../write-scheduler.ts";
import { FrameBatch } from "./frame-batch.ts";
import { headBytes, LARGE_BYTES, wholeFrame, writeFrameHead } from "./frame.ts";

/** A batch of this size is written before the turn ends, so that it does not fill the memory. */
const MAX_GATHERED_BYTES = 65_536;
const NOTHING = new Uint8Array(0);
const NO_PIECES: readonly Uint8Array[] = [];

export interface WriterOwner {
  /** All that was sent has left this process, after some of it had to wait. */
  onDrained(): void;
}

export class FrameWriter implements Deferring, FrameOwner {
  readonly #stream: Duplex;
  readonly #scheduler: WriteScheduler;
  readonly #owner: WriterOwner;
  readonly #memory: QueueMemory;
  readonly #grace: WriteGrace | undefined;
  /** The event in which the socket has had its write. */
  #writtenIn = -1;
  /** Made when there is something to gather, since most sockets idle. */
  #gathered: FrameBatch | undefined;
  #isGathering = false;
  /** What is gathered goes with the next frame, and not when the turn ends. */
  #isCorked = false;
  /** The socket did not take all at once: what is gathered goes when it has. */
  #isBackedUp = false;

  constructor(stream: Duplex, scheduler: WriteScheduler, owner: WriterOwner, account: MemoryAccount) {
    this.#stream = stream;
    this.#scheduler = scheduler;
    this.#owner = owner;
    this.#memory = new QueueMemory(account);
    this.#grace = WriteGrace.for(stream, scheduler);
    this.#grace?.begin(); // for the answer to the handshake
  }

  /** Bytes that have to wait, since the socket did not take them. What only waits for the end of the turn does not count. */
  get queued(): number {
    const refused = this.#stream.writableLength;
    if (refused === 0 && !this.#isBackedUp) return 0;
    return this.#grace?.isRunning === true ? 0 : this.#waitingBytes;
  }

  /** The socket takes no more for now, and the owner is told when it does. A stream may want to drain though the socket took all it had. */
  get isBusy(): boolean {
    if (!this.#isRefused || this.#grace?.covers(this.#waitingBytes) === true) return false;
    return this.#stream.writableNeedDrain || this.#isGathering;
  }

  get #waitingBytes(): number {
    return this.#stream.writableLength + (this.#gathered?.bytes ?? 0);
  }

  /** What is sent now would only wait behind what the socket did not take. */
  get #isRefused(): boolean {
    return this.#isBackedUp || this.#stream.writableLength > 0;
  }

  /** Not written to now: the socket has had its write of this event, or is backed up. */
  get #hasToWait(): boolean {
    return this.#writtenIn === this.#scheduler.event || this.#isRefused;
  }

  /** Sends one whole message, or a control frame: `lead`, then `payload`, which may be a view of a shared buffer. */
  send(opcode: number, payload: Uint8Array, lead: Uint8Array = NOTHING): void {
    if (this.#isGathering || this.#hasToWait) {
      this.#gather(opcode, lead, payload);
      if (this.#isCorked) this.#flushCorked();
      return;
    }
    const { event, isMoreAtHand, deferredFrame, preparedFrame } = this.#scheduler;
    this.#writtenIn = event;
    if (payload.length < LARGE_BYTES) {
      const frame = lead.length > 0 ? wholeFrame(opcode, lead, payload) : preparedFrame.of(opcode, payload, event);
      if (isMoreAtHand) deferredFrame.defer(this, frame);
      else this.#write(frame);
    } else {
      this.#writePieces([headOf(opcode, lead, payload), preparedFrame.owned(payload, event)]);
    }
  }

  /** Sends a small frame in one write with the next one, which has to follow at once. */
  sendCorked(opcode: number, payload: Uint8Array): void {
    const isCorked = this.#isCorked || !(this.#isGathering || this.#hasToWait);
    this.#isGathering ||= isCorked; // and not until the turn ends
    this.#gather(opcode, NOTHING, payload);
    this.#isCorked = isCorked && this.#isGathering;
  }

  /** Sends what is gathered, and then the end of the stream. */
  end(): void {
    const held = this.#scheduler.deferredFrame.takeBack(this);
    if (held !== undefined) this.#write(held);
    this.#flush();
    if (!this.#stream.writableEnded) this.#stream.end();
  }

  /** Drops the frames that the stream does not have yet; each of them whole. */
  dropQueue(): void {
    this.#scheduler.deferredFrame.takeBack(this);
    this.#isCorked = false;
    this.#isGathering = false;
    if (this.#gathered !== undefined) this.#takeBatch(this.#gathered);
  }

  writeDeferred(frame: Uint8Array): void {
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
      this.#scheduler.atEnd(this);
    }
    const gathered = this.#batch();
    const held = this.#scheduler.deferredFrame.takeBack(this);
    if (held !== undefined) gathered.addFrame(held);
    const { preparedFrame, event } = this.#scheduler;
    gathered.add(opcode, lead, payload.length < LARGE_BYTES ? payload : preparedFrame.owned(payload, event));
    if (this.#isRefused) this.#memory.waits(gathered);
    if (gathered.bytes < MAX_GATHERED_BYTES) return;
    if (!this.#isRefused) this.#flush();
    else if (!this.#isBackedUp) this.#awaitTaken(); // behind the answer to the handshake: the owner is told when it is taken
  }

  #flushCorked(): void {
    this.#isCorked = false;
    this.#writtenIn = this.#scheduler.event;
    this.#flush();
  }

  #batch(): FrameBatch {
    return (this.#gathered ??= new FrameBatch());
  }

  #flush(): void {
    if (!this.#isGathering) return;
    this.#isGathering = false;
    this.#writeGathered();
  }

  /** Everything gathered, in one system call where there is one for it. */
  #writeGathered(): void {
    this.#writePieces(this.#takeBatch(this.#batch()));
  }

  #takeBatch(batch: FrameBatch): readonly Uint8Array[] {
    this.#memory.leaves(batch);
    return batch.take();
  }

  #writePieces(pieces: readonly Uint8Array[]): void {
    const [first] = pieces;
    if (first === undefined) return;
    if (pieces.length === 1) return this.#write(first);
    this.#stream.cork();
    for (const piece of pieces) this.#stream.write(piece);
    this.#stream.uncork();
    this.#noteRefused(pieces);
  }

  #write(piece: Uint8Array): void {
    this.#stream.write(piece);
    if (this.#stream.writableLength > 0) this.#noteRefused([piece]);
  }

  #noteRefused(pieces: readonly Uint8Array[]): void {
    if (this.#stream.writableLength === 0) return;
    this.#memory.refused(pieces);
    if (!this.#isBackedUp) this.#awaitTaken();
  }

  /**
   * Waits until the socket has taken what it was given: the callback of an empty write behind it says so. Nearly all writes are taken at once, and
   * need no callback.
   */
  #awaitTaken(): void {
    this.#isBackedUp = true;
    this.#grace?.begin();
    if (this.#isGathering) this.#memory.waits(this.#batch());
    this.#stream.write(NOTHING, (error) => {
      if (error) return; // what was cut has not drained
      this.#isBackedUp = false;
      this.#memory.taken();
      this.onTurnEnd();
      if (!this.#isBackedUp && !this.#isGathering) this.#owner.onDrained();
    });
  }
}

/** What comes before a large payload, which stays as it is. */
function headOf(opcode: number, lead: Uint8Array, payload: Uint8Array): Buffer {
  const bytes = lead.length + payload.length;
  const head = Buffer.allocUnsafe(headBytes(bytes) + lead.length);
  head.set(lead, writeFrameHead(head, 0, opcode, bytes));
  return head;
}

/**
 * Counts what waits for one socket against the memory budget: pieces that the socket did not take, and the batch behind them. A large payload that waits
 * for several sockets is one buffer, so pieces are held and released as buffers.
 */
class QueueMemory {
  readonly #account: MemoryAccount;
  #refused: readonly Uint8Array[] = NO_PIECES;
  /** Of the batch: bytes of small frames, and the number of large payloads. */
  #smallBytes = 0;
  #largeCount = 0;

  constructor(account: MemoryAccount) {
    this.#account = account;
  }

  /** The socket did not take all of these. */
  refused(pieces: readonly Uint8Array[]): void {
    this.taken();
    this.#refused = pieces;
    for (const piece of pieces) this.#account.hold(piece);
  }

  /** The socket has taken what it had refused. */
  taken(): void {
    for (const piece of this.#refused) this.#account.release(piece);
    this.#refused = NO_PIECES;
  }

  /** The batch waits behind what was refused, and has grown. */
  waits({ smallBytes, large }: FrameBatch): void {
    this.#account.add(smallBytes - this.#smallBytes);
    this.#smallBytes = smallBytes;
    for (; this.#largeCount < large.length; this.#largeCount++) {
      const payload = large[this.#largeCount];
      if (payload !== undefined) this.#account.hold(payload);
    }
  }

  /** The batch is about to be written, or dropped. */
  leaves({ large }: FrameBatch): void {
    this.#account.add(-this.#smallBytes);
    this.#smallBytes = 0;
    for (const payload of large.slice(0, this.#largeCount)) this.#account.release(payload);
    this.#largeCount = 0;
  }
}
