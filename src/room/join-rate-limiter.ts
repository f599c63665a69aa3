/**
 * Limits how many newcomers a room takes. Joins and leaves notify the host, so churn is limited per network, and newcomers from
 * other networks do not pay for it.
 */
import { TokenBucket, type TokenBucketSize } from "../protocol/token-bucket.ts";

/** From one network at once: four full rooms. */
function newcomersFor(maxPlayers: number): TokenBucketSize {
  return { size: 100 + 4 * maxPlayers, perSecond: 2 + maxPlayers / 10 };
}

/** All networks together may do so many times what one network may. */
const NETWORKS_AT_ONCE = 4;
/** Networks that are remembered. Past them, the network that was quiet longest is forgotten. */
const MAX_NETWORKS = 256;

export class JoinRateLimiter {
  readonly #perNetwork: TokenBucketSize;
  readonly #networks = new Map<string, TokenBucket>();
  readonly #all: TokenBucket;

  /** `now`, here and below, is in milliseconds. */
  constructor(maxPlayers: number, now: number) {
    const { size, perSecond } = newcomersFor(maxPlayers);
    this.#perNetwork = { size, perSecond };
    this.#all = new TokenBucket({ size: NETWORKS_AT_ONCE * size, perSecond: NETWORKS_AT_ONCE * perSecond }, now);
  }

  /** Whether one more newcomer may come from this network now. That newcomer is counted. */
  take(network: string, now: number): boolean {
    const own = this.#bucketOf(network, now);
    // Neither bucket pays for what the other one refuses. Otherwise a network that is refused could use up what all networks share.
    if (!own.holds(1, now) || !this.#all.take(1, now)) return false;
    return own.take(1, now);
  }

  #bucketOf(network: string, now: number): TokenBucket {
    const bucket = this.#networks.get(network) ?? new TokenBucket(this.#perNetwork, now);
    this.#networks.delete(network); // keeps the map in the order of the last attempt
    this.#networks.set(network, bucket);
    if (this.#networks.size > MAX_NETWORKS) this.#forgetQuietest();
    return bucket;
  }

  #forgetQuietest(): void {
    const [quietest] = this.#networks.keys();
    if (quietest !== undefined) this.#networks.delete(quietest);
  }
}
