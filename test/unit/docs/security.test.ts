/** SECURITY.md: its figures are those of the options and of docs/LIMITS.md, and the names that it gives are in the code. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { OPTION_TABLE } from "../../../src/config.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const textOf = (path: string): string => readFileSync(`${ROOT}${path}`, "utf8");
const document = textOf("SECURITY.md");

/** The cells of the table below a heading, without its head. */
function rowsBelow(heading: string): string[][] {
  const [, section = ""] = document.split(`\n## ${heading}\n`);
  const [, table = ""] = (section.split("\n## ")[0] ?? "").split(/^\|(?:-+\|)+\n/m);
  const lines = table.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(0, end).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

describe("SECURITY.md", () => {
  const limits = rowsBelow("What is limited");

  test("says what is limited, and by what", () => expect(limits.length).toBeGreaterThan(10));

  test.each(limits.filter(([, , where = ""]) => where.includes("COUCHWIRE_")))(
    "%s: %s, as %s is by default",
    (_what, figure, where) => {
      const option = OPTION_TABLE.find(({ env }) => `\`${env}\`` === where);
      expect(option?.default).toBe(figure);
    },
  );

  test.each(limits.filter(([, , where = ""]) => !where.includes("COUCHWIRE_")))(
    "%s: %s, as docs/LIMITS.md says of %s",
    (_what, figure = "", where = "") => {
      const lines = textOf("docs/LIMITS.md")
        .split("\n")
        .filter((line) => line.includes(where));
      expect(lines.some((line) => new RegExp(`\\b${figure}\\b`).test(line))).toBe(true);
    },
  );

  test("names options that exist", () => {
    const known = new Set(OPTION_TABLE.map(({ env }) => env));
    for (const name of document.match(/\bCOUCHWIRE_[A-Z_]+\b/g) ?? []) expect(known).toContain(name);
  });

  test("names functions and classes of the code", () => {
    const folders = ["auth", "hub", "room", "http"];
    const sources = folders.flatMap((folder) =>
      readdirSync(`${ROOT}src/${folder}`, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => textOf(`src/${folder}/${file}`)),
    );
    const code = sources.join("\n");
    for (const name of ["hashSecret", "timingSafeEqual", "ApiKeys", "isSameSecret"]) {
      expect(document).toContain(name);
      expect(code).toContain(name);
    }
  });

  test("has a row for each who the issue names, and says how to report", () => {
    const whos = rowsBelow("Who can do what").map(([who]) => who);
    for (const who of ["phone", "TV page", "member", "subscriber", "operator", "neighbour", "origin", "proxy"])
      expect([who, whos.some((row) => row?.includes(who))]).toEqual([who, true]);
    expect(document).toContain("security advisories");
  });
});
