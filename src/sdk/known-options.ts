/** Rejects unknown options, which are usually misspelt. */
import { hasOwn } from "../protocol/has-own.ts";
import { invalid, quote } from "./invalid-argument.ts";

/** The names of all options. */
export type KnownOptions<Options> = Readonly<Record<keyof Required<Options>, true>>;

/**
 * `what` is what takes the options, such as `createRoom`.
 * @throws {CouchwireError} `invalid_argument` at what is no object, and at an option that is not known
 */
export function checkOptions<Options extends object>(
  options: Options,
  known: KnownOptions<Options>,
  what: string,
): void {
  if (typeof options !== "object" || options === null) {
    throw invalid(`${what} takes an object with options; this is ${quote(options)}.`);
  }
  for (const name of Object.keys(options)) {
    if (hasOwn(known, name)) continue;
    const names = Object.keys(known);
    const meant = closest(name, names);
    const help = meant === undefined ? `There are ${names.join(", ")}.` : `Did you mean \`${meant}\`?`;
    throw invalid(`${what} has no option \`${name.slice(0, 64)}\`. ${help}`);
  }
}

/** The known name that is nearest to a misspelt one; `undefined` if none is near. */
function closest(name: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((known) => ({ known, slips: distance(name.slice(0, 64).toLowerCase(), known.toLowerCase()) }))
    .sort((one, other) => one.slips - other.slips);
  return best !== undefined && best.slips <= Math.max(1, best.known.length / 3) ? best.known : undefined;
}

/** The edit distance of two texts (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      const change = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(change, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
