/** How soon what a socket did not take is held against its peer. */
import type { Duplex } from "node:stream";
import type { Deferring, WriteScheduler } from "./write-scheduler.ts";

/**
 * Turns until a stream with TLS has told of a write that the kernel took at once: Node tells of each in the next turn, and a second write may wait behind the
 * first. One more turn is for what runs before the stream in a turn.
 */
const TURNS = 4;
/** More than this the kernel does not take in one turn: a socket for which so much waits is busy, its grace or not. */
const MAX_BYTES = 1_048_576;

/**
 * A stream with TLS tells of each write in a later turn, also where the kernel had room for it. So all that one turn sends seems to wait. While the grace runs, what
 * waits does not count as the peer's, and up to a limit more is written; it counts in the memory budget all the time.
 */
export class WriteGrace implements Deferring {
  readonly #scheduler: WriteScheduler;
  #turns = 0;

  private constructor(scheduler: WriteScheduler) {
    this.#scheduler = scheduler;
  }

  /** `undefined` for a stream without TLS, which tells at once what the kernel did not take. */
  static for(stream: Duplex, scheduler: WriteScheduler): WriteGrace | undefined {
    return "encrypted" in stream && stream.encrypted === true ? new WriteGrace(scheduler) : undefined;
  }

  get isRunning(): boolean {
    return this.#turns > 0;
  }

  /** Whether so many bytes that wait may be such that the kernel has taken. */
  covers(bytes: number): boolean {
    return this.isRunning && bytes < MAX_BYTES;
  }

  /** Something was written that the stream has not told of. */
  begin(): void {
    if (this.#turns === 0) this.#scheduler.atEnd(this);
    this.#turns = TURNS;
  }

  onTurnEnd(): void {
    this.#turns -= 1;
    if (this.#turns > 0) this.#scheduler.atEnd(this);
  }
}
