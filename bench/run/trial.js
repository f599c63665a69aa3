/**
 * One trial: all targets that are compared stand ready side by side and are measured in short samples, round after round. What is
 * compared is so measured within seconds, and a drift of the machine affects all targets alike.
 */
import { enoughQuiet } from "../report/statistics.js";
import { SAMPLE_MS, createTarget } from "./target.js";
import { orderOfRound } from "./trials.js";

const WARM_UP_TURN_MS = 1000;

/**
 * @param {import("./trials.js").Trial} trial
 * @param {import("../command-line.js").Plan} plan
 * @param {{ signal: AbortSignal, say: (line: string) => void }} options
 * @returns {Promise<object[]>} what each of them found, in their order
 */
export async function runTrial(trial, plan, { signal, say }) {
  const { isTraced, node } = plan;
  const targets = trial.entries.map((entry) => createTarget(entry, { isTraced, node, signal }));
  const each = inTurn(targets, signal);
  const rounds = roundsOf(trial.scenario, plan);
  try {
    say(`setting up ${targets.map(({ label }) => label).join(", ")}`);
    await each((one) => one.setUp());
    await each((one) => one.assemble());
    await each((one) => one.settle());
    if (trial.scenario.isQuiet) {
      say("all are there, and rest");
      await Promise.all(targets.map((one) => one.rest(measureMsOf(trial.scenario, plan))));
    } else {
      say("warming up");
      await warmUpAll(targets, each, plan);
      say(`measuring each ${rounds} times`);
      await playRounds(trial, targets, each, { rounds, patience: patienceOf(trial.scenario, plan), signal, say });
    }
    const found = [];
    for (const one of targets) {
      found.push({
        scenario: trial.scenario.name,
        peer: one.label,
        repetition: trial.repetition,
        ...(await one.result(rounds)),
      });
    }
    return found;
  } finally {
    await Promise.all(targets.map((one) => one.close()));
  }
}

/** @typedef {(what: (one: import("./target.js").Target) => Promise<void>, round?: number) => Promise<void>} Each */

/** Does something with one after the other, never with two at a time. @param {import("./target.js").Target[]} targets @param {AbortSignal} signal @returns {Each} */
function inTurn(targets, signal) {
  return async (what, round = 0) => {
    for (const one of orderOfRound(targets, round)) if (!signal.aborted) await what(one);
  };
}

/**
 * Warms up in turns about as short as samples, so that all targets have waited equally long when they are measured. Warmed up one after
 * the other, equal targets would differ in cost for the whole trial.
 * @param {import("./target.js").Target[]} targets @param {Each} each @param {import("../command-line.js").Plan} plan
 */
async function warmUpAll(targets, each, plan) {
  const longest = Math.max(...targets.map(({ scenario }) => warmUpMsOf(scenario, plan)));
  for (let warmMs = 0; warmMs < longest; warmMs += WARM_UP_TURN_MS) {
    await each(async (one) => {
      const left = warmUpMsOf(one.scenario, plan) - warmMs;
      if (left > 0) await one.warmUp(Math.min(WARM_UP_TURN_MS, left));
    });
  }
}

/**
 * Plays the planned rounds, and more of them while a target and its base have too few quiet rounds in common.
 * @param {import("./trials.js").Trial} trial @param {import("./target.js").Target[]} targets @param {Each} each
 * @param {{ rounds: number, patience: number, signal: AbortSignal, say: (line: string) => void }} options
 */
async function playRounds({ base }, targets, each, { rounds, patience, signal, say }) {
  const most = rounds * (1 + patience);
  for (let round = 0; round < most && !signal.aborted; round += 1) {
    const standing = targets.filter(({ hasFailed }) => !hasFailed);
    const other = standing.find(({ label }) => label === base);
    const isEnough = standing.every((one) =>
      enoughQuiet(
        [one, other ?? one].map(({ samples }) => samples),
        rounds,
      ),
    );
    if (round >= rounds && isEnough) return;
    if (round === rounds) say(`too few rounds were quiet; up to ${most - rounds} more`);
    await each((one) => one.sample(), round);
  }
}

/** @param {import("../scenarios/index.js").Scenario} scenario @param {import("../command-line.js").Plan} plan */
const roundsOf = (scenario, plan) =>
  scenario.isQuiet ? 1 : Math.max(1, Math.ceil(measureMsOf(scenario, plan) / SAMPLE_MS));

/** Where a server is at work without a pause V8's helpers are always in its way, as processes on the same cores are in each other's, and a stage and its crowd: waiting for quiet is in vain. @param {import("../scenarios/index.js").Scenario} scenario @param {import("../command-line.js").Plan} plan */
const patienceOf = ({ isAssembling, sharesCores, crowd }, { patience }) =>
  isAssembling || sharesCores || crowd !== undefined ? 0 : patience;

/** @param {import("../scenarios/index.js").Scenario} scenario @param {import("../command-line.js").Plan} plan */
function measureMsOf({ leastMeasureMs = 0 }, { isQuick, measureMs }) {
  return isQuick ? measureMs : Math.max(measureMs, leastMeasureMs);
}

/** @param {import("../scenarios/index.js").Scenario} scenario @param {import("../command-line.js").Plan} plan */
function warmUpMsOf({ leastWarmUpMs = 0 }, { isQuick, warmUpMs }) {
  return isQuick ? warmUpMs : Math.max(warmUpMs, leastWarmUpMs);
}
