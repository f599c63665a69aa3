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

/**
 * Microseconds of the server's processor time for each frame that it delivered: the lower quartile of the slices, because
 * what disturbs a slice (other guests of the machine, the host's own work) only ever adds; and the whole time's mean.
 * @param {{ slices: { ns: number, frames: number }[], whole: { ns: number, frames: number, ms: number } }} measured
 */
export function costOf({ slices, whole }) {
  const costs = slices.filter(({ frames }) => frames > 0).map(({ ns, frames }) => ns / frames / 1000);
  return {
    usPerFrame: costs.length === 0 ? undefined : quantile(costs, 0.25),
    meanUsPerFrame: whole.frames === 0 ? undefined : whole.ns / whole.frames / 1000,
    framesPerSecond: (whole.frames / whole.ms) * 1000,
    cpuShare: whole.ns / 1e6 / whole.ms,
  };
}

/**
 * What a peer has in one row: the median over its repetitions, and the median of its ratios to another one, the base, each
 * taken within one repetition.
 * @param {object[]} runs of one row @param {string} peer @param {string} base @param {(run: object) => number} figure
 */
export function compare(runs, peer, base, figure) {
  const valid = runs.filter((run) => run.failure === undefined);
  const own = valid.filter((run) => run.peer === peer);
  if (own.length === 0) return undefined;
  const ratios = own.flatMap((run) => {
    const other = valid.find(({ peer: name, repetition }) => name === base && repetition === run.repetition);
    return other === undefined ? [] : [figure(run) / figure(other)];
  });
  return { median: median(own.map(figure)), ratio: ratios.length === 0 ? undefined : median(ratios), ratios };
}
