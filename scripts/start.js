/**
 * `npm start`: builds where the tools for it are installed, then serves in this very process. After `npm ci --omit=dev`, and in the
 * published package, it serves what was built before.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const INTERRUPTED = 143; // 128 and the number of SIGTERM
const TOOLS = ["typescript/package.json", "esbuild"];

const require = createRequire(import.meta.url);
const build = fileURLToPath(new URL("build.js", import.meta.url));
const command = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

/** @param {string} name */
function isInstalled(name) {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

if (existsSync(build) && TOOLS.every(isInstalled)) {
  const parent = process.ppid;
  const { status } = spawnSync(process.execPath, [build], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  if (process.ppid !== parent) process.exit(INTERRUPTED); // npm was ended during the build
} else if (!existsSync(command)) {
  console.error(
    "Couchwire is not built, and TypeScript and esbuild are not installed: run `npm ci && npm run build` once, then `npm ci --omit=dev && npm start` serves it.",
  );
  process.exit(1);
}
await import("../dist/cli.js");
