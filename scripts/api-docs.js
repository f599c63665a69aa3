/**
 * `npm run docs:api`: installs what writes docs/API.md, apart from the product, and runs it with the given words (`--check`). Builds first
 * where nothing is built.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { installIn } from "./install.js";

const FOLDER = fileURLToPath(new URL("api-docs/", import.meta.url));
const BUILT = fileURLToPath(new URL("../dist/config.js", import.meta.url));
const BUILD = fileURLToPath(new URL("build.js", import.meta.url));

installIn(FOLDER);
if (!existsSync(BUILT)) run(BUILD);
run(`${FOLDER}generate.js`, ...process.argv.slice(2));

/** @param {string} script @param {string[]} words */
function run(script, ...words) {
  const { status } = spawnSync(process.execPath, [script, ...words], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
