/** Part 8 of docs/PROTOCOL.md: channels. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";

const ROOT = new URL("../../../", import.meta.url);
const document = readFileSync(new URL("docs/PROTOCOL.md", ROOT), "utf8");
const partEight = document.split("\n## 8. ")[1]?.split(/\n## /)[0] ?? "";

/** The rules that the names of tests begin with. */
function testedRules(): Set<string> {
  const rules = new Set<string>();
  for (const file of readdirSync(new URL("test/", ROOT), { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".test.ts")) continue;
    const source = readFileSync(new URL(`test/${file}`, ROOT), "utf8");
    for (const [, rule = ""] of source.matchAll(/["'`](P8\.\d+) /g)) rules.add(rule);
  }
  return rules;
}

describe("docs/PROTOCOL.md, part 8", () => {
  const defined = [...partEight.matchAll(/^- \*\*(P8\.\d+)\*\*/gm)].map(([, rule = ""]) => rule);

  test("has every rule once, in order", () => {
    expect(defined).toEqual(Array.from({ length: 7 }, (_rule, index) => `P8.${index + 1}`));
  });

  test("has no rule without a test that bears its number", () => {
    const tested = testedRules();
    expect(defined.filter((rule) => !tested.has(rule))).toEqual([]);
  });
});
