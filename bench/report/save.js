/** Keeps a run's results as JSON. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../results/", import.meta.url));

/** @param {object} results @param {Date} startedAt @returns {string} the file, as seen from here */
export function saveResults(results, startedAt) {
  const file = path.join(FOLDER, `${startedAt.toISOString().replace(/[:.]/g, "-")}.json`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  return path.relative(process.cwd(), file);
}
