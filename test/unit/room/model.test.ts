import { describe, expect, test } from "@jest/globals";
import { fuzzRun } from "../../support/room/model-fuzz.ts";

const STEPS_PER_WALK = 400;
const WALKS = 60;

/** Seeds that once found something; they are walked again each time. */
const KEPT_SEEDS: readonly number[] = [];

describe("a room, after every one of 24,000 random steps", () => {
  const seeds = [...KEPT_SEEDS, ...Array.from({ length: WALKS }, (_walk, index) => 1_000 + index)];

  test.each(seeds)("P2 has told host and players what the model has (seed %d)", (seed) => {
    const { steps, difference } = fuzzRun(seed, STEPS_PER_WALK);
    expect({ steps: difference && steps.slice(-12), ...difference }).toEqual({});
  });

  test("P2 is somewhere else with another seed, and at the same place with the same", () => {
    expect(fuzzRun(1, 50)).toEqual(fuzzRun(1, 50));
    expect(fuzzRun(1, 50).steps).not.toEqual(fuzzRun(2, 50).steps);
  });
});
