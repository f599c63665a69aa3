/** Revocations of tokens as facts: `[key, at]`. Of two of one user the later one counts. */
import type { Revocations } from "../../auth/revocations.ts";
import { digestOf, isMoment, type Fact, type SharedFacts } from "./shared-facts.ts";

/** A claim has 128 bytes at most, and a word in front. */
const MAX_KEY_LENGTH = 1_100;

export class SharedRevocations implements SharedFacts {
  readonly name = "revocations";
  readonly #revocations: Pick<Revocations, "onNew" | "adopt" | "list">;
  readonly #wallClock: () => number;

  constructor(revocations: Pick<Revocations, "onNew" | "adopt" | "list">, wallClock: () => number) {
    this.#revocations = revocations;
    this.#wallClock = wallClock;
  }

  onNew(tell: (fact: Fact) => void): void {
    this.#revocations.onNew(({ key, at }) => tell([key, at]));
  }

  *all(): Iterable<Fact> {
    for (const { key, at } of this.#revocations.list()) yield [key, at];
  }

  take(fact: unknown): boolean {
    if (!Array.isArray(fact) || fact.length !== 2) return false;
    const [key, at]: readonly unknown[] = fact;
    if (typeof key !== "string" || key.length > MAX_KEY_LENGTH || !isMoment(at, this.#wallClock())) return false;
    this.#revocations.adopt({ key, at });
    return true;
  }

  digest(): number {
    return digestOf([...this.#revocations.list()].map(({ key, at }) => `${at} ${key}`));
  }
}
