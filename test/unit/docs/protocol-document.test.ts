import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { MAX_CONTAINERS, MAX_DEPTH, MAX_ITEMS, MAX_MAP_ENTRIES } from "../../../src/protocol/frame-value.ts";
import { CLOSE_CODES } from "../../../src/protocol/close-codes.ts";
import { ERROR_CODES } from "../../../src/protocol/error-codes.ts";
import { MAX_NAME_BYTES, MAX_RECIPIENTS, MAX_UINT32, MAX_URL_BYTES } from "../../../src/protocol/command-fields.ts";

const ROOT = new URL("../../../", import.meta.url);
const document = readFileSync(new URL("docs/PROTOCOL.md", ROOT), "utf8");

/** Part 5 numbers its rules a level deeper, and has a test of its own. */
const partsOneToFour = document.slice(0, document.indexOf("\n## 5. "));

/** The text below a heading, up to the next one of any level. */
function section(heading: string): string {
  const [, ...after] = document.split(`\n${heading}\n`);
  expect(after).toHaveLength(1);
  return (after[0] ?? "").split(/^#+ /m)[0] ?? "";
}

/** The cells of the tables in a text, without their heads and without the marks of code. */
function rows(text: string): string[][] {
  return text
    .split(/^\|(?:-+\|)+$/m)
    .slice(1)
    .flatMap((table) => table.trimStart().split("\n\n")[0]?.split("\n") ?? [])
    .filter((line) => line.startsWith("|"))
    .map((line) => line.slice(1, -1).split("|"))
    .map((cells) => cells.map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")));
}

function filesBelow(folder: URL): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8", withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
    .map((entry) => `${entry.parentPath}/${entry.name}`);
}

/** The rule that each test's name begins with, of all tests there are. */
function testedRules(): Set<string> {
  const rules = new Set<string>();
  for (const file of filesBelow(new URL("test/", ROOT))) {
    const source = readFileSync(file, "utf8");
    for (const [, rule] of source.matchAll(/["'`](P\d+\.\d+) /g)) if (rule !== undefined) rules.add(rule);
  }
  return rules;
}

function numbered(part: number, count: number): string[] {
  return Array.from({ length: count }, (_rule, index) => `P${part}.${index + 1}`);
}

describe("docs/PROTOCOL.md", () => {
  test("has the close codes of the code: number, name, what then, reason", () => {
    expect(rows(section("### Close codes")).map((cells) => cells.slice(0, 4))).toEqual(
      Object.entries(CLOSE_CODES).map(([name, { code, after, reason }]) => [`${code}`, name, after, reason]),
    );
  });

  test("has the error codes of the code, with their meaning", () => {
    expect(rows(section("### Error codes"))).toEqual(
      Object.entries(ERROR_CODES).map(([code, meaning]) => [code, meaning]),
    );
  });

  test("has the limits of the code", () => {
    const limits = {
      MAX_DEPTH,
      MAX_ITEMS,
      MAX_CONTAINERS,
      MAX_MAP_ENTRIES,
      MAX_NAME_BYTES,
      MAX_URL_BYTES,
      MAX_RECIPIENTS,
    };
    expect(rows(section("### How a host's frame is read")).map(([name, value]) => [name, Number(value)])).toEqual(
      Object.entries(limits),
    );
    expect(document).toContain(`0 to\n  ${MAX_UINT32}`);
  });

  test("has every rule of parts 1 to 4 once, in order", () => {
    const defined = [...partsOneToFour.matchAll(/^(?:\| |- \*\*)(P\d+\.\d+)\b/gm)].map(([, rule]) => rule);
    expect(defined).toEqual([...numbered(1, 9), ...numbered(2, 16), ...numbered(3, 2), ...numbered(4, 2)]);
  });

  test("has no rule without a test that bears its number", () => {
    const tested = testedRules();
    const rules = [...partsOneToFour.matchAll(/\bP\d+\.\d+\b(?!\.\d)/g)].map(([rule]) => rule);
    expect([...new Set(rules)].filter((rule) => !tested.has(rule))).toEqual([]);
  });

  test("links to headings that exist", () => {
    const anchors = [...document.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    for (const [, anchor] of document.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });

  test("describes no file of this repository that is not there", () => {
    for (const [, path = ""] of document.matchAll(/\]\(([^)#]+)\)/g)) {
      expect(() => readFileSync(fileURLToPath(new URL(path, new URL("docs/", ROOT))))).not.toThrow();
    }
  });
});
