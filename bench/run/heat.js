/**
 * One heat: all whose figures are compared stand ready side by side, and are measured in short bouts, round after round. So
 * what is compared was measured within seconds, and a machine that drifts from one minute to the next carries both along.
 */
import { enoughQuiet } from "../report/statistics.js";
import { BOUT_MS, createContestant } from "./contestant.js";
import { orderOfRound } from "./heats.js";

const WARM_UP_TURN_MS = 1000;

/**
 * @param {import("./heats.js").Heat} heat
 * @param {import("../command-line.js").Plan} plan
 * @param {{ signal: AbortSignal, say: (line: string) => void }} options
 * @returns {Promise<object[]>} what each of them found, in their order
 */
export async function runHeat(heat, plan, { signal, say }) {
  const { isTraced, node } = plan;
  const contestants = heat.entries.map((entry) => createContestant(entry, { isTraced, node, signal }));
  const each = inTurn(contestants, signal);
  const rounds = roundsOf(heat.row, plan);
  try {
    say(`setting up ${contestants.map(({ label }) => label).join(", ")}`);
    await each((one) => one.setUp());
    await each((one) => one.assemble());
    await each((one) => one.settle());
    if (heat.row.isQuiet) {
      say("all are there, and rest");
      await Promise.all(contestants.map((one) => one.rest(measureMsOf(heat.row, plan))));
    } else {
      say("warming up");
      await warmUpAll(contestants, each, plan);
      say(`measuring each ${rounds} times`);
      await playRounds(heat, contestants, each, { rounds, patience: patienceOf(heat.row, plan), signal, say });
    }
    const found = [];
    for (const one of contestants) {
      found.push({ row: heat.row.name, peer: one.label, repetition: heat.repetition, ...(await one.result(rounds)) });
    }
    return found;
  } finally {
    await Promise.all(contestants.map((one) => one.close()));
  }
}

/** @typedef {(what: (one: import("./contestant.js").Contestant) => Promise<void>, round?: number) => Promise<void>} Each */

/** Does something with one after the other, never with two at a time. @param {import("./contestant.js").Contestant[]} contestants @param {AbortSignal} signal @returns {Each} */
function inTurn(contestants, signal) {
  return async (what, round = 0) => {
    for (const one of orderOfRound(contestants, round)) if (!signal.aborted) await what(one);
  };
}

/**
 * In turns about as short as bouts, so that all have stood by equally long and often when they are measured: warmed up in
 * one go, those who came first were cheaper than their equals who came last, for as long as the heat went on.
 * @param {import("./contestant.js").Contestant[]} contestants @param {Each} each @param {import("../command-line.js").Plan} plan
 */
async function warmUpAll(contestants, each, plan) {
  const longest = Math.max(...contestants.map(({ scene }) => warmUpMsOf(scene, plan)));
  for (let warmMs = 0; warmMs < longest; warmMs += WARM_UP_TURN_MS) {
    await each(async (one) => {
      const left = warmUpMsOf(one.scene, plan) - warmMs;
      if (left > 0) await one.warmUp(Math.min(WARM_UP_TURN_MS, left));
    });
  }
}

/**
 * Rounds as planned, and more of them while too few were quiet for somebody and whom it is compared with.
 * @param {import("./heats.js").Heat} heat @param {import("./contestant.js").Contestant[]} contestants @param {Each} each
 * @param {{ rounds: number, patience: number, signal: AbortSignal, say: (line: string) => void }} options
 */
async function playRounds({ base }, contestants, each, { rounds, patience, signal, say }) {
  const most = rounds * (1 + patience);
  for (let round = 0; round < most && !signal.aborted; round += 1) {
    const standing = contestants.filter(({ hasFailed }) => !hasFailed);
    const other = standing.find(({ label }) => label === base);
    const isEnough = standing.every((one) =>
      enoughQuiet(
        [one, other ?? one].map(({ bouts }) => bouts),
        rounds,
      ),
    );
    if (round >= rounds && isEnough) return;
    if (round === rounds) say(`too few rounds were quiet; up to ${most - rounds} more`);
    await each((one) => one.bout(), round);
  }
}

/** @param {import("../rows/index.js").Row} row @param {import("../command-line.js").Plan} plan */
const roundsOf = (row, plan) => (row.isQuiet ? 1 : Math.max(1, Math.ceil(measureMsOf(row, plan) / BOUT_MS)));

/** Where a server is at work without a pause V8's helpers are always in its way, and waiting for quiet is in vain. @param {import("../rows/index.js").Row} row @param {import("../command-line.js").Plan} plan */
const patienceOf = ({ isAssembling }, { patience }) => (isAssembling ? 0 : patience);

/** @param {import("../rows/index.js").Row} row @param {import("../command-line.js").Plan} plan */
function measureMsOf({ leastMeasureMs = 0 }, { isQuick, measureMs }) {
  return isQuick ? measureMs : Math.max(measureMs, leastMeasureMs);
}

/** @param {import("../rows/index.js").Row} row @param {import("../command-line.js").Plan} plan */
function warmUpMsOf({ leastWarmUpMs = 0 }, { isQuick, warmUpMs }) {
  return isQuick ? warmUpMs : Math.max(warmUpMs, leastWarmUpMs);
}
