/**
 * Writes whole frames to a socket. Those of one turn of the event loop leave together. While the socket is backed up they wait here and not in the stream, so
 * that they can be dropped, and are given to it in small batches, so that it shows whether the peer reads.
 */
import type { Duplex } from "node:stream";
import { compact } from "../../room/borrowed-buffer.ts";
import type { MemoryAccount } from "../../room/memory-budget.ts";

/** What is gathered leaves before the turn ends where it has this size, so that it does not fill the memory. */
const MAX_GATHERED_BYTES = 65_536;
/** What a socket that was backed up is given at once: a peer that reads at 10 kbit/s is seen to read within one ping interval. */
const BATCH_BYTES = 16_384;
const NOTHING = new Uint8Array(0);

export interface SocketWriterOwner {
  /** The socket has taken what it had refused before: the peer reads. */
  onTaken(): void;
  /** All that was sent has left this process, after some of it had to wait. */
  onDrained(): void;
}

export class SocketWriter {
  readonly #socket: Duplex;
  readonly #memory: MemoryAccount;
  readonly #owner: SocketWriterOwner;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** The memory budget knows of what waits. */
  #isCounted = false;
  /** What the socket has not taken yet, of what it was given. */
  #refused: readonly Uint8Array[] = [];
  #isScheduled = false;
  /** The socket has refused something; it tells when it has taken that. */
  #isBackedUp = false;
  /** Nothing comes behind what waits. */
  #isEnding = false;

  constructor(socket: Duplex, memory: MemoryAccount, owner: SocketWriterOwner) {
    this.#socket = socket;
    this.#memory = memory;
    this.#owner = owner;
  }

  /** Bytes that have to wait, since the socket did not take them. What only waits for the end of the turn does not count. */
  get queued(): number {
    return this.#isBackedUp ? this.#waitingBytes + this.#socket.writableLength : 0;
  }

  get isBusy(): boolean {
    return this.#isBackedUp;
  }

  /** Frames that wait, since the socket did not take them. */
  get queuedFrames(): number {
    return this.#isBackedUp ? this.#waiting.length : 0;
  }

  /** Sends a frame. Its bytes do not change afterwards. */
  send(frame: Uint8Array): void {
    if (this.#isEnding) return;
    const owned = compact(frame);
    this.#waiting.push(owned);
    this.#waitingBytes += owned.length;
    if (this.#isCounted) this.#memory.hold(owned);
    if (this.#isBackedUp) return;
    if (this.#waitingBytes >= MAX_GATHERED_BYTES) this.#flush(MAX_GATHERED_BYTES);
    else if (!this.#isScheduled) this.#flushSoon();
  }

  /** Sends what waits, and then the end of the stream. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (!this.#isBackedUp) this.#flush(MAX_GATHERED_BYTES);
  }

  /** Drops the frames that the socket was not given yet, each of them whole. */
  dropQueue(): void {
    this.#takeWaiting(Infinity);
  }

  #flushSoon(): void {
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      if (!this.#isBackedUp) this.#flush(MAX_GATHERED_BYTES);
    });
  }

  /** Gives the socket one batch after another until it refuses one. Called while it has taken all that it was given. */
  #flush(batchBytes: number): void {
    while (this.#waiting.length > 0) {
      const batch = this.#takeWaiting(batchBytes);
      this.#socket.cork();
      for (const frame of batch) this.#socket.write(frame);
      this.#socket.uncork();
      if (this.#socket.writableLength > 0) return this.#awaitTaken(batch);
    }
    if (this.#isEnding && !this.#socket.writableEnded) this.#socket.end();
  }

  /** Waits until the socket has taken what it was given: the callback of an empty write behind it says so. */
  #awaitTaken(refused: readonly Uint8Array[]): void {
    this.#isBackedUp = true;
    this.#refused = refused;
    for (const frame of refused) this.#memory.hold(frame);
    if (!this.#isCounted) for (const frame of this.#waiting) this.#memory.hold(frame);
    this.#isCounted = true;
    this.#socket.write(NOTHING, (error) => {
      if (error) return; // what was cut has not been taken
      for (const frame of this.#refused) this.#memory.release(frame);
      this.#refused = [];
      this.#isBackedUp = false;
      this.#owner.onTaken();
      this.#flush(BATCH_BYTES);
      if (this.#isBackedUp) return;
      this.#isCounted = false;
      this.#owner.onDrained();
    });
  }

  /** The oldest frames: as many as fit into so many bytes, and one at least. */
  #takeWaiting(maxBytes: number): Uint8Array[] {
    let count = 0;
    let bytes = 0;
    for (const { length } of this.#waiting) {
      if (count > 0 && bytes + length > maxBytes) break;
      bytes += length;
      count += 1;
    }
    this.#waitingBytes -= bytes;
    const taken = this.#waiting.splice(0, count);
    if (this.#isCounted) for (const frame of taken) this.#memory.release(frame);
    return taken;
  }
}
