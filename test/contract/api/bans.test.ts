/** Bans over HTTP (P9.6). */
import { expect, test } from "@jest/globals";
import { API_KEY, askApi, refusalOf, sentenceOf, textIn } from "../../support/api-client.ts";
import { openRoom } from "../../support/host-client.ts";
import { JWT_SECRET, MemberClient } from "../../support/member-client.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";
import { startServer } from "../../support/server.ts";

const OPTIONS = { apiKey: API_KEY, jwtSecret: JWT_SECRET, standingRooms: "lobby:relay" } as const;

test("P9.6 row 48: a ban of a user closes what it has open and refuses it, and lifting it lets it in again", async () => {
  const server = await startServer(OPTIONS);
  const ann = await MemberClient.join(server, "ann", "lobby");
  await ann.event("joined");
  const added = await askApi(server, "POST /api/bans", { body: { sub: "ann", reason: "No cheats." } });
  expect(added).toMatchObject({ status: 201, body: { sub: "ann", reason: "No cheats.", until: null } });
  expect(await ann.closed).toEqual({ code: 4503, reason: "No cheats." });
  expect((await (await MemberClient.join(server, "ann", "lobby")).closed).code).toBe(4503);
  expect((await askApi(server, "GET /api/bans")).body).toEqual({
    bans: [{ sub: "ann", reason: "No cheats.", until: null }],
  });
  expect((await askApi(server, "DELETE /api/bans", { body: { sub: "ann" } })).status).toBe(204);
  expect(refusalOf(await askApi(server, "DELETE /api/bans", { body: { sub: "ann" } }))).toBe("404 ban_not_found");
  await (await MemberClient.join(server, "ann", "lobby")).event("joined");
});

test("P9.6 a ban of a session shows its hash alone, by which it can be lifted", async () => {
  const server = await startServer(OPTIONS);
  const { code } = await openRoom(server);
  const session = newSession();
  const phone = new ReliableClient(server, `${code}?session=${session}`);
  await phone.hello();
  const added = await askApi(server, "POST /api/bans", { body: { session, ms: 60_000 } });
  expect((await phone.closed).code).toBe(4503);
  const sessionHash = textIn(added, "sessionHash");
  expect(Date.parse(textIn(added, "until"))).toBeGreaterThan(Date.now());
  expect(JSON.stringify((await askApi(server, "GET /api/bans")).body)).not.toContain(session);
  expect((await askApi(server, "DELETE /api/bans", { body: { sessionHash } })).status).toBe(204);
});

test("P9.6 a ban of an address closes what is open from there", async () => {
  const server = await startServer(OPTIONS);
  const { host } = await openRoom(server);
  expect((await askApi(server, "POST /api/bans", { body: { address: "127.0.0.0/8" } })).status).toBe(201);
  expect((await host.closed).code).toBe(4503);
});

test.each([
  [{}, "400 invalid_request", /is missing/],
  [{ sub: "ann", session: "s".repeat(16) }, "400 invalid_request", /does not go together/],
  [{ sub: "" }, "400 invalid_request", /"sub"/],
  [{ sub: "ann", ms: 0 }, "400 invalid_request", /"ms"/],
  [{ subb: "ann" }, "400 invalid_request", /did you mean "sub"/],
  [{ address: "here" }, "422 unprocessable", /"here"/],
])("P9.6 what is wrong is said: %j", async (body, refused, sentence) => {
  const server = await startServer(OPTIONS);
  const answer = await askApi(server, "POST /api/bans", { body });
  expect([refusalOf(answer), sentenceOf(answer)]).toEqual([refused, expect.stringMatching(sentence)]);
});
