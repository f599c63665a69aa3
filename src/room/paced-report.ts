/**
 * Tells something at most so often: at once after a quiet time, and otherwise when the time since the last telling is over. What comes meanwhile is told
 * together. A listener that cannot take more is told when it can.
 */
import type { Cancel, Clock } from "./ports.ts";

export interface PacedReportOptions {
  readonly clock: Clock;
  /** Milliseconds between two tellings. */
  readonly everyMs: number;
  /** Whether the listener takes nothing now. `goOn` says when that is over. */
  readonly isHeld: () => boolean;
  readonly tell: () => void;
}

export class PacedReport {
  readonly #options: PacedReportOptions;
  #stop: Cancel | undefined;
  #toldAt = -Infinity;
  /** Something is to be told, now or later. */
  #isDue = false;

  constructor(options: PacedReportOptions) {
    this.#options = options;
  }

  /** There is something to tell. */
  request(): void {
    this.#isDue = true;
    if (this.#stop !== undefined) return;
    const { clock, everyMs } = this.#options;
    const waitMs = this.#toldAt + everyMs - clock.now();
    if (waitMs <= 0) return this.#tellIfTaken();
    this.#stop = clock.after(waitMs, () => {
      this.#stop = undefined;
      this.#tellIfTaken();
    });
  }

  /** Tells what is due, if anything is, whenever it was told last. */
  tellNow(): void {
    const { clock, tell } = this.#options;
    if (!this.#isDue) return;
    this.close();
    this.#toldAt = clock.now();
    tell();
  }

  /** The listener takes more again. */
  goOn(): void {
    if (this.#isDue) this.request();
  }

  /** Tells nothing more of what was due. Safe twice. */
  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#isDue = false;
  }

  #tellIfTaken(): void {
    if (!this.#options.isHeld()) this.tellNow();
  }
}
