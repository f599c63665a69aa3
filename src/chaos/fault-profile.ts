/** What may go wrong on a line, and how often. */
import type { Random } from "./random.ts";

/** The side of a line: who connected to the proxy, and whom the proxy connected to. */
export type Side = "client" | "server";

/**
 * `reset` and `end` cut the line for both sides, by RST and by FIN. `deaf_client` and `deaf_server` cut it for one
 * and swallow that for the other: its socket stays open, and nothing comes any more. `late` is `deaf_server`, but what the
 * client had sent arrives all the same, when the client may have come back over another line. `stall` holds everything
 * back for a while, `delay` makes the line slow from then on.
 */
export type Fault = "reset" | "end" | "deaf_client" | "deaf_server" | "late" | "stall" | "delay";

export type FaultCounts = Readonly<Record<Fault, number>>;

export interface FaultProfile {
  /** How many bytes pass in one direction before its next mishap: at least, and at most. */
  readonly bytes: readonly [least: number, most: number];
  /** How often each is drawn, against the others. */
  readonly odds: Readonly<Record<Fault, number>>;
  /** Milliseconds that a stall lasts at most. */
  readonly stallMs: number;
  /** Milliseconds by which a slow line, or what was still under way, is late at most. */
  readonly delayMs: number;
}

/** The next mishap of one direction of a line. Bytes, not time, decide when: so a run of one seed is much like the next. */
export interface ScheduledFault {
  readonly fault: Fault;
  readonly afterBytes: number;
  /** How long it lasts, or how late it makes; 0 for what is over at once. */
  readonly ms: number;
}

/** As seen from the client. */
export type Direction = "up" | "down";

export const NO_FAULTS: FaultCounts = {
  reset: 0,
  end: 0,
  deaf_client: 0,
  deaf_server: 0,
  late: 0,
  stall: 0,
  delay: 0,
};

export function scheduleFault({ bytes, odds, stallMs, delayMs }: FaultProfile, random: Random): ScheduledFault {
  const fault = random.choose(odds);
  const afterBytes = random.whole(...bytes);
  const longest = { ...NO_FAULTS, late: delayMs, stall: stallMs, delay: delayMs }[fault];
  return { fault, afterBytes, ms: random.whole(Math.min(1, longest), longest) };
}

/** Whether the line is of no use afterwards. */
export function isCut(fault: Fault): boolean {
  return fault !== "stall" && fault !== "delay";
}
