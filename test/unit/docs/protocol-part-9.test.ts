/** Part 9 of docs/PROTOCOL.md: the HTTP API. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";

const ROOT = new URL("../../../", import.meta.url);
const document = readFileSync(new URL("docs/PROTOCOL.md", ROOT), "utf8");
const partNine = document.split("\n## 9. ")[1]?.split(/\n## /)[0] ?? "";

/** The rules that the names of tests begin with. */
function testedRules(): Set<string> {
  const rules = new Set<string>();
  for (const file of readdirSync(new URL("test/", ROOT), { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".test.ts")) continue;
    const source = readFileSync(new URL(`test/${file}`, ROOT), "utf8");
    for (const [, rule = ""] of source.matchAll(/["'`](P9\.\d+) /g)) rules.add(rule);
  }
  return rules;
}

describe("docs/PROTOCOL.md, part 9", () => {
  const defined = [...partNine.matchAll(/^- \*\*(P9\.\d+)\*\*/gm)].map(([, rule = ""]) => rule);

  test("has its rules once, in order", () => {
    expect(defined.length).toBeGreaterThanOrEqual(6);
    expect(defined).toEqual([...new Set(defined)].toSorted((a, b) => Number(a.slice(3)) - Number(b.slice(3))));
  });

  test("has no rule without a test that bears its number", () => {
    const tested = testedRules();
    expect(defined.filter((rule) => !tested.has(rule))).toEqual([]);
  });
});
