/** A token bucket per network. IPv6 addresses count at three prefix lengths, so that a /48 does not have 65,536 buckets. */
import { TokenBucket } from "../protocol/token-bucket.ts";
import { prefixesOf } from "./ip-prefix.ts";
import type { SharedTries } from "./shared-tries.ts";

export interface NetworkRateLimiterOptions {
  /** Burst of one network. 0 means no limit. */
  readonly size: number;
  /** Sustained rate of one network. */
  readonly perSecond: number;
  /** Largest debt of a bucket: a network that goes on while it is over the limit waits longer. */
  readonly maxDebt?: number;
  /** Networks that are remembered. Past them the least recently active one is forgotten. */
  readonly maxNetworks?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Multiples of `size` and `perSecond` for each prefix length, smallest network first: larger networks have more people in them. */
const LEVEL_FACTORS = [1, 2, 4] as const;
const MAX_NETWORKS = 50_000;

export class NetworkRateLimiter implements SharedTries {
  readonly #options: NetworkRateLimiterOptions;
  /** By network, in order of last activity. */
  readonly #buckets = new Map<string, TokenBucket>();
  #tell: ((address: string) => void) | undefined;

  constructor(options: NetworkRateLimiterOptions) {
    this.#options = options;
  }

  /** Counts one action of this address, allowed or not. */
  count(address: string): void {
    const isTold = this.#tell !== undefined && !this.isOver(address);
    this.countFromElsewhere(address, 1);
    if (isTold) this.#tell?.(address);
  }

  onCounted(tell: (address: string) => void): void {
    if (this.#options.size > 0) this.#tell = tell; // without a limit there is nothing to count
  }

  countFromElsewhere(address: string, tries: number): void {
    const { size, perSecond, maxDebt = 0, maxNetworks = MAX_NETWORKS, now } = this.#options;
    if (size === 0) return;
    for (const [index, network] of prefixesOf(address).entries()) {
      const factor = factorOf(index);
      const full = { size: size * factor, perSecond: perSecond * factor };
      const bucket = this.#buckets.get(network) ?? new TokenBucket(full, now());
      bucket.spend(tries, now(), maxDebt * factor);
      this.#buckets.delete(network);
      this.#buckets.set(network, bucket);
    }
    for (const [quietest] of this.#buckets) {
      if (this.#buckets.size <= maxNetworks) break;
      this.#buckets.delete(quietest);
    }
  }

  /** Whether one of this address's networks is over its limit. */
  isOver(address: string): boolean {
    const { size, now } = this.#options;
    if (size === 0 || this.#buckets.size === 0) return false;
    return prefixesOf(address).some((network, index) => {
      const level = this.#buckets.get(network)?.refill(now()) ?? size * factorOf(index);
      return level < 1;
    });
  }
}

function factorOf(index: number): number {
  return LEVEL_FACTORS[index] ?? 1;
}
