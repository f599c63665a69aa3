/** Keeps results as JSON: everything of each run, and in short the one that the documents show. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../results/", import.meta.url));

/** The only ones that are committed: of all scenarios but those of a crowd, and of these, which are measured by themselves. */
const LATEST = path.join(FOLDER, "latest.json");
const LATEST_CROWD = path.join(FOLDER, "crowd.json");

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

/** Keeps what a run has measured; of what it has not, what there was before stays. @param {object} summary @returns {string} the files, as seen from here */
export function keepSummary(summary) {
  const kept = [];
  for (const [file, part] of Object.entries(partsOf(summary))) {
    if (part.scenarios.length === 0) continue;
    writeFileSync(file, summaryText(part));
    kept.push(path.relative(process.cwd(), file));
  }
  return kept.join(" and ");
}

/** @param {{ watchers?: number }} scenario as a summary has it */
const isCrowd = ({ watchers }) => watchers !== undefined;

/** A summary by the files that it is kept in. @template {{ scenarios: { watchers?: number }[] }} Summary @param {Summary} summary @returns {Record<string, Summary>} */
function partsOf(summary) {
  return {
    [LATEST]: { ...summary, scenarios: summary.scenarios.filter((scenario) => !isCrowd(scenario)) },
    [LATEST_CROWD]: { ...summary, scenarios: summary.scenarios.filter(isCrowd) },
  };
}

/**
 * The summary as JSON with one line of text for each measured line, so that a new result shows in a diff what has changed.
 * @param {object} summary @returns {string}
 */
export function summaryText(summary) {
  const fields = Object.entries(summary).map(([name, value]) => {
    const text = name === "scenarios" ? listText(value.map(scenarioText)) : fieldText(value);
    return `${JSON.stringify(name)}: ${text}`;
  });
  return `{\n${fields.join(",\n")}\n}\n`;
}

/** @param {unknown} value */
const fieldText = (value) =>
  Array.isArray(value) ? listText(value.map((each) => JSON.stringify(each))) : JSON.stringify(value);

/** @param {string[]} texts */
const listText = (texts) => (texts.length === 0 ? "[]" : `[\n${texts.join(",\n")}\n]`);

/** @param {{ lines: object[] }} scenario `lines` comes last. */
function scenarioText({ lines, ...scenario }) {
  return `${JSON.stringify(scenario).slice(0, -1)},"lines":${fieldText(lines)}}`;
}

/** @typedef {ReturnType<typeof import("./summary.js").summarize> | undefined} Kept nothing before the first result was kept */

/** @returns {Kept} */
export const readSummary = () => readKept(LATEST);

/** That of the scenarios of a crowd. @returns {Kept} */
export const readCrowd = () => readKept(LATEST_CROWD);

/** @param {string} file @returns {Kept} */
function readKept(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}
