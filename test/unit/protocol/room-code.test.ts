import { describe, expect, test } from "@jest/globals";
import * as fc from "../../support/property-testing.ts";
import { isOffensive, parseRoomCode, ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH } from "../../../src/protocol/room-code.ts";

describe("the letters of room codes", () => {
  test("are capitals, each once", () => {
    expect(ROOM_CODE_ALPHABET).toMatch(/^[A-Z]+$/);
    expect(new Set(ROOM_CODE_ALPHABET).size).toBe(ROOM_CODE_ALPHABET.length);
    expect(ROOM_CODE_LENGTH).toBe(4);
  });

  test.each(["A", "E", "I", "O", "U", "Y"])("have no %s, so that codes are no words", (vowel) => {
    expect(ROOM_CODE_ALPHABET).not.toContain(vowel);
  });

  test.each(["I", "L", "O", "Q", "U", "V"])("have no %s, which is mistaken for another", (letter) => {
    expect(ROOM_CODE_ALPHABET).not.toContain(letter);
  });
});

describe("an offensive code", () => {
  test.each(["FCKX", "XFCK", "SHTB", "BSHT", "CNTR", "DCKS", "KKKB", "BKKK", "SSBD", "BDSS", "BHHD", "NSDP", "WTFX"])(
    "%s is one",
    (code) => {
      expect(isOffensive(code)).toBe(true);
    },
  );

  test.each(["BCDF", "GHJK", "MNPR", "TWXZ", "FCXK"])("%s is none", (code) => {
    expect(isOffensive(code)).toBe(false);
  });
});

describe("a room code as people type it", () => {
  test("P1.2 is any four letters, in either case, and is written in capitals", () => {
    const letters = Array.from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...letters), minLength: 4, maxLength: 4 }), (code) => {
        expect(parseRoomCode(code)).toBe(code.toUpperCase());
      }),
    );
  });

  test.each([
    "",
    "ABC",
    "ABCDE",
    "AB1D",
    "AB D",
    " ABC",
    "ABC\n",
    "ABCD\n",
    "ÄBCD",
    "\u{17f}\u{17f}\u{17f}\u{17f}",
    "\u{212a}ABC",
    "A%20",
    "../A",
    "CREATE",
  ])("P1.2 is not %j", (text) => {
    expect(parseRoomCode(text)).toBeUndefined();
  });

  test("P1.2 is found in no other text, and nothing throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 8 }), (text) => {
        const code = parseRoomCode(text);
        if (code !== undefined) expect(code).toMatch(/^[A-Z]{4}$/);
      }),
    );
  });
});
