/** A run's results in short: for each row and peer the medians, and how they compare. What tables, chart and documents show. */
import { besidesLabel } from "../run/turns.js";
import { compare, median } from "./statistics.js";

/** Whose figures count as 1. */
export const BASE_PEER = "naive";

/**
 * What is compared with the base, too; smaller is better, but for joins and frames a second.
 * @type {Record<string, (run: object) => number | undefined>}
 */
const COMPARED = {
  usPerFrame: (run) => run.usPerFrame,
  p50Ms: (run) => latencyOf(run)?.p50,
  p99Ms: (run) => latencyOf(run)?.p99,
  peakMiB: (run) => run.memory.peak / 2 ** 20,
  kibPerConnection: (run) => run.memory.perConnection / 1024,
  joinsPerSecond: (run) => run.joins.perSecond,
  usPerJoin: (run) => run.joins.cpuUs,
};

/** @type {Record<string, (run: object) => number | undefined>} */
const SHOWN = {
  meanUsPerFrame: (run) => run.meanUsPerFrame,
  framesPerSecond: (run) => run.framesPerSecond,
  cpuShare: (run) => run.cpuShare,
  p999Ms: (run) => latencyOf(run)?.p999,
  heapKibPerConnection: (run) => run.heap && run.heap.heapPerConnection / 1024,
  loopDelayP99Ms: (run) => run.loopDelay?.p99,
  loadCpuShare: (run) => run.load.cpuShare,
  waitedShare: (run) => run.waitedShare,
};

/** The latency of the longest way that a row's frames go: with an echo, there and back. @param {object} run */
const latencyOf = ({ latency }) => Object.values(latency).at(-1);

/** Three digits say all that such figures hold. @param {number} value */
const rounded = (value) => Number(value.toPrecision(3));

/** @param {object} results */
export function summarize({ startedAt, machine, plan, absent, runs }) {
  const { rows, peers, ...how } = plan;
  return {
    startedAt,
    machine,
    how,
    peers,
    absent,
    rows: rows.map((row) => Object.assign({}, row, { lines: linesOf(row, peers, runs) })),
  };
}

/** One line a peer; where a row has another one beside it, also one for that. */
function linesOf(row, peers, runs) {
  const ofRow = runs.filter((run) => run.row === row.name);
  return peers.flatMap(({ name }) => {
    if (row.besides === undefined) return lineOf(name, BASE_PEER, ofRow);
    // Here each peer is compared with itself.
    const base = besidesLabel(name, row.besides);
    return [...lineOf(name, base, ofRow), ...lineOf(base, base, ofRow)];
  });
}

/** @param {string} peer @param {string} base @param {object[]} runs of the row @returns {object[]} none without a run */
function lineOf(peer, base, runs) {
  const own = runs.filter((run) => run.peer === peer);
  if (own.length === 0) return [];
  const whole = own.filter(({ failure }) => failure === undefined);
  const quiet = whole.filter(({ isNoisy }) => !isNoisy);
  const used = quiet.length > 0 ? quiet : whole;
  const figures = {};
  for (const [name, figure] of Object.entries({ ...COMPARED, ...SHOWN })) {
    const values = used.map(figure).filter((value) => Number.isFinite(value));
    if (values.length > 0) figures[name] = rounded(median(values));
  }
  const ratios = {};
  for (const [name, figure] of Object.entries(COMPARED)) {
    const compared = figures[name] === undefined ? undefined : compare(runs, peer, base, figure);
    if (compared === undefined) continue;
    const { ratio, low, high } = compared;
    ratios[name] = { ratio: rounded(ratio), low: rounded(low), high: rounded(high) };
  }
  return [
    {
      peer,
      base,
      turns: own.length,
      failed: own.length - whole.length,
      lost: whole.reduce((sum, { lost }) => sum + lost, 0),
      wrong: whole.reduce((sum, { wrong }) => sum + wrong, 0),
      isNoisy: whole.length > 0 && quiet.length === 0,
      figures,
      ratios,
    },
  ];
}
