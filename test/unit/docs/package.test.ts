import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { z } from "zod";
import { readSummary, summaryText } from "../../../bench/report/save.js";

const ROOT = new URL("../../../", import.meta.url);
const PACKAGE = z.looseObject({ version: z.string(), repository: z.object({ url: z.string() }) });

function read(name: string): string {
  return readFileSync(new URL(name, ROOT), "utf8");
}

const manifest = PACKAGE.parse(JSON.parse(read("package.json")));

test("the version is the newest of the changelog, and lockfile and SDK package have the same", () => {
  expect(read("CHANGELOG.md").match(/^## (\d+\.\d+\.\d+)/m)?.[1]).toBe(manifest.version);
  const lock = z.object({ version: z.string() }).parse(JSON.parse(read("package-lock.json")));
  expect(lock.version).toBe(manifest.version);
  expect(PACKAGE.parse(JSON.parse(read("packages/sdk/package.json"))).version).toBe(manifest.version);
});

test("the pictures of the README have absolute addresses in the repository, and are there", () => {
  const home = manifest.repository.url.replace(/^git\+https:\/\/github\.com\/(.*)\.git$/, "$1");
  const pictures = [...read("README.md").matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, address = ""]) => address);
  expect(pictures.length).toBeGreaterThan(1);
  const raw = `https://raw.githubusercontent.com/${home}/main/`;
  for (const address of pictures) {
    expect(address.startsWith(raw)).toBe(true);
    expect(() => read(address.slice(raw.length))).not.toThrow();
  }
});

test("the only kept result of the benchmark is a summary of less than 200 lines", () => {
  const text = read("bench/results/latest.json");
  const lines = text.split("\n").length;
  expect(lines).toBeLessThan(200);
  expect(lines).toBeGreaterThan(text.match(/"figures":/g)?.length ?? 0); // one for each measured line
  expect(summaryText(readSummary() ?? {})).toBe(text);
});
