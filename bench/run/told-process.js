/** A process that does what it is told (`load/main.js`), seen from its parent. */
import { ending } from "./ending.js";

/**
 * @typedef {object} ToldProcess
 * @property {(command: string, argument?: unknown) => Promise<any>} tell one command at a time
 * @property {() => Promise<void>} close
 */

/**
 * @param {import("node:child_process").ChildProcess} child with a channel to it
 * @param {object} task its first message
 * @param {{ name: string, signal?: AbortSignal }} options what its end is called
 * @returns {Promise<ToldProcess>} once it can be told something
 */
export async function toldProcess(child, task, { name, signal }) {
  /** @type {(() => void) | undefined} */
  let stopListening;
  const broken = new Promise((_, reject) => {
    const interrupt = () => reject(new Error("Interrupted."));
    signal?.addEventListener("abort", interrupt);
    stopListening = () => signal?.removeEventListener("abort", interrupt);
    if (signal?.aborted) interrupt();
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${name} ended (${code}).`)));
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
