/** A token bucket: so many a second in the long run, and so many at once after a quiet time. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #size: number;
  #tokens: number;
  #at = performance.now();

  constructor(perSecond: number, size: number) {
    this.#perSecond = perSecond;
    this.#size = size;
    this.#tokens = size;
  }

  /** What is in it now; less than 0 where more was taken than there was. */
  get left(): number {
    const now = performance.now();
    this.#tokens = Math.min(this.#size, this.#tokens + ((now - this.#at) / 1_000) * this.#perSecond);
    this.#at = now;
    return this.#tokens;
  }

  /** Takes so many, whether or not there are so many; the debt has a limit, which is the size. */
  take(count: number): void {
    this.#tokens = Math.max(-this.#size, this.left - count);
  }

  /** Milliseconds until there is one to take. */
  get waitMs(): number {
    return Math.max(0, ((1 - this.left) / this.#perSecond) * 1_000);
  }
}
