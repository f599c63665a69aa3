/** How slices become a figure, and figures a comparison. */

/** @param {number[]} values @param {number} share from 0 to 1 @returns {number} with what lies between two values in proportion */
export function quantile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  return below + (sorted[Math.ceil(place)] - below) * (place % 1);
}

/** @param {number[]} values */
export const median = (values) => quantile(values, 0.5);

/** A slice is quiet if server and load generator together waited for a processor in no larger share of it. */
const QUIET_SHARE = 0.025;
/** With fewer quiet slices than this, all of them count, and the figure is called noisy. */
const QUIET_SLICES = 3;

/**
 * Microseconds of the server's processor time for each frame that it delivered: the lower quartile of the quiet slices, and
 * the whole time's mean. Slices that are not quiet say little: a server that was held up finds many frames at once, and one
 * beside a busy neighbour has cold caches.
 * @param {{ slices: Slice[], whole: Slice }} measured
 * @typedef {{ ns: number, frames: number, waitedNs: number, ms: number }} Slice
 */
export function costOf({ slices, whole }) {
  const useful = slices.filter(({ frames }) => frames > 0);
  const quiet = useful.filter(({ waitedNs, ms }) => waitedNs / 1e6 / ms <= QUIET_SHARE);
  const isNoisy = quiet.length < Math.min(QUIET_SLICES, useful.length);
  const costs = (isNoisy ? useful : quiet).map(({ ns, frames }) => ns / frames / 1000);
  return {
    isNoisy,
    waitedShare: whole.waitedNs / 1e6 / whole.ms,
    usPerFrame: costs.length === 0 ? undefined : quantile(costs, 0.25),
    meanUsPerFrame: whole.frames === 0 ? undefined : whole.ns / whole.frames / 1000,
    framesPerSecond: (whole.frames / whole.ms) * 1000,
    cpuShare: whole.ns / 1e6 / whole.ms,
  };
}

/**
 * A peer beside another one, the base: the median of their ratios and the extremes, each ratio taken within one repetition.
 * Repetitions that were noisy for either count only where there are no others.
 * @template {{ peer: string, repetition: number, failure?: string, isNoisy?: boolean }} Run
 * @param {Run[]} runs of one row @param {string} peer @param {string} base @param {(run: Run) => number} figure
 * @returns {{ ratio: number, low: number, high: number } | undefined} nothing where they never ran in the same repetition
 */
export function compare(runs, peer, base, figure) {
  const pairs = runs
    .filter((run) => run.peer === peer)
    .map((run) => [run, runs.find((other) => other.peer === base && other.repetition === run.repetition)])
    .filter((pair) => pair.every((run) => run !== undefined && run.failure === undefined));
  const quiet = pairs.filter((pair) => pair.every(({ isNoisy }) => !isNoisy));
  const ratios = (quiet.length > 0 ? quiet : pairs).map(([own, other]) => figure(own) / figure(other));
  if (ratios.length === 0) return undefined;
  return { ratio: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) };
}
