/** Counts wrong room codes per address, so that nobody finds rooms by trying. */
import { networkOf } from "./network.ts";

export interface GuessLimiterOptions {
  /** Wrong codes a minute; as many may come at once after a quiet time. 0 means no limit. */
  readonly guessLimit: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

interface Bucket {
  left: number;
  countedAt: number;
}

const MINUTE_MS = 60_000;
/** Addresses remembered at one time; past them those that were quiet longest are forgotten. */
const MAX_ADDRESSES = 50_000;

export class GuessLimiter {
  readonly #options: GuessLimiterOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: GuessLimiterOptions) {
    this.#options = options;
  }

  /** A wrong code came from this address. */
  countWrong(address: string): void {
    const { guessLimit, now } = this.#options;
    if (guessLimit === 0) return;
    const network = networkOf(address);
    const left = this.#leftOf(network) - 1;
    this.#buckets.delete(network); // so that the order of the map is that of the last guess
    this.#buckets.set(network, { left: Math.max(left, -guessLimit), countedAt: now() });
    if (this.#buckets.size <= MAX_ADDRESSES) return;
    const [quietest] = this.#buckets.keys();
    if (quietest !== undefined) this.#buckets.delete(quietest);
  }

  /** Whether this address has tried too often: even its right codes are refused now. */
  isOver(address: string): boolean {
    return this.#options.guessLimit > 0 && this.#buckets.size > 0 && this.#leftOf(networkOf(address)) < 1;
  }

  #leftOf(network: string): number {
    const { guessLimit, now } = this.#options;
    const bucket = this.#buckets.get(network);
    if (bucket === undefined) return guessLimit;
    return Math.min(guessLimit, bucket.left + ((now() - bucket.countedAt) / MINUTE_MS) * guessLimit);
  }
}
