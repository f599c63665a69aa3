/** Chance in tests: everything that is drawn follows from the seed of the run, and `budget` says how much is tried. */
import { createRandom, type Random } from "../../src/chaos/random.ts";

export class SeededRandom {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  /** From 0 up to, but not including, 1. */
  next(): number {
    return this.#random.next();
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from 0 up to, but not including, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[this.below(items.length)];
  }
}

const LARGEST_SEED = 1_000_000_000;

/** The seed of this run. `scripts/test.js` draws and prints one for all tests; jest alone draws one for each file. */
export const SEED = numberIn("COUCHWIRE_TEST_SEED", LARGEST_SEED) ?? Math.floor(Math.random() * LARGEST_SEED) + 1;

const BUDGET = numberIn("COUCHWIRE_TEST_BUDGET", 1_000) ?? 1;

/** How often something random is tried: so often, and many times as often in `npm run test:long`. */
export function budget(times: number): number {
  return times * BUDGET;
}

/** Seeds for whole tests: those that failed once, and as many new ones as the budget allows. */
export function seeds(kept: readonly number[] = []): readonly number[] {
  return [...kept, ...Array.from({ length: budget(1) }, (_, index) => SEED + index)];
}

/** How a failure says that it can be had again. */
export function repeatWith(seed: number): string {
  return `COUCHWIRE_TEST_SEED=${seed} repeats this`;
}

function numberIn(name: string, most: number): number | undefined {
  const text = process.env[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`${name} is ${JSON.stringify(text)}, but has to be a whole number from 1 to ${most}.`);
}
