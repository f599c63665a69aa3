/** How a check says that a rule does not hold: what was expected, and what came. */
import { AssertionError } from "node:assert";
import { isDeepStrictEqual } from "node:util";

/** The rule does not hold. `expected` and `actual` are there where two values differ. */
export class BrokenRule extends AssertionError {
  constructor(message: string, values: { readonly expected?: unknown; readonly actual?: unknown } = {}) {
    super({ message, ...values });
    this.name = "BrokenRule";
  }
}

/** The rule does not hold in what WMBP's own server does otherwise, and holds in all else. */
export class WmbpDeparture extends BrokenRule {}

/** The rule cannot be checked at this server; the reason says why. It neither holds nor fails. */
export class NotCheckable extends Error {
  override readonly name = "NotCheckable";
}

/** What an error of the network says. One of several addresses tried has a code alone. */
export function networkFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === "" && "code" in error ? String(error.code) : error.message;
}

/** The two are the same, member by member. `what` names the value, as the beginning of a sentence. */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new BrokenRule(`${what} is not as expected.`, { expected, actual });
}

/** It is so. `expected` says in words what has to be. */
export function expectThat(isSo: boolean, what: string, expected: string, actual: unknown): asserts isSo {
  if (!isSo) throw new BrokenRule(`${what} is not as expected.`, { expected, actual });
}
