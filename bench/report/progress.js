/** What is said of a run as soon as it is over. */

/** @param {number} share */
const percent = (share) => `${Math.round(share * 100)} %`;

/** The line of a stack that says what happened; all of it is in the results. @param {string} failure */
function tellingLine(failure) {
  const lines = failure.split("\n");
  return lines.find((line) => /^\w*Error/.test(line)) ?? lines[0];
}

/** What makes a figure worthless, said before the figure. */
export function alarms({ failure, lost, wrong, problems }) {
  if (failure !== undefined) return [`FAILED: ${tellingLine(failure)}`];
  const lines = [];
  if (lost > 0) lines.push(`LOST ${lost} frames`);
  if (wrong > 0) lines.push(`${wrong} things WRONG: ${problems.join("; ")}`);
  return lines;
}

/** @param {object} run */
export function inShort({
  failure,
  isAssembling,
  systemCalls,
  whole,
  isNoisy,
  waitedShare,
  usPerFrame,
  usPerFrameOf,
  framesPerSecond,
  latency,
  memory,
  joins,
  cpuShare,
  lostInStall,
  crowd,
}) {
  if (failure !== undefined) return "no figure";
  if (usPerFrame === undefined) {
    const kibibytes = (memory.perConnection / 1024).toFixed(1);
    return `${kibibytes} KiB a connection, ${Math.round(joins.perSecond)} joins/s, ${(cpuShare * 100).toFixed(1)} % CPU`;
  }
  if (systemCalls !== undefined)
    return `${describeCalls(systemCalls, whole.done)} a ${isAssembling ? "join" : "frame"}`;
  if (isAssembling) return `${joins.cpuUs.toFixed(0)} µs a join, ${Math.round(joins.perSecond)} joins/s`;
  const noise = isNoisy ? ` (noisy: they waited for a processor ${percent(waitedShare)} of the time)` : "";
  const times = Object.values(latency).map(({ p50, p99 }) => `${p50.toFixed(2)}/${p99.toFixed(2)} ms`);
  const stall = lostInStall === undefined ? "" : `, ${lostInStall} lost in a stall`;
  return `${usPerFrame.toFixed(2)} µs a frame${describeParts(usPerFrameOf)}, ${Math.round(framesPerSecond)} frames/s, p50/p99 ${times.join(", ")}${stall}${describeCrowd(crowd)}${noise}`;
}

/** @param {{ hostMessagesPerSecond: number, hostCpuShare: number, joinsPerSecond: number, perWatcher?: number } | undefined} crowd */
function describeCrowd(crowd) {
  if (crowd === undefined) return "";
  const { hostMessagesPerSecond, hostCpuShare, joinsPerSecond, perWatcher } = crowd;
  const host = `host ${hostMessagesPerSecond.toFixed(1)} messages/s and ${(hostCpuShare * 100).toFixed(2)} % CPU`;
  const watchers =
    perWatcher === undefined
      ? `${Math.round(joinsPerSecond)} joins/s`
      : `${(perWatcher / 1024).toFixed(1)} KiB a watcher`;
  return `, ${host}, ${watchers}`;
}

/** Of a server of several parts, what each takes of it. @param {Record<string, number> | undefined} costs */
function describeParts(costs) {
  if (costs === undefined) return "";
  const each = Object.entries(costs).map(([name, us]) => `${name} ${us.toFixed(2)}`);
  return ` (${each.join(", ")})`;
}

/** Those that there is more than one of in a hundred frames. @param {Record<string, number>} calls @param {number} frames */
function describeCalls(calls, frames) {
  const each = Object.entries(calls).map(([name, count]) => [name, count / frames]);
  return each
    .filter(([, perFrame]) => perFrame >= 0.01)
    .map(([name, perFrame]) => `${perFrame.toFixed(2)} ${name}`)
    .join(", ");
}
