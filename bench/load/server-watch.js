/** What a server costs, as the kernel counts it: processor time of all its threads and children, and its memory. */
import { readdirSync, readFileSync } from "node:fs";

const CLOCK_TICK_NS = 10_000_000;

/** The processes of a server: those that are named and all their descendants. @param {number[]} roots */
export function processTree(roots) {
  const all = [...roots];
  for (const pid of all) {
    for (const task of list(`/proc/${pid}/task`)) {
      const children = read(`/proc/${pid}/task/${task}/children`) ?? "";
      all.push(...children.split(" ").filter(Boolean).map(Number));
    }
  }
  return all;
}

/**
 * Nanoseconds of processor time that these processes have used. A thread that ends takes its share with it; servers
 * keep theirs.
 * @param {number[]} pids
 */
export function cpuNanoseconds(pids) {
  let sum = 0;
  for (const pid of pids) {
    for (const task of list(`/proc/${pid}/task`)) sum += taskNanoseconds(`/proc/${pid}/task/${task}`);
  }
  return sum;
}

/** @param {string} task */
function taskNanoseconds(task) {
  const exact = read(`${task}/schedstat`);
  if (exact !== undefined) return Number(exact.split(" ", 1)[0]);
  // Kernels without that file count in hundredths of a second; utime and stime stand behind the name in brackets.
  const stat = read(`${task}/stat`) ?? "";
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * CLOCK_TICK_NS;
}

/**
 * Nanoseconds for which the main threads of these processes could have run, but had no processor: others were in the way.
 * Other threads are left out, because they wait for the main one as a rule.
 * @param {(number | "self")[]} pids
 */
function waitedNanoseconds(pids) {
  return pids.reduce((sum, pid) => sum + Number(read(`/proc/${pid}/schedstat`)?.split(" ")[1] ?? 0), 0);
}

/** Bytes in memory now, and at most so far. @param {number[]} pids */
export function memoryBytes(pids) {
  const total = { now: 0, peak: 0 };
  for (const pid of pids) {
    const status = read(`/proc/${pid}/status`) ?? "";
    total.now += kibibytes(status, "VmRSS") * 1024;
    total.peak += kibibytes(status, "VmHWM") * 1024;
  }
  return total;
}

/** @param {string} status @param {string} field */
const kibibytes = (status, field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // it has ended in between
  }
}

/** @param {string} path */
function list(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/**
 * A measurement of time: what the server used in it, what it got done (frames delivered, or connections made), and for how long
 * it and the load generator had to wait for a processor. `nsOf`: of the used time, that of each part that has a name.
 * @typedef {{ ns: number, done: number, waitedNs: number, ms: number, nsOf?: Record<string, number> }} Measurement
 */

/** Processes of a server that are counted together, and what they are called. @typedef {{ part?: string | undefined, pids: number[] }} Part */

/**
 * Begins and ends measurements. Of the load generator, which is this process, it counts the waiting.
 * @param {Part[]} parts @param {() => number} done so far
 */
export function createMeter(parts, done) {
  const pids = parts.flatMap((one) => one.pids);
  const named = parts.filter(({ part }) => part !== undefined);
  const look = () => ({
    total: {
      ns: cpuNanoseconds(pids),
      done: done(),
      waitedNs: waitedNanoseconds([...pids, "self"]),
      ms: performance.now(),
    },
    nsOf: Object.fromEntries(named.map((one) => [one.part, cpuNanoseconds(one.pids)])),
  });
  return {
    begin() {
      const first = look();
      /** @returns {Measurement} */
      const end = () => {
        const last = look();
        const total = between(first.total, last.total);
        return named.length === 0 ? total : { ...total, nsOf: between(first.nsOf, last.nsOf) };
      };
      return { end };
    },
  };
}

/** @param {Record<string, number>} one @param {Record<string, number>} other */
function between(one, other) {
  return Object.fromEntries(Object.entries(other).map(([name, value]) => [name, value - one[name]]));
}
