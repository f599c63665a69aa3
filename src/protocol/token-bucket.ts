/** Limits a rate: it allows a burst of `size` after a quiet time, and `perSecond` in the long run. */

export interface TokenBucketSize {
  /** Tokens that are added each second. */
  readonly perSecond: number;
  /** Tokens that a full bucket holds. */
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

  /** Whether it holds so many tokens. */
  holds(amount: number, now: number): boolean {
    return this.refill(now) >= amount;
  }

  /** Takes so many tokens where the bucket holds them; `false`, and it stays as it is, where it does not. */
  take(amount: number, now: number): boolean {
    if (!this.holds(amount, now)) return false;
    this.#level -= amount;
    return true;
  }

  /** Takes so many tokens from a bucket that holds any, even if that leaves it in debt; `false` where it holds none. */
  takeOnCredit(amount: number, now: number): boolean {
    if (this.refill(now) <= 0) return false;
    this.#level -= amount;
    return true;
  }

  /** Takes so many tokens in any case. Returns how many are left, which is below 0 for a bucket in debt, of at most `maxDebt`. */
  spend(amount: number, now: number, maxDebt = Infinity): number {
    this.#level = Math.max(-maxDebt, this.refill(now) - amount);
    return this.#level;
  }

  /** Adds the tokens of the time since it was last asked, of at most `maxSeconds`, even past what a full bucket holds. */
  makeUp(maxSeconds: number, now: number): void {
    const seconds = Math.min((now - this.#countedAt) / 1_000, maxSeconds);
    this.#countedAt = now;
    this.#level = Math.min(this.#size, this.#level) + seconds * this.#perSecond;
  }

  /** Adds the tokens of the time since it was last asked to what there is, full or not. */
  catchUp(now: number): void {
    this.#level += ((now - this.#countedAt) / 1_000) * this.#perSecond;
    this.#countedAt = now;
  }

  /** Adds the tokens of the time since it was last asked, and returns how many there are: no more than a full bucket holds, unless it had more before. */
  refill(now: number): number {
    const drips = ((now - this.#countedAt) / 1_000) * this.#perSecond;
    this.#countedAt = now;
    this.#level = Math.max(this.#level, Math.min(this.#size, this.#level + drips));
    return this.#level;
  }
}
