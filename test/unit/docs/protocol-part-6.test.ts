import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";

const ROOT = new URL("../../../", import.meta.url);
const document = readFileSync(new URL("docs/PROTOCOL.md", ROOT), "utf8");
const partSix = document.slice(
  document.indexOf("\n## 6. "),
  document.indexOf("\n## ", document.indexOf("\n## 6. ") + 1),
);

/** The rules of part 6 that the names of tests on real sockets begin with. */
function testedRules(): Set<string> {
  const rules = new Set<string>();
  for (const name of readdirSync(new URL("test/contract/members/", ROOT), { encoding: "utf8" })) {
    const source = readFileSync(new URL(`test/contract/members/${name}`, ROOT), "utf8");
    for (const [, rule = ""] of source.matchAll(/["'`](P6\.\d+) /g)) rules.add(rule);
  }
  return rules;
}

describe("part 6 of docs/PROTOCOL.md", () => {
  const defined = [...partSix.matchAll(/^- \*\*(P6\.\d+)\*\*/gm)].map(([, rule = ""]) => rule);

  test("has every rule once, in order", () => {
    expect(defined).toEqual(Array.from({ length: 13 }, (_rule, index) => `P6.${index}`));
  });

  test("has no rule without a test on real sockets that bears its number", () => {
    const tested = testedRules();
    expect(defined.filter((rule) => !tested.has(rule))).toEqual([]);
  });
});
