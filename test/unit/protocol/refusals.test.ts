import { describe, expect, test } from "@jest/globals";
import { Encoder } from "cbor-x";
import { encode as encodeWithCborg } from "cborg";
import * as fc from "../../support/property-testing.ts";
import { budget } from "../../support/seeded-random.ts";
import { MAX_NAME_BYTES, MAX_URL_BYTES } from "../../../src/protocol/command-fields.ts";
import { decodeHostFrame } from "../../../src/protocol/decode-host-frame.ts";
import { ERROR_CODES, type Refusal } from "../../../src/protocol/error-codes.ts";
import { HOST_COMMANDS } from "../../../src/protocol/parse-command.ts";
import { commands, head, writeInSomeShape } from "./cbor-shapes.ts";
import { fromHex } from "../../support/hex.ts";

const cborX = new Encoder({ useRecords: false, variableMapSize: true });
const utf8 = new TextEncoder();

function refusal(frame: Uint8Array, isText = false): Refusal | undefined {
  const result = decodeHostFrame(frame, isText);
  return result.ok ? undefined : result.failure;
}

/** What every refusal is, whatever the frame was (P2.13). */
function expectSound(refused: Refusal | undefined): void {
  if (refused === undefined) return;
  expect(Object.keys(ERROR_CODES)).toContain(refused.code);
  expect(refused.reason).toMatch(/^Invalid message\. .+\.$/);
  expect(refused.reason.length).toBeLessThan(200);
  if (refused.in !== undefined) {
    expect(refused.in.length).toBeLessThanOrEqual(32);
    expect(refused.in).toBe(Buffer.from(refused.in).toString());
  }
}

/** The same fields as CBOR in both libraries, and as JSON where JSON has them. */
function eachWay(fields: unknown, isJson = true): (Refusal | undefined)[] {
  const binary = [encodeWithCborg(fields), new Uint8Array(cborX.encode(fields))].map((frame) => refusal(frame));
  return isJson ? [...binary, refusal(utf8.encode(JSON.stringify(fields)), true)] : binary;
}

describe("any frame at all", () => {
  test.each(["\u0001", '"', "\ud800", "\u{1f600}", "x"])(
    "P2.13 is refused in a short sentence, though it is full of %j",
    (letter) => {
      for (const length of [1, 5, 6, 31, 32, 33, 1_000]) {
        const refused = refusal(utf8.encode(JSON.stringify({ cmd: letter.repeat(length) })), true);
        expectSound(refused);
        expect(refused?.code).toBe("unknown_command");
      }
    },
  );

  test("P2.13 of bytes is a command or is refused, and never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isText) => {
        expectSound(refusal(bytes, isText));
        expectSound(refusal(new Uint8Array([0xa1, ...bytes]), isText));
        expectSound(refusal(new Uint8Array([0xbf, 0x63, 0x63, 0x6d, 0x64, ...bytes]), isText));
      }),
      { numRuns: budget(2_000) },
    );
  });

  test("P2.13 of text is a command or is refused, and never throws", () => {
    const jsonish = fc.string({
      unit: fc.constantFrom(...Array.from('{}[]",:\\ 0-1e.tru'), "null", '"cmd"', '"to"', "\ud800"),
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), jsonish, fc.json()), (text) => {
        expectSound(refusal(utf8.encode(text), true));
        expectSound(refusal(utf8.encode(`{"cmd":${text}}`), true));
        expectSound(refusal(utf8.encode(`{"cmd":"to","to":[],"data":${text}}`), true));
      }),
      { numRuns: budget(2_000) },
    );
  });

  test("P2.13 that is one byte off a command is another command or is refused, and never throws", () => {
    fc.assert(
      fc.property(
        fc.gen(),
        commands,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (choose, command, position, change) => {
          const frame = writeInSomeShape(choose, command);
          const at = position % frame.length;
          frame[at] = (frame[at] ?? 0) ^ change;
          expectSound(refusal(frame));
          expectSound(refusal(frame, true));
        },
      ),
      { numRuns: budget(1_000) },
    );
  });

  test("P2.13 with any values in its fields is a command or is refused, and never throws", () => {
    const fields = fc.record(
      {
        cmd: fc.oneof(fc.constantFrom(...HOST_COMMANDS), fc.anything({ withMap: false })),
        to: fc.anything(),
        data: fc.anything(),
        player: fc.anything(),
        max_players: fc.anything(),
        name: fc.anything(),
        reason: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fields, (value) => {
        expectSound(refusal(cborX.encode(value)));
      }),
      { numRuns: budget(1_000) },
    );
  });

  test("P2.13 that claims much costs little", () => {
    const frames = [2, 3, 4, 5].flatMap((major) =>
      [2 ** 26, 2 ** 32 - 1, 2 ** 40, 2 ** 53].map((claim) =>
        // Fifteen levels that each claim as much as the check can be made to believe, then one that claims more.
        Uint8Array.from([
          0xa1,
          0x61,
          0x78,
          ...Array<number>(14)
            .fill(0x98)
            .flatMap((byte) => [byte, 1]),
          ...head(major, claim, 8),
        ]),
      ),
    );
    const before = process.memoryUsage();
    for (let round = 0; round < 200; round++) for (const frame of frames) expect(refusal(frame)).toBeDefined();
    const after = process.memoryUsage();
    // One claim of 2^26 items believed once would be half a gigabyte.
    expect(after.rss - before.rss).toBeLessThan(128 * 2 ** 20);
  });
});

describe("a broken frame is refused", () => {
  test.each([
    ["an empty frame", ""],
    ["bytes that are not CBOR", "1c1d1e"],
    ["an array", "83 65 7374617274 01 02"],
    ["WMBP's command as an array", "83 67 70726570617265 08 64 6e616d65"],
    ["null", "f6"],
    ["text", "65 7374617274"],
    ["a number", "18 2a"],
    ["a truncated map", "a2 63636d64 65 73746172"],
    ["a map with a key missing its value", "a1 63636d64"],
    ["a tag on the map", "c1 a1 63636d64 65 7374617274"],
    ["a field that stands twice", "a2 63636d64 65 7374617274 63636d64 64 73746f70"],
    ["an extra field that stands twice", "a3 63636d64 65 7374617274 6178 01 6178 02"],
    ["a `__proto__` that stands twice", "a3 63636d64 65 7374617274 695f5f70726f746f5f5f 01 695f5f70726f746f5f5f 02"],
    ["text that is not UTF-8", "a1 63636d64 65 73746172ff"],
    ["integer keys", "a1 00 65 7374617274"],
  ])("P2.13 %s: invalid_message", (_what, hex) => {
    const refused = refusal(fromHex(hex));
    expect(refused?.code).toBe("invalid_message");
    expect(refused).not.toHaveProperty("in");
    expectSound(refused);
  });

  test.each([
    ["nothing", ""],
    ["half an object", '{"cmd":"start"'],
    ["two values", '{"cmd":"start"}{"cmd":"start"}'],
    ["a value and left-overs", '{"cmd":"start"}\0\0'],
    ["a list", '["start"]'],
    ["null", "null"],
    ["text", '"start"'],
    ["a number", "7"],
    ["single quotes", "{'cmd':'start'}"],
    ["a comment", '{"cmd":"start"} // now'],
    ["NaN", '{"cmd":"kick","player":NaN}'],
  ])("P2.13 JSON that is %s: invalid_message", (_what, text) => {
    const refused = refusal(utf8.encode(text), true);
    expect(refused?.code).toBe("invalid_message");
    expectSound(refused);
  });

  test("P2.13 JSON that is not UTF-8: invalid_message", () => {
    expect(refusal(Uint8Array.from([0x22, 0xff, 0x22]), true)?.code).toBe("invalid_message");
  });

  test.each([
    ["missing", {}],
    ["null", { cmd: null }],
    ["a number", { cmd: 5 }],
    ["a list", { cmd: ["start"] }],
    ["a map", { cmd: { cmd: "start" } }],
    ["only in the prototype's place", Object.fromEntries([["__proto__", { cmd: "start" }]])],
  ])("P2.13 with a `cmd` that is %s: invalid_message", (_what, fields) => {
    for (const refused of eachWay(fields)) {
      expect(refused).toMatchObject({ code: "invalid_message" });
      expect(refused).not.toHaveProperty("in");
    }
  });

  test.each([
    ["", ""],
    ["Start", "Start"],
    ["start ", "start "],
    ["state", "state"],
    ["from", "from"],
    ["__proto__", "__proto__"],
    ["constructor", "constructor"],
    ["toString", "toString"],
    ["hasOwnProperty", "hasOwnProperty"],
    ["x".repeat(5_000), "x".repeat(32)],
    [`${"x".repeat(31)}🎲`, `${"x".repeat(31)}\u{fffd}`],
  ])("P2.13 with the `cmd` %j: unknown_command, named in `in`", (cmd, named) => {
    for (const refused of eachWay({ cmd })) {
      expect(refused).toMatchObject({ code: "unknown_command", in: named });
      expectSound(refused);
    }
  });

  // In jest a row that is shorter than the function's parameters would wait for a callback: each says all three.
  const wrongCounts: readonly [string, unknown, boolean][] = [
    ["missing", undefined, true],
    ["null", null, true],
    ["negative", -1, true],
    ["2^32", 2 ** 32, true],
    ["2^53", 2 ** 53, true],
    ["a bigint", 2n ** 60n, false],
    ["a fraction", 1.5, true],
    ["NaN", Number.NaN, false],
    ["infinite", Number.POSITIVE_INFINITY, false],
    ["text", "8", true],
    ["true", true, true],
    ["a list", [8], true],
    ["a map", { valueOf: 8 }, true],
    ["bytes", Uint8Array.of(8), true],
  ];

  test.each(wrongCounts)("P2.13 with a `max_players` or `player` that is %s: invalid_field", (_what, value, isJson) => {
    const prepared =
      value === undefined ? { cmd: "prepare", name: "x" } : { cmd: "prepare", name: "x", max_players: value };
    const kicked = value === undefined ? { cmd: "kick" } : { cmd: "kick", player: value };
    for (const [fields, named, field] of [
      [prepared, "prepare", "max_players"],
      [kicked, "kick", "player"],
    ] as const) {
      for (const refused of eachWay(fields, isJson)) {
        expect(refused).toMatchObject({ code: "invalid_field", in: named });
        expect(refused?.reason).toContain(`\`${field}\``);
        expectSound(refused);
      }
    }
  });

  test.each([
    ["negative", "22"],
    ["negative, in eight bytes", "3b0000000000000002"],
    ["2^32 in eight bytes", "1b0000000100000000"],
    ["2^60", "1b1000000000000000"],
    ["a fraction", "f93e00"],
    ["NaN", "f97e00"],
    ["infinite", "f97c00"],
    ["tiny", "f90001"],
    ["bytes", "d840 4108"],
    ["a map", "bf ff"],
    ["a list", "9f 08 ff"],
    ["true", "f5"],
  ])("P2.13 with a `player` that is %s, in a map of indefinite length: invalid_field", (_what, item) => {
    const refused = refusal(fromHex(`bf 63636d64 646b69636b 66706c61796572 ${item} ff`));
    expect(refused).toMatchObject({ code: "invalid_field", in: "kick" });
    expectSound(refused);
  });

  test.each([
    ["missing", undefined],
    ["null", null],
    ["a number", 1],
    ["text", "everybody"],
    ["a map", { 0: 1 }],
    ["bytes", Uint8Array.of(1, 2)],
    ["a list with text in it", [1, "2"]],
    ["a list with a negative number in it", [1, -2]],
    ["a list with a fraction in it", [1.5]],
    ["a list with 2^32 in it", [2 ** 32]],
    ["a list with a list in it", [[1]]],
    ["a list with false in it", [false]],
  ])("P2.13 with a `to` that is %s: invalid_field", (_what, to) => {
    for (const cmd of ["to", "to_str"]) {
      const data = cmd === "to" ? [1] : "x";
      for (const refused of eachWay(to === undefined ? { cmd, data } : { cmd, data, to })) {
        expect(refused).toMatchObject({ code: "invalid_field", in: cmd });
        expectSound(refused);
      }
    }
  });

  test.each([
    ["missing", undefined],
    ["null", null],
    ["a number", 1],
    ["text", "AQI="],
    ["a map", { type: "Buffer", data: [1] }],
    ["a list with 256 in it", [0, 256]],
    ["a list with -1 in it", [-1]],
    ["a list with a fraction in it", [0.5]],
    ["a list with a hole in it", [1, null]],
    ["a list with text in it", ["1"]],
  ])("P2.13 with bytes for `to` that are %s: invalid_field", (_what, data) => {
    for (const refused of eachWay({ cmd: "to", to: [], ...(data !== undefined && { data }) })) {
      expect(refused).toMatchObject({ code: "invalid_field", in: "to" });
      expectSound(refused);
    }
  });

  test.each([
    ["missing", undefined],
    ["null", null],
    ["a number", 1],
    ["a list", [104, 105]],
    ["bytes", Uint8Array.of(104)],
  ])("P2.13 with a text for `to_str` that is %s: invalid_field", (_what, data) => {
    for (const refused of eachWay({ cmd: "to_str", to: [], ...(data !== undefined && { data }) })) {
      expect(refused).toMatchObject({ code: "invalid_field", in: "to_str" });
    }
  });

  test.each([
    ["a `volatile` that is a number", { volatile: 1 }, "`volatile` has to be true, false, or a name of 1 to 64 bytes"],
    ["a `volatile` that is empty", { volatile: "" }, "`volatile` has to be true, false, or a name of 1 to 64 bytes"],
    ["a `volatile` that is a list", { volatile: ["a"] }, "`volatile` has to be"],
    ["a `ttl` of 0", { ttl: 0 }, "`ttl` has to be a whole number from 1 to 3600000"],
    ["a `ttl` of more than an hour", { ttl: 3_600_001 }, "`ttl` has to be a whole number"],
    ["a `ttl` that is no whole number", { ttl: 1.5 }, "`ttl` has to be a whole number"],
    ["a `ttl` that is text", { ttl: "100" }, "`ttl` has to be a whole number"],
  ])("P5.9.1 with %s: invalid_field", (_what, more, reason) => {
    for (const refused of eachWay({ cmd: "to_str", to: [], data: "x", ...more })) {
      expect(refused).toMatchObject({ code: "invalid_field", in: "to_str" });
      expect(refused?.reason).toContain(reason);
      expectSound(refused);
    }
  });

  test.each([
    ["`append` without `retain`", { append: true }, "`append` needs `retain` beside it."],
    ["`silent` without `retain`", { silent: true }, "`silent` needs `retain` beside it."],
    ["an `append` that is no flag", { append: 1, retain: "a" }, "`append` has to be true or false"],
    ["a `silent` that is no flag", { silent: "yes", retain: "a" }, "`silent` has to be true or false"],
  ])("P5.9.13 with %s: invalid_field", (_what, more, reason) => {
    for (const refused of eachWay({ cmd: "to_str", to: [], data: "x", ...more })) {
      expect(refused).toMatchObject({ code: "invalid_field", in: "to_str" });
      expect(refused?.reason).toContain(reason);
      expectSound(refused);
    }
  });

  test("P5.9.1 with a name for `volatile` of 65 bytes: too_large, and of 64 not", () => {
    for (const refused of eachWay({ cmd: "to_str", to: [], data: "x", volatile: `${"é".repeat(32)}x` })) {
      expect(refused).toMatchObject({ code: "too_large", in: "to_str" });
    }
    expect(eachWay({ cmd: "to_str", to: [], data: "x", volatile: "é".repeat(32) })).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test.each([
    ["a number", 5],
    ["a list", ["name"]],
    ["false", false],
  ])("P2.13 with a `name`, `join_url` or `reason` that is %s: invalid_field", (_what, value) => {
    for (const field of ["name", "join_url"]) {
      for (const refused of eachWay({ cmd: "prepare", max_players: 1, [field]: value })) {
        expect(refused).toMatchObject({ code: "invalid_field", in: "prepare" });
      }
    }
    for (const refused of eachWay({ cmd: "kick", player: 1, reason: value })) {
      expect(refused).toMatchObject({ code: "invalid_field", in: "kick" });
    }
  });

  test("P2.13 with a name, reason or address that is one byte too long: too_large, and at the border not", () => {
    const longName = "é".repeat(MAX_NAME_BYTES / 2);
    const longUrl = "https://example.org/".padEnd(MAX_URL_BYTES, "a");
    const border = { cmd: "prepare", max_players: 1, name: longName, join_url: longUrl };
    const reason = { cmd: "kick", player: 1, reason: longName };
    expect(eachWay(border)).toEqual([undefined, undefined, undefined]);
    expect(eachWay(reason)).toEqual([undefined, undefined, undefined]);
    for (const refused of [
      ...eachWay({ ...border, name: `${longName}x` }),
      ...eachWay({ ...border, join_url: `${longUrl}x` }),
    ]) {
      expect(refused).toMatchObject({ code: "too_large", in: "prepare" });
      expectSound(refused);
    }
    for (const refused of eachWay({ ...reason, reason: `${longName}x` })) {
      expect(refused).toMatchObject({ code: "too_large", in: "kick" });
    }
  });

  test.each([
    "",
    "example.org",
    "ftp://example.org/",
    "javascript:alert(1)",
    "//example.org",
    "http://",
    "http:// x",
    "https:///x",
  ])("P2.13 with the `join_url` %j: invalid_field", (join_url) => {
    for (const refused of eachWay({ cmd: "prepare", max_players: 1, join_url })) {
      expect(refused).toMatchObject({ code: "invalid_field", in: "prepare" });
    }
  });

  test("P2.13 for the first field that is wrong, when several are", () => {
    for (const refused of eachWay({ cmd: "to", to: "all", data: "x" })) expect(refused?.reason).toContain("`to`");
  });

  test("P2.13 and does not tell what it does not need to: a long value is cut", () => {
    const [refused] = eachWay({ cmd: "kick", player: "x".repeat(10_000) });
    expect(refused?.reason).toContain(`${"x".repeat(32)}…`);
    expect(refused?.reason).not.toContain("x".repeat(33));
  });
});
