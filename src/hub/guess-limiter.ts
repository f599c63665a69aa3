/** Counts wrong guesses, of room codes or PINs, so that nobody finds them by trying. */

export interface GuessLimiterOptions {
  /** Wrong guesses a minute; as many may come at once after a quiet time. 0 means no limit. */
  readonly guessLimit: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

interface Bucket {
  left: number;
  countedAt: number;
}

const MINUTE_MS = 60_000;
/** Guessers remembered at one time; past them those that were quiet longest are forgotten. */
const MAX_GUESSERS = 50_000;

export class GuessLimiter {
  readonly #options: GuessLimiterOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: GuessLimiterOptions) {
    this.#options = options;
  }

  /** This guesser, who may be all of a network, was wrong. */
  countWrong(guesser: string): void {
    const { guessLimit, now } = this.#options;
    if (guessLimit === 0) return;
    const left = this.#leftOf(guesser) - 1;
    this.#buckets.delete(guesser); // so that the order of the map is that of the last guess
    this.#buckets.set(guesser, { left: Math.max(left, -guessLimit), countedAt: now() });
    if (this.#buckets.size <= MAX_GUESSERS) return;
    const [quietest] = this.#buckets.keys();
    if (quietest !== undefined) this.#buckets.delete(quietest);
  }

  /** Whether this guesser has tried too often: even right guesses are refused now. */
  isOver(guesser: string): boolean {
    return this.#options.guessLimit > 0 && this.#buckets.size > 0 && this.#leftOf(guesser) < 1;
  }

  #leftOf(guesser: string): number {
    const { guessLimit, now } = this.#options;
    const bucket = this.#buckets.get(guesser);
    if (bucket === undefined) return guessLimit;
    return Math.min(guessLimit, bucket.left + ((now() - bucket.countedAt) / MINUTE_MS) * guessLimit);
  }
}
