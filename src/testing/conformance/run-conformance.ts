/** Runs checks against one server, several at a time, and tells their results in the order of the checks. */
import { AssertionError } from "node:assert";
import { networkFault, WmbpDeparture } from "./broken-rule.ts";
import type { ConformanceCheck } from "./conformance-check.ts";
import type { ConformanceTarget } from "./conformance-target.ts";
import { conformanceSuite } from "./conformance-suite.ts";

/** How one check went. */
export interface ConformanceResult {
  readonly check: ConformanceCheck;
  readonly isOk: boolean;
  /** Why it could not be checked at this server. Such a check is no failure. */
  readonly skipped: string | undefined;
  readonly fault: ConformanceFault | undefined;
  readonly durationMs: number;
}

/** What is wrong where a check fails. */
export interface ConformanceFault {
  readonly message: string;
  readonly expected: unknown;
  readonly actual: unknown;
  /** Only what WMBP's own server does otherwise does not hold. */
  readonly isDeparture: boolean;
}

/** What is run, and how. */
export interface ConformanceRun {
  /** @default all of `conformanceSuite` */
  readonly checks?: readonly ConformanceCheck[];
  /** How many checks run at the same time. @default 8 */
  readonly atOnce?: number;
  /** Called for each result, in the order of the checks. */
  readonly onResult?: (result: ConformanceResult) => void;
}

const AT_ONCE = 8;

/** Runs the checks. Resolves with their results, in their order. */
export async function runConformance(
  target: ConformanceTarget,
  { checks = conformanceSuite, atOnce = AT_ONCE, onResult = () => undefined }: ConformanceRun = {},
): Promise<readonly ConformanceResult[]> {
  const results: (ConformanceResult | undefined)[] = checks.map(() => undefined);
  const queue = [...checks.entries()];
  let told = 0;
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, check] = next;
      results[index] = await resultOf(check, target);
      for (let result = results[told]; result !== undefined; result = results[told]) {
        onResult(result);
        told += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results.filter((result) => result !== undefined);
}

async function resultOf(check: ConformanceCheck, target: ConformanceTarget): Promise<ConformanceResult> {
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  try {
    const { skipped } = await check.run(target);
    return { check, isOk: true, skipped, fault: undefined, durationMs: took() };
  } catch (error) {
    return { check, isOk: false, skipped: undefined, fault: faultOf(error), durationMs: took() };
  }
}

function faultOf(error: unknown): ConformanceFault {
  if (error instanceof AssertionError) {
    const { message, expected, actual } = error;
    return { message, expected, actual, isDeparture: error instanceof WmbpDeparture };
  }
  return { message: networkFault(error), expected: undefined, actual: undefined, isDeparture: false };
}
