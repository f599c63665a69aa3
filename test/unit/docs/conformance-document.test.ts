/** docs/CONFORMANCE.md says of each rule that has no check why it has none. */
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { conformanceSuite } from "../../../src/testing/index.ts";
import { BROKEN_RULES } from "../../support/broken-rules.ts";
import { BROKEN_SERVERS } from "../../support/broken-servers.ts";

const protocol = readDocument("PROTOCOL.md");
const conformance = readDocument("CONFORMANCE.md");
/** Of the parts that are checked: the SDK's frames are no server's, and parts 7 and 9 are other wires. */
const OTHERS = /^P(?:5\.10|7|9)\./;

function readDocument(name: string): string {
  return readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8");
}

/** The rules that the document numbers, each once. */
const numbered = [
  ...new Set([...protocol.matchAll(/^(?:\| |- \*\*)(P\d+\.\d+(?:\.\d+)?)\b/gm)].map(([, rule = ""]) => rule)),
].filter((rule) => !OTHERS.test(rule));
const checked = new Set(conformanceSuite.map(({ rule }) => rule));
const [, unseen = ""] = conformance.split("\n## What cannot be seen from outside\n");
const excused = new Set(
  [...unseen.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = ""]) => cell.match(/\bP\d+\.\d+(?:\.\d+)?\b/g) ?? []),
);

test("each rule of the parts that are checked has a check, or its reason for having none", () => {
  expect(numbered.length).toBeGreaterThan(100);
  expect(numbered.filter((rule) => !checked.has(rule) && !excused.has(rule))).toEqual([]);
});

test("each check and each reason is of a rule that there is", () => {
  const known = new Set(protocol.match(/\bP\d+\.\d+(?:\.\d+)?\b/g));
  expect([...checked, ...excused].filter((rule) => !known.has(rule))).toEqual([]);
});

test("what was added to the checks fails at a server in the tests that breaks the rule", () => {
  const broken = new Set([...BROKEN_RULES.map(({ rule }) => rule), ...BROKEN_SERVERS.flatMap(({ rules }) => rules)]);
  expect([...checked].filter((rule) => /^P(?:5\.[239]|6\.3)\b/.test(rule) && !broken.has(rule))).toEqual([]);
});
