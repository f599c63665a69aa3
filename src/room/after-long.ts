/** Delays of any length. */
import type { Cancel, Clock } from "./ports.ts";

/** A timer of Node ends at once where it should take longer; longer ones are made of several. */
const LONGEST_MS = 2 ** 31 - 1;

/** Calls `action` once after so many milliseconds, however many; never for `Infinity`. */
export function afterLong(clock: Pick<Clock, "after">, ms: number, action: () => void): Cancel {
  if (ms === Infinity) return () => {};
  let cancel: Cancel;
  const wait = (left: number): void => {
    cancel = clock.after(Math.min(left, LONGEST_MS), left <= LONGEST_MS ? action : () => wait(left - LONGEST_MS));
  };
  wait(ms);
  return () => cancel();
}
