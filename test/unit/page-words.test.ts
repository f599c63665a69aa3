/** The texts of the server's own pages: complete in all languages, and each of them used. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { html } from "../../src/http/html.ts";
import { PAGE_LANGUAGES, phrase } from "../../src/http/page-language.ts";
import { JOIN_WORDS, LAUNCHER_WORDS, PAGE_WORDS } from "../../src/http/page-words.ts";
import { LANGUAGES } from "../../src/sdk/kit/language.ts";

const ROOT = new URL("../../", import.meta.url);
const rows = Object.entries(PAGE_WORDS);

const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([found]) => found).toSorted();

const SCRIPTS: Readonly<Record<string, RegExp>> = {
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u,
  ar: /\p{Script=Arabic}/u,
};

/** The sources of a folder, as one text. */
function sourcesIn(folder: string, ending: RegExp): string {
  const names = readdirSync(new URL(folder, ROOT)).filter((name) => ending.test(name));
  return names.map((name) => readFileSync(new URL(folder + name, ROOT), "utf8")).join("\n");
}

describe("issue 22.5: the words of the server's own pages", () => {
  test("they are in the languages of the kit", () => {
    expect(PAGE_LANGUAGES).toEqual(LANGUAGES);
  });

  test("no two tables have a text of the same name", () => {
    const names = [JOIN_WORDS, LAUNCHER_WORDS].flatMap((table) => Object.keys(table));
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(rows)("%s is there in all languages", (_name, texts) => {
    expect(texts.length).toBe(PAGE_LANGUAGES.length);
    for (const [index, text] of texts.entries()) {
      expect(text.trim()).not.toBe("");
      expect(placeholders(text)).toEqual(placeholders(texts[0]));
      const script = SCRIPTS[PAGE_LANGUAGES[index] ?? ""];
      if (script !== undefined) expect(text).toMatch(script);
    }
  });

  test("every row is used by a page", () => {
    const server = ["src/http/", "src/http/overlay/"]
      .map((folder) => sourcesIn(folder, /^(?!page-words).*\.ts$/))
      .join("\n");
    const pages = ["public/", "public/tv/"].map((folder) => sourcesIn(folder, /\.(?:js|html)$/)).join("\n");
    const unused = rows.flatMap(([name]) => {
      const isUsed =
        new RegExp(`_WORDS\\.${name}\\b|say\\("${name}"\\)`).test(server) ||
        new RegExp(`WORDS\\.${name}\\b|"${name}"`).test(pages);
      return isUsed ? [] : name;
    });
    expect(unused).toEqual([]);
  });

  test("a value is escaped, and markup stays markup", () => {
    const text = ["{a} & {b}", "", "", "", "", ""] as const;
    const english = { tag: "en", index: 0, direction: "ltr" } as const;
    expect(String(phrase(text, english, { a: "<b>", b: html`<i>${"<"}</i>` }))).toBe("&lt;b&gt; &amp; <i>&lt;</i>");
  });
});
