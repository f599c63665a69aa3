/** Ends a child process: asks first, then insists. Resolves when it is gone. */
const INSIST_AFTER_MS = 5000;

/** @param {import("node:child_process").ChildProcess} child @returns {Promise<void>} */
export function ending(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), INSIST_AFTER_MS);
    child.on("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill("SIGTERM");
  });
}
