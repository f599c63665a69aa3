/** What was sent to a peer and may have to be sent again: numbered from 1, in order, bounded in bytes. */

export interface OutboxFrame {
  readonly data: Uint8Array;
  readonly isText: boolean;
}

/** A frame as it is kept: of one part, or of two that nobody has put together yet. */
export interface KeptFrame extends OutboxFrame {
  readonly head: Uint8Array | undefined;
  /** What it counts for. */
  readonly cost: number;
}

/** What one kept frame costs beside its payload, so that a million empty frames are bounded too. */
const FRAME_OVERHEAD_BYTES = 64;

export class Outbox {
  readonly #limitBytes: number;
  #frames: (KeptFrame | undefined)[] = [];
  /** Where in `#frames` the first kept frame is; the slots before it are spent. */
  #head = 0;
  #first = 1;
  #bytes = 0;

  /** `limitBytes`: frames and what they cost beside their payload. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The number of the first frame that is kept, or that will be. */
  get first(): number {
    return this.#first;
  }

  /** The number of the last frame put in; 0 before the first one. */
  get last(): number {
    return this.#first + this.#frames.length - this.#head - 1;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isOverLimit(): boolean {
    return this.#bytes > this.#limitBytes;
  }

  /** `head`: what comes before `data` in the same frame. */
  push(head: Uint8Array | undefined, data: Uint8Array, isText: boolean): void {
    const cost = (head?.length ?? 0) + data.length + FRAME_OVERHEAD_BYTES;
    this.#frames.push({ head, data, isText, cost });
    this.#bytes += cost;
  }

  /** Lets go of all frames up to and including this number. */
  trim(through: number): void {
    while (this.#first <= through && this.#head < this.#frames.length) this.#dropFirst();
  }

  /** Lets go of the oldest frames until the limit holds, but of none after `through`. */
  evict(through: number): void {
    while (this.isOverLimit && this.#first <= through && this.#head < this.#frames.length) this.#dropFirst();
  }

  /** Visits the kept frames after this number, oldest first. */
  forEachAfter(number: number, visit: (frame: KeptFrame) => void): void {
    const start = this.#head + Math.max(0, number + 1 - this.#first);
    for (let index = start; index < this.#frames.length; index++) {
      const frame = this.#frames[index];
      if (frame !== undefined) visit(frame);
    }
  }

  /** Whether this very frame is kept after this number. */
  holdsAfter(number: number, data: Uint8Array): boolean {
    let isHeld = false;
    this.forEachAfter(number, (frame) => (isHeld ||= frame.data === data));
    return isHeld;
  }

  #dropFirst(): void {
    const frame = this.#frames[this.#head];
    this.#frames[this.#head] = undefined;
    this.#head += 1;
    this.#first += 1;
    this.#bytes -= frame?.cost ?? 0;
    if (this.#head > 32 && this.#head * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#head);
      this.#head = 0;
    }
  }
}
