/** Which faults a connection has, and how often. */
import type { Random } from "./random.ts";

/** The client connected to the proxy; the proxy connected to the server. */
export type Side = "client" | "server";

/**
 * `reset` and `end` cut the connection on both sides, by RST and by FIN. `deaf_client` and `deaf_server` cut it on the other
 * side only: the deaf socket stays open and receives nothing more. `late` is `deaf_server`, but the bytes under way still arrive,
 * possibly after the client has reconnected. `stall` holds everything back for a while; `delay` slows the connection from then on.
 */
export type Fault = "reset" | "end" | "deaf_client" | "deaf_server" | "late" | "stall" | "delay";

export type FaultCounts = Readonly<Record<Fault, number>>;

export interface FaultProfile {
  /** How many bytes pass in one direction before its next fault: at least, and at most. */
  readonly bytes: readonly [least: number, most: number];
  /** The weight of each fault in the draw. */
  readonly odds: Readonly<Record<Fault, number>>;
  /** The longest stall, in milliseconds. */
  readonly stallMs: number;
  /** The longest delay of a slow connection, and of bytes that arrive late, in milliseconds. */
  readonly delayMs: number;
}

/** The next fault of one direction of a connection. It is due after a number of bytes, not after a time, so that two runs of one seed are alike. */
export interface ScheduledFault {
  readonly fault: Fault;
  readonly afterBytes: number;
  /** How long the fault lasts, or how late bytes become; 0 for a cut. */
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

/** Whether the fault ends the connection. */
export function isCut(fault: Fault): boolean {
  return fault !== "stall" && fault !== "delay";
}
