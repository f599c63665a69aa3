/** The admin server: who gets in, by which name it is called, and what it never says. The pages are tested in test/browser/admin.test.ts. */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect } from "node:net";
import { request as requestTls } from "node:https";
import { Writable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { ADMIN_KEY, AdminClient, askBare, logIn, startAdminServer } from "../support/admin-client.ts";
import { createLogger } from "../../src/log/logger.ts";
import { createServer } from "../../src/server.ts";
import { makeTestCertificate, writeCertificate } from "../support/certificate.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { testInProcess } from "../support/target.ts";
import { readAnswer } from "../support/tls-server.ts";
import { openRoom } from "../support/host-client.ts";
import { eventually } from "../support/inbox.ts";
import { PlayerClient } from "../support/player-client.ts";
import { startServer } from "../support/server.ts";
import { startCli } from "../support/cli-process.ts";

const OVERVIEW = z.looseObject({
  totals: z.looseObject({ rooms: z.number(), players: z.number(), connections: z.number() }),
  rooms: z.array(z.looseObject({ id: z.string(), players: z.number() })),
});
const ROOM = z.looseObject({
  room: z.looseObject({ id: z.string() }).nullable(),
  timeline: z.object({ version: z.number(), entries: z.array(z.looseObject({ event: z.string() })) }).optional(),
});

describe("row 74: the login", () => {
  test("with a key gives a cookie that no script reads and no other site sends", async () => {
    const { adminUrl } = await startAdminServer();
    const answer = await logIn(adminUrl);
    expect([answer.status, await answer.json()]).toEqual([200, { ok: true }]);
    const [cookie = "", ...attributes] = (answer.headers.get("Set-Cookie") ?? "").split("; ");
    expect(cookie).toMatch(/^couchwire_admin=[\w-]{32}$/);
    expect(attributes).toEqual(expect.arrayContaining(["HttpOnly", "SameSite=Strict", "Path=/"]));
    expect(attributes).not.toContain("Secure");
    expect(cookie).not.toContain(ADMIN_KEY);
  });

  test("behind a proxy that speaks https gives a cookie for https alone", async () => {
    const { adminUrl } = await startAdminServer({ trustProxy: "loopback" });
    const answer = await fetch(`${adminUrl}/login`, {
      method: "POST",
      headers: { "X-Forwarded-Proto": "https" },
      body: new URLSearchParams({ key: ADMIN_KEY }),
      redirect: "manual",
    });
    expect(answer.headers.get("Set-Cookie")).toMatch(/; Secure/);
  });

  test("on an address that other machines reach speaks https where the server has a certificate", async () => {
    const { tlsCert, tlsKey } = writeCertificate(await makeTestCertificate());
    const { adminUrl } = await startAdminServer({ tlsCert, tlsKey, adminHost: "0.0.0.0" });
    expect(adminUrl).toMatch(/^https:/);
    const body = `key=${ADMIN_KEY}`;
    const request = requestTls({
      host: "127.0.0.1",
      port: new URL(adminUrl).port,
      path: "/login",
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", "Content-Length": body.length },
      rejectUnauthorized: false,
      agent: false,
    }).end(body);
    const [response] = await once(request, "response");
    const { status, headers } = await readAnswer(response);
    expect([status, headers["set-cookie"]]).toEqual([200, [expect.stringMatching(/; Secure; SameSite=Strict$/)]]);
    // On this machine alone no certificate is needed, and none would fit.
    expect((await startAdminServer({ tlsCert, tlsKey })).adminUrl).toMatch(/^http:/);
  });

  test("takes a form as well, and leads a browser to the first page", async () => {
    const { adminUrl } = await startAdminServer();
    const post = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${adminUrl}/login`, {
        method: "POST",
        headers,
        body: new URLSearchParams({ key: ` ${ADMIN_KEY}\n` }),
        redirect: "manual",
      });
    const [ofPage, ofProgram] = [await post({ Accept: "text/html" }), await post({})];
    expect([ofPage.status, ofPage.headers.get("Location"), ofProgram.status]).toEqual([303, "/", 200]);
    for (const { headers } of [ofPage, ofProgram]) expect(headers.get("Set-Cookie")).toContain("couchwire_admin=");
  });

  test("takes each of several keys", async () => {
    const second = "another-key-0123456789";
    const { adminUrl } = await startAdminServer({ apiKey: `${ADMIN_KEY}, ${second}` });
    expect((await logIn(adminUrl, second)).status).toBe(200);
  });

  test.each([
    ["wrong", { key: "wrong-key-0123456789" }, 401],
    ["a part of a right one", { key: ADMIN_KEY.slice(0, -1) }, 401],
    ["empty", { key: "" }, 400],
    ["a number", { key: 1 }, 400],
    ["a list", { key: [ADMIN_KEY] }, 400],
    ["missing", {}, 400],
    ["longer than a body may be", { key: "k".repeat(5_000) }, 413],
  ])("refuses a key that is %s", async (_, body, status) => {
    const { adminUrl } = await startAdminServer();
    const answer = await fetch(`${adminUrl}/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    expect([answer.status, answer.headers.get("Set-Cookie")]).toEqual([status, null]);
    expect(
      z.object({ error: z.object({ code: z.string(), message: z.string() }) }).parse(await answer.json()),
    ).toBeTruthy();
  });

  test("after 60 wrong keys in a minute refuses the right one as well, there and at the API", async () => {
    const { adminUrl, url } = await startAdminServer();
    for (let attempt = 1; attempt <= 60; attempt++) {
      expect([attempt, (await logIn(adminUrl, `wrong-key-number-${attempt}`)).status]).toEqual([attempt, 401]);
    }
    const answer = await logIn(adminUrl);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect((await fetch(`${url}/api/rooms`, { headers: { "x-api-key": ADMIN_KEY } })).status).toBe(429);
  });
});

describe("row 74: without a session", () => {
  test.each(["/", "/bans", "/rooms/BCDF", "/nowhere"])("a browser at %s is led to the login", async (path) => {
    const { adminUrl } = await startAdminServer();
    const answer = await fetch(adminUrl + path, { headers: { Accept: "text/html" }, redirect: "manual" });
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/login"]);
  });

  test.each([
    ["GET", "/"],
    ["GET", "/data/overview"],
    ["GET", "/data/rooms/BCDF"],
    ["GET", "/api/rooms"],
    ["POST", "/api/publish"],
    ["DELETE", "/api/rooms/BCDF"],
    ["GET", "/nowhere"],
  ])("%s %s is 401", async (method, path) => {
    const { adminUrl } = await startAdminServer();
    for (const cookie of [
      "",
      "couchwire_admin=",
      `couchwire_admin=${"a".repeat(32)}`,
      `couchwire_admin=${ADMIN_KEY}`,
    ]) {
      const answer = await fetch(adminUrl + path, { method, headers: { Cookie: cookie } });
      expect([cookie, answer.status]).toEqual([cookie, 401]);
    }
  });

  test("the API answers those that show a key, and refuses a wrong one", async () => {
    const { adminUrl } = await startAdminServer();
    const ask = async (key: string): Promise<number> =>
      (await fetch(`${adminUrl}/api/rooms`, { headers: { "x-api-key": key } })).status;
    expect([await ask(ADMIN_KEY), await ask("wrong-key-0123456789")]).toEqual([200, 401]);
  });
});

describe("row 74: a session", () => {
  test("sees rooms, players and what happened", async () => {
    const server = await startAdminServer();
    const { host, code } = await openRoom(server, { name: "Quiz" });
    const player = await PlayerClient.connect(server, `${code}?name=Ada`);
    await host.until("player_joined");
    const admin = await AdminClient.connect(server.adminUrl);
    const overview = OVERVIEW.parse(await (await admin.ask("GET", "/data/overview")).json());
    expect(overview).toMatchObject({
      totals: { rooms: 1, players: 1, connections: 2 },
      rooms: [{ id: code, name: "Quiz", players: 1, isOpen: true }],
    });
    const { room, timeline } = ROOM.parse(await (await admin.ask("GET", `/data/rooms/${code}`)).json());
    expect(room).toMatchObject({ id: code, players: [{ id: 1, name: "Ada", away: false }] });
    expect(timeline?.entries).toMatchObject([
      { event: "roomOpened", name: "Quiz" },
      { event: "playerJoined", player: 1 },
    ]);
    // What has not changed is not sent again.
    const again = await admin.ask("GET", `/data/rooms/${code}?version=${timeline?.version}`);
    expect(ROOM.parse(await again.json()).timeline).toBeUndefined();
    player.socket.terminate();
  });

  test("remembers a room that is over", async () => {
    const server = await startAdminServer();
    const { host, code } = await openRoom(server);
    const admin = await AdminClient.connect(server.adminUrl);
    host.send({ cmd: "stop" });
    await host.closed;
    await eventually("the room is over", async () => {
      const { room, timeline } = ROOM.parse(await (await admin.ask("GET", `/data/rooms/${code}`)).json());
      return room === null && timeline?.entries.at(-1)?.event === "roomClosed";
    });
    expect((await admin.ask("GET", "/data/rooms/ZZZZ")).status).toBe(404);
  });

  test("changes something only with the token of its pages", async () => {
    const server = await startAdminServer();
    const { code } = await openRoom(server);
    const admin = await AdminClient.connect(server.adminUrl);
    const other = await AdminClient.connect(server.adminUrl);
    for (const headers of [{}, { "X-CSRF-Token": "" }, { "X-CSRF-Token": other.token }, { "X-CSRF-Token": "x" }]) {
      const lock = await admin.ask("POST", `/api/rooms/${code}/lock`, { headers });
      expect([headers, lock.status]).toEqual([headers, 403]);
      expect((await admin.ask("DELETE", `/api/rooms/${code}`, { headers })).status).toBe(403);
      expect((await admin.ask("POST", "/logout", { headers })).status).toBe(403);
    }
    expect((await admin.ask("POST", `/api/rooms/${code}/lock`)).status).toBe(204);
  });

  test("is over after the logout, and others go on", async () => {
    const { adminUrl } = await startAdminServer();
    const [one, other] = [await AdminClient.connect(adminUrl), await AdminClient.connect(adminUrl)];
    const answer = await one.ask("POST", "/logout");
    expect([answer.status, answer.headers.get("Set-Cookie")]).toEqual([
      204,
      expect.stringMatching(/couchwire_admin=;.*1970/),
    ]);
    expect((await one.ask("GET", "/data/overview")).status).toBe(401);
    expect((await other.ask("GET", "/data/overview")).status).toBe(200);
  });

  test("is found though a page of the main origin has set a cookie of the same name", async () => {
    const { adminUrl } = await startAdminServer();
    const { cookie } = await AdminClient.connect(adminUrl);
    const answer = await fetch(`${adminUrl}/data/overview`, { headers: { Cookie: `couchwire_admin=evil; ${cookie}` } });
    expect(answer.status).toBe(200);
  });
});

describe("row 74: the admin server", () => {
  test("lets no other origin read or do anything, in a browser that says where a request is from", async () => {
    const server = await startAdminServer();
    const admin = await AdminClient.connect(server.adminUrl);
    for (const site of ["same-site", "cross-site"]) {
      // `fetch` says itself what mode it has.
      const ask = (method: string, path: string, mode: string) =>
        askBare(server.adminUrl, {
          method,
          path,
          headers: {
            Cookie: admin.cookie,
            "X-CSRF-Token": admin.token,
            "Sec-Fetch-Site": site,
            "Sec-Fetch-Mode": mode,
          },
        });
      expect((await ask("GET", "/data/overview", "no-cors")).status).toBe(403);
      expect((await ask("DELETE", "/api/rooms/BCDF", "cors")).status).toBe(403);
      expect((await ask("POST", "/login", "navigate")).status).toBe(403);
      expect((await ask("GET", "/", "navigate")).status).toBe(200);
    }
  });

  test("answers no preflight, and allows no origin", async () => {
    const server = await startAdminServer();
    const admin = await AdminClient.connect(server.adminUrl);
    const paths = ["/login", "/data/overview", "/api/rooms", "/", "/assets/admin.css", "/nowhere"];
    for (const path of paths) {
      for (const method of ["GET", "OPTIONS"]) {
        const headers = { Origin: "http://evil.example", "Access-Control-Request-Method": "POST" };
        const answer = await admin.ask(method, path, { headers });
        expect([path, method, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([path, method, null]);
      }
    }
  });

  test("sends strict headers with every answer, and lets no cache keep what is private", async () => {
    const { adminUrl } = await startAdminServer();
    const admin = await AdminClient.connect(adminUrl);
    for (const path of ["/login", "/", "/bans", "/rooms/BCDF", "/data/overview", "/nowhere"]) {
      const { headers } = await admin.ask("GET", path);
      const policy = headers.get("Content-Security-Policy") ?? "";
      expect(policy).toMatch(/default-src 'none'/);
      expect(policy).toMatch(/frame-ancestors 'none'/);
      expect(policy).toMatch(/form-action 'self'/);
      expect(policy).not.toMatch(/unsafe|data:|\*|http:/);
      expect(headers.get("Cache-Control")).toBe("no-store");
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(headers.get("X-Frame-Options")).toBe("DENY");
      expect(headers.get("Cross-Origin-Resource-Policy")).toBe("same-origin");
      expect(headers.get("X-Powered-By")).toBeNull();
    }
  });

  test("has no script or style in its pages, so that the policy needs no exception", async () => {
    const { adminUrl } = await startAdminServer();
    const admin = await AdminClient.connect(adminUrl);
    for (const path of ["/login", "/", "/bans", "/rooms/BCDF", "/nowhere"]) {
      const page = await (await admin.ask("GET", path, { headers: { Accept: "text/html" } })).text();
      expect(page).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/);
    }
  });

  test("escapes what is in an address", async () => {
    const { adminUrl } = await startAdminServer();
    const admin = await AdminClient.connect(adminUrl);
    const page = await (await admin.ask("GET", `/rooms/${encodeURIComponent('"><img src=x>')}`)).text();
    expect(page).not.toContain("<img");
  });

  test("answers probes and Prometheus without a login, and no pages of other origins", async () => {
    const { adminUrl, close } = await startAdminServer();
    for (const [path, text] of [
      ["/healthz", /"status":"ok"/],
      ["/readyz", /"ready":true/],
      ["/metrics", /^couchwire_rooms/m],
    ] as const) {
      const answer = await fetch(adminUrl + path, { headers: { Origin: "http://evil.example" } });
      expect([path, answer.status, await answer.text()]).toEqual([path, 200, expect.stringMatching(text)]);
      expect(answer.headers.get("Access-Control-Allow-Origin")).toBeNull();
      expect((await askBare(adminUrl, { path, headers: { Host: "evil.example" } })).status).toBe(421);
    }
    await close();
  });

  test("needs a key for the metrics where other machines reach it", async () => {
    const { adminUrl } = await startAdminServer({ adminHost: "0.0.0.0" });
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${adminUrl}/metrics`, { headers })).status;
    expect([
      await ask({}),
      await ask({ "x-api-key": "wrong-key-0123456789" }),
      await ask({ "x-api-key": ADMIN_KEY }),
    ]).toEqual([401, 401, 200]);
  });

  test.each([
    ["X-Forwarded-For", "203.0.113.7"],
    ["X-Forwarded-Proto", "https"],
    ["X-Real-IP", "203.0.113.7"],
    ["Forwarded", "for=203.0.113.7"],
    ["Via", "1.1 proxy"],
    ["Host", "party.example"],
    ["Host", "192.168.1.7:8082"],
  ])("needs a key for the metrics where a proxy on this machine asks for others, known by %s", async (name, value) => {
    const { adminUrl } = await startAdminServer({ publicUrl: "https://party.example" });
    const ask = async (headers: Record<string, string>): Promise<number | undefined> =>
      (await askBare(adminUrl, { path: "/metrics", headers })).status;
    expect([await ask({}), await ask({ Host: "localhost" }), await ask({ Host: "[::1]:8082" })]).toEqual([
      200, 200, 200,
    ]);
    expect([await ask({ [name]: value }), await ask({ [name]: value, "x-api-key": ADMIN_KEY })]).toEqual([401, 200]);
  });

  test("lets no page of another origin change anything, in a browser that says where a request is from in Origin alone", async () => {
    const server = await startAdminServer({ publicUrl: "https://party.example" });
    const { adminUrl } = server;
    const { code } = await openRoom(server);
    const admin = await AdminClient.connect(adminUrl);
    const own = new URL(adminUrl).origin;
    const change = async (path: string, Origin: string, headers: Record<string, string> = {}) =>
      (
        await askBare(adminUrl, {
          method: "POST",
          path,
          headers: { Cookie: admin.cookie, "X-CSRF-Token": admin.token, Origin, ...headers },
        })
      ).status;
    for (const origin of ["http://evil.example", "null", "", server.url, own.replace("127.0.0.1", "localhost")]) {
      expect([origin, await change(`/api/rooms/${code}/lock`, origin), await change("/login", origin)]).toEqual([
        origin,
        403,
        403,
      ]);
    }
    expect(await change(`/api/rooms/${code}/lock`, own)).toBe(204);
    // The proxy speaks https, and passes Host on.
    expect(await change(`/api/rooms/${code}/lock`, "https://party.example", { Host: "party.example" })).toBe(204);
    expect(await change(`/api/rooms/${code}/lock`, "https://party.example", { Host: "party.example:443" })).toBe(204);
  });

  testInProcess("a malformed path is 400 in JSON, with a session, with a key and without, and is no bug", async () => {
    const logged: string[] = [];
    const log = new Writable({ write: (chunk, _encoding, done) => (logged.push(String(chunk)), done()) });
    const server = createServer(
      { adminPort: 0, apiKey: ADMIN_KEY, port: 0, host: "127.0.0.1" },
      { logger: createLogger("info", log) },
    );
    onTestEnd(() => server.close());
    const { adminUrl = "" } = await server.listen();
    const admin = await AdminClient.connect(adminUrl);
    const error = { error: { code: "invalid_request", message: "This request is malformed." } };
    for (const path of ["/api/rooms/%zz", "/api/rooms/%ff"]) {
      const answer = await admin.ask("GET", path);
      expect([path, answer.status, await answer.json()]).toEqual([path, 400, error]);
      const byKey = await fetch(adminUrl + path, { headers: { "x-api-key": ADMIN_KEY } });
      expect([path, byKey.status, await byKey.json()]).toEqual([path, 400, error]);
      expect((await fetch(adminUrl + path)).status).toBe(401);
    }
    expect((await admin.ask("GET", "/data/rooms/%zz")).status).toBe(400);
    expect(logged.join("")).not.toContain("bug");
  });

  test("is full of those that do not finish what they ask, and lets no other origin read that", async () => {
    const { adminUrl } = await startAdminServer();
    const { port } = new URL(adminUrl);
    const head =
      "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n";
    const first = new Promise<string>((resolve) => {
      for (let count = 0; count < 210; count++) {
        const socket = connect(Number(port), "127.0.0.1");
        onTestEnd(() => socket.destroy());
        socket.on("error", () => {});
        socket.setEncoding("latin1").once("data", resolve);
        socket.write(head);
      }
    });
    const answer = await first;
    expect(answer).toMatch(/^HTTP\/1\.1 503/);
    expect(answer).not.toMatch(/access-control/i);
  });

  test("is not on the main port, and the pages of games are not here", async () => {
    const server = await startAdminServer();
    const admin = await AdminClient.connect(server.adminUrl);
    for (const path of [
      "/login",
      "/logout",
      "/bans",
      "/rooms/BCDF",
      "/data/overview",
      "/data/rooms/BCDF",
      "/assets/admin.css",
      "/admin",
      "/admin/",
    ]) {
      for (const method of ["GET", "POST"]) {
        const answer = await fetch(server.url + path, { method, headers: { Cookie: admin.cookie } });
        expect([path, method, answer.status]).toEqual([path, method, method === "GET" ? 404 : expect.any(Number)]);
        expect(answer.status).toBeGreaterThanOrEqual(404);
      }
    }
    const byCookie = await fetch(`${server.url}/api/rooms`, {
      headers: { Cookie: admin.cookie, "X-CSRF-Token": admin.token },
    });
    expect(byCookie.status).toBe(401);
    for (const path of ["/games/", "/sdk/couchwire.js", "/CREATE", "/tv"]) {
      expect([path, (await admin.ask("GET", path)).status]).toEqual([path, 404]);
    }
  });

  test("takes no WebSockets", async () => {
    const { adminUrl } = await startAdminServer();
    const headers = {
      Host: "localhost",
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    expect((await askBare(adminUrl, { path: "/CREATE", headers })).status).toBe(401);
  });

  test("says 405 where a path takes other methods", async () => {
    const { adminUrl } = await startAdminServer();
    const answers = [await fetch(`${adminUrl}/login`, { method: "DELETE" }), await fetch(`${adminUrl}/logout`)];
    expect(answers.map(({ status, headers }) => [status, headers.get("Allow")])).toEqual([
      [405, "GET, HEAD, POST"],
      [405, "POST"],
    ]);
  });

  test("is not there where no option asks for it", async () => {
    expect((await startServer({ apiKey: ADMIN_KEY })).adminUrl).toBeUndefined();
  });

  testInProcess("is there for a server that is attached to another one as well, and closes with it", async () => {
    const listening: string[] = [];
    const log = new Writable({
      write(chunk, _encoding, done) {
        const { adminUrl } = z.object({ adminUrl: z.string().optional() }).parse(JSON.parse(String(chunk)));
        if (adminUrl !== undefined) listening.push(adminUrl);
        done();
      },
    });
    const server = createServer({ adminPort: 0, apiKey: ADMIN_KEY }, { logger: createLogger("info", log) });
    const owner = createHttpServer();
    server.attach(owner);
    onTestEnd(() => server.close());
    onTestEnd(() => void owner.close());
    owner.listen(0, "127.0.0.1");
    await eventually("the admin page is ready", () => listening.length === 1);
    const [adminUrl = ""] = listening;
    expect((await logIn(adminUrl)).status).toBe(200);
    await server.close();
    await expect(fetch(adminUrl)).rejects.toThrow();
  });

  test("closes with the server, and frees its port", async () => {
    const { adminUrl, close } = await startAdminServer();
    await close();
    await expect(fetch(adminUrl)).rejects.toThrow();
  });
});

describe("row 74: a Host that is not the server's", () => {
  const FORGED = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "tv.local"];
  const PATHS = ["/", "/login", "/data/overview", "/api/rooms", "/assets/admin.css", "/favicon.ico"];

  test.each(FORGED)("%s is refused on every path, with the right cookie and key as well", async (host) => {
    const { adminUrl } = await startAdminServer();
    const { cookie } = await AdminClient.connect(adminUrl);
    for (const path of PATHS) {
      const headers = { Host: host, Cookie: cookie, "X-API-Key": ADMIN_KEY };
      const { status, body } = await askBare(adminUrl, { path, headers });
      expect([path, status]).toEqual([path, 421]);
      expect(body).not.toContain("csrf");
    }
  });

  test("is refused in the first line of a request as well", async () => {
    const { adminUrl } = await startAdminServer();
    const headers = { Host: "localhost" };
    expect((await askBare(adminUrl, { path: "http://evil.example/login", headers })).status).toBe(421);
  });

  test("localhost, addresses, and the names of the options are allowed", async () => {
    const { adminUrl } = await startAdminServer({ adminHost: "localhost", publicUrl: "https://party.example/play" });
    for (const host of ["localhost", "127.0.0.1:1", "[::1]", "192.168.1.7", "party.example", "PARTY.example:443"]) {
      expect([host, (await askBare(adminUrl, { path: "/login", headers: { Host: host } })).status]).toEqual([
        host,
        200,
      ]);
    }
  });
});

describe("row 74: the command", () => {
  test("does not start an admin page without a key, and says why", async () => {
    const { exitCode, stderr } = await startCli(["--port", "0"], { COUCHWIRE_ADMIN_PORT: "0" }).ended;
    expect([exitCode, stderr]).toEqual([
      2,
      "couchwire: COUCHWIRE_ADMIN_PORT needs COUCHWIRE_API_KEY (apiKey), with which people log in at the admin page.\n",
    ]);
  });

  test("says where the admin page is, and never the key", async () => {
    const cli = startCli(["--port", "0"], { COUCHWIRE_ADMIN_PORT: "0", COUCHWIRE_API_KEY: ADMIN_KEY });
    await cli.listening;
    cli.kill("SIGTERM");
    const { stdout, stderr } = await cli.ended;
    expect(stderr).toMatch(/^The admin page is at http:\/\/127\.0\.0\.1:\d+$/m);
    expect(stdout + stderr).not.toContain(ADMIN_KEY);
  });
});
