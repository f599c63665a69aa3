/** Who may use the HTTP API: every route × every kind of credentials. The table is made of the document, so that a new route is in it by itself. */
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { API_KEY, askApi, refusalOf, SECOND_KEY, sentenceOf, textIn } from "../../support/api-client.ts";
import { openRoom } from "../../support/host-client.ts";
import { handmadeToken, JWT_SECRET } from "../../support/member-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const OPTIONS = {
  apiKey: `${API_KEY},${SECOND_KEY}`,
  jwtSecret: JWT_SECRET,
  jwtAudience: "party",
  standingRooms: "lobby:relay,hall:relay",
} as const;

const FAR = 4_000_000_000;
const ADMIN = { sub: "root", role: "admin", aud: "party", exp: FAR, session_id: "s1", iat: 1_700_000_000 };

/** By what it is, the headers that show it. */
const CREDENTIALS = {
  none: {},
  wrongKey: { "x-api-key": "a-wrong-key-for-tests" },
  wrongBearer: bearer("a-wrong-key-for-tests"),
  key: { "x-api-key": API_KEY },
  bearerKey: bearer(API_KEY),
  secondKey: { "x-api-key": SECOND_KEY },
  admin: bearer(handmadeToken(ADMIN)),
  adminOfLobby: bearer(handmadeToken({ ...ADMIN, room: "lobby" })),
  adminOfHall: bearer(handmadeToken({ ...ADMIN, room: "hall" })),
  expired: bearer(handmadeToken({ ...ADMIN, exp: 1_000_000_000 })),
  otherAudience: bearer(handmadeToken({ ...ADMIN, aud: "elsewhere" })),
  forged: bearer(handmadeToken(ADMIN, { secret: "another secret of thirty-two bytes" })),
  noAlgorithm: bearer(handmadeToken(ADMIN, { header: { alg: "none" } })),
  notYet: bearer(handmadeToken({ ...ADMIN, nbf: FAR - 1 })),
  withoutEnd: bearer(handmadeToken({ ...ADMIN, exp: undefined })),
  host: bearer(handmadeToken({ ...ADMIN, role: "host", room: "lobby" })),
  player: bearer(handmadeToken({ ...ADMIN, role: "player", room: "lobby" })),
  audience: bearer(handmadeToken({ ...ADMIN, role: "audience", room: "lobby" })),
  member: bearer(handmadeToken({ ...ADMIN, role: "member", room: "lobby" })),
  spectator: bearer(handmadeToken({ ...ADMIN, role: "spectator", room: "lobby" })),
  noRole: bearer(handmadeToken({ ...ADMIN, role: undefined, room: "lobby" })),
} satisfies Record<string, Readonly<Record<string, string>>>;
type CredentialName = keyof typeof CREDENTIALS;

/** What each kind of credentials is refused with; `in` where it may do it. */
const VERDICTS: Readonly<Record<CredentialName, string>> = {
  none: "401 unauthorized",
  wrongKey: "401 unauthorized",
  wrongBearer: "401 unauthorized",
  key: "in",
  bearerKey: "in",
  secondKey: "in",
  admin: "in",
  adminOfLobby: "only in lobby",
  adminOfHall: "403 forbidden",
  expired: "401 unauthorized",
  otherAudience: "401 unauthorized",
  forged: "401 unauthorized",
  noAlgorithm: "401 unauthorized",
  notYet: "401 unauthorized",
  withoutEnd: "401 unauthorized",
  host: "403 forbidden",
  player: "403 forbidden",
  audience: "403 forbidden",
  member: "403 forbidden",
  spectator: "403 forbidden",
  noRole: "403 forbidden",
};

const NAMES = Object.keys(CREDENTIALS).filter((name): name is CredentialName => name in CREDENTIALS);

const EXAMPLES = z.record(z.string(), z.object({ value: z.unknown() }));
const OPERATION = z.object({
  operationId: z.string(),
  security: z.array(z.unknown()),
  requestBody: z.object({ content: z.object({ "application/json": z.object({ examples: EXAMPLES }) }) }).optional(),
});
const DOCUMENT = z.object({ paths: z.record(z.string(), z.record(z.string(), OPERATION)) });

interface Route {
  readonly line: string;
  readonly isPublic: boolean;
  readonly body: unknown;
}

/** Every route, with a body that it takes, in the room lobby where it is about one. */
async function routesOf(server: TestServer): Promise<readonly Route[]> {
  const { paths } = DOCUMENT.parse((await askApi(server, "GET /api/openapi.json", { key: "" })).body);
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { operationId, security, requestBody }]) => {
      const [first] = Object.values(requestBody?.content["application/json"].examples ?? {});
      const body = operationId === "publish" ? { room: "name:lobby", text: "hello" } : first?.value;
      return {
        line: `${method.toUpperCase()} ${path.replace("{id}", "name:lobby")}`,
        isPublic: security.length === 0,
        body,
      };
    }),
  );
}

function bearer(text: string): Readonly<Record<string, string>> {
  return { Authorization: `Bearer ${text}` };
}

function ask(server: TestServer, { line, body }: Route, name: CredentialName) {
  const isBodied = !line.startsWith("GET") && body !== undefined;
  return askApi(server, line, { key: "", headers: CREDENTIALS[name], ...(isBodied && { body }) });
}

describe("P9.11 every route × every kind of credentials", () => {
  test.each(NAMES)("P9.11 %s", async (name) => {
    const server = await startServer(OPTIONS);
    const routes = await routesOf(server);
    expect(routes.length).toBeGreaterThanOrEqual(11);
    for (const route of routes) {
      // A deleted room would be gone for the routes after it.
      const probe = route.line.startsWith("DELETE /api/rooms")
        ? { ...route, line: "DELETE /api/rooms/name:lobby" }
        : route;
      const answer = await ask(server, probe, name);
      const isAboutLobby = /name:lobby|\/api\/publish$/.test(route.line);
      const expected = VERDICTS[name];
      const verdict = expected === "only in lobby" ? (isAboutLobby ? "in" : "403 forbidden") : expected;
      const where = `${route.line} by ${name}`;
      if (route.isPublic || verdict === "in") {
        if (route.line !== "POST /api/token/refresh")
          expect([where, [401, 403].includes(answer.status)]).toEqual([where, false]);
        expect([where, answer.status < 500]).toEqual([where, true]);
      } else {
        expect([where, refusalOf(answer)]).toEqual([where, verdict]);
        expect([where, answer.headers["www-authenticate"]]).toEqual([
          where,
          answer.status === 401 ? "Bearer" : undefined,
        ]);
      }
    }
  });

  test("P9.11 what is refused has done nothing", async () => {
    const server = await startServer(OPTIONS);
    await ask(server, { line: "DELETE /api/rooms/name:lobby", isPublic: false, body: undefined }, "adminOfHall");
    await ask(server, { line: "POST /api/rooms/name:lobby/lock", isPublic: false, body: undefined }, "player");
    expect((await askApi(server, "GET /api/rooms/name:lobby")).body).toMatchObject({ isLocked: false });
  });

  test("P9.11 a token for a room means an open room's name or any room's code, and never the name of a game", async () => {
    const server = await startServer(OPTIONS);
    const code = textIn(await askApi(server, "POST /api/rooms", { body: { kind: "relay", name: "garden" } }), "code");
    for (const room of ["garden", code, code.toLowerCase()]) {
      const headers = bearer(handmadeToken({ ...ADMIN, room }));
      for (const id of ["name:garden", "garden", code]) {
        expect((await askApi(server, `GET /api/rooms/${id}`, { key: "", headers })).status).toBe(200);
      }
      expect(refusalOf(await askApi(server, "GET /api/rooms/name:lobby", { key: "", headers }))).toBe("403 forbidden");
      expect(refusalOf(await askApi(server, "GET /api/rooms/name:nowhere", { key: "", headers }))).toBe(
        "403 forbidden",
      );
    }
  });
});

test("P9.11 a token for the room lobby reaches no host-run room whose game is called lobby", async () => {
  const server = await startServer(OPTIONS);
  const { code } = await openRoom(server, { name: "lobby" });
  const reached = await askApi(server, `GET /api/rooms/${code}`, { key: "", headers: CREDENTIALS.adminOfLobby });
  expect(refusalOf(reached)).toBe("403 forbidden");
  expect((await askApi(server, `GET /api/rooms/${code}`)).body).toMatchObject({ name: "lobby", kind: "host" });
});

describe("P9.11 keys", () => {
  test("P9.11 row 13: 60 wrong keys a minute are 401, then 429 with Retry-After, the right one too", async () => {
    const server = await startServer({ apiKey: API_KEY });
    for (let count = 0; count < 60; count++) {
      const answer = await askApi(server, "GET /api/rooms", { key: `wrong-key-number-${count}` });
      expect(refusalOf(answer)).toBe("401 unauthorized");
    }
    for (const key of ["wrong-key-number-60", API_KEY]) {
      const answer = await askApi(server, "GET /api/rooms", { key });
      expect(refusalOf(answer)).toBe("429 rate_limited");
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
      expect(Number(answer.headers["retry-after"])).toBeLessThanOrEqual(60);
    }
  });

  test("P9.11 row 74: a request without a key is no guess", async () => {
    const server = await startServer({ apiKey: API_KEY });
    for (let count = 0; count < 70; count++) {
      expect(refusalOf(await askApi(server, "GET /api/rooms", { key: "" }))).toBe("401 unauthorized");
    }
    expect((await askApi(server, "GET /api/rooms")).status).toBe(200);
  });

  test("P9.11 row 9: without a key configured every path below /api but the public ones is 404", async () => {
    const server = await startServer({ jwtSecret: JWT_SECRET });
    const lines = [
      "GET /api/rooms",
      "POST /api/rooms",
      "POST /api/publish",
      "GET /api/bans",
      "POST /api/token",
      "GET /api/x",
    ];
    for (const line of lines) {
      expect([line, refusalOf(await askApi(server, line, { body: {} }))]).toEqual([line, "404 not_found"]);
    }
    const headers = bearer(handmadeToken({ ...ADMIN, aud: undefined }));
    expect(refusalOf(await askApi(server, "GET /api/rooms", { key: "", headers }))).toBe("404 not_found");
    expect((await askApi(server, "GET /api/openapi.json")).status).toBe(200);
    expect((await askApi(server, "GET /api/info")).status).toBe(200);
  });

  test("P9.11 requests of one key are limited: 429 with Retry-After", async () => {
    const server = await startServer({ apiKey: API_KEY, apiRate: 5 });
    const statuses: number[] = [];
    for (let count = 0; count < 30; count++) statuses.push((await askApi(server, "GET /api/bans")).status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(10);
  });
});

describe("P9.11 what else is refused", () => {
  test("P9.11 a method that a path does not take: 405 with Allow; HEAD is GET; OPTIONS says what there is", async () => {
    const server = await startServer({ apiKey: API_KEY });
    const put = await askApi(server, "PUT /api/rooms");
    expect(refusalOf(put)).toBe("405 method_not_allowed");
    expect(put.headers["allow"]).toBe("GET, HEAD, POST, OPTIONS");
    expect((await askApi(server, "GET /api/publish")).headers["allow"]).toBe("POST, OPTIONS");
    expect(await askApi(server, "HEAD /api/rooms")).toMatchObject({ status: 200, body: undefined });
    expect(await askApi(server, "OPTIONS /api/rooms", { key: "" })).toMatchObject({
      status: 204,
      headers: { allow: "GET, HEAD, POST, OPTIONS" },
    });
  });

  test("P9.11 a body that is too large is 413, none that is JSON 415, none at all or broken JSON 400", async () => {
    const server = await startServer({ apiKey: API_KEY });
    const large = JSON.stringify({ kind: "relay", meta: "m".repeat(20_000) });
    const line = "POST /api/rooms";
    expect(refusalOf(await askApi(server, line, { text: large }))).toBe("413 too_large");
    const chunked = { "Transfer-Encoding": "chunked", "Content-Length": "" };
    const withoutLength = await askApi(server, line, { text: large, headers: chunked }).catch(() => undefined);
    if (withoutLength !== undefined) expect([413, 400]).toContain(withoutLength.status);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"]) {
      const answer = await askApi(server, line, { text: "{}", headers: { "Content-Type": type } });
      expect(refusalOf(answer)).toBe("415 unsupported_media_type");
    }
    for (const text of ["", "{", "{kind:1}", "[".repeat(100), '{"kind":"relay",}']) {
      expect([text, refusalOf(await askApi(server, line, { text }))]).toEqual([text, "400 invalid_request"]);
    }
    const charset = { "Content-Type": "application/json; charset=utf-8" };
    const fine = await askApi(server, line, { text: '{"kind":"relay"}', headers: charset });
    expect(fine.status).toBe(201);
  });

  test("P9.11 JSON that is nested too deeply is refused, and harms nothing", async () => {
    const server = await startServer({ apiKey: API_KEY, standingRooms: "lobby:relay" });
    for (const levels of [70, 100_000]) {
      const data = "[".repeat(levels) + "]".repeat(levels);
      const answer = await askApi(server, "POST /api/publish", { text: `{"room":"lobby","data":${data}}` });
      expect([refusalOf(answer), sentenceOf(answer)]).toEqual([
        "400 invalid_request",
        expect.stringContaining("levels"),
      ]);
    }
    const data = "[".repeat(60) + "]".repeat(60);
    expect((await askApi(server, "POST /api/publish", { text: `{"room":"lobby","data":${data}}` })).status).toBe(200);
  });

  test("P9.11 an unknown path is 404 in JSON", async () => {
    const server = await startServer({ apiKey: API_KEY });
    for (const path of ["/api/x", "/api/rooms/", "/api/Rooms", "/api/rooms/BCDF/x"]) {
      expect([path, refusalOf(await askApi(server, `GET ${path}`))]).toEqual([path, "404 not_found"]);
    }
  });

  test("P9.11 a malformed path is 400 in JSON, or 404 where there is no API, and no page of another origin reads that", async () => {
    const server = await startServer({ apiKey: API_KEY });
    const bare = await startServer();
    for (const path of ["/api/rooms/%zz", "/api/rooms/%ff/kick"]) {
      const answer = await askApi(server, `${path.endsWith("kick") ? "POST" : "GET"} ${path}`);
      const without = await askApi(bare, `GET ${path}`);
      expect([path, refusalOf(answer), refusalOf(without)]).toEqual([path, "400 invalid_request", "404 not_found"]);
      for (const { headers } of [answer, without]) expect(headers["access-control-allow-origin"]).toBeUndefined();
    }
    for (const path of ["/api/%", "/api/rooms/BCDF/%zz/x"]) {
      expect([path, refusalOf(await askApi(server, `GET ${path}`))]).toEqual([path, "404 not_found"]);
    }
  });

  test("P9.11 a body that is no UTF-8 is 400", async () => {
    const server = await startServer({ apiKey: API_KEY });
    const post = async (body: Uint8Array<ArrayBuffer>, type = "application/json") => {
      const headers = { "x-api-key": API_KEY, "Content-Type": type };
      return (await fetch(`${server.url}/api/publish`, { method: "POST", headers, body })).status;
    };
    expect(await post(bytesOf('{"channel":"news","data":"\xc3\x28"}'))).toBe(400);
    expect(await post(bytesOf('{"channel":"news","data":"\xed\xa0\x80"}'))).toBe(400);
    expect(await post(bytesOf('{"channel":"news","data":"\xc3\xa4"}'))).toBe(200);
    expect(await post(bytesOf('\xef\xbb\xbf{"channel":"news","data":1}'))).toBe(200);
    const wide = new Uint8Array(Buffer.from('{"channel":"news","data":1}', "utf16le"));
    expect(await post(wide, "application/json; charset=utf-16le")).toBe(400);
  });

  test("P9.11 no page of another origin reads an answer", async () => {
    const server = await startServer({ apiKey: API_KEY });
    for (const line of ["GET /api/rooms", "OPTIONS /api/rooms", "GET /api/openapi.json"]) {
      const { headers } = await askApi(server, line, { headers: { Origin: "https://elsewhere.example" } });
      expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });
});

/** One byte for each character. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "latin1"));
}
