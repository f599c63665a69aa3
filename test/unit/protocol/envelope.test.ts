import { describe, expect, test } from "@jest/globals";
import { readEnvelope } from "../../../src/protocol/envelope.ts";
import * as fc from "../../support/property-testing.ts";
import { budget } from "../../support/seeded-random.ts";

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { fatal: true });

/** A key or a text in JSON, with all of its letters escaped if asked. */
function written(text: string, isEscaped: boolean): string {
  if (!isEscaped) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
}

/** What JSON's own parser makes of it; `undefined` where it is no object with `data`, or a wrong `to`. */
function expected(json: string): { readonly data: unknown; readonly to: unknown } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined; // no JSON
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || !("data" in value)) return undefined;
  const to: unknown = "to" in value ? value.to : undefined;
  const isList = Array.isArray(to) && to.every((id) => typeof id === "string");
  return to === undefined || isList ? { data: value.data, to } : undefined;
}

function read(json: string): { readonly data: unknown; readonly to: unknown } | undefined {
  const envelope = readEnvelope(utf8.encode(json));
  if (!envelope.ok || envelope.value.data === undefined) return undefined;
  return { data: JSON.parse(fromUtf8.decode(envelope.value.data)), to: envelope.value.to };
}

const ids = fc.array(fc.oneof(fc.string(), fc.constantFrom<unknown>("ann", 5, null, ["x"])), { maxLength: 3 });
const fields = fc.array(
  fc.tuple(
    fc.constantFrom("data", "to", "from", "x", "dat", "data "),
    fc.oneof(fc.jsonValue({ maxDepth: 3 }), ids, fc.constant(["ann", "ben"])),
    fc.boolean(),
  ),
  { maxLength: 6 },
);
const jsonish = fc.string({
  unit: fc.constantFrom(...Array.from('{}[]",: \\'), '"data"', '"to"', '["a"]', "1", "null", '"ä"', "\\u0064"),
  maxLength: 14,
});

describe("the envelope of a member's text", () => {
  test("P6.2 finds `data` and `to` where JSON's own parser finds them, the last of two, however their names are written", () => {
    fc.assert(
      fc.property(fields, fc.constantFrom("", " ", "\n\t"), (members, gap) => {
        const json = `${gap}{${gap}${members
          .map(([key, value, isEscaped]) => `${written(key, isEscaped)}${gap}:${gap}${JSON.stringify(value)}`)
          .join(`${gap},${gap}`)}${gap}}${gap}`;
        expect(read(json)).toEqual(expected(json));
      }),
      { numRuns: budget(2_000) },
    );
  });

  test("P6.2 takes what JSON's own parser takes, and nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(jsonish, fc.string(), fc.json()), (text) => {
        for (const json of [text, `{${text}}`, `{"data":${text}}`, `{"data":1,"to":${text}}`])
          expect({ json, read: read(json) }).toEqual({ json, read: expected(json) });
      }),
      { numRuns: budget(5_000) },
    );
  });

  test("P6.2 `data` is a view of the frame, byte for byte as it was written", () => {
    const frame = utf8.encode('{"data": {"a" : 1.50, "b":"\\u00e4ä"} ,"from":"x"}');
    const envelope = readEnvelope(frame);
    if (!envelope.ok || envelope.value.data === undefined) throw new Error("no envelope");
    expect(fromUtf8.decode(envelope.value.data)).toBe('{"a" : 1.50, "b":"\\u00e4ä"}');
    expect(envelope.value.data.buffer).toBe(frame.buffer);
  });

  test("P6.10 a frame without `data` may show a token; one with `data` says that", () => {
    expect(readEnvelope(utf8.encode('{"token":"a\\u002eb"}'))).toMatchObject({ ok: true, value: { token: "a.b" } });
    expect(readEnvelope(utf8.encode('{"token":"a","data":0}'))).toMatchObject({
      ok: true,
      value: { token: undefined },
    });
  });

  test("P6.5 what fits a frame is not refused for its shape: 127 levels in the envelope, 60000 points of a drawing", () => {
    const deep = `{"data":${"[".repeat(127)}${"]".repeat(127)}}`;
    const drawing = `{"data":[${"[1,2],".repeat(60_000)}0]}`;
    for (const json of [deep, drawing]) expect(read(json)).toEqual(expected(json));
  });

  test("a frame of megabytes that is nested, long, or not UTF-8 is refused with a sentence, and costs little", () => {
    const deep = `{"data":${"[".repeat(500_000)}`;
    const long = `{"data":[${"0,".repeat(1_050_000)}0]}`;
    const objects = `{"data":[${"{},".repeat(300_000)}{}]}`;
    expect([deep, long, objects].map((json) => readEnvelope(utf8.encode(json)))).toMatchObject([
      { failure: "The JSON is nested deeper than 128 levels." },
      { failure: "The JSON has more than 1048576 items." },
      { failure: "The JSON has more than 65536 arrays and objects." },
    ]);
    const broken = utf8.encode('{"data":"xx"}');
    broken[9] = 0xff;
    expect(readEnvelope(broken)).toMatchObject({ failure: "The text frame is not one JSON value." });
  });
});
