/**
 * The runtimes that the server is tested on beside the machine's own: the newest Node of each line that `engines` names, the oldest one, and Bun. They
 * come as plain binaries from npm, into `test/runtimes`, so that `npm ci` of the product never downloads them.
 */
import { fileURLToPath } from "node:url";
import { installIn } from "./install.js";

const FOLDER = fileURLToPath(new URL("../test/runtimes/", import.meta.url));
const BINARIES = { bun: "bin/bun" };

/** `node20` is the oldest Node that `engines` allows; the others are the newest of their line. */
export const RUNTIMES = ["node20", "node22", "node24", "node26", "bun"];

/** Whether there are binaries for this machine. */
export const areRuntimesAvailable = process.platform === "linux" && process.arch === "x64";

/**
 * The path of a runtime's binary; installs all of them where they are missing or not those of the lockfile. `undefined` where there are none for this machine.
 * @param {string} name One of `RUNTIMES`.
 * @returns {string | undefined}
 */
export function runtimePath(name) {
  if (!RUNTIMES.includes(name)) throw new Error(`There is no runtime ${name}. There are ${RUNTIMES.join(", ")}.`);
  if (!areRuntimesAvailable) return undefined;
  installIn(FOLDER);
  return `${FOLDER}node_modules/${name}/${BINARIES[name] ?? "bin/node"}`;
}
