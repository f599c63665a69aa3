/** How often a peer, a player or a host, may come back: with the worst of networks, not in a loop (P5.8.7, P5.9.6). */
import type { BucketSize } from "./bucket.ts";

export const RETURNS: BucketSize = { size: 60, perSecond: 2 };
