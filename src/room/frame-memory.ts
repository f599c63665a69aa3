/**
 * What the room keeps for one peer, a seat's player or the host: frames that may have to be sent again, retained and volatile ones, a
 * checkpoint. All of it together has one limit, and counts in the budget of the process.
 */
import type { MemoryAccount, MemoryBudget, MemoryHolder } from "./memory-budget.ts";

export interface FrameMemoryOptions {
  readonly budget: MemoryBudget;
  /** Bytes of this peer's frames. */
  readonly limitBytes: number;
  /** Asked to let go when the budget is used up and this peer has the most. */
  readonly holder: MemoryHolder;
}

/** A frame as far as its memory goes. */
export interface FrameBytes {
  /** What comes before `data` in the same frame. */
  readonly head?: Uint8Array | undefined;
  readonly data: Uint8Array;
}

/** What one kept frame counts for beside its payload, so that a million empty frames are bounded too (P5.4.7). */
export const FRAME_OVERHEAD_BYTES = 64;
/** What V8 and the allocator really take up for one, which is what the process runs out of. */
const ALLOCATED_OVERHEAD_BYTES = 256;

export class FrameMemory {
  readonly #options: FrameMemoryOptions;
  /** Open while something is kept: most seats of a large audience keep nothing. */
  #account: MemoryAccount | undefined;
  #bytes = 0;
  #counted = 0;
  #isClosed = false;

  constructor(options: FrameMemoryOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get limitBytes(): number {
    return this.#options.limitBytes;
  }

  get isOverLimit(): boolean {
    return this.#bytes > this.#options.limitBytes;
  }

  /** These bytes are kept from now on. */
  take(frame: FrameBytes): void {
    this.#bytes += costOf(frame);
    const account = this.#openAccount();
    account?.add(ALLOCATED_OVERHEAD_BYTES + (frame.head?.length ?? 0));
    account?.hold(frame.data);
  }

  /** Counts bytes that have a limit of their own; a negative number gives them back. */
  count(bytes: number): void {
    this.#counted += bytes;
    this.#openAccount()?.add(bytes);
  }

  /** A frame that was taken is kept no more. */
  giveBack(frame: FrameBytes): void {
    this.#bytes -= costOf(frame);
    this.#account?.add(-ALLOCATED_OVERHEAD_BYTES - (frame.head?.length ?? 0));
    this.#account?.release(frame.data);
    if (this.#bytes === 0 && this.#counted === 0) this.#closeAccount();
  }

  /** The peer is gone, and nothing that was or will be kept for it counts. Safe twice. */
  close(): void {
    this.#isClosed = true;
    this.#closeAccount();
  }

  #openAccount(): MemoryAccount | undefined {
    if (this.#isClosed) return undefined;
    return (this.#account ??= this.#options.budget.open(this.#options.holder));
  }

  #closeAccount(): void {
    this.#account?.close();
    this.#account = undefined;
  }
}

/** What a frame counts for while it is kept, or waits. */
export function costOf({ head, data }: FrameBytes): number {
  return (head?.length ?? 0) + data.length + FRAME_OVERHEAD_BYTES;
}
