/** Tokens over HTTP (P9.7), and as Tapaculo's clients ask for them (P9.8). */
import { describe, expect, test } from "@jest/globals";
import { API_KEY, askApi, refusalOf, sentenceOf, textIn } from "../../support/api-client.ts";
import { handmadeToken, JWT_SECRET, MemberClient } from "../../support/member-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const OPTIONS = { apiKey: API_KEY, jwtSecret: JWT_SECRET, standingRooms: "lobby:relay" } as const;
const ISSUE = "POST /api/token";
const REFRESH = "POST /api/token/refresh";
const REVOKE = "POST /api/token/revoke";

function come(server: TestServer, token: string) {
  return MemberClient.connect(server, `ws?token=${token}&events=1`);
}

/** What a token says, unchecked. */
function payloadOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

describe("P9.7 POST /api/token", () => {
  test("P9.7 issues a token that opens its room, with what was asked for", async () => {
    const server = await startServer(OPTIONS);
    const body = {
      sub: "ann",
      room: "lobby",
      role: "member",
      session_id: "s1",
      name: "Ann",
      channels: ["chat:*"],
      ttl: 60,
    };
    const issued = await askApi(server, ISSUE, { body });
    expect(issued).toMatchObject({ status: 200, body: { expires_in: 60, session_id: "s1" } });
    expect(issued.headers["cache-control"]).toBe("no-store");
    const token = textIn(issued, "token");
    const { ttl: _ttl, ...claims } = body;
    expect(payloadOf(token)).toMatchObject(claims);
    expect(await (await come(server, token)).event("joined")).toMatchObject({ you: "ann" });
  });

  test("P9.7 what is wrong is said", async () => {
    const server = await startServer(OPTIONS);
    const wrong = [
      [{ room: "lobby" }, "400 invalid_request", '"sub" is missing.'],
      [{ sub: "" }, "400 invalid_request", '"sub" is too short: it has to have at least 1.'],
      [{ sub: "ann", role: "king" }, "400 invalid_request", expect.stringContaining('"role" has to be "host" or')],
      [{ sub: "ann", ttl: 0 }, "400 invalid_request", '"ttl" has to be 1 or more.'],
      [{ sub: "ann", rooms: "lobby" }, "400 invalid_request", 'There is no field "rooms"; did you mean "room"?'],
      [{ sub: "ann", channels: "*" }, "400 invalid_request", '"channels" has to be a list.'],
      [{ sub: "\ud800" }, "422 unprocessable", expect.stringContaining('"sub"')],
    ] as const;
    for (const [body, refused, sentence] of wrong) {
      const answer = await askApi(server, ISSUE, { body });
      expect([body, refusalOf(answer), sentenceOf(answer)]).toEqual([body, refused, sentence]);
    }
  });

  test("P9.7 an admin's token has no token issued with the role admin; the bearer of a key has", async () => {
    const server = await startServer(OPTIONS);
    const body = { sub: "root", role: "admin" };
    const admin = await askApi(server, ISSUE, { body });
    expect(admin.status).toBe(200);
    const headers = { Authorization: `Bearer ${textIn(admin, "token")}` };
    expect((await askApi(server, "GET /api/rooms", { key: "", headers })).status).toBe(200);
    expect(refusalOf(await askApi(server, ISSUE, { key: "", headers, body }))).toBe("403 forbidden");
    expect((await askApi(server, ISSUE, { key: "", headers, body: { sub: "ann" } })).status).toBe(200);
  });

  test("P9.7 without a secret tokens are off: 404", async () => {
    const server = await startServer({ apiKey: API_KEY });
    for (const line of [ISSUE, REFRESH, REVOKE]) {
      expect(refusalOf(await askApi(server, line, { body: {} }))).toBe("404 not_found");
    }
    expect((await fetch(`${server.url}/token`, { method: "POST", headers: { "x-api-key": API_KEY } })).status).toBe(
      404,
    );
  });
});

describe("P9.7 POST /api/token/refresh", () => {
  test("P9.7 is public, rotates, and says what the first token said", async () => {
    const server = await startServer(OPTIONS);
    const first = await askApi(server, ISSUE, { body: { sub: "ann", room: "lobby", name: "Ann", ttl: 60 } });
    const refresh_token = textIn(first, "refresh_token");
    const second = await askApi(server, REFRESH, { key: "", body: { refresh_token } });
    expect(second).toMatchObject({ status: 200, body: { expires_in: 60, session_id: textIn(first, "session_id") } });
    expect(payloadOf(textIn(second, "token"))).toMatchObject({ sub: "ann", room: "lobby", name: "Ann" });
    expect(textIn(second, "refresh_token")).not.toBe(refresh_token);
    expect(refusalOf(await askApi(server, REFRESH, { key: "", body: { refresh_token } }))).toBe("401 unauthorized");
  });

  test("P9.7 row 5: cannot widen, an access token is no refresh token, and a refresh token is no access token", async () => {
    const server = await startServer(OPTIONS);
    const issued = await askApi(server, ISSUE, { body: { sub: "ann", room: "lobby" } });
    const refresh_token = textIn(issued, "refresh_token");
    const wider = await askApi(server, REFRESH, { key: "", body: { refresh_token, room: "hall" } });
    expect(refusalOf(wider)).toBe("400 invalid_request");
    const access = await askApi(server, REFRESH, { key: "", body: { refresh_token: textIn(issued, "token") } });
    expect(refusalOf(access)).toBe("401 unauthorized");
    expect((await (await come(server, refresh_token)).closed).code).toBe(4501);
    const admin = await askApi(server, ISSUE, { body: { sub: "root", role: "admin" } });
    const headers = { Authorization: `Bearer ${textIn(admin, "refresh_token")}` };
    expect(refusalOf(await askApi(server, "GET /api/rooms", { key: "", headers }))).toBe("401 unauthorized");
  });

  test("P9.7 wrong ones are limited: 429 with Retry-After after 60 a minute, also without a key on the server", async () => {
    const server = await startServer({ jwtSecret: JWT_SECRET });
    const body = { refresh_token: handmadeToken({ sub: "ann" }, { secret: "another secret of thirty-two bytes" }) };
    for (let count = 0; count < 60; count++) {
      expect(refusalOf(await askApi(server, REFRESH, { key: "", body }))).toBe("401 unauthorized");
    }
    const refused = await askApi(server, REFRESH, { key: "", body });
    expect(refusalOf(refused)).toBe("429 rate_limited");
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  });

  test("P9.7 wrong ones at once are limited as those one after another: 60 of 80 are looked at", async () => {
    const server = await startServer({ jwtSecret: JWT_SECRET });
    const body = { refresh_token: handmadeToken({ sub: "ann" }, { secret: "another secret of thirty-two bytes" }) };
    const asked = Array.from({ length: 80 }, () => askApi(server, REFRESH, { key: "", body }));
    const refusals = (await Promise.all(asked)).map(refusalOf);
    expect(refusals.filter((refusal) => refusal === "401 unauthorized")).toHaveLength(60);
    expect(refusals.filter((refusal) => refusal === "429 rate_limited")).toHaveLength(20);
  });

  test.each([9_000, 65_536])("P9.7 one of %d letters does not count, and is told why", async (length) => {
    const server = await startServer({ jwtSecret: JWT_SECRET });
    const answer = await askApi(server, REFRESH, { key: "", body: { refresh_token: "x".repeat(length) } });
    expect([refusalOf(answer), sentenceOf(answer)]).toEqual([
      "401 unauthorized",
      "Your token is longer than 8192 letters.",
    ]);
  });

  test("P9.7 row 48: a user that is banned gets no new token, and neither does a session that is", async () => {
    const server = await startServer(OPTIONS);
    for (const target of [{ sub: "ann" }, { session: "s2" }]) {
      const issued = await askApi(server, ISSUE, { body: { sub: "ann", session_id: "s2" } });
      const body = { refresh_token: textIn(issued, "refresh_token") };
      await askApi(server, "POST /api/bans", { body: { ...target, reason: "No cheats." } });
      const answer = await askApi(server, REFRESH, { key: "", body });
      expect([refusalOf(answer), sentenceOf(answer)]).toEqual(["401 unauthorized", "No cheats."]);
      await askApi(server, "DELETE /api/bans", { body: target });
      expect((await askApi(server, REFRESH, { key: "", body })).status).toBe(200);
    }
  });

  test("P9.11 row 48: the admin's token of a banned user does nothing here", async () => {
    const server = await startServer(OPTIONS);
    const admin = await askApi(server, ISSUE, { body: { sub: "root", role: "admin" } });
    const headers = { Authorization: `Bearer ${textIn(admin, "token")}` };
    expect((await askApi(server, "GET /api/rooms", { key: "", headers })).status).toBe(200);
    await askApi(server, "POST /api/bans", { body: { sub: "root" } });
    expect(refusalOf(await askApi(server, "GET /api/rooms", { key: "", headers }))).toBe("403 forbidden");
  });
});

describe("P9.7 POST /api/token/revoke", () => {
  test("P9.7 row 6: of a user: open lines are closed with 4501, earlier tokens refused, a new one counts", async () => {
    const server = await startServer(OPTIONS);
    const body = { sub: "ann", room: "lobby", session_id: "s1" };
    const issued = await askApi(server, ISSUE, { body });
    const ann = await come(server, textIn(issued, "token"));
    await ann.event("joined");
    expect(await askApi(server, REVOKE, { body: { sub: "ann" } })).toMatchObject({ status: 204, body: undefined });
    expect((await ann.closed).code).toBe(4501);
    expect((await (await come(server, textIn(issued, "token"))).closed).code).toBe(4501);
    const refreshed = await askApi(server, REFRESH, { body: { refresh_token: textIn(issued, "refresh_token") } });
    expect(refusalOf(refreshed)).toBe("401 unauthorized");
    const back = await come(server, textIn(await askApi(server, ISSUE, { body }), "token"));
    back.send("no JSON"); // it has its seat again, and is told nothing new
    await back.error();
    // Nothing says when a token without iat was made.
    const undated = handmadeToken({ ...body, exp: 4_000_000_000 });
    expect((await (await come(server, undated)).closed).code).toBe(4501);
  });

  test.each([2, 50])(
    "P9.7 row 6: ends a line whose token was signed by a clock %d seconds ahead too",
    async (ahead) => {
      const server = await startServer(OPTIONS);
      const iat = Math.floor(Date.now() / 1_000) + ahead;
      const token = handmadeToken({ sub: "ann", room: "lobby", session_id: "s1", iat, exp: iat + 600 });
      const ann = await come(server, token);
      await ann.event("joined");
      await askApi(server, REVOKE, { body: { sub: "ann" } });
      expect((await ann.closed).code).toBe(4501);
      expect((await (await come(server, token)).closed).code).toBe(4501);
      const newer = await askApi(server, ISSUE, { body: { sub: "ann", room: "lobby" } });
      expect(newer).toMatchObject({ status: 200, body: { expires_in: 3_600 } });
      const back = await come(server, textIn(newer, "token"));
      back.send("no JSON");
      await back.error();
    },
  );

  test("P9.7 of a session: another session of the same user goes on", async () => {
    const server = await startServer({ ...OPTIONS, standingRooms: "lobby:relay,hall:relay" });
    const at = async (room: string, session_id: string) =>
      come(server, textIn(await askApi(server, ISSUE, { body: { sub: "ann", room, session_id } }), "token"));
    const [one, two] = [await at("lobby", "s1"), await at("hall", "s2")];
    await one.event("joined");
    await two.event("joined");
    expect((await askApi(server, REVOKE, { body: { session_id: "s1" } })).status).toBe(204);
    expect((await one.closed).code).toBe(4501);
    two.say("still here", []);
    two.send("no JSON");
    expect(await two.error()).toMatchObject({ error: { code: "invalid_message" } });
  });

  test("P9.7 a revoked admin's token is refused at once", async () => {
    const server = await startServer(OPTIONS);
    const admin = await askApi(server, ISSUE, { body: { sub: "root", role: "admin" } });
    const headers = { Authorization: `Bearer ${textIn(admin, "token")}` };
    expect((await askApi(server, "GET /api/bans", { key: "", headers })).status).toBe(200);
    await askApi(server, REVOKE, { body: { sub: "root" } });
    expect(refusalOf(await askApi(server, "GET /api/bans", { key: "", headers }))).toBe("401 unauthorized");
  });
});

describe("P9.8 POST /token", () => {
  const LINE = "POST /token";

  test("P9.8 row 7: gives Tapaculo's answer; the same session_id has the same seat", async () => {
    const server = await startServer(OPTIONS);
    const body = { user_id: "ann", room_id: "lobby", session_id: "s1" };
    const issued = await askApi(server, LINE, { body });
    expect(issued).toMatchObject({ status: 200, body: { token: expect.any(String) } });
    expect(Object.keys(Object(issued.body))).toEqual(["token"]);
    const ann = await come(server, textIn(issued, "token"));
    await ann.event("joined");
    const again = await come(server, textIn(await askApi(server, LINE, { body }), "token"));
    expect((await ann.closed).code).toBe(4509);
    again.send("no JSON");
    await again.error();
  });

  test("P9.8 401 without a key, 400 for what is no JSON, 415 for another type, 422 for a missing field, 405 for GET", async () => {
    const server = await startServer(OPTIONS);
    const body = { user_id: "ann", room_id: "lobby" };
    expect(refusalOf(await askApi(server, LINE, { key: "", body }))).toBe("401 unauthorized");
    expect(refusalOf(await askApi(server, LINE, { text: "{" }))).toBe("400 invalid_request");
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    expect(refusalOf(await askApi(server, LINE, { text: "user_id=ann", headers: form }))).toBe(
      "415 unsupported_media_type",
    );
    for (const wrong of [{ user_id: "ann" }, { room_id: "lobby" }, { ...body, user_id: "" }, [], "ann"]) {
      expect(refusalOf(await askApi(server, LINE, { body: wrong }))).toBe("422 invalid_request");
    }
    const got = await askApi(server, "GET /token");
    expect([refusalOf(got), got.headers["allow"]]).toEqual(["405 method_not_allowed", "POST, OPTIONS"]);
    expect((await askApi(server, LINE, { body: { ...body, more: true } })).status).toBe(200);
  });

  test("P9.8 row 7: pages of listed origins may ask, with a preflight of 204, and no others", async () => {
    const server = await startServer({ ...OPTIONS, origins: "https://games.example.com" });
    const preflight = (origin: string) => askApi(server, "OPTIONS /token", { key: "", headers: { Origin: origin } });
    const listed = await preflight("https://games.example.com");
    expect(listed.status).toBe(204);
    expect(listed.headers).toMatchObject({
      "access-control-allow-origin": "https://games.example.com",
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-allow-headers": expect.stringContaining("x-api-key"),
      vary: expect.stringContaining("Origin"),
    });
    const foreign = await preflight("https://elsewhere.example");
    expect(foreign.headers["access-control-allow-origin"]).toBeUndefined();
    const headers = { Origin: "https://games.example.com" };
    const refused = await askApi(server, LINE, { key: "", headers, body: {} });
    expect([refused.status, refused.headers["access-control-allow-origin"]]).toEqual([
      401,
      "https://games.example.com",
    ]);
    const rooms = await askApi(server, "GET /api/rooms", { headers });
    expect(rooms.headers["access-control-allow-origin"]).toBe("https://games.example.com");
  });
});
