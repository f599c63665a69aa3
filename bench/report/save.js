/** Keeps results as JSON: everything of each run, and in short the one that the documents show. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../results/", import.meta.url));

/** The only one that is committed. */
const LATEST = path.join(FOLDER, "latest.json");

/** Where the results of a run go. @param {Date} startedAt @param {string} [folder] @returns {string} */
export function resultFile(startedAt, folder = FOLDER) {
  return path.join(folder, `${startedAt.toISOString().replace(/[:.]/g, "-")}.json`);
}

/** @param {object} results @param {string} file is there as it was or as it shall be, whatever happens meanwhile @returns {string} the file, as seen from here */
export function saveResults(results, file) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, `${JSON.stringify(results)}\n`);
  renameSync(`${file}.part`, file);
  return path.relative(process.cwd(), file);
}

/** @param {object} summary @returns {string} the file, as seen from here */
export function keepSummary(summary) {
  writeFileSync(LATEST, `${JSON.stringify(summary, null, 1)}\n`);
  return path.relative(process.cwd(), LATEST);
}

/** @returns {ReturnType<typeof import("./summary.js").summarize> | undefined} nothing before the first result was kept */
export function readSummary() {
  try {
    return JSON.parse(readFileSync(LATEST, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}
