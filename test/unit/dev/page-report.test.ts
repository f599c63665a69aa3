import { describe, expect, test } from "@jest/globals";
import { describeReport, parseReport } from "../../../src/dev/page-report.ts";

const said = (report: object, page = "phone"): string | undefined => {
  const parsed = parseReport(JSON.stringify(report));
  return parsed && describeReport(parsed, page);
};

describe("an error of a page", () => {
  const error = { message: "TypeError: x is undefined", at: "player.html:12:5" };

  test.each<[object, string, string]>([
    [{ player: { id: 3, name: "Ada" } }, "phone", "Ada (player 3): TypeError: x is undefined (player.html:12:5)"],
    [{ player: { id: 3 } }, "phone", "Player 3: TypeError: x is undefined (player.html:12:5)"],
    [{ player: { name: "Ada" } }, "phone", "Ada: TypeError: x is undefined (player.html:12:5)"],
    [{}, "phone", "A phone: TypeError: x is undefined (player.html:12:5)"],
    [{ player: {} }, "tv", "The TV: TypeError: x is undefined (player.html:12:5)"],
    [{ file: "index.html" }, "tv", "The TV: TypeError: x is undefined (player.html:12:5)"],
    [{}, "other", "A page: TypeError: x is undefined (player.html:12:5)"],
    [{ file: "rules.html" }, "other", "The page rules.html: TypeError: x is undefined (player.html:12:5)"],
    [{ times: 59 }, "phone", "A phone: TypeError: x is undefined (player.html:12:5), 59 times"],
  ])("row 19.5 names the player and the line: %j on %s", (more, page, sentence) => {
    expect(said({ ...error, ...more }, page)).toBe(sentence);
  });

  test.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["no message", '{"at":"x"}'],
    ["a long message", JSON.stringify({ message: "x".repeat(2_001) })],
    ["a player that is no number", '{"message":"x","player":{"id":"3"}}'],
  ])("row 19.5 %s is no report", (_what, text) => {
    expect(parseReport(text)).toBeUndefined();
  });
});
