/**
 * Counts wrong tries by network, exactly: so many within any minute, and not one more. IPv6 addresses count at three prefix lengths, so that a /48 does not
 * have 65,536 counts.
 */
import { prefixesOf } from "../hub/ip-prefix.ts";
import type { SharedTries } from "../hub/shared-tries.ts";

export interface WrongTriesOptions {
  /** Wrong tries a minute of the smallest network. Larger ones, which have more people in them, may have twice and four times as many. */
  readonly limit: number;
  /** Networks that are remembered. Past them the one that was quiet longest is forgotten. @default 10000 */
  readonly maxNetworks?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

const MINUTE_MS = 60_000;
const MAX_NETWORKS = 10_000;
/** Multiples of the limit for each prefix length, smallest network first. */
const LEVEL_FACTORS = [1, 2, 4] as const;

export class WrongTries implements SharedTries {
  readonly #options: WrongTriesOptions;
  /** When each of a network's newest wrong tries was, oldest first; networks in the order of their last one. */
  readonly #tries = new Map<string, number[]>();
  #tell: ((address: string) => void) | undefined;

  constructor(options: WrongTriesOptions) {
    this.#options = options;
  }

  /** Milliseconds until a try from this address is looked at again; 0 where it is now. */
  waitFor(address: string): number {
    const now = this.#options.now();
    let wait = 0;
    for (const [index, network] of prefixesOf(address).entries()) {
      const tries = this.#tries.get(network) ?? [];
      const decisive = tries.at(-this.#limitAt(index)); // while it is of the last minute, all after it are as well
      if (decisive !== undefined) wait = Math.max(wait, decisive + MINUTE_MS - now);
    }
    return wait;
  }

  /** Counts one wrong try. */
  count(address: string): void {
    const isTold = this.#tell !== undefined && this.waitFor(address) === 0;
    this.countFromElsewhere(address, 1);
    if (isTold) this.#tell?.(address);
  }

  onCounted(tell: (address: string) => void): void {
    this.#tell = tell;
  }

  countFromElsewhere(address: string, tries: number): void {
    const { now, maxNetworks = MAX_NETWORKS } = this.#options;
    for (const [index, network] of prefixesOf(address).entries()) {
      const limit = this.#limitAt(index);
      const known = this.#tries.get(network) ?? [];
      for (let counted = 0; counted < Math.min(tries, limit); counted++) known.push(now());
      known.splice(0, Math.max(0, known.length - limit));
      this.#tries.delete(network);
      this.#tries.set(network, known);
    }
    for (const [quietest] of this.#tries) {
      if (this.#tries.size <= maxNetworks) break;
      this.#tries.delete(quietest);
    }
  }

  #limitAt(index: number): number {
    return this.#options.limit * (LEVEL_FACTORS[index] ?? 1);
  }
}
