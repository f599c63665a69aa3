/** What the suites are made of, and how they wait and compare. They need no test framework: a behaviour that does not hold rejects. */
import { strict as assert } from "node:assert";

/** One thing that a port has to do, for any test framework: give `name` and `run(target)` to its `test`. */
export interface Behaviour<Target> {
  /** What has to be so, with the number of its rule in docs/PROTOCOL.md where it has one. */
  readonly name: string;
  /** Resolves where it is so, and rejects with an `AssertionError` where it is not. */
  readonly run: (target: Target) => Promise<void>;
}

/** How a connection ended. */
export interface ConnectionEnd {
  /** The close code; `undefined` on a wire without one. */
  readonly code: number | undefined;
  readonly reason: string;
}

/** How long anything may take that has to happen. */
const GIVE_UP_MS = 15_000;

/** Waits, and rejects with what was waited for where it takes too long. */
export async function soon<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `It never came: ${what}.` })), GIVE_UP_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The next of what comes for which this is true; what comes before it is passed over. */
export async function until<T>(what: string, next: () => Promise<T>, matches: (item: T) => boolean): Promise<T> {
  return soon(
    what,
    (async () => {
      for (;;) {
        const item = await next();
        if (matches(item)) return item;
      }
    })(),
  );
}

/** The connection ended with this code, where the wire has codes. */
export async function endsWith(code: number, closed: Promise<ConnectionEnd>): Promise<void> {
  const end = await soon(`the end of a connection, with ${code}`, closed);
  if (end.code !== undefined) assert.equal(end.code, code);
}
