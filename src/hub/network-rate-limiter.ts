/** A token bucket per network. IPv6 networks are counted at three sizes, so that a customer with a /48 has not 65,536 buckets. */
import { prefixesOf } from "./ip-prefix.ts";

export interface NetworkRateLimiterOptions {
  /** What one network may do at once after a quiet time. 0 means no limit. */
  readonly size: number;
  /** What it may do in the long run. */
  readonly perSecond: number;
  /** How far below nothing `count` takes a bucket: a network that goes on while it is over waits longer. */
  readonly maxDebt?: number;
  /** Networks that are remembered; past them the one that was quiet longest is forgotten. */
  readonly maxNetworks?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

interface TokenBucket {
  level: number;
  countedAt: number;
}

/** What a network may do at each size, smallest first, as a multiple of `size` and `perSecond`: a larger one has more people in it. */
const LEVEL_FACTORS = [1, 2, 4] as const;
const MAX_NETWORKS = 50_000;

export class NetworkRateLimiter {
  readonly #options: NetworkRateLimiterOptions;
  /** Of those that have done something, in the order in which they last did. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: NetworkRateLimiterOptions) {
    this.#options = options;
  }

  /** Counts one deed of this address, allowed or not. */
  count(address: string): void {
    const { size, maxDebt = 0, maxNetworks = MAX_NETWORKS, now } = this.#options;
    if (size === 0) return;
    for (const [index, network] of prefixesOf(address).entries()) {
      const factor = factorOf(index);
      const level = Math.max(this.#levelOf(network, factor) - 1, -maxDebt * factor);
      this.#buckets.delete(network);
      this.#buckets.set(network, { level, countedAt: now() });
    }
    for (const [quietest] of this.#buckets) {
      if (this.#buckets.size <= maxNetworks) break;
      this.#buckets.delete(quietest);
    }
  }

  /** Whether one of this address's networks has done too much: no more is to be allowed now. */
  isOver(address: string): boolean {
    if (this.#options.size === 0 || this.#buckets.size === 0) return false;
    return prefixesOf(address).some((network, index) => this.#levelOf(network, factorOf(index)) < 1);
  }

  #levelOf(network: string, factor: number): number {
    const { size, perSecond, now } = this.#options;
    const bucket = this.#buckets.get(network);
    if (bucket === undefined) return size * factor;
    const drips = ((now() - bucket.countedAt) / 1_000) * perSecond * factor;
    return Math.min(size * factor, bucket.level + drips);
  }
}

function factorOf(index: number): number {
  return LEVEL_FACTORS[index] ?? 1;
}
