import { describe, expect, test } from "@jest/globals";
import { parseTokenCommand, TOKEN_HELP } from "../../../src/cli/token-command.ts";
import { JWT_SECRET } from "../../support/member-client.ts";

const ENVIRONMENT = { COUCHWIRE_JWT_SECRET: JWT_SECRET };

function refusal(words: readonly string[], environment: Readonly<Record<string, string>> = ENVIRONMENT): string {
  const parsed = parseTokenCommand(words, environment);
  if (parsed.ok) throw new Error("This should have been refused.");
  return parsed.failure;
}

describe("couchwire token", () => {
  test("takes an id, and all that a token may say", () => {
    expect(parseTokenCommand(["--sub", "ann"], ENVIRONMENT)).toEqual({
      ok: true,
      value: {
        run: "token",
        plan: { claims: { sub: "ann" }, seconds: 3_600, options: { jwtSecret: JWT_SECRET } },
      },
    });
    const words = [
      "--sub=ann",
      "--role",
      "member",
      "--room",
      "lobby",
      "--name",
      "Ann",
      "--session",
      "s1",
      "--ttl",
      "60",
    ];
    const lists = ["--channels", "chat:*, news", "--publish", "chat:ann"];
    const environment = { ...ENVIRONMENT, COUCHWIRE_JWT_ISSUER: "me", COUCHWIRE_JWT_AUDIENCE: "us", PORT: "0" };
    expect(parseTokenCommand([...words, ...lists], environment)).toMatchObject({
      value: {
        plan: {
          claims: {
            sub: "ann",
            role: "member",
            room: "lobby",
            name: "Ann",
            session_id: "s1",
            channels: ["chat:*", "news"],
            publish: ["chat:ann"],
          },
          seconds: 60,
          options: { jwtIssuer: "me", jwtAudience: "us" },
        },
      },
    });
  });

  test("counts as long as the server's own tokens where nothing else is said", () => {
    const environment = { ...ENVIRONMENT, COUCHWIRE_TOKEN_TTL: "120" };
    expect(parseTokenCommand(["--sub", "ann"], environment)).toMatchObject({ value: { plan: { seconds: 120 } } });
  });

  test("asks for help with -h or --help, secret or not", () => {
    for (const words of [["-h"], ["--sub", "ann", "--help"]])
      expect(parseTokenCommand(words, {})).toEqual({ ok: true, value: { run: "token-help" } });
    for (const line of TOKEN_HELP.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  test.each([
    [[], /^Whose token\? /],
    [["ann"], /^"ann" is no option\./],
    [["--sub", ""], /^"sub" has to be 1 to 128 bytes/],
    [["--sub", "ann", "--role", "king"], /^--role has to be one of host, player/],
    [["--sub", "ann", "--ttl", "0"], /^--ttl has to be a whole number/],
    [["--sub", "ann", "--ttl", "1h"], /^--ttl has to be a whole number/],
    [["--sub", "ann", "--channels", "a,,b"], /^"channels" has to be a list/],
    [["--sub", "ann", "--rol", "host"], /did you mean --role\?/],
  ])("refuses %j", (words, sentence) => {
    expect(refusal(words)).toMatch(sentence);
  });

  test("row 2: refuses to sign without a secret, and with one that is too short, which it does not quote", () => {
    expect(refusal(["--sub", "ann"], {})).toBe("COUCHWIRE_JWT_SECRET is not set: tokens are signed with it.");
    const short = refusal(["--sub", "ann"], { COUCHWIRE_JWT_SECRET: "hunter2" });
    expect(short).toMatch(/^COUCHWIRE_JWT_SECRET is wrong: /);
    expect(short).not.toContain("hunter2");
  });
});
