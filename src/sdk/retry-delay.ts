/** The delay before a reconnect. */
import { CLOSE_CODES } from "../protocol/close-codes.ts";

/** Upper bound of the first delay. It doubles with every failed attempt. */
export const FIRST_DELAY_MS = 500;
export const MAX_DELAY_MS = 10_000;
/** The same for codes after which a quick retry does harm: the server is full or has a bug, or this client was rate limited. */
export const FIRST_PATIENT_DELAY_MS = 4_000;
export const MAX_PATIENT_DELAY_MS = 60_000;

const PATIENT_CODES: ReadonlySet<number> = new Set([
  CLOSE_CODES.overloaded.code,
  CLOSE_CODES.rate_limited.code,
  CLOSE_CODES.internal_error.code,
]);

/**
 * Exponential back-off with full jitter: anything from nothing to the ceiling, so that a hundred phones which lost
 * the same server do not come back in the same moment. `attempt` counts from 1; `random` is from 0 up to 1.
 */
export function retryDelayMs(attempt: number, code: number, random: number): number {
  const isPatient = PATIENT_CODES.has(code);
  const first = isPatient ? FIRST_PATIENT_DELAY_MS : FIRST_DELAY_MS;
  const max = isPatient ? MAX_PATIENT_DELAY_MS : MAX_DELAY_MS;
  return Math.round(random * Math.min(max, first * 2 ** (attempt - 1)));
}
