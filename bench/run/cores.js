/** The server on one core and the load generator on another, so that neither takes time from the other; but where a scenario is about several processes. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

const CORES = { server: 0, load: 1 };

const canPin = availableParallelism() >= 2 && spawnSync("taskset", ["--version"]).status === 0;

/**
 * A command that runs on the core of its kind, where the machine has two and `taskset`; of the kind "any", on all of them.
 * @param {keyof typeof CORES | "any"} kind @param {string} program @param {string[]} words
 * @returns {[program: string, words: string[]]}
 */
export function pinned(kind, program, words) {
  return canPin && kind !== "any" ? ["taskset", ["-c", String(CORES[kind]), program, ...words]] : [program, words];
}
