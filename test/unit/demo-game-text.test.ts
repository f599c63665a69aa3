/** Names and titles in the demo game: text that strangers' phones send, cut to what people see. */
import { beforeAll, describe, expect, test } from "@jest/globals";

interface Texts {
  tidyName(value: unknown): string;
  freeName(name: string, isTaken: (name: string) => boolean): string;
  isLongName(name: string): boolean;
  NAME_LENGTH: number;
  tidyTitle(value: unknown): string;
  TITLE_LENGTH: number;
}

const FAMILY = "👨‍👩‍👧‍👦";
const KISS = "👩🏿‍❤️‍💋‍👨🏻";

let texts: Texts;

beforeAll(async () => {
  const folder = new URL("../../demo-game/", import.meta.url);
  const modules: Partial<Texts>[] = [];
  for (const name of ["names.js", "titles.js"]) modules.push(await import(new URL(name, folder).href));
  texts = Object.assign({}, ...modules);
});

describe("a name", () => {
  test("of a million characters costs no more than a long one", () => {
    // Cut into characters as a whole this takes gigabytes, and the TV's tab dies.
    for (const text of ["x", FAMILY, "é", "e\u0301", " ", "\u200d", "\ud83d"]) {
      const name = texts.tidyName(text.repeat(1_000_000));
      expect(name.length).toBeLessThanOrEqual(texts.NAME_LENGTH * FAMILY.length);
    }
    expect(texts.tidyName("Ada".padStart(1_000_000))).toBe("Ada");
    expect(texts.tidyTitle("x".repeat(1_000_000))).toBe("x".repeat(texts.TITLE_LENGTH));
  });

  test("is counted in what people see: a family of emoji is one character", () => {
    expect(texts.tidyName(FAMILY.repeat(6))).toBe(FAMILY.repeat(6));
    expect(texts.tidyName(KISS.repeat(99))).toBe(KISS.repeat(texts.NAME_LENGTH));
    expect(texts.isLongName(FAMILY.repeat(8))).toBe(false);
    expect(texts.isLongName("Bartholomew")).toBe(true);
    expect(texts.tidyTitle(`${FAMILY} at dinner.`)).toBe(`${FAMILY} at dinner`);
  });

  test("is one line without control characters and heaps of accents", () => {
    expect(texts.tidyName("  A\u0000d\u202ea\n the\t Great ")).toBe("Ada the Grea");
    expect(texts.tidyName(`Z${"\u0301".repeat(500)}oe`)).toMatch(/^Ź\u0301{0,7}oe$/);
    expect(texts.tidyName(`🦀${"\u0301".repeat(500)}`)).toBe("🦀");
    expect(texts.tidyName("a\u200db")).toBe("ab");
    expect(texts.tidyName("🦀\u200d")).toBe("🦀");
  });

  test("is text: anything else is no name", () => {
    for (const value of [undefined, null, 5, {}, ["Ada"]]) expect(texts.tidyName(value)).toBe("");
  });

  test("that is taken gets a number, and no half of an emoji", () => {
    const taken = new Set(["ada", FAMILY.repeat(12)]);
    const isTaken = (name: string): boolean => taken.has(name);
    expect(texts.freeName("Ada", isTaken)).toBe("Ada 2");
    expect(texts.freeName(FAMILY.repeat(12), isTaken)).toBe(`${FAMILY.repeat(10)} 2`);
    expect(texts.freeName("Bob", isTaken)).toBe("Bob");
  });
});
