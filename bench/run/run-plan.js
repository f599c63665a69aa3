/** Runs all trials of a plan, one after the other. */
import { alarms, inShort } from "../report/progress.js";
import { runTrial } from "./trial.js";
import { trialsOf } from "./trials.js";

/**
 * @param {import("../command-line.js").Plan} plan
 * @param {AbortSignal} signal
 * @param {(line: string) => void} say
 * @param {{ isDone: (trial: import("./trials.js").Trial) => boolean, onFound: (runs: object[]) => void }} progress what need not be measured; called after each trial with all that was found
 */
export async function runPlan(plan, signal, say, { isDone, onFound }) {
  const trials = trialsOf(plan).filter((trial) => !isDone(trial));
  const runs = [];
  for (const [index, trial] of trials.entries()) {
    const title = `[${index + 1}/${trials.length}] ${trial.scenario.name} · ${trial.repetition}`;
    const found = await runTrial(trial, plan, { signal, say: (line) => say(`${title}: ${line}`) });
    if (signal.aborted) break;
    for (const run of found) for (const line of alarms(run)) say(`!!! ${title} · ${run.peer}: ${line}`);
    for (const run of found) say(`${title} · ${run.peer}: ${inShort(run)}`);
    runs.push(...found);
    onFound(runs);
  }
  return runs;
}
