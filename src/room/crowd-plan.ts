/** What a host wants beside its players: watchers (P5.6), and what becomes of a phone that finds the room full (P5.7). */
import type { Overflow } from "../protocol/commands.ts";

/** What a host asks for beside its players. */
export interface CrowdPlan {
  readonly overflow: Overflow;
  /** Watchers at one time. */
  readonly audience: number;
  /** Phones that may wait at one time. */
  readonly queue: number;
}

/** A room with neither watchers nor a waiting line. */
export const NO_CROWD: CrowdPlan = { overflow: "refuse", audience: 0, queue: 0 };

/** Phones that may wait where the host says nothing of it, and how many it may ask for at most: each departure tells all behind it. */
const DEFAULT_QUEUE = 50;
const MAX_QUEUE = 1_000;

/** What a host has asked for, within the server's limits. */
export function crowdPlan(
  { overflow = "refuse", audience = 0, queue = DEFAULT_QUEUE }: Partial<CrowdPlan>,
  maxAudience: number,
): CrowdPlan {
  const places = overflow === "queue" ? Math.min(queue, MAX_QUEUE) : 0;
  return { overflow, audience: Math.min(audience, maxAudience), queue: places };
}
