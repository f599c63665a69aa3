import { describe, expect, test } from "@jest/globals";
import * as fc from "../../support/property-testing.ts";
import { MAX_CLOSE_REASON_BYTES } from "../../../src/protocol/close-codes.ts";
import { parseHostQuery, parsePlayerQuery, type HostQuery } from "../../../src/protocol/peer-query.ts";

function parsed(query: string, defaultBytes: "array" | "string" = "array"): HostQuery | string {
  const result = parseHostQuery(new URLSearchParams(query), defaultBytes);
  return result.ok ? result.value : result.failure;
}

describe("the query of a host", () => {
  test.each([
    ["", { format: "cbor", bytes: "array", state: "full" }],
    ["format=cbor", { format: "cbor", bytes: "array", state: "full" }],
    ["format=json", { format: "json", bytes: "array", state: "full" }],
    ["bytes=array", { format: "cbor", bytes: "array", state: "full" }],
    ["bytes=string", { format: "cbor", bytes: "string", state: "full" }],
    ["bytes=string&format=json", { format: "json", bytes: "string", state: "full" }],
    ["state=full", { format: "cbor", bytes: "array", state: "full" }],
    ["state=delta&format=json", { format: "json", bytes: "array", state: "delta" }],
    ["token=x&unknown=1", { format: "cbor", bytes: "array", state: "full" }],
    [
      "session=abcdefghijklmnop&token=x",
      { format: "cbor", bytes: "array", state: "full", session: "abcdefghijklmnop" },
    ],
    ["format=json&received=12&epoch=e", { format: "json", bytes: "array", state: "full", received: 12, epoch: "e" }],
  ])("P5.1 %j is understood", (query, expected) => {
    expect(parsed(query)).toEqual(expected);
  });

  test("P5.1 leaves `bytes` to the server's option, and overrules it", () => {
    expect(parsed("", "string")).toEqual({ format: "cbor", bytes: "string", state: "full" });
    expect(parsed("bytes=array", "string")).toEqual({ format: "cbor", bytes: "array", state: "full" });
  });

  test.each([
    ["format=", '"format" has to be cbor or json, not "".'],
    ["format=CBOR", '"format" has to be cbor or json, not "CBOR".'],
    ["format=xml", '"format" has to be cbor or json, not "xml".'],
    ["bytes=blob", '"bytes" has to be array or string, not "blob".'],
    ["state=changes", '"state" has to be full or delta, not "changes".'],
    ["state=", '"state" has to be full or delta, not "".'],
    ["format=json&bytes=", '"bytes" has to be array or string, not "".'],
  ])("P5.1 %j is refused in a sentence", (query, sentence) => {
    expect(parsed(query)).toBe(sentence);
  });

  test("P5.1 is refused in a short sentence, whatever was asked", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        const result = parsed(String(new URLSearchParams({ format: value })));
        if (typeof result === "string") expect(result.length).toBeLessThanOrEqual(MAX_CLOSE_REASON_BYTES);
      }),
    );
  });
});

function nameOf(name: string): unknown {
  const result = parsePlayerQuery(new URLSearchParams({ name }));
  return result.ok ? result.value.name : result.failure;
}

describe("P5.2.2 a player's name", () => {
  test("is counted in what people see: families, flags and letters with marks are one character each", () => {
    for (const name of ["👨‍👩‍👧‍👦".repeat(6), "🏳️‍🌈".repeat(64), "e\u{301}".repeat(64), "x".repeat(64)])
      expect(nameOf(name)).toBe(name);
    expect(nameOf("🏳️‍🌈".repeat(65))).toBe('"name" may have 64 characters, not 65.');
  });

  test("has a limit in bytes, which is looked at first: one character may be made of any number of code points", () => {
    expect(nameOf(`a${"\u{301}".repeat(511)}`)).toHaveLength(512);
    expect(nameOf(`a${"\u{301}".repeat(512)}`)).toBe('"name" may have 1024 bytes of UTF-8, and has more.');
    expect(nameOf(`a${"\u{301}".repeat(1_000_000)}`)).toBe('"name" may have 1024 bytes of UTF-8, and has more.');
  });
});
