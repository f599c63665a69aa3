/** How samples become a figure, and rounds a comparison. */

/** @param {number[]} values @param {number} share from 0 to 1 @returns {number} with what lies between two values in proportion */
export function quantile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  return below + (sorted[Math.ceil(place)] - below) * (place % 1);
}

/** @param {number[]} values */
export const median = (values) => quantile(values, 0.5);

/** @typedef {import("../load/server-watch.js").Measurement} Measurement */

/** A measurement is quiet if server and load generator together waited for a processor in no larger share of it. */
const QUIET_SHARE = 0.025;

/** @param {Measurement} measurement */
const waitedShareOf = ({ waitedNs, ms }) => waitedNs / 1e6 / ms;

/** Microseconds of the server's processor time for each thing that it got done. @param {Pick<Measurement, "ns" | "done">} measurement */
export const usEach = ({ ns, done }) => ns / done / 1000;

/** @param {Measurement} measurement */
export const doneEachSecond = ({ done, ms }) => (done / ms) * 1000;

/**
 * The rounds that count: those that were quiet for all sides, or if these are less than half as many as were planned, all
 * of them, which is then called noisy. A round that is not quiet says little: a server that was held up finds many frames at once,
 * and one beside a busy neighbour has cold caches.
 * @param {Measurement[][]} sides of each its measurements, in the order of the rounds
 * @param {number} planned
 * @returns {{ rounds: Measurement[][], isNoisy: boolean }} each round as a measurement of each side
 */
function countingRounds(sides, planned) {
  const [first = []] = sides;
  const played = Math.min(...sides.map(({ length }) => length));
  const all = first.slice(0, played).map((_, round) => sides.map((side) => side[round]));
  const useful = all.filter((round) => round.every(({ done }) => done > 0));
  const quiet = useful.filter((round) => round.every((measurement) => waitedShareOf(measurement) <= QUIET_SHARE));
  const isNoisy = quiet.length < Math.min(planned, useful.length) / 2;
  return { rounds: isNoisy ? useful : quiet, isNoisy };
}

/** The samples of one that count, by their number. @param {Measurement[]} samples @param {number} planned */
export function countingSamples(samples, planned) {
  const { rounds } = countingRounds([samples], planned);
  return rounds.map(([sample]) => samples.indexOf(sample));
}

/** Whether enough rounds were quiet for all sides. @param {Measurement[][]} sides @param {number} planned */
export const enoughQuiet = (sides, planned) => !countingRounds(sides, planned).isNoisy;

/** @param {Measurement[]} measurements @returns {Measurement} */
export function totalOf(measurements) {
  const total = { ns: 0, done: 0, waitedNs: 0, ms: 0 };
  for (const measurement of measurements) for (const name of Object.keys(total)) total[name] += measurement[name];
  return total;
}

/**
 * What a peer's frames cost: the median of the samples that count, and the mean of all. The median and not a lower quantile,
 * because disturbances go both ways, and because a ratio is that of the same rounds.
 * @param {Measurement[]} samples @param {number} planned
 */
export function frameCostOf(samples, planned) {
  const whole = totalOf(samples);
  const { rounds, isNoisy } = countingRounds([samples], planned);
  return {
    isNoisy,
    waitedShare: waitedShareOf(whole),
    usPerFrame: rounds.length === 0 ? undefined : median(rounds.map(([sample]) => usEach(sample))),
    meanUsPerFrame: whole.done === 0 ? undefined : usEach(whole),
    framesPerSecond: doneEachSecond(whole),
    cpuShare: whole.ns / 1e6 / whole.ms,
  };
}

/**
 * Microseconds of processor time of each part of a server for each frame, where its parts have names.
 * @param {Measurement[]} samples @param {number} planned @returns {Record<string, number> | undefined}
 */
export function partCostsOf(samples, planned) {
  const { rounds } = countingRounds([samples], planned);
  const names = Object.keys(rounds[0]?.[0]?.nsOf ?? {});
  if (names.length === 0) return undefined;
  const costOf = (name) => median(rounds.map(([{ nsOf, done }]) => usEach({ ns: nsOf[name], done })));
  return Object.fromEntries(names.map((name) => [name, costOf(name)]));
}

/**
 * The cost of a join, and joins per second. Of several parties the median counts. Of one party all joins count, the slow first ones of a
 * fresh process too.
 * @param {Measurement[]} measurements one a party
 */
export function joinsOf(measurements) {
  return {
    perSecond: median(measurements.map(doneEachSecond)),
    cpuUs: median(measurements.map(usEach)),
    measurements,
  };
}

/** @typedef {{ ratio: number, isNoisy: boolean }} Compared */

/**
 * One beside another: the median of ratios that are each of one round.
 * @param {Measurement[]} own @param {Measurement[]} other @param {number} planned @param {(measurement: Measurement) => number} figure
 * @returns {Compared | undefined} nothing where there was nothing to measure
 */
export function compareRounds(own, other, planned, figure) {
  const { rounds, isNoisy } = countingRounds([own, other], planned);
  if (rounds.length === 0) return undefined;
  return { ratio: median(rounds.map(([one, two]) => figure(one) / figure(two))), isNoisy };
}

/** As `compareRounds`, of all rounds, quiet or not. @param {Measurement[]} own @param {Measurement[]} other @param {(measurement: Measurement) => number} figure @returns {Compared | undefined} */
export function compareAllRounds(own, other, figure) {
  const played = Math.min(own.length, other.length);
  if (played === 0) return undefined;
  return {
    ratio: median(own.slice(0, played).map((one, round) => figure(one) / figure(other[round]))),
    isNoisy: false,
  };
}

/**
 * A peer beside another one, the base: the median of their repetitions' ratios, and the extremes. Repetitions that were
 * noisy count only where there are no others.
 * @template {{ peer: string, repetition: number, failure?: string }} Run
 * @param {Run[]} runs of one scenario @param {string} peer @param {string} base
 * @param {(own: Run, other: Run) => Compared | undefined} compareRuns
 * @returns {{ ratio: number, low: number, high: number, isNoisy: boolean } | undefined} nothing where they never ran in the same repetition
 */
export function compare(runs, peer, base, compareRuns) {
  const compared = runs
    .filter((run) => run.peer === peer)
    .map((run) => [run, runs.find((other) => other.peer === base && other.repetition === run.repetition)])
    .filter((pair) => pair.every((run) => run !== undefined && run.failure === undefined))
    .map(([own, other]) => compareRuns(own, other))
    .filter((one) => one !== undefined);
  if (compared.length === 0) return undefined;
  const quiet = compared.filter(({ isNoisy }) => !isNoisy);
  const ratios = (quiet.length > 0 ? quiet : compared).map(({ ratio }) => ratio);
  return {
    ratio: median(ratios),
    low: Math.min(...ratios),
    high: Math.max(...ratios),
    isNoisy: quiet.length === 0,
  };
}
