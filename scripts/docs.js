/**
 * Writes what the documents repeat from the code: tables of options and close codes, the example game, the SDK's size.
 * `--check` only compares and exits with 1 where a document is behind. Needs a build.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { OPTION_TABLE } from "../dist/config.js";
import { CLOSE_CODES } from "../dist/protocol/close-codes.js";

const README = new URL("../README.md", import.meta.url);

function table(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function optionTable() {
  const rows = OPTION_TABLE.map(({ env, flag, default: unset, meaning }) => [
    `\`${env}\``,
    `\`${flag}\``,
    `\`${unset}\``,
    meaning,
  ]);
  return table(["environment", "flag", "default", "meaning"], rows);
}

function closeCodeTable() {
  const rows = Object.entries(CLOSE_CODES).map(([name, { code, after, reason }]) => [
    code,
    `\`${name}\``,
    after === "retry" ? "come back" : "final",
    reason,
  ]);
  return table(["code", "name", "after it", "what people read"], rows);
}

function example(path) {
  const text = readFileSync(new URL(`../examples/${path}`, import.meta.url), "utf8");
  return `\`\`\`html\n${text}\`\`\``;
}

function sdkSize() {
  const kilobytes =
    gzipSync(readFileSync(new URL("../dist/sdk/couchwire.js", import.meta.url)), { level: 9 }).length / 1000;
  return `${kilobytes.toFixed(1)} KB gzipped`;
}

const BLOCKS = {
  options: `\n\n${optionTable()}\n\n`,
  "close codes": `\n\n${closeCodeTable()}\n\n`,
  "buzzer/index.html": `\n\n${example("buzzer/index.html")}\n\n`,
  "buzzer/player.html": `\n\n${example("buzzer/player.html")}\n\n`,
  "sdk size": sdkSize(),
};

const before = readFileSync(README, "utf8");
let after = before;
for (const [name, content] of Object.entries(BLOCKS)) {
  const block = new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`);
  if (!block.test(after)) throw new Error(`README.md has no block <!-- ${name} --> … <!-- /${name} -->`);
  after = after.replace(block, (_, open, close) => open + content + close);
}

if (after === before) {
  console.log("README.md says what the code says.");
} else if (process.argv.includes("--check")) {
  console.error("README.md is behind the code: run `node scripts/docs.js`.");
  process.exitCode = 1;
} else {
  writeFileSync(README, after);
  console.log("README.md rewritten.");
}
