/** Which tokens open `/ws`, and what the others are told. */
import { describe, expect, test } from "@jest/globals";
import { createLogger } from "../../../src/log/logger.ts";
import type { OptionsInput } from "../../../src/config.ts";
import { startCli } from "../../support/cli-process.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { handmadeToken, JWT_SECRET, MemberClient, tokenFor } from "../../support/member-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import type { Closing } from "../../support/socket-end.ts";
import { testInProcess } from "../../support/target.ts";

const GOOD = { sub: "ann", room: "lobby", session_id: "s1", exp: 4_000_000_000 };
const NOW_S = Math.floor(Date.now() / 1_000);

const start = (options: OptionsInput = {}, extras = {}): Promise<TestServer> =>
  startServer({ jwtSecret: JWT_SECRET, ...options }, extras);

async function closingAt(server: TestServer, path: string, protocols: readonly string[] = []): Promise<Closing> {
  return (await MemberClient.connect(server, path, { protocols })).closed;
}

describe("a token that is refused", () => {
  test.each([
    ["signed with another secret", handmadeToken(GOOD, { secret: "b".repeat(32) }), /not signed by this server/],
    ["that has expired", handmadeToken({ ...GOOD, exp: NOW_S - 60 }), /expired/],
    ["with alg none", handmadeToken(GOOD, { header: { alg: "none" } }), /HS256/],
    ["without exp", handmadeToken({ ...GOOD, exp: undefined }), /no "exp"/],
    ["without sub", handmadeToken({ ...GOOD, sub: undefined }), /no "sub"/],
    ["without room", handmadeToken({ ...GOOD, room: undefined }), /no "room"/],
    ["without session_id", handmadeToken({ ...GOOD, session_id: undefined }), /no "session_id"/],
    ["(row 5) that is a refresh token of Tapaculo's", handmadeToken({ sub: "ann", exp: GOOD.exp }), /no "room"/],
    ["for a room of 129 bytes", handmadeToken({ ...GOOD, room: "r".repeat(129) }), /1 to 128 bytes/],
    ["that is empty", "", /empty/],
    ["that is no token", "not.a.token", /no valid JWT/],
    ["that is too long", "a".repeat(9_000), /longer than 8192/],
    [
      "whose key it wants fetched",
      handmadeToken(GOOD, { secret: "b".repeat(32), header: { alg: "HS256", jku: "http://127.0.0.1:1/" } }),
      /not signed/,
    ],
  ])("P6.1 row 1: %s: the socket is accepted and closed with 4501 and a reason", async (_, token, reason) => {
    const server = await start();
    const closing = await closingAt(server, `ws?token=${token}`);
    expect(closing).toEqual({ code: 4501, reason: expect.stringMatching(reason) });
    if (token !== "") expect(closing.reason).not.toContain(token.slice(0, 20));
  });

  test("P6.1 row 1: is refused in a subprotocol and a header too, and a good one is not", async () => {
    const server = await start();
    const bad = handmadeToken(GOOD, { secret: "b".repeat(32) });
    expect(await closingAt(server, "ws", ["couchwire", `couchwire.token.${bad}`])).toMatchObject({ code: 4501 });
    const { closed } = await MemberClient.connect(server, "ws", { headers: { Authorization: `Bearer ${bad}` } });
    expect(await closed).toMatchObject({ code: 4501 });
    // The token counts, and then there is no such room.
    expect(await closingAt(server, `ws?token=${handmadeToken(GOOD)}`)).toMatchObject({ code: 4504 });
    expect(await closingAt(server, "ws", ["couchwire", `couchwire.token.${handmadeToken(GOOD)}`])).toMatchObject({
      code: 4504,
    });
  });

  test("P6.1 without an upgrade: 401 with a sentence, 426 for a token that counts", async () => {
    const { url } = await start();
    const without = await fetch(`${url}/ws`);
    expect([without.status, await without.text()]).toEqual([401, "A token is needed here."]);
    expect(without.headers.get("www-authenticate")).toBe("Bearer");
    const bad = await fetch(`${url}/ws?token=${handmadeToken({ ...GOOD, exp: NOW_S - 60 })}`);
    expect([bad.status, await bad.text()]).toEqual([401, "Your token has expired."]);
    const good = await fetch(`${url}/ws?token=${handmadeToken(GOOD)}`);
    expect([good.status, await good.text()]).toEqual([426, expect.stringContaining("/ws to join")]);
    const inHeader = await fetch(`${url}/ws`, { headers: { Authorization: `Bearer ${handmadeToken(GOOD)}` } });
    expect([inHeader.status, inHeader.headers.get("cache-control")]).toEqual([426, "no-store"]);
    expect((await fetch(`${url}/ws`, { method: "POST" })).status).toBe(405);
  });

  test("P6.0 without a secret there is no /ws, with an upgrade or without", async () => {
    const server = await startServer();
    expect((await fetch(`${server.url}/ws?token=${handmadeToken(GOOD)}`)).status).toBe(404);
    await expect(MemberClient.connect(server, `ws?token=${handmadeToken(GOOD)}`)).rejects.toThrow("404");
  });

  test("P6.0 without a token a first frame that is no command for channels is answered with 4501", async () => {
    const server = await start();
    const client = await MemberClient.connect(server, "ws");
    client.send('{"data":"hello"}');
    expect(await client.closed).toEqual({ code: 4501, reason: expect.stringMatching(/token/) });
  });
});

describe("options of tokens", () => {
  test("row 3: within the leeway a token that has expired still opens", async () => {
    const server = await start({ jwtLeeway: 60 });
    const late = handmadeToken({ ...GOOD, exp: NOW_S - 3 });
    expect(await closingAt(server, `ws?token=${late}`)).toMatchObject({ code: 4504 });
    const tooLate = handmadeToken({ ...GOOD, exp: NOW_S - 61 });
    expect(await closingAt(server, `ws?token=${tooLate}`)).toMatchObject({ code: 4501 });
  });

  test.each([
    ["another issuer", { iss: "them", aud: "us" }, /issuer/],
    ["no issuer", { aud: "us" }, /issuer/],
    ["another audience", { iss: "me", aud: "them" }, /audience/],
    ["no audience", { iss: "me" }, /audience/],
  ])("row 3: %s is refused", async (_, claims, reason) => {
    const server = await start({ jwtIssuer: "me", jwtAudience: "us" });
    const token = handmadeToken({ ...GOOD, ...claims });
    expect(await closingAt(server, `ws?token=${token}`)).toEqual({ code: 4501, reason: expect.stringMatching(reason) });
    const right = handmadeToken({ ...GOOD, iss: "me", aud: ["us", "them"] });
    expect(await closingAt(server, `ws?token=${right}`)).toMatchObject({ code: 4504 });
  });

  test("row 6: tokens of each of several secrets open", async () => {
    const other = "b".repeat(40);
    const server = await startServer({ jwtSecret: `${other}, ${JWT_SECRET}` });
    for (const secret of [JWT_SECRET, other]) {
      expect(await closingAt(server, `ws?token=${handmadeToken(GOOD, { secret })}`)).toMatchObject({ code: 4504 });
    }
  });

  test("row 13: after so many wrong tokens a minute even the right one waits: 4029 and 429, with the seconds", async () => {
    const server = await start({ guessLimit: 3 });
    const wrong = handmadeToken(GOOD, { secret: "b".repeat(32) });
    for (let count = 0; count < 3; count++)
      expect(await closingAt(server, `ws?token=${wrong}`)).toMatchObject({ code: 4501 });
    const closing = await closingAt(server, `ws?token=${handmadeToken(GOOD)}`);
    expect(closing).toEqual({ code: 4029, reason: expect.stringMatching(/\d+ seconds/) });
    const answer = await fetch(`${server.url}/ws?token=${wrong}`);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "60"]);
  });

  test("row 2: a short secret stops the start with exit code 2 and one sentence that does not show it", async () => {
    const short = "hunter2-hunter2-hunter2-hunter2";
    const { exitCode, stderr, stdout } = await startCli([], { COUCHWIRE_JWT_SECRET: short, PORT: "0" }).ended;
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(
      "couchwire: COUCHWIRE_JWT_SECRET is wrong: it has to be one or more secrets of at least 32 bytes each, separated by commas.\n",
    );
  });

  test("row 98: no line of the log has a token in it", async () => {
    const token = await tokenFor("ann", "lobby");
    const bad = handmadeToken(GOOD, { secret: "b".repeat(32) });
    const cli = startCli([], {
      COUCHWIRE_JWT_SECRET: JWT_SECRET,
      PORT: "0",
      COUCHWIRE_HOST: "127.0.0.1",
      COUCHWIRE_LOG_LEVEL: "trace",
    });
    onTestEnd(() => cli.kill("SIGKILL"));
    const { port } = await cli.listening;
    const server = { ws: `ws://127.0.0.1:${port}` };
    for (const shown of [token, bad]) {
      await (
        await MemberClient.connect(server, `ws?token=${shown}`)
      ).closed;
      await (
        await MemberClient.connect(server, "ws", { protocols: ["couchwire", `couchwire.token.${shown}`] })
      ).closed;
      await fetch(`http://127.0.0.1:${port}/ws?token=${shown}`);
    }
    cli.kill("SIGTERM");
    const { stdout, stderr } = await cli.ended;
    expect(stdout).toMatch(/turned away/);
    for (const secret of [token, bad, JWT_SECRET]) expect(stdout + stderr).not.toContain(secret);
  });
});

testInProcess("row 98: a logger of one's own is not given a token either", async () => {
  const lines: string[] = [];
  const logger = createLogger("trace", { write: (line) => void lines.push(line) });
  const server = await start({}, { logger });
  const token = handmadeToken(GOOD, { secret: "b".repeat(32) });
  await closingAt(server, `ws?token=${token}`);
  expect(lines.join("")).toMatch(/turned away/);
  expect(lines.join("")).not.toContain(token.slice(0, 30));
});

testInProcess("P6.1 keys over plain http from another machine come with a warning, others without", async () => {
  for (const [jwksUrl, isWarned] of [
    ["http://id.example/keys", true],
    ["https://id.example/keys", false],
    ["http://127.0.0.1:9/keys", false],
  ] as const) {
    const lines: string[] = [];
    const logger = createLogger("trace", { write: (line) => void lines.push(line) });
    await start({ jwksUrl }, { logger });
    const warnings = lines.filter((line) => line.includes("where the network can put in its own"));
    expect([jwksUrl, warnings.length > 0]).toEqual([jwksUrl, isWarned]);
  }
});
