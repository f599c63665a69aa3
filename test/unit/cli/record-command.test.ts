import { describe, expect, test } from "@jest/globals";
import { parseCommandLine } from "../../../src/cli/command-line.ts";
import { helpText } from "../../../src/cli/help.ts";
import { parseRecordCommand, RECORD_HELP } from "../../../src/cli/record-command.ts";

const ENVIRONMENT = { COUCHWIRE_API_KEY: "the-first-key-of-all, the-second-key-of-all" };

function refusal(...words: readonly string[]): string {
  const parsed = parseRecordCommand(words, ENVIRONMENT);
  if (parsed.ok) throw new Error("This should have been refused.");
  return parsed.failure;
}

describe("couchwire record", () => {
  test("takes a code, a file, a server, a key and a limit", () => {
    expect(parseRecordCommand(["bcdf", "--out", "a.cwrec"], ENVIRONMENT)).toEqual({
      ok: true,
      value: {
        run: "record",
        plan: {
          server: "http://localhost:8081",
          code: "BCDF",
          key: "the-first-key-of-all",
          file: "a.cwrec",
          maxBytes: 268_435_456,
        },
      },
    });
    const all = ["BCDF", "--out=b", "--server", "wss://example.org/party/", "--key", "k", "--max-mib", "2"];
    expect(parseRecordCommand(all, {})).toMatchObject({
      value: { plan: { server: "https://example.org/party", key: "k", maxBytes: 2_097_152 } },
    });
    expect(parseRecordCommand(["BCDF", "--out", "a"], {})).toMatchObject({ value: { plan: { key: undefined } } });
  });

  test("shows its help, and is in the help of couchwire", () => {
    expect(parseCommandLine(["help", "record"], {})).toEqual({ ok: true, value: { run: "record-help" } });
    for (const line of RECORD_HELP.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(helpText()).toContain("couchwire record CODE --out FILE");
  });

  test.each([
    [[], /^Which room\? /],
    [["BCDF", "BCDG", "--out", "a"], /^One room is recorded at a time, not 2\./],
    [["BCD", "--out", "a"], /^"BCD" is no room code such as BCDF\.$/],
    [["BCDF"], /^Where to\? Give a file with --out FILE\./],
    [["BCDF", "--out", "a", "--max-mib", "0"], /^--max-mib has to be a whole number from 1 to 1024\.$/],
    [["BCDF", "--out", "a", "--max-mib", "1e3"], /^--max-mib has to be/],
    [["BCDF", "--out", "a", "--server", "example.org"], /^--server has to be an address such as/],
    [["BCDF", "--out"], /^--out needs a value\./],
  ])("%j is refused with a sentence", (words, sentence) => {
    expect(refusal(...words)).toMatch(sentence);
  });
});
