/** The benchmark: `npm run bench` in the root, or `node bench/bench.js`. `--help` says what it can be told. */
import { setMaxListeners } from "node:events";
import { existsSync } from "node:fs";
import { readCommandLine, HELP } from "./command-line.js";
import { whyTooMany } from "./run/file-limit.js";
import { SAMPLE_MS, SETTLE_MS } from "./run/target.js";
import { describeMachine } from "./run/machine.js";
import { runPlan } from "./run/run-plan.js";
import { whyNoBus } from "./run/bus-server.js";
import { isAble } from "./run/trials.js";
import { printTables } from "./report/tables.js";
import { PEERS } from "./peers/index.js";
import { hasTrial, together, whyNotTogether } from "./report/earlier-run.js";
import { keepSummary, resultFile, saveResults } from "./report/save.js";
import { summarize } from "./report/summary.js";
import { SCENARIOS } from "./scenarios/index.js";

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
  if (!existsSync("/proc/self/stat")) {
    say("The benchmark reads processor time from /proc, so it runs on Linux only.");
    return EXIT_FAILURE;
  }
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // one for each peer that stands ready
  let exitCode = 0;
  for (const [signal, code] of Object.entries(EXIT_INTERRUPTED)) {
    process.on(signal, () => {
      exitCode = code;
      stop.abort();
    });
  }
  const startedAt = new Date();
  const machine = describeMachine(plan.node);
  const scenarios = present(plan.scenarios, (scenario) => whyTooMany(scenario) ?? whyNoBus(scenario));
  const isNeeded = (peer) => scenarios.present.some((scenario) => isAble(peer, scenario));
  const peers = present(plan.peers, (peer) => peer.whyMissing?.() ?? (isNeeded(peer) ? peer.prepare?.() : undefined));
  const absent = [...peers.absent, ...scenarios.absent];
  for (const { name, why } of absent) say(`Without ${name}: ${why}.`);
  const possible = { ...plan, peers: peers.present, scenarios: scenarios.present };
  /** @param {object[]} runs that were found now */
  const resultsOf = (runs) => ({
    startedAt: startedAt.toISOString(),
    machine,
    plan: describePlan(possible),
    absent,
    runs,
  });
  const { earlier } = plan;
  const whyNot = earlier && whyNotTogether(earlier.results, resultsOf([]));
  if (whyNot !== undefined) {
    say(`The run of ${earlier.file} cannot be resumed: ${whyNot}.`);
    return EXIT_USAGE;
  }
  const file = earlier?.file ?? resultFile(startedAt, plan.folder);
  let results = together(earlier?.results, resultsOf([]), { scenarios: SCENARIOS, peers: PEERS });
  let saved;
  await runPlan(possible, stop.signal, say, {
    isDone: (trial) => hasTrial(earlier?.results, trial),
    onFound(runs) {
      results = together(earlier?.results, resultsOf(runs), { scenarios: SCENARIOS, peers: PEERS });
      saved = saveResults(results, file);
    },
  });
  if (stop.signal.aborted) {
    say(`Interrupted: all that was started is stopped. ${whatIsKept(saved)}`);
    return exitCode;
  }
  const summary = summarize(results);
  printTables(summary, say);
  say(`All of it is in ${saveResults(results, file)}.`);
  if (plan.isKept) say(`For the documents it is in ${keepSummary(summary)}; node scripts/docs.js puts it there.`);
  return results.runs.some((run) => run.failure !== undefined || run.lost > 0 || run.wrong > 0) ? EXIT_FAILURE : 0;
}

/** @param {string | undefined} file */
function whatIsKept(file) {
  return file === undefined
    ? "Nothing was found yet."
    : `What was found is in ${file}; the same command with --resume ${file} goes on.`;
}

/**
 * Those that can run on this machine, and why the others cannot.
 * @template {{ name: string }} T
 * @param {T[]} all @param {(one: T) => string | undefined} whyNot
 */
function present(all, whyNot) {
  const reasons = all.map((one) => ({ one, why: whyNot(one) }));
  return {
    present: reasons.filter(({ why }) => why === undefined).map(({ one }) => one),
    absent: reasons.filter(({ why }) => why !== undefined).map(({ one, why }) => ({ name: one.name, why })),
  };
}

/** What of a plan belongs into the results: words, not functions. @param {import("./command-line.js").Plan} plan */
function describePlan({ scenarios, peers, repetitions, warmUpMs, measureMs, patience, isQuick, isTraced }) {
  return {
    scenarios: scenarios.map(
      ({ name, what, phones, isQuiet, isAssembling, crowd, sharesCores, relay, base, besides }) => ({
        name,
        what,
        isQuiet,
        isAssembling,
        watchers: crowd && phones,
        joinsPerSecond: crowd?.joinsPerSecond,
        sharesCores,
        isRelay: relay === undefined ? undefined : true,
        base,
        besides: besides?.name,
      }),
    ),
    peers: peers.map(({ name, what, versions }) => ({ name, what, versions: versions?.() })),
    repetitions,
    warmUpMs,
    measureMs,
    sampleMs: SAMPLE_MS,
    settleMs: SETTLE_MS,
    patience,
    isQuick,
    isTraced,
  };
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
