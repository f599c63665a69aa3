/** The table that a run ends with. */
import { compare, median } from "./statistics.js";

export const BASE_PEER = "naive";

const COLUMNS = [
  ["peer", (cells) => cells.peer],
  ["µs/frame", ({ cost }) => cost.median.toFixed(2)],
  [`× ${BASE_PEER}`, ({ cost }) => cost.ratio?.toFixed(2) ?? "–"],
  ["(from–to)", ({ cost }) => range(cost.ratios)],
  ["mean", ({ of }) => of((run) => run.meanUsPerFrame).toFixed(2)],
  ["frames/s", ({ of }) => Math.round(of((run) => run.framesPerSecond))],
  ["CPU", ({ of }) => `${Math.round(of((run) => run.cpuShare) * 100)} %`],
  ["p50 ms", ({ of }) => of((run) => latencyOf(run).p50).toFixed(2)],
  ["p99 ms", ({ of }) => of((run) => latencyOf(run).p99).toFixed(2)],
  ["p99.9 ms", ({ of }) => of((run) => latencyOf(run).p999).toFixed(2)],
  ["peak MiB", ({ of }) => Math.round(of((run) => run.memory.peak) / 2 ** 20)],
  ["loop p99 ms", ({ of }) => of((run) => run.loopDelay?.p99 ?? Number.NaN).toFixed(1)],
  ["load CPU", ({ of }) => `${Math.round(of((run) => run.load.cpuShare) * 100)} %`],
];

/** @param {number[]} ratios */
const range = (ratios) =>
  ratios.length < 2 ? "" : `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;

/** The latency of the longest way that a row's frames go: with an echo, there and back. */
export function latencyOf({ latency }) {
  return Object.values(latency).at(-1);
}

/** @param {object} results @param {(line: string) => void} say */
export function printTables({ plan, runs }, say) {
  for (const { name, what } of plan.rows) {
    const ofRow = runs.filter((run) => run.row === name);
    say(`\n${name}: ${what}`);
    for (const run of ofRow) {
      if (run.failure !== undefined) say(`!!! ${run.peer} FAILED in repetition ${run.repetition}: ${run.failure}`);
      else if (run.lost > 0 || run.wrong > 0) {
        say(`!!! ${run.peer} in repetition ${run.repetition}: ${run.lost} frames LOST, ${run.wrong} WRONG`);
      }
    }
    const rows = plan.peers.flatMap(({ name: peer }) => {
      const own = ofRow.filter((run) => run.peer === peer && run.failure === undefined);
      if (own.length === 0) return [];
      const cells = {
        peer,
        cost: compare(ofRow, peer, BASE_PEER, (run) => run.usPerFrame),
        of: (figure) => median(own.map(figure)),
      };
      return [COLUMNS.map(([, cell]) => String(cell(cells)))];
    });
    for (const line of aligned([COLUMNS.map(([head]) => head), ...rows])) say(line);
  }
}

/** @param {string[][]} table */
function aligned(table) {
  const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  return table.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("  "),
  );
}
