/** The style sheets of the server's own pages: what several pages share stands in one of them. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const PUBLIC = new URL("../../public/", import.meta.url);
const SHEETS = ["", "tv/"].flatMap((folder) =>
  readdirSync(new URL(folder, PUBLIC))
    .filter((name) => name.endsWith(".css"))
    .map((name) => folder + name),
);

/** The rules of a sheet that say more than two things, with their selectors. */
function rulesOf(sheet: string): readonly string[] {
  const text = readFileSync(new URL(sheet, PUBLIC), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  return [...text.matchAll(/([^{}]+)\{([^{}]*)\}/g)]
    .filter(([, , body = ""]) => body.split(";").length > 3)
    .map(([, selector = "", body = ""]) => `${selector} { ${body} }`.replace(/\s+/g, " ").trim());
}

test("row 19.10 no two style sheets of the server's pages have the same rule", () => {
  const sheets = new Map<string, string>();
  const doubles: string[] = [];
  for (const sheet of SHEETS) {
    for (const rule of new Set(rulesOf(sheet))) {
      const other = sheets.get(rule);
      if (other !== undefined) doubles.push(`${other} and ${sheet}: ${rule}`);
      sheets.set(rule, sheet);
    }
  }
  expect(sheets.size).toBeGreaterThan(100);
  expect(doubles).toEqual([]);
});

test("row 19.10 one sheet names the colours of the living room, and its pages load it first", () => {
  const naming = SHEETS.filter((sheet) => /--night:/.test(readFileSync(new URL(sheet, PUBLIC), "utf8")));
  expect(naming).toEqual(["living-room.css"]);
  for (const page of ["index.html", "player.html"]) {
    const text = readFileSync(new URL(`tv/${page}`, PUBLIC), "utf8");
    expect([...text.matchAll(/rel="stylesheet" href="([^"]+)"/g)].map(([, sheet]) => sheet)[0]).toBe(
      "../../living-room.css",
    );
  }
});
