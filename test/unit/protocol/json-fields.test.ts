import { describe, expect, test } from "@jest/globals";
import * as fc from "../../support/property-testing.ts";
import { budget } from "../../support/seeded-random.ts";
import { MAX_ITEMS } from "../../../src/protocol/frame-value.ts";
import { checkJson, JsonFrameValue } from "../../../src/protocol/json-fields.ts";
import { isUtf8 } from "../../../src/protocol/utf8.ts";

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined; // no JSON
  }
}

function problemOf(text: string): string | undefined {
  const checked = checkJson(utf8.encode(text));
  return checked.ok ? undefined : checked.failure;
}

/** Text that is JSON, nearly JSON, or looks like it. */
const jsonish = fc.string({
  unit: fc.constantFrom(
    ...Array.from('{}[]",:\\ 0-1e.+tu\n'),
    "null",
    "true",
    "false",
    '"a"',
    "\\u00e4",
    "é",
    "12",
    "01",
  ),
  maxLength: 12,
});

describe("the check of a host's JSON", () => {
  test("P2 accepts what JSON's own parser accepts, and nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(jsonish, fc.json({ noUnicodeString: false }), fc.string()), (text) => {
        for (const json of [text, `[${text}]`, `{"data":[${text}]}`, `{"cmd":"${text}"}`]) {
          const isJson = parsed(json) !== undefined;
          expect({ json, isJson: problemOf(json) === undefined }).toEqual({ json, isJson });
        }
      }),
      { numRuns: budget(5_000) },
    );
  });

  test("P2 finds the fields of a command where the parser finds them, the last of two, however their names are written", () => {
    const values = fc.dictionary(fc.constantFrom("cmd", "to", "data", "x", "name"), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(values, values, fc.boolean(), (first, second, isEscaped) => {
        const members = [first, second].flatMap((map) =>
          Object.entries(map).map(([key, value]) => `${written(key, isEscaped)} : ${JSON.stringify(value)}`),
        );
        const json = utf8.encode(`{ ${members.join(" ,")} }`);
        const checked = checkJson(json);
        if (!checked.ok) throw new Error(checked.failure);
        const found = [...checked.value.fields].map(([key, span]) => [key, new JsonFrameValue(json, span).decode()]);
        const { x: _unknown, ...expected }: Record<string, unknown> = JSON.parse(new TextDecoder().decode(json));
        expect(Object.fromEntries(found)).toEqual(expected);
      }),
    );
  });

  test("P2.6 reads text as the parser does, and writes half a surrogate pair as U+FFFD", () => {
    const unit = fc.constantFrom(
      "a",
      "é",
      "€",
      "🎲",
      "\ud83c",
      "\udfb2",
      '"',
      "\\",
      "/",
      "\n",
      "\u{1f}",
      "\0",
      "\u{feff}",
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), fc.boolean(), (text, isEscaped) => {
        const json = utf8.encode(written(text, isEscaped));
        const value = new JsonFrameValue(json, { from: 0, to: json.length });
        expect(Buffer.from(value.content())).toEqual(Buffer.from(text));
      }),
      { numRuns: budget(1_000) },
    );
  });

  test("P2.5 reads bytes as the parser does, and tells the first entry that is none", () => {
    const entry = fc.oneof(fc.nat({ max: 260 }), fc.constantFrom(1.5, -1, -0, null, "7", [1], 1e2));
    const space = fc.constantFrom("", " ", "\n  ");
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), space, (list, gap) => {
        const text = `[${gap}${list.map((item) => JSON.stringify(item)).join(`${gap},${gap}`)}${gap}]`;
        const json = utf8.encode(text);
        const bytes = new JsonFrameValue(json, { from: 0, to: json.length }).byteList();
        const wrong = list.findIndex((item) => !(Number.isInteger(item) && Number(item) >= 0 && Number(item) <= 255));
        if (bytes instanceof Uint8Array)
          expect([[...bytes], wrong]).toEqual([list.map((item) => Number(item) + 0), -1]);
        else expect([bytes.index, bytes.entry.decode()]).toEqual([wrong, list[wrong]]);
      }),
      { numRuns: budget(1_000) },
    );
    const whole = utf8.encode("[8.0,80e-1,0.8E+1,255]");
    expect(new JsonFrameValue(whole, { from: 0, to: whole.length }).byteList()).toEqual(Uint8Array.of(8, 8, 8, 255));
  });

  test("MAX_ITEMS items pass, one more does not; the integers of `data` do not count", () => {
    // The object, `cmd`, its value, `x` and the list are five.
    expect(problemOf(frame("x", MAX_ITEMS - 5))).toBeUndefined();
    expect(problemOf(frame("x", MAX_ITEMS - 4))).toBe(`The JSON has more than ${MAX_ITEMS} items`);
    expect(problemOf(frame("data", 4 * MAX_ITEMS))).toBeUndefined();
    expect(problemOf(frame("data", MAX_ITEMS).replaceAll("1", "1.0"))).toContain("items");
  });

  test("P2 what is in no field of the command is UTF-8 all the same", () => {
    const json = Uint8Array.from([...utf8.encode('{"cmd":"start","x":"'), 0xc3, ...utf8.encode('"}')]);
    expect(checkJson(json)).toMatchObject({ ok: false });
  });
});

test("UTF-8 is judged as the platform's decoder judges it", () => {
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf));
  fc.assert(
    fc.property(fc.oneof(fc.array(byte, { maxLength: 8 }), fc.string({ unit: "binary" }).map(bytesOf)), (bytes) => {
      const array = Uint8Array.from(bytes);
      let isValid = true;
      try {
        strictUtf8.decode(array);
      } catch {
        isValid = false; // the decoder's way of saying so
      }
      expect(isUtf8(array, 0, array.length)).toBe(isValid);
    }),
    { numRuns: budget(10_000) },
  );
});

function bytesOf(text: string): number[] {
  return [...utf8.encode(text)];
}

/** A command with that field: a list of so many ones. */
function frame(name: string, length: number): string {
  return `{"cmd":"start","${name}":[${Array<string>(length).fill("1").join(",")}]}`;
}

/** A string of JSON, each UTF-16 unit of it escaped where asked for. */
function written(text: string, isEscaped: boolean): string {
  if (!isEscaped) return JSON.stringify(text);
  const units = Array.from({ length: text.length }, (_unit, index) => text.charCodeAt(index));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
}
