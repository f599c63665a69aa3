/** How many requests one key, and one network, may make: a burst after a quiet time, and so many a second in the long run. */
import { NetworkRateLimiter } from "../../hub/network-rate-limiter.ts";
import { TokenBucket } from "../../protocol/token-bucket.ts";

export interface RequestRatesOptions {
  /** Requests a second. 0 means no limit. */
  readonly perSecond: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Seconds of the rate that may come at once. */
const BURST_SECONDS = 2;
/** Principals that are remembered; past them the one that asked longest ago is forgotten. */
const MAX_PRINCIPALS = 10_000;

export class RequestRates {
  readonly #options: RequestRatesOptions;
  readonly #networks: NetworkRateLimiter;
  /** In the order in which they asked last. */
  readonly #principals = new Map<string, TokenBucket>();

  constructor(options: RequestRatesOptions) {
    const { perSecond, now } = options;
    this.#options = options;
    this.#networks = new NetworkRateLimiter({ size: BURST_SECONDS * perSecond, perSecond, now });
  }

  /** Counts a request from this address. `false` where there were too many. */
  takeFrom(address: string): boolean {
    if (this.#networks.isOver(address)) return false;
    this.#networks.count(address);
    return true;
  }

  /** Counts a request of this principal. `false` where there were too many. */
  takeOf(principal: string): boolean {
    const { perSecond, now } = this.#options;
    if (perSecond === 0) return true;
    const bucket =
      this.#principals.get(principal) ?? new TokenBucket({ size: BURST_SECONDS * perSecond, perSecond }, now());
    this.#principals.delete(principal);
    this.#principals.set(principal, bucket);
    for (const [oldest] of this.#principals) {
      if (this.#principals.size <= MAX_PRINCIPALS) break;
      this.#principals.delete(oldest);
    }
    return bucket.take(1, now());
  }
}
