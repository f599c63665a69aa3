/** On what, and with what, the figures were made. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { spawnSync } from "node:child_process";
import { versionOf } from "./runtime.js";

const ROOT = new URL("../../", import.meta.url);

/** @param {string} node the binary of Node servers */
export function describeMachine(node) {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: versionOf(node),
    couchwire: couchwireVersion(),
  };
}

function couchwireVersion() {
  const { version } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8"));
  const { stdout, status } = spawnSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" });
  return status === 0 ? `${version} (${stdout.trim()})` : version;
}
