import { describe, expect, test } from "@jest/globals";
import * as fc from "../../support/property-testing.ts";
import { budget } from "../../support/seeded-random.ts";
import { afterClose, CLOSE_CODES, fitCloseReason, MAX_CLOSE_REASON_BYTES } from "../../../src/protocol/close-codes.ts";

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}

describe("the close codes", () => {
  const entries = Object.entries(CLOSE_CODES);

  test.each(entries)("P4.1 %s has a sentence that fits into a Close frame, and a code of its own", (name, entry) => {
    expect(bytesOf(entry.reason)).toBeLessThanOrEqual(MAX_CLOSE_REASON_BYTES);
    expect(fitCloseReason(entry.reason)).toBe(entry.reason);
    expect(entries.filter(([, { code }]) => code === entry.code).map(([other]) => other)).toEqual([name]);
  });

  test.each(entries)("P4.1 %s says in its number what its entry says: come back, or final", (_name, entry) => {
    expect(afterClose(entry.code)).toBe(entry.after);
    if (entry.code >= 4000) expect(entry.after).toBe(entry.code < 4500 ? "retry" : "final");
    else expect(entry.code).toBeLessThan(2000);
  });

  test("P4.1 4000 to 4499 mean come back, 4500 to 4999 are final", () => {
    for (let code = 4000; code <= 4999; code++) expect(afterClose(code)).toBe(code < 4500 ? "retry" : "final");
  });

  test.each([
    [1000, "final"],
    [1001, "final"],
    [1002, "final"],
    [1005, "retry"],
    [1006, "retry"],
    [1008, "final"],
    [1011, "retry"],
    [1012, "retry"],
    [1013, "retry"],
    [1014, "retry"],
    [1015, "retry"],
    [3000, "retry"],
  ])("P4.1 after %d a client does: %s", (code, after) => {
    expect(afterClose(code)).toBe(after);
  });
});

describe("a close reason", () => {
  test("P4.1 is left alone where it fits, and cut where it does not: at a character's border, as late as possible", () => {
    const characters = fc.string({ unit: fc.constantFrom("a", "é", "畫", "🎲", "\u{301}"), maxLength: 160 });
    fc.assert(
      fc.property(characters, (reason) => {
        const fitted = fitCloseReason(reason);
        expect(reason.startsWith(fitted)).toBe(true);
        expect(bytesOf(fitted)).toBeLessThanOrEqual(MAX_CLOSE_REASON_BYTES);
        const [next] = reason.slice(fitted.length);
        if (next !== undefined) expect(bytesOf(fitted + next)).toBeGreaterThan(MAX_CLOSE_REASON_BYTES);
        expect(Buffer.from(fitted).toString()).toBe(fitted); // no half of a surrogate pair
      }),
      { numRuns: budget(1_000) },
    );
  });

  test("P4.1 of exactly 123 bytes is whole, one of 124 is not", () => {
    expect(fitCloseReason("x".repeat(123))).toBe("x".repeat(123));
    expect(fitCloseReason("x".repeat(124))).toBe("x".repeat(123));
    expect(fitCloseReason(`${"x".repeat(122)}é`)).toBe("x".repeat(122));
    expect(fitCloseReason("é".repeat(62))).toBe("é".repeat(61));
  });

  test("P4.1 with halves of surrogate pairs fits too, as the characters that stand for them", () => {
    expect(bytesOf(fitCloseReason("\ud83c".repeat(200)))).toBeLessThanOrEqual(MAX_CLOSE_REASON_BYTES);
  });
});
