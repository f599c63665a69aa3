/** Makes the reports of the players' health that a host asks for (P5.3.7). Each report pings every player, so there is at most one a second. */
import type { Cancel, Clock } from "./ports.ts";

const MIN_INTERVAL_MS = 1_000;

export class HealthReports {
  readonly #clock: Clock;
  readonly #report: () => void;
  #stop: Cancel | undefined;
  #reportedAt = -Infinity;

  constructor(clock: Clock, report: () => void) {
    this.#clock = clock;
    this.#report = report;
  }

  /** Makes the first report at once, or as soon as the last one is a second old. 0 ends the reports. */
  every(seconds: number): void {
    this.close();
    if (seconds === 0) return;
    const waitMs = this.#reportedAt + MIN_INTERVAL_MS - this.#clock.now();
    if (waitMs <= 0) this.#make(seconds);
    else this.#stop = this.#clock.after(waitMs, () => this.#make(seconds));
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #make(seconds: number): void {
    this.#reportedAt = this.#clock.now();
    this.#stop = this.#clock.after(seconds * 1_000, () => this.#make(seconds));
    this.#report();
  }
}
