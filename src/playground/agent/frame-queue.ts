/** One direction of a simulated line: hands frames on in order, delayed, or holds them. */
import type { NetworkDelay } from "../messages.ts";

/** The timers of the page, as they were before the agent wrapped them. */
export interface NativeTimers {
  readonly now: () => number;
  readonly after: (ms: number, then: () => void) => void;
}

interface QueuedFrame {
  readonly size: number;
  readonly dueAt: number;
  readonly pass: () => void;
}

/** Bytes that one direction of a socket may hold. The socket is cut past it. */
export const MAX_HELD_BYTES = 16_777_216;

export class FrameQueue {
  readonly #timers: NativeTimers;
  readonly #delay: () => NetworkDelay;
  readonly #onFull: () => void;
  #frames: QueuedFrame[] = [];
  #heldBytes = 0;
  /** When the line has transmitted what was added so far. */
  #freeAt = 0;
  #lastDueAt = 0;
  #isHeld = false;
  #isEnded = false;
  #isPassing = false;

  /** `delay` is asked for each frame. `onFull` is called when the queue is past its limit. */
  constructor(timers: NativeTimers, delay: () => NetworkDelay, onFull: () => void) {
    this.#timers = timers;
    this.#delay = delay;
    this.#onFull = onFull;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Calls `pass` at once where nothing delays it, and later else. */
  add(size: number, pass: () => void): void {
    if (this.#isEnded) return;
    const now = this.#timers.now();
    const dueAt = this.dueAt(size, now);
    if (!this.#isHeld && this.#frames.length === 0 && !this.#isPassing && dueAt <= now) {
      pass();
      return;
    }
    this.#frames.push({ size, dueAt, pass });
    this.#heldBytes += size;
    if (this.#heldBytes > MAX_HELD_BYTES) this.#onFull();
    else this.passLater(dueAt);
  }

  /** Holds what comes until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.passDue();
  }

  /** Drops what is held. */
  end(): void {
    this.#isEnded = true;
    this.#frames = [];
    this.#heldBytes = 0;
  }

  private dueAt(size: number, now: number): number {
    const { delayMs, jitterMs, bytesPerSecond } = this.#delay();
    this.#freeAt = Math.max(now, this.#freeAt) + (bytesPerSecond > 0 ? (size * 1_000) / bytesPerSecond : 0);
    this.#lastDueAt = Math.max(this.#lastDueAt, this.#freeAt + delayMs + Math.random() * jitterMs);
    return this.#lastDueAt;
  }

  private passLater(dueAt: number): void {
    this.#timers.after(Math.max(0, dueAt - this.#timers.now()), () => this.passDue());
  }

  /** What a frame causes to be added while it is passed on waits behind the others. */
  private passDue(): void {
    if (this.#isPassing) return;
    this.#isPassing = true;
    try {
      for (;;) {
        const [first] = this.#frames;
        if (first === undefined || this.#isHeld || this.#isEnded) return;
        if (first.dueAt > this.#timers.now()) return this.passLater(first.dueAt);
        this.#frames.shift();
        this.#heldBytes -= first.size;
        first.pass();
      }
    } finally {
      this.#isPassing = false;
    }
  }
}
