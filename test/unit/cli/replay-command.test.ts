import { describe, expect, test } from "@jest/globals";
import { parseCommandLine } from "../../../src/cli/command-line.ts";
import { helpText } from "../../../src/cli/help.ts";
import { parseReplayCommand, REPLAY_HELP } from "../../../src/cli/replay-command.ts";

function refusal(...words: readonly string[]): string {
  const parsed = parseReplayCommand(words);
  if (parsed.ok) throw new Error("This should have been refused.");
  return parsed.failure;
}

describe("couchwire replay", () => {
  test("plays the players into a room, the host for phones, or says what is in a file", () => {
    const usual = { file: "a.cwrec", server: "http://localhost:8081", speed: 1, patienceMs: 15_000, stays: false };
    expect(parseReplayCommand(["a.cwrec"])).toEqual({
      ok: true,
      value: { run: "replay", plan: { ...usual, part: { is: "none" } } },
    });
    expect(parseReplayCommand(["a.cwrec", "bcdf"])).toMatchObject({
      value: { plan: { ...usual, part: { is: "players", code: "BCDF" } } },
    });
    expect(parseReplayCommand(["a.cwrec", "--as", "host", "--stay"])).toMatchObject({
      value: { plan: { ...usual, part: { is: "host" }, stays: true } },
    });
    const all = [
      "a",
      "BCDF",
      "--as",
      "players",
      "--pin",
      "1",
      "--speed",
      "0.5",
      "--patience",
      "2",
      "--server",
      "wss://tv/p/",
    ];
    expect(parseReplayCommand(all)).toMatchObject({
      value: { plan: { speed: 0.5, patienceMs: 2_000, server: "https://tv/p", part: { is: "players", pin: "1" } } },
    });
  });

  test("shows its help, and is in the help of couchwire", () => {
    expect(parseCommandLine(["help", "replay"], {})).toEqual({ ok: true, value: { run: "replay-help" } });
    for (const line of REPLAY_HELP.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(helpText()).toContain("couchwire replay FILE CODE");
  });

  test.each([
    [[], /^Which recording\? /],
    [["a", "BCDF", "BCDG"], /^A recording is played into one room, not 2\./],
    [["a", "BCD"], /^"BCD" is no room code such as BCDF\.$/],
    [["a", "--as", "tv"], /^--as has to be players or host\.$/],
    [["a", "BCDF", "--as", "host"], /^The host's room is a new one/],
    [["a", "--as", "host", "--pin", "1"], /^--pin is for the room of a code alone\.$/],
    [["a", "--as", "players"], /^Into which room\? /],
    [["a", "--pin", "1"], /^Into which room\? /],
    [["a", "BCDF", "--speed", "0"], /^--speed has to be a number from 0\.01 to 1000/],
    [["a", "BCDF", "--speed", "1e9"], /^--speed has to be/],
    [["a", "BCDF", "--patience=-1"], /^--patience has to be seconds/],
    [["a", "BCDF", "--server", "tv"], /^--server has to be an address/],
  ])("%j is refused with a sentence", (words, sentence) => {
    expect(refusal(...words)).toMatch(sentence);
  });
});
