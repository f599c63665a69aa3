import { describe, expect, test } from "@jest/globals";
import { BOTS_HELP, parseBotsCommand } from "../../../src/cli/bots-command.ts";

function refusal(...words: readonly string[]): string {
  const parsed = parseBotsCommand(words);
  if (parsed.ok) throw new Error("This should have been refused.");
  return parsed.failure;
}

describe("couchwire bots", () => {
  test("takes a code, a script, and how many, on this machine's server or another", () => {
    expect(parseBotsCommand(["bcdf", "--script", "bot.js"])).toEqual({
      ok: true,
      value: {
        run: "bots",
        plan: { server: "http://localhost:8081", code: "BCDF", count: 1, script: "bot.js", pin: undefined },
      },
    });
    const words = ["BCDF", "--script=bot.js", "--count", "8", "--server", "wss://example.org/party/", "--pin", "12"];
    expect(parseBotsCommand(words)).toMatchObject({
      value: { plan: { server: "https://example.org/party", count: 8, pin: "12" } },
    });
  });

  test("asks for help with -h or --help, whatever else is typed", () => {
    for (const words of [["-h"], ["--help"], ["BCDF", "--count", "x", "--help"]]) {
      expect(parseBotsCommand(words)).toEqual({ ok: true, value: { run: "bots-help" } });
    }
    for (const line of BOTS_HELP.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test.each([
    [[], /^Which room\? /],
    [["BCDF", "BCDG", "--script", "a.js"], /^Bots go to one room at a time, not to 2\./],
    [["lobby", "--script", "a.js"], /^"lobby" is no room code such as BCDF\./],
    [["BCDF"], /^What do the bots do\? /],
    [["BCDF", "--script"], /^--script needs a value\./],
    [["BCDF", "--script", "a.js", "--count", "0"], /^--count has to be a whole number from 1 to 200\./],
    [["BCDF", "--script", "a.js", "--count", "1.5"], /^--count/],
    [["BCDF", "--script", "a.js", "--count", "201"], /^--count/],
    [["BCDF", "--script", "a.js", "--server", "example.org"], /^--server has to be an address/],
    [["BCDF", "--script", "a.js", "--count=2", "--count", "3"], /^--count is given twice; give it once\./],
    [["BCDF", "--skript", "a.js"], /^There is no option --skript; did you mean --script\?/],
  ])("refuses %j", (words, sentence) => {
    expect(refusal(...words)).toMatch(sentence);
  });
});
