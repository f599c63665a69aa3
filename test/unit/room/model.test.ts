import { describe, expect, test } from "@jest/globals";
import { walk } from "../../support/room-fuzz.ts";

const STEPS_PER_WALK = 400;
const WALKS = 60;

/** Seeds that once found something; they are walked again each time. */
const KEPT_SEEDS: readonly number[] = [];

describe("a room, after every one of 24,000 random steps", () => {
  const seeds = [...KEPT_SEEDS, ...Array.from({ length: WALKS }, (_walk, index) => 1_000 + index)];

  test.each(seeds)("P2 has told host and players what the model has (seed %d)", (seed) => {
    const { steps, difference } = walk(seed, STEPS_PER_WALK);
    expect({ steps: difference && steps.slice(-12), ...difference }).toEqual({});
  });

  test("P2 is somewhere else with another seed, and at the same place with the same", () => {
    expect(walk(1, 50)).toEqual(walk(1, 50));
    expect(walk(1, 50).steps).not.toEqual(walk(2, 50).steps);
  });
});
