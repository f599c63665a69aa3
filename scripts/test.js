/**
 * `npm test` runs all that CI runs. `npm run test:quick` runs the part that shows most mistakes within four minutes.
 * `npm run test:long` runs the tests with random input many times as often. `node scripts/test.js types unit` runs
 * single steps. All steps run even if one fails; the last line sums up.
 */
import { spawn, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { ensureChromium } from "./chromium.js";
import { ensureTool } from "./debian.js";
import { installIn } from "./install.js";
import { testPython } from "./python.js";
import { searchLogs } from "./search-logs.js";
import { areRuntimesAvailable, runtimePath, RUNTIMES } from "./runtimes.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const IS_CI = process.env.CI === "true";
/** A lane takes two minutes, and six on a busy machine. One that hangs must not take the others with it. */
const LONGEST_LANE_MS = 900_000;

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {boolean} [needsBuild] Whether it looks at dist/, so that it is built first when the step runs alone.
 * @property {(scratch: string) => Count | Promise<Count>} run
 */

/** @type {Step[]} */
const STEPS = [
  {
    name: "build",
    run: () => sum([check("node", "scripts/build.js"), check("node", "scripts/api-docs.js", "--check")]),
  },
  {
    name: "types",
    run: () =>
      sum(
        [".", "src/protocol", "src/room", "src/session", "src/sdk", "src/playground"].map((project) =>
          check("tsc", "-p", project),
        ),
      ),
  },
  {
    name: "lint",
    run: () => sum([check("oxlint", "--type-aware", "--deny-warnings"), check("node", "scripts/check-lint.js")]),
  },
  { name: "format", run: () => check("oxfmt", "--check") },
  { name: "unit", needsBuild: true, run: (scratch) => jest("unit", scratch) },
  { name: "contract", needsBuild: true, run: contract },
  { name: "runtimes", needsBuild: true, run: runtimes },
  { name: "nodes", needsBuild: true, run: nodes },
  { name: "python", needsBuild: true, run: python },
  { name: "chaos", needsBuild: true, run: (scratch) => jest("chaos", scratch) },
  { name: "bench", needsBuild: true, run: bench },
  { name: "browser", needsBuild: true, run: browser },
  { name: "package", needsBuild: true, run: checkPackage },
  {
    name: "wire",
    needsBuild: true,
    run: (scratch) => jest("contract", scratch, { words: [WITHOUT_WAITS, "--", ...HEART] }),
  },
  { name: "random", needsBuild: true, run: random },
  { name: "logs", run: logs },
  { name: "schemathesis", needsBuild: true, run: schemathesis },
];

/** Named sets of steps. */
const LANES = {
  all: [
    "build",
    "types",
    "lint",
    "format",
    "unit",
    "contract",
    "runtimes",
    "nodes",
    "python",
    "chaos",
    "bench",
    "browser",
    "logs",
    "package",
  ],
  quick: ["build", "types", "lint", "format", "unit", "wire", "logs"],
  long: ["build", "random", "schemathesis"],
};

/** The exit code of scripts/schemathesis.js where there is no Python to install it with. */
const NO_PYTHON = 77;

/** How many times as often as usual the step `random` tries. */
const LONG_BUDGET = 20;
const LONG_TIMEOUT_MS = 3_600_000;
const LARGEST_SEED = 1_000_000_000;

/** What of the contract suite every runtime has to pass, with the WebSocket engine that it has by itself. */
const HEART = [
  ...["wire", "sessions", "members", "channels"].map((folder) => `test/contract/${folder}`),
  "test/contract/conformance.test.ts",
];
/** What of it holds word for word where hosts and phones are at different nodes, and over two workers. */
const HEART_OVER_NODES = [
  "sessions/sessions",
  "sessions/exactly-once",
  "sessions/parties",
  "sessions/integrity",
  "sessions/passing-frames",
  "sessions/large-messages",
  "sessions/keyed-saves",
  "sessions/clock",
].map((file) => `test/contract/${file}`);
const BETWEEN_NODES = ["redis", "nats", "workers"];
/** The tests of slow peers wait for full buffers, a minute in all, so they are no part of the quick lane. */
const WITHOUT_WAITS = "--testPathIgnorePatterns=/slow-";
/** What a test imports that draws its input. */
const IS_RANDOM = /support\/(?:seeded-random|property-testing)\.ts/;
const ENGINES = ["codec", "ws"];
/** The engine that each runtime has by itself passes all of the heart there. */
const OWN_ENGINES = new Map([["bun", "ws"]]);
const OWN_ENGINE = "codec";
/** The other engine passes the tests of frames; all of the heart in this process, and on the newest Node. */
const WITH_BOTH_WHOLE = new Set(["here", "node26"]);
/** What may stand between nodes, and the Debian packages that have it. */
const TOOLS_OF_NODES = [
  ["redis-server", "redis-server"],
  ["nats-server", "nats-server"],
];
/** What the contract suite starts besides. */
const TOOLS_OF_CONTRACT = [["nginx", "nginx"], ["caddy", "caddy"], ["systemd-analyze", "systemd"], ...TOOLS_OF_NODES];

/** `couchwire` and `@couchwire/sdk`. */
const ALL_PACKAGES = ["--workspaces", "--include-workspace-root"];

/** Most tests wait for sockets and timers, so two share a processor well. */
const WORKERS = Math.max(2, availableParallelism() - 1);
/** Look into the server's own process, so a server elsewhere has none of their tests, which jest counts as a failure. */
const FROM_WITHIN = "test/contract/(?:sessions/leaks|members/hooks)";

const JEST_ENVIRONMENT = {
  NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --experimental-vm-modules --disable-warning=ExperimentalWarning`,
};

const MAX_FAILURE_LINES = 40;
const MAX_MESSAGE_LINES = 6;
const MAX_LINE_CHARACTERS = 240;
/** Empty lines, and places in others' code. */
const SAYS_NOTHING = /^$|^at new Promise|^at .*node_modules/;

/** What failed, for the end of the log: a log that was cut still tells. */
const failures = /** @type {Failure[]} */ ([]);

process.exitCode = await main(process.argv.slice(2));

/** @param {string[]} wanted */
async function main(wanted) {
  const unknown = wanted.filter((name) => !(name in LANES) && !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) {
    const known = [...Object.keys(LANES), ...STEPS.map(({ name }) => name)];
    say(`There is no step ${unknown.join(", ")}. There are ${known.join(", ")}.`);
    return 2;
  }
  const names = new Set((wanted.length === 0 ? ["all"] : wanted).flatMap((name) => LANES[name] ?? [name]));
  const chosen = STEPS.filter(({ name }) => names.has(name));
  const isBuildMissing = chosen.some((step) => step.needsBuild) && !chosen.some((step) => step.name === "build");
  const steps = [...(isBuildMissing ? STEPS.filter((step) => step.name === "build") : []), ...chosen];

  process.env.COUCHWIRE_TEST_SEED ??= String(randomInt(1, LARGEST_SEED));
  say(`Random tests begin with COUCHWIRE_TEST_SEED=${process.env.COUCHWIRE_TEST_SEED}; set it to repeat them.`);
  const scratch = mkdtempSync(join(tmpdir(), "couchwire-test-"));
  if (names.has("logs")) process.env.COUCHWIRE_TEST_LOGS = logsIn(scratch);
  try {
    const results = [];
    for (const step of steps) results.push(await runStep(step, scratch));
    return summarize(results);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * @param {Step} step
 * @param {string} scratch
 */
async function runStep(step, scratch) {
  say(`\n# ${step.name}`);
  const startedAt = performance.now();
  const count = await countOfStep(step, scratch);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(`${step.name}: ${describe(count)} in ${seconds} s`);
  return { name: step.name, count };
}

/** A step that throws, as where npm cannot install something, has failed; those after it run all the same. @param {Step} step @param {string} scratch @returns {Promise<Count>} */
async function countOfStep(step, scratch) {
  try {
    return await step.run(scratch);
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** @param {{ name: string, count: Count }[]} results */
function summarize(results) {
  const total = sum(results.map(({ count }) => count));
  sayFailures();
  say("");
  const wrong = results.filter(({ count }) => count.failed > 0).map(({ name }) => name);
  if (wrong.length > 0) say(`Failed: ${wrong.join(", ")} (COUCHWIRE_TEST_SEED=${process.env.COUCHWIRE_TEST_SEED})`);
  if (IS_CI && total.skipped > 0) {
    say("CI=true: what was skipped counts as failed.");
    total.failed += total.skipped;
    total.skipped = 0;
  }
  say(describe(total));
  return total.failed > 0 ? 1 : 0;
}

/** @param {Count} count */
function describe({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** @param {string} project @param {string} scratch @param {{ words?: string[], environment?: NodeJS.ProcessEnv }} [more] @returns {Count} */
function jest(project, scratch, { words = [], environment } = {}) {
  const report = join(scratch, `${project}.json`);
  const isWell = run("jest", [...jestWords(project, report), `--maxWorkers=${WORKERS}`, ...words], {
    ...JEST_ENVIRONMENT,
    ...environment,
  });
  return countOf(report, isWell);
}

/** @param {string} project @param {string} report @returns {string[]} */
function jestWords(project, report) {
  return ["--selectProjects", project, "--json", `--outputFile=${report}`];
}

/** @typedef {{ lane: string, file: string, name: string, message: string }} Failure */
/** @typedef {{ status: string, fullName: string, failureMessages: string[] }} JestTest */
/** @typedef {{ name: string, status: string, message: string, assertionResults: JestTest[] }} JestFile */

function sayFailures() {
  const lines = failures.flatMap(({ lane, file, name, message }) => [
    `✕ ${lane} ${file}: ${name}`,
    ...plainLines(message).map((line) => `    ${line}`),
  ]);
  if (lines.length === 0) return;
  say("\nWhat failed:");
  const shown = lines.length > MAX_FAILURE_LINES ? lines.slice(0, MAX_FAILURE_LINES - 1) : lines;
  for (const line of shown) say(line.slice(0, MAX_LINE_CHARACTERS));
  if (shown.length < lines.length) say(`… and ${lines.length - shown.length} lines more, above.`);
}

/** The first lines of a message, without colours and without what says nothing. @param {string} message */
function plainLines(message) {
  const lines = stripVTControlCharacters(message)
    .split("\n")
    .map((line) => line.trim());
  return lines.filter((line) => !SAYS_NOTHING.test(line)).slice(0, MAX_MESSAGE_LINES);
}

/** Keeps what failed in these files. @param {string} lane @param {JestFile[]} files */
function keepFailures(lane, files) {
  for (const { name: path, message, assertionResults, ...file } of files) {
    if (file.status !== "failed") continue;
    const where = { lane, file: relative(ROOT, path) };
    const failed = assertionResults.filter(({ status }) => status === "failed");
    for (const { fullName, failureMessages } of failed) {
      failures.push({ ...where, name: fullName, message: failureMessages.join("\n") });
    }
    if (failed.length === 0) failures.push({ ...where, name: "(the whole file)", message });
  }
}

/** What a run of jest has reported. @param {string} report @param {boolean} isWell Whether it ended with 0. @returns {Count} */
function countOf(report, isWell) {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(report, "utf8"));
  keepFailures(basename(report, ".json"), result.testResults);
  // A file that could not even be loaded has no tests that could fail.
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && !isWell ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

/** All tests with random input, with a larger budget. @param {string} scratch @returns {Count} */
function random(scratch) {
  const environment = { COUCHWIRE_TEST_BUDGET: process.env.COUCHWIRE_TEST_BUDGET ?? String(LONG_BUDGET) };
  return sum(
    ["unit", "contract", "chaos"].map((project) => {
      const folder = join("test", project);
      const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .map((file) => join(folder, file))
        .filter((file) => file.endsWith(".test.ts") && IS_RANDOM.test(readFileSync(join(ROOT, file), "utf8")));
      return jest(project, scratch, { environment, words: [`--testTimeout=${LONG_TIMEOUT_MS}`, "--", ...files] });
    }),
  );
}

/** Requests that are made up from the API's own document. @returns {Count} */
function schemathesis() {
  const { status } = spawnSync(process.execPath, [join(ROOT, "scripts/schemathesis.js")], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (status === NO_PYTHON) return { passed: 0, failed: 0, skipped: 1 };
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/** What the tests need is installed before they begin: it takes longer than a test may. @param {string} scratch @returns {Count} */
function contract(scratch) {
  for (const [name, debianPackage] of TOOLS_OF_CONTRACT) ensureTool(name, say, debianPackage);
  installRuntimes();
  return jest("contract", scratch);
}

/**
 * The heart of the contract suite against a server on each runtime, and against this process with the engine that it does not choose by itself; the tests of
 * frames with the other engine of each runtime. Two at a time.
 * @param {string} scratch
 * @returns {Promise<Count>}
 */
async function runtimes(scratch) {
  if (!areRuntimesAvailable)
    say("There are no binaries of other runtimes for this machine: only its own Node is tested.");
  const waiting = [{ name: "here", path: "here", engine: "ws" }];
  for (const name of areRuntimesAvailable ? RUNTIMES : []) {
    for (const engine of ENGINES) waiting.push({ name, path: runtimePath(name) ?? "", engine });
  }
  /** @type {Count[]} */
  const counts = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      counts.push(await contractHeart(next, scratch));
    }
  };
  await Promise.all(Array.from({ length: 2 }, work));
  return sum(counts);
}

/** @param {{ name: string, path: string, engine: string }} target @param {string} scratch @returns {Promise<Count>} */
function contractHeart({ name, path, engine }, scratch) {
  const isFramesAlone = engine !== (OWN_ENGINES.get(name) ?? OWN_ENGINE) && !WITH_BOTH_WHOLE.has(name);
  return contractLane(
    {
      name: `${name}, engine ${engine}`,
      files: isFramesAlone ? ["test/contract/wire"] : HEART,
      without: path === "here" ? [] : [`--testPathIgnorePatterns=${FROM_WITHIN}`],
      env: { COUCHWIRE_TEST_TARGET: path, COUCHWIRE_TEST_ENGINE: engine },
    },
    scratch,
  );
}

/** The session and exactly-once suites with hosts at one node and phones at another, and over workers. @param {string} scratch */
async function nodes(scratch) {
  for (const [name, debianPackage] of TOOLS_OF_NODES) ensureTool(name, say, debianPackage);
  /** @type {Count[]} */
  const counts = [];
  for (const between of BETWEEN_NODES) {
    const env = { COUCHWIRE_TEST_CLUSTER: between };
    counts.push(await contractLane({ name: `over ${between}`, files: HEART_OVER_NODES, without: [], env }, scratch));
  }
  return sum(counts);
}

/** The client in clients/python against servers of this build. @param {string} scratch @returns {Count} */
function python(scratch) {
  const { failures: found, ...count } = testPython(scratch, say);
  for (const failure of found) failures.push({ lane: "python", file: "clients/python", ...failure });
  return count;
}

/**
 * Part of the contract suite in a process of its own.
 * @param {{ name: string, files: string[], without: string[], env: Record<string, string> }} lane
 * @param {string} scratch
 * @returns {Promise<Count>}
 */
async function contractLane({ name, files, without, env }, scratch) {
  const report = join(scratch, `${name.replaceAll(/\W+/g, "-")}.json`);
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [
      join(ROOT, "node_modules", "jest", "bin", "jest.js"),
      ...jestWords("contract", report),
      "--runInBand",
      ...without,
      "--",
      ...files,
    ],
    {
      cwd: ROOT,
      stdio: ["ignore", "ignore", "pipe"],
      timeout: LONGEST_LANE_MS,
      env: { ...process.env, ...JEST_ENVIRONMENT, ...env },
    },
  );
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (output += text));
  const [code, signal] = await once(child, "close");
  if (signal !== null) say(`${name} was ended by ${signal}: did it hang?`);
  const count = countOf(report, code === 0);
  if (count.failed > 0) say(output);
  say(`${name}: ${describe(count)} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return count;
}

/** @param {string} scratch */
function logsIn(scratch) {
  return join(scratch, "logs");
}

/** What the servers of this run have logged and printed has no secret of their clients in it. @param {string} scratch @returns {Promise<Count>} */
async function logs(scratch) {
  const { lines, secrets, findings } = await searchLogs(logsIn(scratch));
  for (const finding of findings) {
    say(finding);
    failures.push({ lane: "logs", file: "", name: "a secret was logged", message: finding });
  }
  say(`${secrets} secrets were looked for in ${lines} lines.`);
  if (lines === 0) return { passed: 0, failed: 0, skipped: 1 };
  return { passed: findings.length === 0 ? 1 : 0, failed: findings.length, skipped: 0 };
}

/** @param {string} scratch @returns {Count} */
function bench(scratch) {
  for (const [name, debianPackage] of TOOLS_OF_NODES) ensureTool(name, say, debianPackage);
  installRuntimes();
  return jest("bench", scratch);
}

/** The binaries of all runtimes: npm takes longer to install them than a test may. */
function installRuntimes() {
  if (areRuntimesAvailable) runtimePath("bun");
}

/** @param {string} scratch @returns {Count} */
function browser(scratch) {
  const chromium = ensureChromium(say);
  if (chromium === undefined) return { passed: 0, failed: 0, skipped: 1 };
  installRuntimes();
  return jest("browser", scratch, { environment: { CHROMIUM: chromium } });
}

/** What is published, as others will see it: packed once, then looked at. @param {string} scratch @returns {Count} */
function checkPackage(scratch) {
  const packing = check("npm", "pack", "--silent", "--ignore-scripts", ...ALL_PACKAGES, "--pack-destination", scratch);
  const archives = readdirSync(scratch).filter((name) => name.endsWith(".tgz"));
  if (archives.length !== 2) return { passed: 0, failed: 1, skipped: 0 };
  const paths = archives.map((name) => join(scratch, name));
  for (const [name, debianPackage] of TOOLS_OF_NODES) ensureTool(name, say, debianPackage);
  installIn(join(ROOT, "test/consumers"));
  installRuntimes();
  return sum([
    jest("package", scratch),
    packing,
    ...paths.flatMap((path) => [check("publint", path, "--strict"), check("attw", path, "--profile", "esm-only")]),
  ]);
}

/** One command that either succeeds or fails. @param {string} command @param {string[]} words @returns {Count} */
function check(command, ...words) {
  const line = [command, ...words].join(" ");
  say(`$ ${line}`);
  if (run(command, words)) return { passed: 1, failed: 0, skipped: 0 };
  failures.push({ lane: "command", file: command, name: line, message: "It says why above." });
  return { passed: 0, failed: 1, skipped: 0 };
}

/** Runs Node, npm or a tool of ours and tells whether it succeeded. @param {string} command @param {string[]} words @param {NodeJS.ProcessEnv} [environment] */
function run(command, words, environment) {
  const tool = join(ROOT, "node_modules", ".bin", command);
  const program = command === "node" ? process.execPath : existsSync(tool) ? tool : command;
  const { status, error } = spawnSync(program, words, {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  if (error !== undefined) say(`${command} could not be started: ${error.message}`);
  return status === 0;
}

/** @param {Count[]} counts @returns {Count} */
function sum(counts) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of counts) {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
