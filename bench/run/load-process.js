/** The load generator's process, and what it tells while it works. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { pinned } from "./cores.js";
import { ending } from "./ending.js";

const MAIN = fileURLToPath(new URL("../load/main.js", import.meta.url));

/**
 * @typedef {object} Task
 * @property {string} dialectUrl
 * @property {import("../rows/index.js").Row} row
 * @property {number[]} ports of the server's processes
 * @property {number[]} serverPids
 * @property {number} warmUpMs
 * @property {number} measureMs
 * @property {number} firstAddress the last byte of the first loopback address to connect from
 */

/**
 * @param {Task} task
 * @param {AbortSignal} signal
 * @param {(phase: string) => Promise<void>} onPhase it waits for
 * @returns {Promise<object>} what `load/main.js` has measured
 */
export async function runLoad(task, signal, onPhase) {
  const child = spawn(...pinned("load", process.execPath, [MAIN]), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const over = new AbortController();
  try {
    return await new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("Interrupted.")), { signal: over.signal });
      if (signal.aborted) reject(new Error("Interrupted."));
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`The load generator ended (${code}) before it had a result.`)));
      child.on("message", ({ phase, result, reason }) => {
        if (phase === "result") resolve(result);
        if (phase === "failed") reject(new Error(reason));
        onPhase(phase).then(() => child.connected && child.send("go on"), reject);
      });
      child.send(task);
    });
  } finally {
    over.abort();
    await ending(child);
  }
}
