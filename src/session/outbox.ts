/** What was sent to a peer and may have to be sent again: numbered from 1, in order, bounded by the memory that the peer has. */
import { costOf, type FrameMemory } from "../room/frame-memory.ts";

export interface OutboxFrame {
  readonly data: Uint8Array;
  readonly isText: boolean;
}

/** A frame as it is kept: of one part, or of two that are not joined yet. */
export interface KeptFrame extends OutboxFrame {
  readonly head: Uint8Array | undefined;
  /** When it is dropped, in milliseconds of the room's clock, if it was never written by then; `Infinity` for all others, and once it was. */
  expiresAt: number;
}

export class Outbox {
  readonly #memory: FrameMemory;
  #frames: (KeptFrame | undefined)[] = [];
  /** Where in `#frames` the first kept frame is; the slots before it are spent. */
  #head = 0;
  #first = 1;
  /** Frames that may be dropped for having waited too long, and when the first of them may. */
  #mortal = 0;
  #firstExpiresAt = Infinity;

  constructor(memory: FrameMemory) {
    this.#memory = memory;
  }

  /** The number of the first frame that is kept, or that will be. */
  get first(): number {
    return this.#first;
  }

  /** The number of the last frame put in; 0 before the first one. */
  get last(): number {
    return this.#first + this.#frames.length - this.#head - 1;
  }

  /** What the frames after this number count for. */
  bytesAfter(number: number): number {
    let bytes = 0;
    for (let next = Math.max(number + 1, this.#first); next <= this.last; next++) {
      const frame = this.at(next);
      if (frame !== undefined) bytes += costOf(frame);
    }
    return bytes;
  }

  /** The frame of this number, where it is kept. */
  at(number: number): KeptFrame | undefined {
    return number < this.#first ? undefined : this.#frames[this.#head + number - this.#first];
  }

  /** `head`: what comes before `data` in the same frame. */
  push(head: Uint8Array | undefined, data: Uint8Array, isText: boolean, expiresAt = Infinity): void {
    const frame = { head, data, isText, expiresAt };
    this.#frames.push(frame);
    this.#memory.take(frame);
    if (expiresAt === Infinity) return;
    this.#mortal += 1;
    this.#firstExpiresAt = Math.min(this.#firstExpiresAt, expiresAt);
  }

  /** The frame is written for the first time: from now on it is kept like any other, and has its number. */
  noteWritten(frame: KeptFrame): void {
    if (frame.expiresAt === Infinity) return;
    frame.expiresAt = Infinity;
    this.#mortal -= 1;
  }

  /**
   * Drops the frames that have waited too long, none of which was ever written, so that all frames behind them move up: a number belongs to a
   * frame from its first writing on, and those that were written come before all others. Returns what the dropped ones counted for.
   */
  expire(now: number): number {
    if (this.#mortal === 0 || now < this.#firstExpiresAt) return 0;
    this.#firstExpiresAt = Infinity;
    let bytes = 0;
    let kept = this.#head;
    for (let index = this.#head; index < this.#frames.length; index++) {
      const frame = this.#frames[index];
      if (frame !== undefined && frame.expiresAt <= now) {
        bytes += costOf(frame);
        this.#memory.giveBack(frame);
        this.#mortal -= 1;
      } else {
        if (frame !== undefined) this.#firstExpiresAt = Math.min(this.#firstExpiresAt, frame.expiresAt);
        this.#frames[kept++] = frame;
      }
    }
    this.#frames.length = kept;
    return bytes;
  }

  /** Lets go of all frames up to and including this number. */
  trim(through: number): void {
    while (this.#first <= through && this.#head < this.#frames.length) this.#dropFirst();
  }

  /** Lets go of the oldest frames until the peer's memory is within its limit, but of none after `through`. */
  evict(through: number): void {
    while (this.#memory.isOverLimit && this.#first <= through && this.#head < this.#frames.length) this.#dropFirst();
  }

  /** Whether this very frame is kept after this number. */
  holdsAfter(number: number, data: Uint8Array): boolean {
    for (let next = Math.max(number + 1, this.#first); next <= this.last; next++) {
      if (this.at(next)?.data === data) return true;
    }
    return false;
  }

  #dropFirst(): void {
    const frame = this.#frames[this.#head];
    this.#frames[this.#head] = undefined;
    this.#head += 1;
    this.#first += 1;
    if (frame !== undefined) {
      this.noteWritten(frame); // it can expire no more
      this.#memory.giveBack(frame);
    }
    if (this.#head > 32 && this.#head * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#head);
      this.#head = 0;
    }
  }
}
