/** A token bucket: so much at once after a quiet time, and so much a second in the long run. */

export interface TokenBucketSize {
  /** What drips in each second. */
  readonly perSecond: number;
  /** What a full bucket holds. */
  readonly size: number;
}

export class TokenBucket {
  readonly #perSecond: number;
  readonly #size: number;
  #level: number;
  #countedAt: number;

  /** Full at first. `now`, here and below, is in milliseconds of a clock that never goes back. */
  constructor({ perSecond, size }: TokenBucketSize, now: number) {
    this.#perSecond = perSecond;
    this.#size = size;
    this.#level = size;
    this.#countedAt = now;
  }

  /** Whether it holds so much. */
  holds(amount: number, now: number): boolean {
    return this.refill(now) >= amount;
  }

  /** Takes so much out where the bucket holds it; `false`, and it stays as it is, where it does not. */
  take(amount: number, now: number): boolean {
    if (!this.holds(amount, now)) return false;
    this.#level -= amount;
    return true;
  }

  /** Takes so much out of a bucket that holds anything, even if that leaves it in debt; `false` where it holds nothing. */
  takeOnCredit(amount: number, now: number): boolean {
    if (this.refill(now) <= 0) return false;
    this.#level -= amount;
    return true;
  }

  /** Takes so much out of the bucket in any case; returns what is left, which is below 0 where it is in debt then, of at most `maxDebt`. */
  spend(amount: number, now: number, maxDebt = Infinity): number {
    this.#level = Math.max(-maxDebt, this.refill(now) - amount);
    return this.#level;
  }

  /** Fills in what dripped in the time since it was last asked, up to `maxSeconds`, even if that makes it fuller than full. */
  makeUp(maxSeconds: number, now: number): void {
    const seconds = Math.min((now - this.#countedAt) / 1_000, maxSeconds);
    this.#countedAt = now;
    this.#level = Math.min(this.#size, this.#level) + seconds * this.#perSecond;
  }

  /** Fills in what dripped in the time since it was last asked, on top of what there is, full or not. */
  catchUp(now: number): void {
    this.#level += ((now - this.#countedAt) / 1_000) * this.#perSecond;
    this.#countedAt = now;
  }

  /** Lets in what has dripped, and returns what there is: never fuller than full, unless it was before. */
  refill(now: number): number {
    const drips = ((now - this.#countedAt) / 1_000) * this.#perSecond;
    this.#countedAt = now;
    this.#level = Math.max(this.#level, Math.min(this.#size, this.#level + drips));
    return this.#level;
  }
}
