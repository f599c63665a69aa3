import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { CONTROL_WORDS } from "../../src/sdk/controls/words.ts";
import { LANGUAGES, translate } from "../../src/sdk/kit/language.ts";
import { WORDS } from "../../src/sdk/kit/words.ts";
import { UI_WORDS } from "../../src/sdk/ui/words.ts";

const SDK = new URL("../../src/sdk/", import.meta.url);
const TABLES = [WORDS, UI_WORDS, CONTROL_WORDS];
const rows = TABLES.flatMap((table) => Object.entries(table));

const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([found]) => found).toSorted();

/** Letters that tell the language: the two that are not written in Latin letters. */
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u,
  ar: /\p{Script=Arabic}/u,
};

describe("the words of the elements", () => {
  test.each(rows)("%s is there in all languages", (name, texts) => {
    expect(texts.length).toBe(LANGUAGES.length);
    for (const [index, text] of texts.entries()) {
      expect(text.trim()).not.toBe("");
      expect(placeholders(text)).toEqual(placeholders(texts[0]));
      const script = SCRIPTS[LANGUAGES[index] ?? ""];
      if (script !== undefined && name !== "pin") expect(text).toMatch(script);
    }
  });

  test("no two tables have a text of the same name", () => {
    expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length);
  });

  test("every row is used by an element", () => {
    const sources = ["ui", "controls", "way-back", "kit"].flatMap((folder) =>
      readdirSync(new URL(folder, SDK)).map((file) => readFileSync(new URL(`${folder}/${file}`, SDK), "utf8")),
    );
    const code = sources.filter((text) => !/export const (?:UI_|CONTROL_)?WORDS/.test(text)).join("\n");
    // Names of causes, of close codes, of directions and of tools are looked up by name.
    const named =
      /^(?:up|down|left|right|tap|undo|clear|unreachable|websockets_blocked|restarting|overloaded|rate_limited|room_\w+|kicked|replaced)$/;
    expect(rows.map(([name]) => name).filter((name) => !named.test(name) && !code.includes(`WORDS.${name}`))).toEqual(
      [],
    );
  });

  test("a text has its values in place", () => {
    const german = { tag: "de-CH", index: LANGUAGES.indexOf("de"), isRightToLeft: false };
    expect(translate(UI_WORDS.joined, german, { name: "Ada" })).toBe("Ada ist dabei");
  });
});
