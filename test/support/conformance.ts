/** What tests of the conformance checks have in common. */
import type { OptionsInput } from "../../src/config.ts";
import {
  conformanceSuite,
  createConformanceTarget,
  runConformance,
  type ConformanceResult,
  type ConformanceTargetOptions,
} from "../../src/testing/index.ts";

/** Rooms at the rate of the checks, and a debounce that is over soon. */
export const QUICK: OptionsInput = { networkRooms: 0, awayMs: 200 };
export const PATIENT = { timeoutMs: 45_000 };
/** A check that waits for what never comes takes all of its time. */
export const WITH_TIMEOUTS_MS = 180_000;

const DEFAULTS = conformanceSuite.filter(({ part }) => part === "wmbp" || part === "sessions" || part === "reliable");

export async function resultsOfDefaults(options: ConformanceTargetOptions): Promise<readonly ConformanceResult[]> {
  return runConformance(createConformanceTarget({ ...PATIENT, ...options }), { checks: DEFAULTS });
}

export function faults(results: readonly ConformanceResult[]): readonly string[] {
  return results.flatMap(({ check, fault }) =>
    fault === undefined ? [] : [`${check.name}: ${JSON.stringify(fault)}`],
  );
}
