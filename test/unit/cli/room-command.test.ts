import { describe, expect, test } from "@jest/globals";
import { parseCommandLine } from "../../../src/cli/command-line.ts";
import { helpText } from "../../../src/cli/help.ts";
import { parseRoomCommand, ROOM_HELP } from "../../../src/cli/room-command.ts";

const ENVIRONMENT = { COUCHWIRE_API_KEY: "the-first-key-of-all, the-second-key-of-all" };

function refusal(...words: readonly string[]): string {
  const parsed = parseRoomCommand(words, ENVIRONMENT);
  if (parsed.ok) throw new Error("This should have been refused.");
  return parsed.failure;
}

describe("couchwire room", () => {
  test("lists, closes and opens rooms, with the first key of the environment", () => {
    const plan = { url: "http://localhost:8081", key: "the-first-key-of-all", isJson: false };
    expect(parseRoomCommand(["list"], ENVIRONMENT)).toEqual({
      ok: true,
      value: { run: "room", plan: { ...plan, action: { is: "list" } } },
    });
    const close = ["close", "name:lobby", "--json", "--url", "https://example.org/party/"];
    expect(parseRoomCommand(close, ENVIRONMENT)).toMatchObject({
      value: { plan: { url: "https://example.org/party", isJson: true, action: { is: "close", id: "name:lobby" } } },
    });
    const create = ["create", "relay", "--name", "lobby", "--max-players=8", "--pin", "12", "--meta", '{"table":3}'];
    expect(parseRoomCommand(create, ENVIRONMENT)).toMatchObject({
      value: {
        plan: {
          action: {
            is: "create",
            room: { kind: "relay", name: "lobby", maxPlayers: 8, pin: "12", meta: { table: 3 } },
          },
        },
      },
    });
  });

  test("without a key there is none in the plan", () => {
    expect(parseRoomCommand(["list"], {})).toMatchObject({ value: { plan: { key: undefined } } });
    expect(parseRoomCommand(["list"], { COUCHWIRE_API_KEY: " " })).toMatchObject({
      value: { plan: { key: undefined } },
    });
  });

  test("shows its help, and is in the help of couchwire", () => {
    for (const words of [["-h"], ["--help"], ["create", "--name", "x", "--help"]]) {
      expect(parseRoomCommand(words, {})).toEqual({ ok: true, value: { run: "room-help" } });
    }
    for (const line of ROOM_HELP.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(helpText()).toContain("couchwire room create|list|close");
    expect(parseCommandLine(["help", "room"], {})).toEqual({ ok: true, value: { run: "room-help" } });
  });

  test.each([
    [[], /^What about rooms\? There are create, list, close\./],
    [["open"], /^couchwire room knows no "open"\. There are/],
    [["list", "BCDF"], /^couchwire room list takes no "BCDF"\./],
    [["close"], /^Which room\? /],
    [["close", "BCDF", "BCDG"], /^One room is closed at a time\./],
    [["create"], /^Which kind of room\? /],
    [["create", "relay", "lobby"], /^One room is opened at a time; a name is given with --name\./],
    [["create", "relay", "--max-players", "0"], /^--max-players has to be a whole number from 1 on\./],
    [["create", "relay", "--meta", "{"], /^--meta has to be JSON\./],
    [["list", "--name", "lobby"], /^--name is an option of couchwire room create alone\./],
    [["list", "--url", "localhost:8081"], /^--url has to be an address such as/],
    [["list", "--json=yes"], /^--json takes no value\./],
    [["list", "--key", "k"], /^There is no option --key\./],
    [["list", "--jsn"], /did you mean --json\?/],
  ])("says what is wrong: %j", (words, sentence) => {
    expect(refusal(...words)).toMatch(sentence);
  });
});
