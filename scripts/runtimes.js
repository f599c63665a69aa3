/**
 * The runtimes that the server is tested on beside the machine's own: the newest Node of each line that `engines` names, the oldest one, and Bun. They
 * come as plain binaries from npm, into `test/runtimes`, so that `npm ci` of the product never downloads them.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../test/runtimes/", import.meta.url));
const BINARIES = { bun: "bin/bun" };

/** `node20` is the oldest Node that `engines` allows; the others are the newest of their line. */
export const RUNTIMES = ["node20", "node22", "node24", "node26", "bun"];

/** Whether there are binaries for this machine. */
export const areRuntimesAvailable = process.platform === "linux" && process.arch === "x64";

/**
 * The path of a runtime's binary; installs all of them where they are missing or not those of the lockfile. `undefined` where there are none for this machine.
 * @param {string} name One of `RUNTIMES`.
 * @returns {string | undefined}
 */
export function runtimePath(name) {
  if (!RUNTIMES.includes(name)) throw new Error(`There is no runtime ${name}. There are ${RUNTIMES.join(", ")}.`);
  if (!areRuntimesAvailable) return undefined;
  if (!isInstalled()) install();
  return `${FOLDER}node_modules/${name}/${BINARIES[name] ?? "bin/node"}`;
}

function install() {
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit"], { cwd: FOLDER, stdio: "inherit" });
  if (status !== 0) throw new Error("npm ci in test/runtimes failed: it says above why.");
}

/** npm keeps a copy of the lockfile beside what it has installed. */
function isInstalled() {
  const installed = `${FOLDER}node_modules/.package-lock.json`;
  if (!existsSync(installed)) return false;
  const versions = versionsOf(installed);
  return Object.entries(versionsOf(`${FOLDER}package-lock.json`)).every(([at, version]) => versions[at] === version);
}

/** @param {string} lockfile @returns {Record<string, string>} */
function versionsOf(lockfile) {
  const { packages } = JSON.parse(readFileSync(lockfile, "utf8"));
  const entries = Object.entries(packages).filter(([at]) => at !== "");
  return Object.fromEntries(entries.map(([at, { version }]) => [at, version]));
}
