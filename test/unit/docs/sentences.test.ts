/** How the documents are written: subject first, and the subject is a thing or a named person. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";

const ROOT = new URL("../../../", import.meta.url);
/** API.md is made of the docstrings. */
const DOCUMENTS = ["README.md", ...readdirSync(new URL("docs/", ROOT)).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith(".md") && !name.endsWith("API.md"),
);

test.each(DOCUMENTS)("row 19.10 no sentence of %s begins with nobody, somebody or whoever", (name) => {
  const text = readFileSync(new URL(name, ROOT), "utf8").replace(/`[^`\n]*`/g, "``");
  expect([...text.matchAll(/(?:^|[.:|] |- |\*\*)(?:Nobody|Somebody|Whoever)\b.*/gm)].map(([found]) => found)).toEqual(
    [],
  );
});
