import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { CLOSE_CODES } from "../../../src/protocol/close-codes.ts";
import {
  MAX_HEALTH_SECONDS,
  MAX_KEYED_BYTES,
  MAX_META_BYTES,
  MAX_PIN_BYTES,
  MAX_RETAIN_NAME_BYTES,
  MAX_SAVE_BYTES,
  MAX_SAVE_KEY_BYTES,
  MAX_SAVE_KEYS,
  MAX_TTL_MS,
  MAX_VOLATILE_NAME_BYTES,
} from "../../../src/protocol/command-fields.ts";
import { MAX_DISPLAY_NAME_BYTES, MAX_DISPLAY_NAME_LENGTH } from "../../../src/protocol/display-name.ts";

import { MAX_VOLATILE_NAMES } from "../../../src/session/volatile-frames.ts";

const ROOT = new URL("../../../", import.meta.url);
const document = partFive(readFileSync(new URL("docs/PROTOCOL.md", ROOT), "utf8"));

function partFive(text: string): string {
  const from = text.indexOf("## 5. ");
  return text.slice(from, text.indexOf("\n## 6. ", from));
}

/** The rule that each test's name begins with. */
function testedRules(): Set<string> {
  const rules = new Set<string>();
  for (const folder of ["test/unit/", "test/contract/"]) {
    for (const name of readdirSync(new URL(folder, ROOT), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".test.ts")) continue;
      const source = readFileSync(new URL(`${folder}${name}`, ROOT), "utf8");
      for (const [, rule = ""] of source.matchAll(/["'`](P\d+(?:\.\d+)+) /g)) rules.add(rule);
    }
  }
  return rules;
}

describe("part 5 of docs/PROTOCOL.md", () => {
  const defined = new Set([...document.matchAll(/^(?:\| |- \*\*)(P5(?:\.\d+)+)\b/gm)].map(([, rule = ""]) => rule));

  test("has no rule without a test that bears its number", () => {
    const tested = testedRules();
    const headings = new Set(["P5.1", "P5.2"]); // tested as part 1 to 4 are, and by the rules below it
    expect([...defined].filter((rule) => !tested.has(rule) && !headings.has(rule))).toEqual([]);
  });

  test("has every rule that a test is named after", () => {
    const named = [...testedRules()].filter((rule) => rule.startsWith("P5."));
    expect(named.filter((rule) => !defined.has(rule) && rule !== "P5.3")).toEqual([]);
  });

  test("has the constants of the code", () => {
    const constants = {
      MAX_DISPLAY_NAME_LENGTH,
      MAX_DISPLAY_NAME_BYTES,
      MAX_PIN_BYTES,
      MAX_META_BYTES,
      MAX_RETAIN_NAME_BYTES,
      MAX_VOLATILE_NAME_BYTES,
      MAX_VOLATILE_NAMES,
      MAX_TTL_MS,
      MAX_SAVE_BYTES,
      MAX_SAVE_KEY_BYTES,
      MAX_SAVE_KEYS,
      MAX_KEYED_BYTES,
      MAX_HEALTH_SECONDS,
    };
    const rows = [...document.matchAll(/^\| `(MAX_\w+)` \| (\d+) \|/gm)];
    expect(rows.map(([, name, value]) => [name, Number(value)])).toEqual(Object.entries(constants));
  });

  test("has close codes of the table", () => {
    const rows = [...document.matchAll(/^\| (\d{4}) \| `(\w+)` \|/gm)];
    expect(rows.length).toBeGreaterThan(5);
    const codes = new Map<string, number>(Object.entries(CLOSE_CODES).map(([name, { code }]) => [name, code]));
    for (const [, code, name = ""] of rows) expect([name, codes.get(name)]).toEqual([name, Number(code)]);
  });

  test("names tests that exist", () => {
    const rows = [...document.matchAll(/\| `(test\/[^`]+)` "([^"]+)" \|/g)];
    expect(rows.length).toBeGreaterThan(10);
    for (const [, path = "", name = ""] of rows) expect(readFileSync(new URL(path, ROOT), "utf8")).toContain(name);
  });
});
