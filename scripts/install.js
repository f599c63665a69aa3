/**
 * Installs what a folder's own package.json names, apart from the product's dependencies: runtimes to test on, the projects that try the
 * packages, and what writes docs/API.md.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/**
 * Runs `npm ci` in the folder where something is missing or differs from the lockfile. Throws where npm fails.
 * @param {string} folder
 */
export function installIn(folder) {
  if (isInstalled(folder)) return;
  const words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  const { status } = spawnSync("npm", words, { cwd: folder, stdio: "inherit" });
  if (status !== 0) throw new Error(`npm ci in ${folder} failed: it says above why.`);
}

/** npm keeps a copy of the lockfile beside what it has installed, without what is for other machines. @param {string} folder */
function isInstalled(folder) {
  const installed = path.join(folder, "node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const versions = versionsOf(installed);
  const wanted = Object.entries(versionsOf(path.join(folder, "package-lock.json")));
  return wanted.every(
    ([at, { version, optional }]) => (optional && !(at in versions)) || versions[at]?.version === version,
  );
}

/** @param {string} lockfile @returns {Record<string, { version: string, optional?: boolean }>} by the path in node_modules */
function versionsOf(lockfile) {
  const { packages } = JSON.parse(readFileSync(lockfile, "utf8"));
  return Object.fromEntries(Object.entries(packages).filter(([at]) => at !== ""));
}
