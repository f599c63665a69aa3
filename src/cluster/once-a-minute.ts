/** What may happen thousands of times a second is logged once a minute. */
const MINUTE_MS = 60_000;

export class OnceAMinute {
  #last = -Infinity;

  /** Whether a minute has passed since it last said yes. */
  isDue(): boolean {
    const now = performance.now();
    if (now - this.#last < MINUTE_MS) return false;
    this.#last = now;
    return true;
  }

  /** The next time is due again. */
  reset(): void {
    this.#last = -Infinity;
  }
}
