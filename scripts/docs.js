/**
 * Writes what the documents repeat: from the code the tables of options and close codes, the example game and the SDK's
 * size, from the benchmark's kept result its tables and chart, and the test vectors of the wire. `--check` only compares and exits with 1 where a document
 * is behind. Needs a build.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { chart } from "../bench/report/chart.js";
import { crowdSection } from "../bench/report/crowd.js";
import { performanceSection, shortSection } from "../bench/report/markdown.js";
import { readCrowd, readSummary } from "../bench/report/save.js";
import { OPTION_TABLE } from "../dist/config.js";
import { CLOSE_CODES } from "../dist/protocol/close-codes.js";
import { vectorsText } from "./vectors.js";

const ROOT = new URL("../", import.meta.url);
const CHART = "docs/benchmark.svg";
/** npm shows the README away from the repository, where only absolute addresses lead to a picture. */
const PICTURES = "https://raw.githubusercontent.com/couchwire/couchwire/main/";

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

/** @param {string} name a file that browsers load, without `.js` */
function sdkSize(name) {
  const kilobytes =
    gzipSync(readFileSync(new URL(`../dist/sdk/${name}.js`, import.meta.url)), { level: 9 }).length / 1000;
  return `${kilobytes.toFixed(1)} KB gzipped`;
}

const measured = readSummary();

/** By document, the blocks that stand between `<!-- name -->` and `<!-- /name -->`. */
const BLOCKS = {
  "README.md": {
    options: `\n\n${optionTable()}\n\n`,
    "close codes": `\n\n${closeCodeTable()}\n\n`,
    "buzzer/index.html": `\n\n${example("buzzer/index.html")}\n\n`,
    "buzzer/player.html": `\n\n${example("buzzer/player.html")}\n\n`,
    "sdk size": sdkSize("couchwire"),
    "kit size": sdkSize("kit"),
    "ui size": sdkSize("ui"),
    "ui-base size": sdkSize("ui-base"),
    "controls size": sdkSize("controls"),
    "controls-base size": sdkSize("controls-base"),
    benchmark: `\n\n${shortSection(measured, `${PICTURES}${CHART}`)}\n\n`,
  },
  "docs/KIT.md": {
    "kit size": sdkSize("kit"),
    "ui size": sdkSize("ui"),
    "ui-base size": sdkSize("ui-base"),
    "controls size": sdkSize("controls"),
    "controls-base size": sdkSize("controls-base"),
  },
  "docs/PERFORMANCE.md": {
    benchmark: `\n\n${performanceSection(measured, "benchmark.svg")}\n\n`,
    crowd: `\n\n${crowdSection(readCrowd())}\n\n`,
  },
};

/** @param {string} name @param {Record<string, string>} blocks */
function rewritten(name, blocks) {
  let text = readFileSync(new URL(name, ROOT), "utf8");
  for (const [block, content] of Object.entries(blocks)) {
    const place = new RegExp(`(<!-- ${block} -->)[^]*?(<!-- /${block} -->)`);
    if (!place.test(text)) throw new Error(`${name} has no block <!-- ${block} --> … <!-- /${block} -->`);
    text = text.replace(place, (_, open, close) => open + content + close);
  }
  return text;
}

const documents = Object.entries(BLOCKS).map(([name, blocks]) => [name, rewritten(name, blocks)]);
if (measured !== undefined) documents.push([CHART, chart(measured)]);
documents.push(["docs/vectors.json", vectorsText()]);

for (const [name, text] of documents) {
  const file = new URL(name, ROOT);
  if (existsSync(file) && readFileSync(file, "utf8") === text) {
    console.log(`${name} says what the code says.`);
  } else if (process.argv.includes("--check")) {
    console.error(`${name} is behind the code: run \`node scripts/docs.js\`.`);
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    console.log(`${name} rewritten.`);
  }
}
