/** A run that was begun earlier, and how what is measured now goes with it: a whole one takes hours, and may end before its time. */
import { readFileSync } from "node:fs";

/** @typedef {{ name: string, isQuiet?: boolean | undefined, isAssembling?: boolean | undefined, besides?: string | undefined }} DescribedScenario as a result has it */
/** @typedef {Record<string, unknown> & { scenarios: DescribedScenario[], peers: { name: string }[] }} DescribedPlan */
/** @typedef {{ startedAt: string, machine: object, plan: DescribedPlan, absent: { name: string, why: string }[], runs: object[] }} Results */

/** @param {string} file @returns {Results} @throws {Error} with a sentence where this is no result */
export function readEarlier(file) {
  let results;
  try {
    results = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`--resume is ${file}, which cannot be read: ${error.message}.`, { cause: error });
  }
  const isResult = [results?.runs, results?.absent, results?.plan?.scenarios, results?.plan?.peers].every(
    Array.isArray,
  );
  if (!isResult) throw new Error(`--resume is ${file}, which is no result of the benchmark.`);
  return results;
}

/** Why figures of both would not be comparable, if that is so. @param {Results} earlier @param {Results} now @returns {string | undefined} */
export function whyNotTogether(earlier, now) {
  const was = circumstances(earlier);
  for (const [name, value] of Object.entries(circumstances(now))) {
    if (was[name] !== value) return `the earlier run had ${name} ${String(was[name])}, this one has ${String(value)}`;
  }
  return undefined;
}

/** What of a plan makes figures what they are. */
const HOW = ["repetitions", "warmUpMs", "measureMs", "sampleMs", "settleMs", "isQuick", "isTraced"];

/** @param {Results} results @returns {Record<string, unknown>} */
function circumstances({ machine, plan }) {
  return { ...machine, ...Object.fromEntries(HOW.map((name) => [name, plan[name]])) };
}

/** Whether it has all that this trial would find; a target that failed is measured again. @param {Pick<Results, "runs"> | undefined} earlier @param {import("../run/trials.js").Trial} trial */
export function hasTrial(earlier, { scenario, repetition, entries }) {
  const found = earlier?.runs.filter((run) => run.scenario === scenario.name && run.repetition === repetition) ?? [];
  return entries.every(({ label }) => found.some(({ peer, failure }) => peer === label && failure === undefined));
}

/**
 * Both in one. What was measured anew takes the place of what there was.
 * @param {Results | undefined} earlier @param {Results} now
 * @param {{ scenarios: readonly { name: string }[], peers: readonly { name: string }[] }} all in the order that they shall have
 * @returns {Results}
 */
export function together(earlier, now, all) {
  if (earlier === undefined) return now;
  // Where peers do not stand side by side, each is measured by itself; elsewhere those of one trial belong together.
  const alone = new Set([...earlier.plan.scenarios, ...now.plan.scenarios].filter(isAlone).map(({ name }) => name));
  const isAnew = ({ scenario, repetition, peer }) =>
    now.runs.some(
      (run) =>
        run.scenario === scenario && run.repetition === repetition && (run.peer === peer || !alone.has(scenario)),
    );
  const present = new Set(now.plan.peers.map(({ name }) => name));
  return {
    ...now,
    startedAt: earlier.startedAt,
    plan: {
      ...now.plan,
      scenarios: union(earlier.plan.scenarios, now.plan.scenarios, all.scenarios),
      peers: union(earlier.plan.peers, now.plan.peers, all.peers),
    },
    absent: union(earlier.absent, now.absent, []).filter(({ name }) => !present.has(name)),
    runs: [...earlier.runs.filter((run) => !isAnew(run)), ...now.runs],
  };
}

/** @param {DescribedScenario} scenario */
const isAlone = ({ isQuiet, besides }) => isQuiet || besides !== undefined;

/** @template {{ name: string }} T @param {T[]} one @param {T[]} other @param {readonly { name: string }[]} order those that are not in it come last @returns {T[]} */
function union(one, other, order) {
  const byName = new Map([...one, ...other].map((each) => [each.name, each]));
  const known = order.flatMap(({ name }) => byName.get(name) ?? []);
  return [...known, ...[...byName.values()].filter((each) => !known.includes(each))];
}
