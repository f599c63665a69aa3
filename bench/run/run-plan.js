/** Runs all heats of a plan, one after the other. */
import { alarms, inShort } from "../report/progress.js";
import { runHeat } from "./heat.js";
import { heatsOf } from "./heats.js";

/** Each party connects from other loopback addresses, because used ports rest for a minute. */
const FIRST_ADDRESS = 1;
const ADDRESSES = 250;
const ADDRESSES_PER_PARTY = 4;

/**
 * @param {import("../command-line.js").Plan} plan
 * @param {AbortSignal} signal
 * @param {(line: string) => void} say
 * @param {{ isDone: (heat: import("./heats.js").Heat) => boolean, onFound: (runs: object[]) => void }} progress what need not be measured; called after each heat with all that was found
 */
export async function runPlan(plan, signal, say, { isDone, onFound }) {
  const heats = heatsOf(plan).filter((heat) => !isDone(heat));
  const nextAddress = createAddresses();
  const runs = [];
  for (const [index, heat] of heats.entries()) {
    const title = `[${index + 1}/${heats.length}] ${heat.row.name} · ${heat.repetition}`;
    const found = await runHeat(heat, plan, { signal, nextAddress, say: (line) => say(`${title}: ${line}`) });
    if (signal.aborted) break;
    for (const run of found) for (const line of alarms(run)) say(`!!! ${title} · ${run.peer}: ${line}`);
    for (const run of found) say(`${title} · ${run.peer}: ${inShort(run)}`);
    runs.push(...found);
    onFound(runs);
  }
  return runs;
}

/** The last bytes of the parties' first addresses, one after the other, round and round. */
function createAddresses() {
  let parties = 0;
  return () => {
    const address = FIRST_ADDRESS + ((parties * ADDRESSES_PER_PARTY) % ADDRESSES);
    parties += 1;
    return address;
  };
}
