/** Runs all heats of a plan, one after the other. */
import { alarms, inShort } from "../report/progress.js";
import { runHeat } from "./heat.js";
import { heatsOf } from "./heats.js";

/**
 * @param {import("../command-line.js").Plan} plan
 * @param {AbortSignal} signal
 * @param {(line: string) => void} say
 * @param {{ isDone: (heat: import("./heats.js").Heat) => boolean, onFound: (runs: object[]) => void }} progress what need not be measured; called after each heat with all that was found
 */
export async function runPlan(plan, signal, say, { isDone, onFound }) {
  const heats = heatsOf(plan).filter((heat) => !isDone(heat));
  const runs = [];
  for (const [index, heat] of heats.entries()) {
    const title = `[${index + 1}/${heats.length}] ${heat.row.name} · ${heat.repetition}`;
    const found = await runHeat(heat, plan, { signal, say: (line) => say(`${title}: ${line}`) });
    if (signal.aborted) break;
    for (const run of found) for (const line of alarms(run)) say(`!!! ${title} · ${run.peer}: ${line}`);
    for (const run of found) say(`${title} · ${run.peer}: ${inShort(run)}`);
    runs.push(...found);
    onFound(runs);
  }
  return runs;
}
