/** `npm run bench`: what the benchmark needs, as far as it is missing or stale, and then the benchmark in this very process. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BENCH = path.join(ROOT, "bench");

/** npm's own record of what it has installed. */
const INSTALLED = path.join(BENCH, "node_modules/.package-lock.json");

if (modifiedAt(INSTALLED) < modifiedAt(path.join(BENCH, "package-lock.json"))) run("npm", ["ci"], BENCH);
if (modifiedAt(path.join(ROOT, "dist/cli.js")) < newest(path.join(ROOT, "src"))) {
  run(process.execPath, [path.join(ROOT, "scripts/build.js")], ROOT);
}
const { onLauncherEnd } = await import("../dist/cli/launcher.js");
onLauncherEnd(() => process.kill(process.pid, "SIGTERM"));
await import("../bench/bench.js");

/** @param {string} file @returns {number} 0 where it is missing */
function modifiedAt(file) {
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}

/** @param {string} folder */
function newest(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(...files.map((file) => modifiedAt(path.join(file.parentPath, file.name))));
}

/** @param {string} program @param {string[]} words @param {string} folder */
function run(program, words, folder) {
  const { status } = spawnSync(program, words, { cwd: folder, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
