import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { MAX_CLOSE_REASON_BYTES } from "../../../src/protocol/close-codes.ts";
import { parseHostQuery, type HostQuery } from "../../../src/protocol/peer-query.ts";

function parsed(query: string, defaultBytes: "array" | "string" = "array"): HostQuery | string {
  const result = parseHostQuery(new URLSearchParams(query), defaultBytes);
  return result.ok ? result.value : result.failure;
}

describe("the query of a host", () => {
  test.each([
    ["", { format: "cbor", bytes: "array" }],
    ["format=cbor", { format: "cbor", bytes: "array" }],
    ["format=json", { format: "json", bytes: "array" }],
    ["bytes=array", { format: "cbor", bytes: "array" }],
    ["bytes=string", { format: "cbor", bytes: "string" }],
    ["bytes=string&format=json", { format: "json", bytes: "string" }],
    ["token=x&unknown=1", { format: "cbor", bytes: "array" }],
    ["session=abcdefghijklmnop&token=x", { format: "cbor", bytes: "array", session: "abcdefghijklmnop" }],
    ["format=json&received=12&epoch=e", { format: "json", bytes: "array", received: 12, epoch: "e" }],
  ])("P5.1 %j is understood", (query, expected) => {
    expect(parsed(query)).toEqual(expected);
  });

  test("P5.1 leaves `bytes` to the server's option, and overrules it", () => {
    expect(parsed("", "string")).toEqual({ format: "cbor", bytes: "string" });
    expect(parsed("bytes=array", "string")).toEqual({ format: "cbor", bytes: "array" });
  });

  test.each([
    ["format=", '"format" has to be cbor or json, not "".'],
    ["format=CBOR", '"format" has to be cbor or json, not "CBOR".'],
    ["format=xml", '"format" has to be cbor or json, not "xml".'],
    ["bytes=blob", '"bytes" has to be array or string, not "blob".'],
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
