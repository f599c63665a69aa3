/** A run's results in short: for each scenario and peer the medians, and how they compare. What tables, chart and documents show. */
import { basePeerOf, besidesLabel } from "../run/trials.js";
import { PLAYER_AND_BACK } from "../load/stage.js";
import { compare, compareAllRounds, compareRounds, doneEachSecond, median, usEach } from "./statistics.js";

/** @typedef {(own: object, other: object) => import("./statistics.js").Compared | undefined} CompareRuns */

/** A figure that a run has one of. @param {(run: object) => number | undefined} figure @returns {CompareRuns} */
function once(figure) {
  return (own, other) => ({ ratio: figure(own) / figure(other), isNoisy: own.isNoisy || other.isNoisy });
}

/** @type {(figure: (sample: import("./statistics.js").Measurement) => number) => CompareRuns} */
const sampleBySample = (figure) => (own, other) => compareRounds(own.samples, other.samples, own.rounds, figure);

/** @type {typeof sampleBySample} */
const partyByParty = (figure) => (own, other) =>
  compareAllRounds(own.joins.measurements, other.joins.measurements, figure);

/** @param {(run: object) => number | undefined} figure @param {CompareRuns} [compareRuns] */
const compared = (figure, compareRuns = once(figure)) => ({ figure, compareRuns });

/** What is compared with the base, too; smaller is better, but for frames and joins a second. */
const COMPARED = {
  usPerFrame: compared((run) => run.usPerFrame, sampleBySample(usEach)),
  framesPerSecond: compared((run) => run.framesPerSecond, sampleBySample(doneEachSecond)),
  p50Ms: compared((run) => latencyOf(run)?.p50),
  p99Ms: compared((run) => latencyOf(run)?.p99),
  growthMiB: compared((run) => run.memory.growth / 2 ** 20),
  peakMiB: compared((run) => run.memory.peak / 2 ** 20),
  kibPerConnection: compared((run) => run.memory.perConnection / 1024),
  joinsPerSecond: compared((run) => run.joins.perSecond, partyByParty(doneEachSecond)),
  usPerJoin: compared((run) => run.joins.cpuUs, partyByParty(usEach)),
  playersP50Ms: compared((run) => timed(run.latency[PLAYER_AND_BACK])?.p50),
  playersP99Ms: compared((run) => timed(run.latency[PLAYER_AND_BACK])?.p99),
};

/** @type {Record<string, (run: object) => number | undefined>} */
const SHOWN = {
  meanUsPerFrame: (run) => run.meanUsPerFrame,
  cpuShare: (run) => run.cpuShare,
  talkingGrowthMiB: (run) => run.memory.talkingGrowth / 2 ** 20,
  p999Ms: (run) => latencyOf(run)?.p999,
  heapKibPerConnection: (run) => run.heap && run.heap.heapPerConnection / 1024,
  loopDelayP99Ms: (run) => run.loopDelay?.p99,
  hostMessagesPerSecond: (run) => run.crowd?.hostMessagesPerSecond,
  hostCpuShare: (run) => run.crowd?.hostCpuShare,
  watcherJoinsPerSecond: (run) => run.crowd?.joinsPerSecond,
  crowdResidentMiB: (run) => run.crowd && run.crowd.resident / 2 ** 20,
  crowdInUseMiB: (run) => run.crowd && run.crowd.inUse / 2 ** 20,
  kibPerWatcher: (run) => run.crowd && run.crowd.perWatcher / 1024,
  heapKibPerWatcher: (run) => kibibytes(run.crowd?.heap),
  heapKibPerBareConnection: (run) => kibibytes(run.crowd?.bareHeap),
  loadCpuShare: (run) => run.load.cpuShare,
  waitedShare: (run) => run.waitedShare,
};

/** The latency of the longest way that a scenario's frames go: with an echo, there and back. @param {object} run */
const latencyOf = ({ latency }) => timed(Object.values(latency).at(-1));

/** Nothing where no frame has come in time to be counted. @param {{ frames?: number } | undefined} latency */
const timed = (latency) => (latency?.frames === 0 ? undefined : latency);

/** What JavaScript has on its heap, and beside it. @param {{ heapPerConnection: number, externalPerConnection: number } | undefined} heap */
const kibibytes = (heap) => heap && (heap.heapPerConnection + heap.externalPerConnection) / 1024;

/** Three digits say all that such figures hold. @param {number} value */
const rounded = (value) => Number(value.toPrecision(3));

/** @param {object} results */
export function summarize({ startedAt, machine, plan, absent, runs }) {
  const { scenarios, peers, ...how } = plan;
  return {
    startedAt,
    machine,
    how,
    peers,
    absent,
    scenarios: scenarios.map((scenario) => Object.assign({}, scenario, { lines: linesOf(scenario, peers, runs) })),
  };
}

/** One line a peer; where a scenario has another one beside it, also one for that. */
function linesOf(scenario, peers, runs) {
  const ofScenario = runs.filter((run) => run.scenario === scenario.name);
  return peers.flatMap(({ name }) => {
    if (scenario.besides === undefined) return lineOf(name, basePeerOf(scenario), ofScenario);
    // Here each peer is compared with itself.
    const base = besidesLabel(name, scenario.besides);
    return [...lineOf(name, base, ofScenario), ...lineOf(base, base, ofScenario)];
  });
}

/** @param {string} peer @param {string} base @param {object[]} runs of the scenario @returns {object[]} none without a run */
function lineOf(peer, base, runs) {
  const own = runs.filter((run) => run.peer === peer);
  if (own.length === 0) return [];
  const whole = own.filter(({ failure }) => failure === undefined);
  const quiet = whole.filter(({ isNoisy }) => !isNoisy);
  const used = quiet.length > 0 ? quiet : whole;
  const figures = {};
  const shown = Object.entries(COMPARED).map(([name, { figure }]) => [name, figure]);
  for (const [name, figure] of [...shown, ...Object.entries(SHOWN)]) {
    const values = used.map(figure).filter((value) => Number.isFinite(value));
    if (values.length > 0) figures[name] = rounded(median(values));
  }
  const ratios = {};
  let isNoisy = whole.length > 0 && quiet.length === 0;
  for (const [name, { compareRuns }] of Object.entries(COMPARED)) {
    const found = figures[name] === undefined ? undefined : compare(runs, peer, base, compareRuns);
    if (found === undefined) continue;
    const { ratio, low, high } = found;
    // Each was quiet, but hardly ever both in the same round.
    if (name === "usPerFrame") isNoisy ||= found.isNoisy;
    ratios[name] = { ratio: rounded(ratio), low: rounded(low), high: rounded(high) };
  }
  return [
    {
      peer,
      base,
      repetitions: own.length,
      failed: own.length - whole.length,
      lost: whole.reduce((sum, { lost }) => sum + lost, 0),
      wrong: whole.reduce((sum, { wrong }) => sum + wrong, 0),
      lostInStall: whole.reduce((sum, { lostInStall = 0 }) => sum + lostInStall, 0),
      isNoisy,
      figures,
      ratios,
      usPerFrameOf: partCosts(used),
    },
  ];
}

/** Of each part of a server that has parts with names. @param {object[]} runs @returns {Record<string, number> | undefined} */
function partCosts(runs) {
  const costs = runs.flatMap(({ usPerFrameOf }) => usPerFrameOf ?? []);
  if (costs.length === 0) return undefined;
  const names = Object.keys(costs[0]);
  return Object.fromEntries(names.map((name) => [name, rounded(median(costs.map((cost) => cost[name])))]));
}
