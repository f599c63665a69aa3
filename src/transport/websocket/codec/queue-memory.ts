/**
 * Counts what waits for one socket against the memory budget: pieces that the socket did not take, and the batch behind them. A large payload that waits
 * for several sockets is one buffer, so pieces are held and released as buffers.
 */
import type { MemoryAccount } from "../../../room/memory-budget.ts";
import type { FrameBatch } from "./frame-batch.ts";

const NONE: readonly Uint8Array[] = [];

export class QueueMemory {
  readonly #account: MemoryAccount;
  #refused: readonly Uint8Array[] = NONE;
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
    this.#refused = NONE;
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
