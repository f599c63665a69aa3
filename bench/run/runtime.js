/** The binaries that servers run on. The load generator stays on this process's own Node: the client is not what is measured. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { areRuntimesAvailable, RUNTIMES, runtimePath } from "../../scripts/runtimes.js";

/** @typedef {"node" | "bun"} RuntimeKind */

const NODES = RUNTIMES.filter((name) => name.startsWith("node"));

/**
 * The Node of the servers: that of `--node`, of `--runtime`, or this process's own.
 * @param {{ node?: string, runtime?: string }} words
 * @throws {Error} with a sentence for the command line
 */
export function chooseNode({ node, runtime }) {
  if (node !== undefined && runtime !== undefined)
    throw new Error("--node and --runtime both choose a Node; one is enough.");
  if (node !== undefined) {
    if (!existsSync(node)) throw new Error(`--node is ${node}, which does not exist.`);
    return node;
  }
  if (runtime === undefined) return process.execPath;
  if (!NODES.includes(runtime)) throw new Error(`--runtime is ${runtime}, but has to be one of ${NODES.join(", ")}.`);
  const found = runtimePath(runtime);
  if (found === undefined) throw new Error(`--runtime ${runtime}: there is no binary of it for this machine.`);
  return found;
}

export function whyNoBun() {
  return areRuntimesAvailable ? undefined : "there is no binary of Bun for this machine";
}

export function bunPath() {
  const found = runtimePath("bun");
  if (found === undefined) throw new Error(`Bun is missing: ${whyNoBun()}.`);
  return found;
}

/** "v24.22.3" @param {string} program */
export function versionOf(program) {
  return program === process.execPath
    ? process.version
    : execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
}
