/** The benchmark: `npm run bench` in the root, or `node bench/bench.js`. `--help` says what it can be told. */
import { readCommandLine, HELP } from "./command-line.js";
import { describeMachine } from "./run/machine.js";
import { runPlan } from "./run/run-plan.js";
import { printTables } from "./report/tables.js";
import { saveResults } from "./report/save.js";

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = { SIGINT: 130, SIGTERM: 143 };

const read = readCommandLine(process.argv.slice(2));
if (read.run === "help") {
  process.stdout.write(HELP);
} else if (read.run === "wrong") {
  process.stderr.write(`bench: ${read.sentence}\n`);
  process.exitCode = EXIT_USAGE;
} else {
  process.exitCode = await bench(read.plan);
}

/** @param {import("./command-line.js").Plan} plan */
async function bench(plan) {
  const stop = new AbortController();
  let exitCode = 0;
  for (const [signal, code] of Object.entries(EXIT_INTERRUPTED)) {
    process.on(signal, () => {
      exitCode = code;
      stop.abort();
    });
  }
  const startedAt = new Date();
  const machine = describeMachine();
  const absent = plan.peers.flatMap((peer) => {
    const why = peer.whyMissing?.();
    return why === undefined ? [] : [{ name: peer.name, why }];
  });
  for (const { name, why } of absent) say(`Without ${name}: ${why}.`);
  const peers = plan.peers.filter(({ name }) => !absent.some((peer) => peer.name === name));
  const runs = await runPlan({ ...plan, peers }, stop.signal, say);
  if (stop.signal.aborted) return exitCode;
  const results = { startedAt: startedAt.toISOString(), machine, plan: describePlan({ ...plan, peers }), absent, runs };
  printTables(results, say);
  say(`All of it is in ${saveResults(results, startedAt)}.`);
  return runs.some((run) => run.failure !== undefined || run.lost > 0 || run.wrong > 0) ? EXIT_FAILURE : 0;
}

/** What of a plan belongs into the results: words, not functions. @param {import("./command-line.js").Plan} plan */
function describePlan({ rows, peers, repetitions, warmUpMs, measureMs, isQuick, isTraced }) {
  return {
    rows: rows.map(({ name, what, isQuiet, besides }) => ({ name, what, isQuiet, besides: besides?.name })),
    peers: peers.map(({ name, what }) => ({ name, what })),
    repetitions,
    warmUpMs,
    measureMs,
    isQuick,
    isTraced,
  };
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
