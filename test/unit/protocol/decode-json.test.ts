import { describe, expect, test } from "@jest/globals";
import * as fc from "../../support/property-testing.ts";
import { budget } from "../../support/seeded-random.ts";
import { MAX_CONTAINERS, MAX_DEPTH } from "../../../src/protocol/frame-value.ts";
import type { HostCommand } from "../../../src/protocol/commands.ts";
import { decodeHostFrame } from "../../../src/protocol/decode-host-frame.ts";
import { commands } from "./cbor-shapes.ts";

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The command as a host writes it: bytes as a list of integers (P5.1). */
function asJson(command: HostCommand): Record<string, unknown> {
  if (!("to" in command)) return { ...command };
  return {
    ...command,
    to: command.to === "everybody" ? [] : command.to,
    data: command.cmd === "to" ? [...command.data] : fromUtf8.decode(command.data),
  };
}

function decoded(text: string): unknown {
  const result = decodeHostFrame(utf8.encode(text), true);
  return result.ok ? result.value : result.failure;
}

function escapedThroughout(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function nested(levels: number): string {
  return `{"cmd":"start","x":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
}

function containers(count: number): string {
  return `{"cmd":"start","x":[${Array<string>(count - 2)
    .fill("{}")
    .join(",")}]}`;
}

describe("a host's command in JSON is read", () => {
  test("P2 as it is written, with spaces, with escapes, and with its fields in any order", () => {
    fc.assert(
      fc.property(commands, (command) => {
        const fields = asJson(command);
        expect(decoded(JSON.stringify(fields))).toEqual(command);
        expect(decoded(`\n ${JSON.stringify(fields, null, "\t")} \r\n`)).toEqual(command);
        expect(decoded(escapedThroughout(JSON.stringify(fields)))).toEqual(command);
        expect(decoded(JSON.stringify(Object.fromEntries(Object.entries(fields).toReversed())))).toEqual(command);
      }),
      { numRuns: budget(500) },
    );
  });

  test.each([
    ["a byte order mark", "\u{feff}mark"],
    ["characters outside the BMP", "🎲𝄞"],
    ["quotes and backslashes", '\\"\\\\"'],
    ["control characters", "\0\u{1}\u{1f}\u{7f}\u{2028}"],
  ])("P2.6 with %s in the text, unchanged", (_what, text) => {
    expect(decoded(JSON.stringify({ cmd: "to_str", to: [1], data: text }))).toEqual({
      cmd: "to_str",
      to: [1],
      data: new Uint8Array(utf8.encode(text)),
    });
  });

  test("P2.6 with half a surrogate pair in the text, which becomes a character that UTF-8 can carry", () => {
    expect(decoded('{"cmd":"to_str","to":[1],"data":"a\\ud83c"}')).toMatchObject({
      data: new Uint8Array(utf8.encode("a\u{fffd}")),
    });
  });

  test("P2.2 with half a surrogate pair in the name, which becomes a character that UTF-8 can carry", () => {
    expect(decoded('{"cmd":"prepare","max_players":1,"name":"a\\ud83c"}')).toMatchObject({ name: "a\u{fffd}" });
    expect(decoded('{"cmd":"kick","player":1,"reason":"\\udc00"}')).toMatchObject({ reason: "\u{fffd}" });
    expect(decoded('{"cmd":"\\ud83c"}')).toMatchObject({ code: "unknown_command", in: "\u{fffd}" });
  });

  test("P2 behind a byte order mark, as editors leave it", () => {
    expect(decoded('\u{feff}{"cmd":"start"}')).toEqual({ cmd: "start" });
  });

  test("P2 with the last of two fields of one name", () => {
    expect(decoded('{"cmd":"start","cmd":"stop"}')).toEqual({ cmd: "stop" });
  });

  test("P2.5 with holes among the ids skipped", () => {
    expect(decoded('{"cmd":"to","to":[null,2,null],"data":[1]}')).toMatchObject({ to: [2] });
    expect(decoded('{"cmd":"to","to":[null],"data":[1]}')).toMatchObject({ to: [] });
    expect(decoded('{"cmd":"to","to":[],"data":[1]}')).toMatchObject({ to: "everybody" });
  });

  test("P2.2 with numbers in any notation, so long as they are whole", () => {
    for (const eight of ["8", "8.0", "80e-1", "0.8e1"]) {
      expect(decoded(`{"cmd":"prepare","max_players":${eight}}`)).toEqual({ cmd: "prepare", max_players: 8, name: "" });
    }
  });

  test("P2 with `__proto__` as a field, which changes nothing", () => {
    expect(decoded('{"__proto__":{"cmd":"stop","isAdmin":true},"cmd":"start"}')).toEqual({ cmd: "start" });
    expect({}).not.toHaveProperty("isAdmin");
  });
});

describe("the limits of JSON", () => {
  test("MAX_DEPTH levels pass, one more does not", () => {
    expect(decoded(nested(MAX_DEPTH))).toEqual({ cmd: "start" });
    expect(decoded(nested(MAX_DEPTH + 1))).toMatchObject({
      code: "invalid_message",
      reason: `Invalid message. The JSON is nested deeper than ${MAX_DEPTH} levels.`,
    });
  });

  test("20,000 levels are refused before the parser sees them", () => {
    for (const text of [nested(20_000), "[".repeat(20_000), '{"a":'.repeat(20_000)]) {
      expect(decoded(text)).toMatchObject({
        code: "invalid_message",
        reason: expect.stringContaining("nested deeper"),
      });
    }
  });

  test("MAX_CONTAINERS lists and objects pass, one more does not", () => {
    expect(decoded(containers(MAX_CONTAINERS))).toEqual({ cmd: "start" });
    expect(decoded(containers(MAX_CONTAINERS + 1))).toMatchObject({
      code: "invalid_message",
      reason: `Invalid message. The JSON has more than ${MAX_CONTAINERS} arrays and objects.`,
    });
  });

  test("brackets inside text are text", () => {
    const name = `${"[{".repeat(100)}\\"${'"['.repeat(100)}`;
    expect(decoded(JSON.stringify({ cmd: "prepare", max_players: 1, name }))).toMatchObject({ name });
  });
});
