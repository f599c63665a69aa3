/**
 * Looks for secrets in what the servers of a run of tests have logged and printed: `node scripts/search-logs.js FOLDER`. The folder has logs (`log-*`, `output-*`) and the secrets that clients showed
 * (`secrets-*`, one a line); test/support/logs-of-run.ts writes both.
 */
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A shorter secret is also a number, or a word of the log. */
const SHORTEST = 12;
/** Signs that a secret may have. The others end it in a line. */
const WORD = /[\w-]+/g;
const MAX_SHOWN = 20;

/** @typedef {{ lines: number, secrets: number, findings: string[] }} Search */

/** @param {string} folder @returns {Promise<Search>} */
export async function searchLogs(folder) {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const secrets = new Set(
    files
      .filter((file) => file.startsWith("secrets-"))
      .flatMap((file) => readFileSync(join(folder, file), "utf8").split("\n"))
      // The parts of a token are looked for by themselves; its head says nothing.
      .flatMap((secret) => secret.match(WORD) ?? [])
      .filter((word) => word.length >= SHORTEST && !word.startsWith("eyJhbGciOi")),
  );
  /** @type {string[]} */
  const findings = [];
  let lines = 0;
  for (const file of files.filter((name) => !name.startsWith("secrets-"))) {
    for await (const line of createInterface({ input: createReadStream(join(folder, file)) })) {
      lines += 1;
      const found = line.match(WORD)?.find((word) => secrets.has(word));
      if (found !== undefined && findings.length < MAX_SHOWN) findings.push(`${file}:${lines}: ${found} in ${line}`);
    }
  }
  return { lines, secrets: secrets.size, findings };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { lines, secrets, findings } = await searchLogs(process.argv[2] ?? "");
  for (const finding of findings) console.log(finding);
  console.log(`${secrets} secrets were looked for in ${lines} lines.`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
