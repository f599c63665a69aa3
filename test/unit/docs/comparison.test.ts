/** docs/COMPARISON.md names a test for each capability that is built, and the issue that brings each of the others. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const ROOT = new URL("../../../", import.meta.url);
const LAST_ROW = 115;
const ROW = /^\| (\d+) \|/;
/** `file.test.ts` (words of a test's name), or: issue 20. */
const PROOF = /`((?:test|bench\/test)\/[^`]+\.test\.ts)` \(([^)]+)\)/g;
const LATER = /^issue (\d+)$/;

interface Row {
  readonly number: number;
  readonly capability: string;
  readonly proof: string;
}

const rows: readonly Row[] = readFileSync(new URL("docs/COMPARISON.md", ROOT), "utf8")
  .split("\n")
  .filter((line) => ROW.test(line))
  .map((line) => {
    const [, number = "", capability = "", , proof = ""] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return { number: Number(number), capability, proof };
  });

test("the table has each row once, in order", () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: LAST_ROW }, (_, index) => index + 1));
});

test.each(rows)("row $number ($capability) names tests that exist, or the issue that brings it", ({ proof }) => {
  if (LATER.test(proof)) return;
  const proofs = [...proof.matchAll(PROOF)];
  expect(proofs).not.toEqual([]);
  for (const [, file = "", words = ""] of proofs) {
    const path = new URL(file, ROOT);
    expect([file, existsSync(path)]).toEqual([file, true]);
    const source = readFileSync(path, "utf8");
    for (const part of words.split("; ")) expect([file, part, source.includes(part)]).toEqual([file, part, true]);
  }
});

test("row 73: in the published run the middle frame of a relay takes less than 3 ms", () => {
  const published = readFileSync(new URL("docs/PERFORMANCE.md", ROOT), "utf8");
  const medians = ["couchwire", "couchwire-bun"].map((peer) =>
    Number(
      new RegExp(`^\\| ${peer} \\| [\\d.]+ \\| [\\d.]+ \\| ([\\d.]+) / [\\d.]+ \\| .* \\| 0 \\|$`, "m").exec(
        published,
      )?.[1],
    ),
  );
  for (const ms of medians) expect(ms).toBeLessThan(3);
});
