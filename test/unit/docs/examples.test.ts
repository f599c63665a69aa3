/** What the documents say of the examples. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";

const EXAMPLES = new URL("../../../examples/", import.meta.url);
const names = readdirSync(EXAMPLES);

const read = (name: string): string => readFileSync(new URL(name, EXAMPLES), "utf8");
const linesOf = (name: string): number => read(name).trimEnd().split("\n").length;

describe("examples/", () => {
  test.each(names)("%s has a README with the command that starts it", (name) => {
    expect(read(`${name}/README.md`)).toMatch(
      /^```sh\n(?:npm start -- serve examples\/\w+|node examples\/[\w-]+\/(?:server|bot)\.js|npm i && npm run dev)\n```$/m,
    );
  });

  test.each(names)("the README of %s names files that are there", (name) => {
    const text = read(`${name}/README.md`);
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, path = ""]) => path);
    const rows = [...text.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = ""]) => cell);
    const files = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file));
    const paths = [...links, ...files].map((path) => fileURLToPath(new URL(path, new URL(`${name}/`, EXAMPLES))));
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });

  test("the quiz is a game of 100 lines, as the README says", () => {
    expect(linesOf("quiz/tv.js")).toBeLessThanOrEqual(100);
  });

  test("the pages of the buzzer are as long as its README says", () => {
    const lengths = `${linesOf("buzzer/index.html")} and ${linesOf("buzzer/player.html")} lines`;
    expect(read("buzzer/README.md")).toContain(lengths);
  });
});
