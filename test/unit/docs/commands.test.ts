import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { parseCommandLine } from "../../../src/cli/command-line.ts";

const DOCUMENTS = [
  "README.md",
  "docs/GAMES.md",
  "CONTRIBUTING.md",
  "examples/buzzer/README.md",
  "examples/quiz/README.md",
];

const commands = DOCUMENTS.flatMap((name) => {
  const text = readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8");
  return [...text.matchAll(/(?:`|^)(?:npm start --|npx couchwire|couchwire) ([^`\n]+)(?:`|$)/gm)].map(
    ([, words = ""]) => [name, words] as const,
  );
});

test("there are commands in the documents", () => {
  expect(commands.length).toBeGreaterThan(3);
});

test.each(commands)("%s shows a command that is understood: %s", (_name, words) => {
  expect(parseCommandLine(words.split(" "), { COUCHWIRE_JWT_SECRET: "s".repeat(32) })).toMatchObject({ ok: true });
});
