/** One check of a rule, and how it is run. */
import { BrokenRule, NotCheckable, WmbpDeparture } from "./broken-rule.ts";
import type { ConformancePart } from "./conformance-parts.ts";
import type { ConformanceTarget } from "./conformance-target.ts";
import { Trial } from "./trial.ts";

/** What a server of this wire has to do, as seen from outside. */
export interface ConformanceCheck {
  readonly part: ConformancePart;
  /** The number of the rule in docs/PROTOCOL.md. */
  readonly rule: string;
  /** The rule's number, and what has to be so. */
  readonly name: string;
  /** What WMBP's own server does otherwise, where it does. */
  readonly departure: string | undefined;
  /**
   * Resolves where it is so, or where it cannot be checked at this server; rejects with an `AssertionError` where it is not, a `WmbpDeparture` where only that
   * does not hold which WMBP's own server does otherwise. Opens a room of its own where it needs one, and ends what it has opened.
   */
  run(target: ConformanceTarget): Promise<CheckVerdict>;
}

/** How a check that has not failed went. */
export interface CheckVerdict {
  /** Why it could not be checked; `undefined` where it was. */
  readonly skipped: string | undefined;
}

/** A check as it is written down. */
export interface CheckDefinition {
  readonly is: string;
  /** What WMBP's own server does otherwise: in the parts that `Trial.departing` runs, or in all of the check where it runs none. */
  readonly departure?: string;
  readonly run: (trial: Trial) => Promise<void>;
}

/** The checks of a part. `is` begins with the number of the rule. */
export function checksOf(part: ConformancePart, definitions: readonly CheckDefinition[]): readonly ConformanceCheck[] {
  return definitions.map(({ is, departure, run }) => ({
    part,
    rule: is.slice(0, is.indexOf(" ")),
    name: is,
    departure,
    async run(target) {
      const trial = new Trial(target);
      try {
        await run(trial);
        const [first] = trial.departures ?? [];
        if (first !== undefined) throw asDeparture(first);
        return { skipped: undefined };
      } catch (error) {
        if (error instanceof NotCheckable) return { skipped: error.message };
        if (departure === undefined || trial.departures !== undefined || !(error instanceof BrokenRule)) throw error;
        throw asDeparture(error);
      } finally {
        await trial.end();
      }
    },
  }));
}

function asDeparture({ message, expected, actual }: BrokenRule): WmbpDeparture {
  return new WmbpDeparture(message, { expected, actual });
}
