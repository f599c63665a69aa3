import { describe, expect, test } from "@jest/globals";
import { CHAOS_HELP, parseChaosCommand } from "../../../src/cli/chaos-command.ts";

function planOf(...words: readonly string[]) {
  const parsed = parseChaosCommand(words);
  if (!parsed.ok) throw new Error(parsed.failure);
  if (parsed.value.run !== "chaos") throw new Error("This asked for help.");
  return parsed.value.plan;
}

function refusal(...words: readonly string[]): string {
  const parsed = parseChaosCommand(words);
  if (parsed.ok) throw new Error("This should have been refused.");
  return parsed.failure;
}

describe("couchwire chaos", () => {
  test("takes a room code, on this machine's server or another", () => {
    expect(planOf("bcdf")).toMatchObject({
      server: "http://localhost:8081",
      code: "BCDF",
      phones: 8,
      minutes: 1,
      send: undefined,
    });
    expect(planOf("BCDF", "--server", "https://example.org/party/")).toMatchObject({
      server: "https://example.org/party",
      code: "BCDF",
    });
  });

  test.each([
    ["http://localhost:8081", "http://localhost:8081", undefined],
    ["http://localhost:8081/", "http://localhost:8081", undefined],
    ["ws://192.168.1.7:8081/bcdf", "http://192.168.1.7:8081", "BCDF"],
    ["https://example.org/party/BCDF?room=1", "https://example.org/party", "BCDF"],
    ["wss://example.org/party", "https://example.org/party", undefined],
    ["http://[::1]:8081/BCDF", "http://[::1]:8081", "BCDF"],
  ])("takes the address %s", (target, server, code) => {
    expect(planOf(target)).toMatchObject({ server, code });
  });

  test("takes its options", () => {
    expect(
      planOf("BCDF", "--phones", "3", "--minutes=0.5", "--seed", "42", "--send", "hi", "--pin", "12"),
    ).toMatchObject({
      phones: 3,
      minutes: 0.5,
      seed: 42,
      send: "hi",
      pin: "12",
    });
  });

  test("refuses an option that is given twice", () => {
    expect(refusal("BCDF", "--seed", "1", "--seed=2")).toMatch(/^--seed is given twice; give it once\./);
  });

  test("draws another seed each time", () => {
    expect(new Set([1, 2, 3, 4].map(() => planOf("BCDF").seed)).size).toBeGreaterThan(1);
  });

  test("asks for help with -h or --help, whatever else is typed", () => {
    for (const words of [["-h"], ["--help"], ["BCDF", "--phones", "x", "--help"]]) {
      expect(parseChaosCommand(words)).toEqual({ ok: true, value: { run: "chaos-help" } });
    }
    for (const line of CHAOS_HELP.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test.each([
    [[], /^Which game\? /],
    [["BCDF", "BCDG"], /^One game can be visited at a time, not 2\./],
    [["localhost:8081"], /^"localhost:8081" is neither a room code such as BCDF nor an address such as http/],
    [["ftp://example.org"], /is neither/],
    [["BCDF", "--server", "example.org"], /^--server has to be an address/],
    [["BCDF", "--server", "http://example.org/BCDG"], /^--server has to be an address/],
    [["http://a.example", "--server", "http://b.example"], /^The server is given twice/],
    [["http://a.example", "--send", "hi"], /^--send needs the room code of a game/],
    [["http://a.example", "--pin", "12"], /^--pin needs the room code of a game/],
    [["BCDF", "--phones", "0"], /^--phones has to be a whole number from 1 to 100\./],
    [["BCDF", "--phones", "8.5"], /^--phones has to be/],
    [["BCDF", "--minutes", "0"], /^--minutes has to be a number from 0\.05 to 60\./],
    [["BCDF", "--minutes", "1e1"], /^--minutes has to be/],
    [["BCDF", "--seed", "-1"], /^--seed has to be a whole number from 0 to 4294967295\./],
    [["BCDF", "--seed"], /^--seed needs a value\./],
    [["BCDF", "--phone", "8"], /^There is no option --phone; did you mean --phones\?/],
    [["BCDF", "-x"], /^There is no option -x\. /],
  ])("refuses %j", (words, sentence) => {
    expect(refusal(...words)).toMatch(sentence);
  });
});
