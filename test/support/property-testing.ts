/** fast-check with the seed and the budget of the run. Tests import it from here. */
import { configureGlobal } from "fast-check";
import { budget, SEED } from "./seeded-random.ts";

/** What fast-check does by default. */
const RUNS = 100;

configureGlobal({ seed: SEED, numRuns: budget(RUNS) });

export * from "fast-check";
