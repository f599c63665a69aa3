/**
 * Runs the checks and the tests of clients/python: ruff, mypy and pytest, in a virtual environment that is kept in an ignored folder until the pinned
 * versions or the Python change. The package is installed into it as a stranger would install it.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureTool, install, mayInstall } from "./debian.js";

const FOLDER = fileURLToPath(new URL("../clients/python/", import.meta.url));
const ENVIRONMENT = join(FOLDER, ".venv");
const REQUIREMENTS = join(FOLDER, "requirements-test.txt");

/** @typedef {{ name: string, message: string }} PythonFailure */
/** @typedef {{ passed: number, failed: number, skipped: number, failures: PythonFailure[] }} PythonResult */

/**
 * Everything about the Python client. Without a Python that makes virtual environments it is skipped.
 * @param {string} scratch A folder for what is needed meanwhile.
 * @param {(line: string) => void} say
 * @returns {PythonResult}
 */
export function testPython(scratch, say) {
  const python = ensurePython(say);
  if (python === undefined) return { passed: 0, failed: 0, skipped: 1, failures: [] };
  makeEnvironment(python, scratch);
  const checks = [
    ["ruff", "check", "--no-cache"],
    ["ruff", "format", "--check", "--no-cache"],
    ["mypy", "--cache-dir", join(scratch, "mypy")],
  ].map(([program = "", ...words]) => check(program, words, say));
  const failures = checks.filter((failure) => failure !== undefined);
  const tests = runTests(scratch);
  return {
    passed: tests.passed + checks.length - failures.length,
    failed: tests.failed + failures.length,
    skipped: tests.skipped,
    failures: [...failures, ...tests.failures],
  };
}

/** A Python 3 that can make virtual environments: Debian has that part in a package of its own. @param {(line: string) => void} say */
function ensurePython(say) {
  const python = ensureTool("python3", say, "python3-venv"); // which has python3 with it
  if (python === undefined || canMakeEnvironments(python)) return python;
  if (mayInstall()) {
    say("This Python makes no virtual environments; installing python3-venv with apt-get.");
    install(["python3-venv"]);
  }
  if (canMakeEnvironments(python)) return python;
  say("This Python makes no virtual environments (on Debian: apt-get install python3-venv).");
  return undefined;
}

/** @param {string} python */
function canMakeEnvironments(python) {
  return spawnSync(python, ["-c", "import ensurepip, venv"], { stdio: "ignore" }).status === 0;
}

/** Throws where it cannot be made. @param {string} python @param {string} scratch */
function makeEnvironment(python, scratch) {
  const stamp = join(ENVIRONMENT, "made-of.txt");
  const { stdout: version } = spawnSync(python, ["-VV"], { encoding: "utf8" });
  const made = [
    version,
    readFileSync(REQUIREMENTS, "utf8"),
    readFileSync(join(FOLDER, "pyproject.toml"), "utf8"),
  ].join();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === made) return;
  rmSync(ENVIRONMENT, { recursive: true, force: true });
  must(python, ["-m", "venv", ENVIRONMENT]);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  must(inEnvironment("python"), [...pip, "--requirement", REQUIREMENTS]);
  // From a copy: building leaves files beside the sources.
  const copy = join(scratch, "python-package");
  mkdirSync(copy);
  for (const name of ["pyproject.toml", "README.md", "src"]) {
    cpSync(join(FOLDER, name), join(copy, name), { recursive: true });
  }
  must(inEnvironment("python"), [...pip, "--no-deps", copy]);
  writeFileSync(stamp, made);
}

/** @param {string} program @param {string[]} words */
function must(program, words) {
  const { status } = spawnSync(program, words, { cwd: FOLDER, stdio: "inherit" });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")} failed: it says above why.`);
}

/** @param {string} program @param {string[]} words @param {(line: string) => void} say @returns {PythonFailure | undefined} */
function check(program, words, say) {
  const line = [program, ...words].join(" ");
  say(`$ ${line}`);
  const { status } = spawnSync(inEnvironment(program), words, { cwd: FOLDER, stdio: "inherit" });
  return status === 0 ? undefined : { name: line, message: "It says why above." };
}

/** @param {string} scratch @returns {PythonResult} */
function runTests(scratch) {
  const report = join(scratch, "python.xml");
  const { status } = spawnSync(inEnvironment("python"), ["-m", "pytest", "--quiet", `--junitxml=${report}`], {
    cwd: FOLDER,
    stdio: "inherit",
    env: { ...process.env, COUCHWIRE_TEST_NODE: process.execPath, PYTHONDONTWRITEBYTECODE: "1" },
  });
  const xml = existsSync(report) ? readFileSync(report, "utf8") : "";
  const count = (/** @type {string} */ name) =>
    Number(new RegExp(`<testsuite [^>]*?\\b${name}="(\\d+)"`).exec(xml)?.[1] ?? 0);
  const [all, skipped] = [count("tests"), count("skipped")];
  const failed = count("failures") + count("errors");
  const failures = [...xml.matchAll(/<testcase [^>]*?\bname="([^"]*)"[^>]*><(?:failure|error) message="([^"]*)"/g)];
  return {
    passed: all - failed - skipped,
    // A run that ended before it could report has failed, too.
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped,
    failures: failures.map(([, name = "", message = ""]) => ({ name, message })),
  };
}

/** @param {string} program */
function inEnvironment(program) {
  return join(ENVIRONMENT, "bin", program);
}
