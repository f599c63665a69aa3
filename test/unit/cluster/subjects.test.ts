import { describe, expect, test } from "@jest/globals";
import { assertSubject } from "../../../src/cluster/bus-message.ts";
import { MAX_PART_LENGTH, subjectPart, Subjects } from "../../../src/cluster/subjects.ts";
import * as fc from "../../support/property-testing.ts";

/** Names that mean something to NATS, to patterns of Redis, or to a careless escape. */
const NAMES = [
  "",
  " ",
  "  ",
  ".",
  "..",
  ">",
  "*",
  "?",
  "[ab]",
  "a.b",
  "a b",
  "a_b",
  "a-b",
  "_",
  "__",
  "___",
  "_002e",
  "\\",
  "%2e",
  "user:bob",
  "user_003abob",
  "USER:bob",
  "room:BCDF",
  "\0",
  "\r\n",
  "é",
  "e\u0301",
  "🎲",
  "\ud83c",
  "\udfb2",
  "\ufffd",
  "x".repeat(100),
  "x".repeat(101),
  "x".repeat(600),
  "ü".repeat(300),
  "\ud800".repeat(200),
  "\ud801".repeat(200),
  `${"x".repeat(100)}.`,
  `.${"x".repeat(100)}`,
  "h_",
  "__h",
  "$SYS",
  "couchwire.all",
  "all",
];

describe("row 92", () => {
  test("a name of a room or a channel becomes one part of a subject, whatever is in it", () => {
    for (const name of NAMES) {
      const part = subjectPart(name);
      expect(part).toMatch(/^[\w-]+$/);
      expect(part.length).toBeLessThanOrEqual(MAX_PART_LENGTH);
    }
  });

  test("no two names have one part", () => {
    expect(new Set(NAMES.map(subjectPart)).size).toBe(new Set(NAMES).size);
    // A name may look like the part of another one.
    const again = [...NAMES, ...NAMES.map(subjectPart), ...NAMES.map(subjectPart).map(subjectPart)];
    expect(new Set(again.map(subjectPart)).size).toBe(new Set(again).size);
  });

  test("no two drawn names have one part, halves of surrogate pairs included", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary", maxLength: 120 }),
      fc
        .array(fc.constantFrom("_", ".", "0", "2", "e", "\ud800", "\udc00", "é", ">"), { maxLength: 30 })
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(name, name, (one, other) => {
        expect(subjectPart(one) === subjectPart(other)).toBe(one === other);
        expect(subjectPart(subjectPart(one)) === subjectPart(other)).toBe(subjectPart(one) === other);
      }),
    );
  });

  test("a bus takes the subject of every name under the longest prefix, and kinds never meet", () => {
    const subjects = new Subjects("p".repeat(64));
    const all = NAMES.flatMap((name) => [subjects.node(name), subjects.channel(name)]);
    for (const subject of [subjects.all, ...all]) expect(() => assertSubject(subject)).not.toThrow();
    expect(new Set([subjects.all, ...all]).size).toBe(all.length + 1);
    expect(new Subjects("couchwire").node("V1StGXR8_Z5j")).toBe("couchwire.node.V1StGXR8_005fZ5j");
  });

  test("a subject that is none is refused with what one is", () => {
    for (const subject of ["", ".", "a.", ".a", "a..b", "a b", "a.*", "a.>", "é", "a".repeat(201)]) {
      expect(() => assertSubject(subject)).toThrow(
        /^A subject of the bus is 1 to 200 letters, digits, "_" and "-" in parts separated by ".", not /,
      );
    }
  });
});
