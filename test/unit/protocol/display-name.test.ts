/** Names of players, as people are to see them. */
import { describe, expect, test } from "@jest/globals";
import { readClaims } from "../../../src/auth/token-claims.ts";
import { defineBot } from "../../../src/games/bot.ts";
import { parseDisplayName } from "../../../src/protocol/display-name.ts";

const shown = (text: string): string | undefined => {
  const parsed = parseDisplayName(text);
  return parsed.ok ? parsed.value : parsed.failure;
};

describe("P5.2.2 a name is shown without", () => {
  test.each([
    ["control characters", "A\u0000d\u001b\u007f\u009fa", "Ada"],
    ["space at its ends, and more than one in a row", " \t Ada \n\r\u2028 Lovelace\ufeff ", "Ada Lovelace"],
    ["what turns the direction of the text behind it", "\u202eada\u202c\u2066B\u2069\u202a", "adaB"],
    ["halves of a character", "A\ud83dda\udc00", "Ada"],
  ])("%s", (_what, text, name) => {
    expect(shown(text)).toBe(name);
  });

  test("anything that scripts and emoji need is kept", () => {
    const names = ["👩‍👩‍👧‍👦 Ŵe", "می‌خواهم", "ישראל‏!", "e\u0301", "<b>Ada</b>", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "さくら", "O’Neil & Söhne"];
    expect(names.map((name) => shown(name))).toEqual(names);
  });

  test.each(["", " \n", "\u0000", "\u200b\u200d\u2060", "\u3164\u115f", "\u2800 \u2800", "\u00ad", "\u202e"])(
    "%j, of which nothing is seen, is no name",
    (text) => {
      expect(shown(text)).toBeUndefined();
    },
  );

  test("what is taken out does not count as characters, and does as bytes", () => {
    expect(shown(`${"\u0000".repeat(400)}${"x".repeat(64)}`)).toBe("x".repeat(64));
    expect(shown(`${"\u0000".repeat(400)}${"x".repeat(65)}`)).toBe("may have 64 characters, not 65.");
    expect(shown(`${"\u0000".repeat(1_024)}x`)).toBe("may have 1024 bytes of UTF-8, and has more.");
    expect(shown(" ".repeat(1_000_000))).toBeUndefined();
  });

  test("the same in tokens and of bots", () => {
    const exp = 2_000_000_000;
    expect(readClaims({ sub: "1", exp, name: "A\u0000da\u202e" }, 0)).toMatchObject({ value: { name: "Ada" } });
    expect(readClaims({ sub: "1", exp, name: "\u0000" }, 0)).toMatchObject({ value: { name: undefined } });
    expect(defineBot({ name: " Bot\u0000ty " }).name).toBe("Botty");
    expect(() => defineBot({ name: "\u0000" })).toThrow("has to be text that is not empty");
  });
});
