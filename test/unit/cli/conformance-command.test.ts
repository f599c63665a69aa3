import { describe, expect, test } from "@jest/globals";
import { CONFORMANCE_HELP, parseConformanceCommand } from "../../../src/cli/conformance-command.ts";
import { parseCommandLine } from "../../../src/cli/command-line.ts";

const URL = "ws://localhost:8081";

function planOf(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const parsed = parseConformanceCommand(words, environment);
  if (!parsed.ok) throw new Error(parsed.failure);
  if (parsed.value.run !== "conformance") throw new Error("This is the help.");
  return parsed.value.plan;
}

function refusal(...words: readonly string[]): string {
  const parsed = parseConformanceCommand(words, {});
  if (parsed.ok) throw new Error("This should have been refused.");
  return parsed.failure;
}

describe("couchwire conformance", () => {
  test("takes the address of a server, and checks three parts", () => {
    expect(planOf([URL])).toEqual({
      url: URL,
      parts: ["wmbp", "sessions", "reliable"],
      isWmbp: false,
      isJson: false,
      timeoutMs: 10_000,
      secret: undefined,
      token: undefined,
    });
  });

  test("checks the parts that are named, each once and in their order", () => {
    expect(planOf([URL, "--part", "reliable, wmbp,reliable"]).parts).toEqual(["wmbp", "reliable"]);
  });

  test("checks the part wmbp alone with --wmbp, unless parts are named", () => {
    expect(planOf([URL, "--wmbp"])).toMatchObject({ isWmbp: true, parts: ["wmbp"] });
    expect(planOf([URL, "--wmbp", "--part", "sessions"])).toMatchObject({ isWmbp: true, parts: ["sessions"] });
  });

  test("takes a time, and JSON", () => {
    expect(planOf([URL, "--timeout=60", "--json"])).toMatchObject({ timeoutMs: 60_000, isJson: true });
  });

  test("asks for help with -h or --help, whatever else is typed", () => {
    for (const words of [["-h"], ["--help"], [URL, "--part", "nothing", "--help"]]) {
      expect(parseConformanceCommand(words, {})).toEqual({ ok: true, value: { run: "conformance-help" } });
    }
    for (const line of CONFORMANCE_HELP.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("takes a secret or a token where a part needs one, a secret of the environment, too", () => {
    const words = [URL, "--part", "open"];
    expect(refusal(...words)).toMatch(
      /^The part open needs tokens: give --secret or --token, or set COUCHWIRE_JWT_SECRET\.$/,
    );
    expect(planOf([...words, "--secret", "s"])).toMatchObject({ secret: "s", token: undefined });
    expect(planOf([...words, "--token", "t"], { COUCHWIRE_JWT_SECRET: "x" })).toMatchObject({
      secret: undefined,
      token: "t",
    });
    expect(planOf(words, { COUCHWIRE_JWT_SECRET: "first, second" })).toMatchObject({ secret: "first" });
  });

  test("is a command", () => {
    expect(parseCommandLine(["conformance", URL], {})).toMatchObject({ value: { run: "conformance" } });
  });

  test.each([
    [[], /^Which server\? /],
    [[URL, URL], /^One server is checked at a time, not 2\. /],
    [["localhost:8081"], /^"localhost:8081" is no address of a server/],
    [["ftp://localhost"], /is no address of a server/],
    [["ws://localhost:8081/?token=1"], /is no address of a server/],
    [[URL, "--part", "wmbp,everything"], /^There is no part "everything"\. There are wmbp, sessions, /],
    [[URL, "--part"], /^--part needs a value\. Give some of wmbp, /],
    [[URL, "--part", ""], /^There is no part ""/],
    [[URL, "--part", "wmbp", "--part", "sessions"], /^--part is given twice; give it once\./],
    [[URL, "--timeout", "0"], /^--timeout has to be a whole number of seconds from 1 to 600\./],
    [[URL, "--timeout", "1.5"], /^--timeout/],
    [[URL, "--wmpb"], /^There is no option --wmpb; did you mean --wmbp\?/],
  ])("refuses %j", (words, sentence) => {
    expect(refusal(...words)).toMatch(sentence);
  });
});
