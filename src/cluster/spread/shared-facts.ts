/**
 * Facts that all nodes are to know alike, such as bans: each is said once, by the node where it came up, and taken by all others. A fact may come late, twice, or
 * after a newer one of the same thing, so taking one again changes nothing.
 */

/** A fact as it travels: JSON. */
export type Fact = readonly (string | number | boolean | null | object)[];

/** All facts of one kind, at one node. */
export interface SharedFacts {
  /** What the kind is called between nodes. */
  readonly name: string;
  /** Everything that a node which knows nothing has to be told. */
  all(): Iterable<Fact>;
  /** Takes a fact that another node has told. `false` where it is none. */
  take(fact: unknown): boolean;
  /** Calls `tell` with each fact that comes up here, in the same call. */
  onNew(tell: (fact: Fact) => void): void;
  /** The same number at two nodes that know the same. @default facts of this kind are not compared: they soon end by themselves, or are claimed elsewhere as well */
  digest?(): number;
}

/** Adds up these texts, one of each fact: in whatever order they come, the same ones make the same number. */
export function digestOf(texts: Iterable<string>): number {
  let sum = 0;
  for (const text of texts) sum = (sum + hashOf(text)) >>> 0;
  return sum;
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** Reads a text of a fact. */
export function isText(value: unknown, maxLength: number): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= maxLength;
}

/** Reads a moment in milliseconds since 1970, which may be at most a day ahead: what is further ahead would win over everything that is said later. */
export function isMoment(value: unknown, now: number): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 && value <= now + DAY_MS;
}

const DAY_MS = 86_400_000;
