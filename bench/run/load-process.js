/** The load generator's process, seen from here: it is told what to do, and answers when it is done. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { pinned } from "./cores.js";
import { ending } from "./ending.js";

const MAIN = fileURLToPath(new URL("../load/main.js", import.meta.url));

/**
 * @typedef {object} Task
 * @property {string} adapterUrl
 * @property {import("../scenarios/index.js").Scenario} scenario
 * @property {number[]} ports of the server's processes
 * @property {number[]} serverPids
 * @property {(string | undefined)[]} serverParts what these processes are called, where that is of interest
 */

/**
 * @typedef {object} LoadProcess
 * @property {(command: string, argument?: unknown) => Promise<any>} tell one command at a time (`load/load.js`)
 * @property {() => Promise<void>} close
 */

/** @param {Task} task @param {AbortSignal} signal @returns {Promise<LoadProcess>} once it can be told something */
export async function startLoad(task, signal) {
  const core = task.scenario.sharesCores ? "any" : "load";
  const child = spawn(...pinned(core, process.execPath, [MAIN]), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  /** @type {(() => void) | undefined} */
  let stopListening;
  const broken = new Promise((_, reject) => {
    const interrupt = () => reject(new Error("Interrupted."));
    signal.addEventListener("abort", interrupt);
    stopListening = () => signal.removeEventListener("abort", interrupt);
    if (signal.aborted) interrupt();
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`The load generator ended (${code}).`)));
    child.on("message", ({ failure }) => failure !== undefined && reject(new Error(failure)));
  });
  broken.catch(() => {}); // it may break between two commands; the next `tell` rejects
  const answered = () => new Promise((resolve) => child.once("message", ({ result }) => resolve(result)));

  /** @param {object} message */
  async function say(message) {
    const answer = Promise.race([broken, answered()]);
    if (child.connected) child.send(message);
    return answer;
  }

  async function close() {
    stopListening?.();
    await ending(child);
  }

  try {
    await say(task);
  } catch (error) {
    await close();
    throw error;
  }
  return { tell: (command, argument) => say({ command, argument }), close };
}
