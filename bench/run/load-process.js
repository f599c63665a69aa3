/** The load generator's process, seen from here: it is told what to do, and answers when it is done. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { pinned } from "./cores.js";
import { toldProcess } from "./told-process.js";

const MAIN = fileURLToPath(new URL("../load/main.js", import.meta.url));

/**
 * @typedef {object} Task
 * @property {string} adapterUrl
 * @property {import("../scenarios/index.js").Scenario} scenario
 * @property {number[]} ports of the server's processes
 * @property {number[]} serverPids
 * @property {(string | undefined)[]} serverParts what these processes are called, where that is of interest
 */

/** @typedef {import("./told-process.js").ToldProcess} LoadProcess one command at a time (`load/load.js`) */

/** @param {Task} task @param {AbortSignal} signal @returns {Promise<LoadProcess>} once it can be told something */
export function startLoad(task, signal) {
  const core = task.scenario.sharesCores ? "any" : "load";
  const child = spawn(...pinned(core, process.execPath, [MAIN]), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  return toldProcess(child, task, { name: "The load generator", signal });
}
