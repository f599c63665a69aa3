/** The tables that a run ends with. */

/** @type {[head: string, cell: (line: object) => string | undefined][]} */
const COST_COLUMNS = [
  ["µs/frame", ({ figures }) => figures.usPerFrame?.toFixed(2)],
  ["× base", ({ ratios }) => range(ratios.usPerFrame)],
  ["mean", ({ figures }) => figures.meanUsPerFrame?.toFixed(2)],
  ["frames/s", ({ figures }) => figures.framesPerSecond?.toFixed(0)],
  ["CPU", ({ figures }) => percent(figures.cpuShare)],
  ["p50 ms", ({ figures }) => figures.p50Ms?.toFixed(2)],
  ["p99 ms", ({ figures }) => figures.p99Ms?.toFixed(2)],
  ["p99.9 ms", ({ figures }) => figures.p999Ms?.toFixed(2)],
  ["peak MiB", ({ figures }) => figures.peakMiB?.toFixed(0)],
  ["loop p99 ms", ({ figures }) => figures.loopDelayP99Ms?.toFixed(1)],
  ["load CPU", ({ figures }) => percent(figures.loadCpuShare)],
  ["waited", ({ figures }) => percent(figures.waitedShare)],
];

/** @type {typeof COST_COLUMNS} */
const JOIN_COLUMNS = [
  ["joins/s", ({ figures }) => figures.joinsPerSecond?.toFixed(0)],
  ["× base", ({ ratios }) => range(ratios.joinsPerSecond)],
  ["µs/join", ({ figures }) => figures.usPerJoin?.toFixed(0)],
  ["× base", ({ ratios }) => range(ratios.usPerJoin)],
  ["CPU", ({ figures }) => percent(figures.cpuShare)],
  ["load CPU", ({ figures }) => percent(figures.loadCpuShare)],
  ["waited", ({ figures }) => percent(figures.waitedShare)],
];

/** @type {typeof COST_COLUMNS} */
const MEMORY_COLUMNS = [
  ["KiB/connection", ({ figures }) => figures.kibPerConnection?.toFixed(1)],
  ["× base", ({ ratios }) => range(ratios.kibPerConnection)],
  ["of it heap", ({ figures }) => figures.heapKibPerConnection?.toFixed(1)],
  ["joins/s", ({ figures }) => figures.joinsPerSecond?.toFixed(0)],
  ["× base", ({ ratios }) => range(ratios.joinsPerSecond)],
  ["µs/join", ({ figures }) => figures.usPerJoin?.toFixed(0)],
  ["× base", ({ ratios }) => range(ratios.usPerJoin)],
  ["CPU at rest", ({ figures }) => percent(figures.cpuShare, 1)],
  ["peak MiB", ({ figures }) => figures.peakMiB?.toFixed(0)],
];

/** As for others, and what open rooms are about. @type {typeof COST_COLUMNS} */
const RELAY_COLUMNS = [
  ...COST_COLUMNS.filter(([head]) => head !== "peak MiB" && head !== "p99.9 ms"),
  ["growth MiB", ({ figures }) => figures.growthMiB?.toFixed(1)],
  ["× base", ({ ratios }) => range(ratios.growthMiB)],
  ["talking MiB", ({ figures }) => figures.talkingGrowthMiB?.toFixed(1)],
  ["lost in a stall", ({ lostInStall }) => String(lostInStall)],
];

/** What is about a crowd: what its host hears and uses, when its watchers hear it, and what each of them takes. @type {typeof COST_COLUMNS} */
const CROWD_COLUMNS = [
  ...COST_COLUMNS.filter(([head]) => !["mean", "p99.9 ms", "peak MiB", "waited"].includes(head)),
  ["host messages/s", ({ figures }) => figures.hostMessagesPerSecond?.toFixed(1)],
  ["host CPU", ({ figures }) => percent(figures.hostCpuShare, 2)],
  ["KiB/watcher", ({ figures }) => figures.kibPerWatcher?.toFixed(1)],
  ["of it heap", ({ figures }) => figures.heapKibPerWatcher?.toFixed(2)],
  ["bare heap", ({ figures }) => figures.heapKibPerBareConnection?.toFixed(2)],
];

/** What the players of a crowd feel of watchers that come and go. @type {typeof COST_COLUMNS} */
const CHURN_COLUMNS = [
  ["joins/s", ({ figures }) => figures.watcherJoinsPerSecond?.toFixed(0)],
  ["players p50 ms", ({ figures }) => figures.playersP50Ms?.toFixed(2)],
  ["× base", ({ ratios }) => range(ratios.playersP50Ms)],
  ["players p99 ms", ({ figures }) => figures.playersP99Ms?.toFixed(2)],
  ["× base", ({ ratios }) => range(ratios.playersP99Ms)],
  ["CPU", ({ figures }) => percent(figures.cpuShare)],
  ["load CPU", ({ figures }) => percent(figures.loadCpuShare)],
];

/** As for others, with what each part of the server takes. @param {string[]} parts @returns {typeof COST_COLUMNS} */
const nodesColumns = (parts) =>
  COST_COLUMNS.flatMap((column) => {
    if (column[0] === "mean") return parts.map((part) => [part, (line) => line.usPerFrameOf?.[part]?.toFixed(2)]);
    return column[0] === "frames/s" ? [column, ["× base", ({ ratios }) => range(ratios.framesPerSecond)]] : [column];
  });

const percent = (share, digits = 0) => (share === undefined ? undefined : `${(share * 100).toFixed(digits)} %`);

/** @param {{ ratio: number, low: number, high: number } | undefined} compared */
function range(compared) {
  if (compared === undefined) return undefined;
  const { ratio, low, high } = compared;
  return low === high ? ratio.toFixed(2) : `${ratio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/** @param {ReturnType<typeof import("./summary.js").summarize>} summary @param {(line: string) => void} say */
export function printTables({ scenarios, peers }, say) {
  for (const scenario of scenarios) {
    const { name, what, lines } = scenario;
    say(`\n${name}: ${what}`);
    for (const { peer, repetitions, failed, lost, wrong } of lines) {
      if (failed > 0) say(`!!! ${peer} FAILED in ${failed} of ${repetitions} repetitions`);
      if (lost > 0 || wrong > 0) say(`!!! ${peer}: ${lost} frames LOST, ${wrong} things WRONG`);
    }
    const columns = columnsOf(scenario);
    const cells = lines.map((line) => [nameOf(line), ...columns.map(([, cell]) => cell(line) ?? "–")]);
    for (const line of aligned([["", ...columns.map(([head]) => head)], ...cells])) say(line);
    const without = peers.filter((peer) => !lines.some((line) => line.peer === peer.name));
    if (without.length > 0) say(`without ${without.map((peer) => peer.name).join(", ")}: not made for it`);
  }
}

/** @param {{ isQuiet?: boolean, isAssembling?: boolean, isRelay?: boolean, watchers?: number, joinsPerSecond?: number, sharesCores?: boolean, lines: object[] }} scenario @returns {typeof COST_COLUMNS} */
function columnsOf({ isQuiet, isAssembling, isRelay, watchers, joinsPerSecond, sharesCores, lines }) {
  if (isQuiet) return MEMORY_COLUMNS;
  if (isAssembling) return JOIN_COLUMNS;
  if (isRelay) return RELAY_COLUMNS;
  if (joinsPerSecond !== undefined) return CHURN_COLUMNS;
  if (watchers !== undefined) return CROWD_COLUMNS;
  if (!sharesCores) return COST_COLUMNS;
  return nodesColumns([...new Set(lines.flatMap(({ usPerFrameOf = {} }) => Object.keys(usPerFrameOf)))]);
}

/** @param {{ peer: string, isNoisy: boolean }} line */
const nameOf = ({ peer, isNoisy }) => (isNoisy ? `${peer} (noisy)` : peer);

/** @param {string[][]} table */
function aligned(table) {
  const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  return table.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("  "),
  );
}
