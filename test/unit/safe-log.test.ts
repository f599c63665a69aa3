import { Writable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import * as fc from "../support/property-testing.ts";
import { createLogger, createTerminalLogger } from "../../src/log/logger.ts";
import { printable } from "../../src/log/safe-text.ts";

/** Clears the screen, turns the direction, rings the bell, and ends the line, in all the ways there are. */
const NASTY = "\u001b[2J\u009b2J\u202egnp.exe\u2066\u200f\u061c\u2028\u0007\r\u007f\u0085\u0000";
// oxlint-disable-next-line no-control-regex
const NEVER_RAW = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** What a logger wrote of a name, a path, a user agent and an error that has them all. */
function written(text: string, isTerminal: boolean): string {
  const chunks: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  const logger = isTerminal ? createTerminalLogger("info", destination, false) : createLogger("info", destination);
  logger.info({ game: text, request: { path: text, agents: [text], [text]: 1 } }, "room opened");
  logger.error({ err: new Error(text) }, text);
  return chunks.join("");
}

describe("what strangers call themselves", () => {
  test("reaches a terminal without a character that does anything there", () => {
    const text = written(`Anna${NASTY}`, true);
    expect(text).toContain("Anna");
    expect(text).toContain("\\u001b[2J");
    expect(text).toContain("\\u009b2J");
    expect(text).toContain("\\u202egnp.exe");
    expect(text).not.toMatch(NEVER_RAW);
  });

  test("reaches a log as the same text, in characters that are seen", () => {
    const lines = written(`Anna${NASTY}`, false);
    expect(lines).not.toMatch(NEVER_RAW);
    const [first = ""] = lines.split("\n");
    expect(JSON.parse(first)).toMatchObject({ game: `Anna${NASTY}`, request: { path: `Anna${NASTY}` } });
  });

  test("is never raw, whatever it is, and the log stays JSON", () => {
    const name = fc.string({
      unit: fc.constantFrom(...NASTY.split(""), "\\", '"', "u", "0", "x", "ü", "😀", "\ud800"),
    });
    fc.assert(
      fc.property(name, (text) => {
        expect(written(text, true)).not.toMatch(NEVER_RAW);
        const lines = written(text, false);
        expect(lines).not.toMatch(NEVER_RAW);
        const [first = ""] = lines.split("\n");
        expect(JSON.parse(first)).toMatchObject({ msg: "room opened" });
        expect(printable(text)).not.toMatch(NEVER_RAW);
      }),
    );
  });

  test("keeps the letters of all languages", () => {
    for (const name of ["Grüße", "日本", "עברית", "👨‍👩‍👧", "a\tb"]) expect(printable(name)).toBe(name);
  });
});

test.each([
  "/BCDF?session=s3cretsession123&name=x",
  "/BCDF?name=x&pin=s3cret",
  "couchwire, couchwire.session.s3cretsession123",
  "couchwire.token.s3cret.s3cret.s3cret",
  "couchwire.pin.s3cret",
  "Bearer eyJhbGciOiJIUzI1NiJ9.s3cret.s3cret",
  '{"token":"eyJhbGciOiJIUzI1NiJ9.s3cret."}',
  "https://tv/BCDF?rescue=s3cret",
])("no secret in %j gets into a log line", (text) => {
  for (const isTerminal of [true, false]) {
    const lines = written(text, isTerminal);
    expect(lines).toContain("[redacted]");
    expect(lines).not.toContain("s3cret");
  }
});
