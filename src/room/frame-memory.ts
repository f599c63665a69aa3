/**
 * Counts what is kept for one peer, a player or the host: frames that may have to be sent again, retained and volatile frames, a checkpoint.
 * All of it together has one limit, and counts in the budget of the process.
 */
import type { MemoryAccount, MemoryBudget, MemoryHolder } from "./memory-budget.ts";

export interface FrameMemoryOptions {
  readonly budget: MemoryBudget;
  /** Bytes that this peer's frames may take. */
  readonly limitBytes: number;
  /** Is asked to free memory when the budget is used up and this peer holds the most. */
  readonly holder: MemoryHolder;
}

/** The parts of a frame that take memory. */
export interface FrameBytes {
  /** What comes before `data` in the same frame. */
  readonly head?: Uint8Array | undefined;
  readonly data: Uint8Array;
}

/** Counted for each kept frame beside its payload, so that a million empty frames are bounded too (P5.4.7). */
const FRAME_OVERHEAD_BYTES = 64;
/** The memory that V8 and the allocator use for one frame, which is what the process runs out of. */
const ALLOCATED_OVERHEAD_BYTES = 256;

export class FrameMemory {
  /** Bytes that this peer's frames may take. */
  readonly limitBytes: number;
  readonly #options: FrameMemoryOptions;
  /** Open while something is kept: in a large audience most seats keep nothing. */
  #account: MemoryAccount | undefined;
  #bytes = 0;
  #counted = 0;
  #isClosed = false;

  constructor(options: FrameMemoryOptions) {
    this.#options = options;
    this.limitBytes = options.limitBytes; // looked at for each frame
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isOverLimit(): boolean {
    return this.#bytes > this.limitBytes;
  }

  /** Counts a frame that is kept from now on. */
  take(frame: FrameBytes): void {
    this.#bytes += costOf(frame.head, frame.data);
    this.#openAccount()?.hold(frame.data, ALLOCATED_OVERHEAD_BYTES + (frame.head?.length ?? 0));
  }

  /** Counts bytes that have a limit of their own; a negative number gives them back. */
  count(bytes: number): void {
    this.#counted += bytes;
    this.#openAccount()?.add(bytes);
  }

  /** Stops counting a frame that is kept no more. */
  giveBack(frame: FrameBytes): void {
    this.#bytes -= costOf(frame.head, frame.data);
    this.#account?.release(frame.data, ALLOCATED_OVERHEAD_BYTES + (frame.head?.length ?? 0));
    if (this.#bytes === 0 && this.#counted === 0) this.#closeAccount();
  }

  /** Counts a frame whose holder limits its bytes itself. */
  takeBeside({ data }: FrameBytes): void {
    this.#counted += costOf(undefined, data);
    this.#openAccount()?.hold(data, ALLOCATED_OVERHEAD_BYTES);
  }

  giveBackBeside({ data }: FrameBytes): void {
    this.#counted -= costOf(undefined, data);
    this.#account?.release(data, ALLOCATED_OVERHEAD_BYTES);
  }

  /** Stops counting: the peer is gone. Safe twice. */
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

/** Bytes that a frame counts for while it is kept or waits. */
export function costOf(head: Uint8Array | undefined, data: Uint8Array): number {
  return (head === undefined ? 0 : head.length) + data.length + FRAME_OVERHEAD_BYTES;
}
