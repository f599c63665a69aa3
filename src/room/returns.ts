/** How often a peer, a player or a host, may come back: with the worst of networks, not in a loop (P5.8.7, P5.9.6). */
import type { TokenBucketSize } from "../protocol/token-bucket.ts";

export const RETURNS: TokenBucketSize = { size: 60, perSecond: 2 };
