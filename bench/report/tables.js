/** The tables that a run ends with. */
import { besidesLabel } from "../run/turns.js";
import { compare, median } from "./statistics.js";

export const BASE_PEER = "naive";

/**
 * A column: its head, and its cell of the peer's runs. `of` gives the median of a figure, `ratio` compares it.
 * @typedef {{ of: (figure: (run: object) => number | undefined) => number, ratio: (figure: (run: object) => number) => string }} Figures
 * @type {[head: string, cell: (figures: Figures) => string][]}
 */
const COST_COLUMNS = [
  ["µs/frame", ({ of }) => of((run) => run.usPerFrame).toFixed(2)],
  ["× base", ({ ratio }) => ratio((run) => run.usPerFrame)],
  ["mean", ({ of }) => of((run) => run.meanUsPerFrame).toFixed(2)],
  ["frames/s", ({ of }) => of((run) => run.framesPerSecond).toFixed(0)],
  ["CPU", ({ of }) => percent(of((run) => run.cpuShare))],
  ["p50 ms", ({ of }) => of((run) => latencyOf(run).p50).toFixed(2)],
  ["p99 ms", ({ of }) => of((run) => latencyOf(run).p99).toFixed(2)],
  ["p99.9 ms", ({ of }) => of((run) => latencyOf(run).p999).toFixed(2)],
  ["peak MiB", ({ of }) => of((run) => run.memory.peak / 2 ** 20).toFixed(0)],
  ["loop p99 ms", ({ of }) => of((run) => run.loopDelay?.p99).toFixed(1)],
  ["load CPU", ({ of }) => percent(of((run) => run.load.cpuShare))],
  [
    "waited",
    ({ of }) =>
      percent(
        of((run) => run.waitedShare),
        1,
      ),
  ],
];

const MEMORY_COLUMNS = [
  ["KiB/connection", ({ of }) => of((run) => run.memory.perConnection / 1024).toFixed(1)],
  ["× base", ({ ratio }) => ratio((run) => run.memory.perConnection)],
  ["of it heap", ({ of }) => of((run) => run.heap?.heapPerConnection / 1024).toFixed(1)],
  ["joins/s", ({ of }) => of((run) => run.joins.perSecond).toFixed(0)],
  ["× base", ({ ratio }) => ratio((run) => run.joins.perSecond)],
  ["µs/join", ({ of }) => of((run) => run.joins.cpuUs).toFixed(0)],
  [
    "CPU at rest",
    ({ of }) =>
      percent(
        of((run) => run.cpuShare),
        1,
      ),
  ],
  ["peak MiB", ({ of }) => of((run) => run.memory.peak / 2 ** 20).toFixed(0)],
];

const percent = (share, digits = 0) => `${(share * 100).toFixed(digits)} %`;

/** The latency of the longest way that a row's frames go: with an echo, there and back. */
export function latencyOf({ latency }) {
  return Object.values(latency).at(-1);
}

/** @param {object} results @param {(line: string) => void} say */
export function printTables({ plan, runs }, say) {
  for (const row of plan.rows) {
    const ofRow = runs.filter((run) => run.row === row.name);
    say(`\n${row.name}: ${row.what}`);
    for (const { peer, repetition, failure, lost, wrong } of ofRow) {
      if (failure !== undefined) say(`!!! ${peer} FAILED in repetition ${repetition}: ${failure.split("\n", 1)}`);
      else if (lost > 0 || wrong > 0)
        say(`!!! ${peer} in repetition ${repetition}: ${lost} frames LOST, ${wrong} WRONG`);
    }
    const table = tableOf(row, plan.peers, ofRow);
    for (const line of aligned(table)) say(line);
    const without = plan.peers.filter(({ name }) => !ofRow.some(({ peer }) => peer === name)).map(({ name }) => name);
    if (without.length > 0) say(`without ${without.join(", ")}: not made for it`);
  }
}

/** @param {{ name: string, isQuiet?: boolean, besides?: string }} row @param {{ name: string }[]} peers @param {object[]} runs of the row */
function tableOf(row, peers, runs) {
  const columns = row.isQuiet ? MEMORY_COLUMNS : COST_COLUMNS;
  const labels = peers.flatMap(({ name }) =>
    row.besides === undefined ? [{ name, base: BASE_PEER }] : besides(name, row.besides),
  );
  const lines = labels.flatMap(({ name, base }) => {
    const own = runs.filter((run) => run.peer === name && run.failure === undefined);
    if (own.length === 0) return [];
    const of = (figure) => median(own.map((run) => figure(run) ?? Number.NaN));
    const ratio = (figure) => ratioText(compare(runs, name, base, figure));
    return [[name, ...columns.map(([, cell]) => cell({ of, ratio }).replace(/NaN.*/, "–"))]];
  });
  return [["", ...columns.map(([head]) => head)], ...lines];
}

/** Where a row has another one beside it, each peer is compared with itself. */
function besides(name, scene) {
  const base = besidesLabel(name, scene);
  return [
    { name, base },
    { name: base, base },
  ];
}

/** @param {ReturnType<typeof compare>} compared */
function ratioText(compared) {
  if (compared?.ratio === undefined) return "–";
  const { ratio, ratios } = compared;
  const range = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  return ratios.length === 1 ? ratio.toFixed(2) : `${ratio.toFixed(2)} (${range})`;
}

/** @param {string[][]} table */
function aligned(table) {
  const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  return table.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("  "),
  );
}
