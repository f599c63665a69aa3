import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startHttpApp, writeFiles, type RunningApp } from "../support/http-app.ts";

let app: RunningApp;
let files: ReturnType<typeof writeFiles>;
let bugs: unknown[];

beforeAll(async () => {
  bugs = [];
  files = writeFiles({
    "games/sumo/index.html": `<title>Sock Sumo</title><meta name="description" content="Push &amp; shove.">`,
    "games/sumo/player.html": "",
    "sdk/couchwire.js": "export {};",
    "sdk/couchwire.js.map": "{}",
    "sdk/couchwire.d.ts": "export {};",
    "sdk/connection.js": "export {};",
  });
  app = await startHttpApp({
    gamesFolder: `${files.folder}/games`,
    rooms: { BCDF: { name: "sumo", joinUrl: undefined } },
    options: { sdkFolder: `${files.folder}/sdk`, onError: (error) => bugs.push(error) },
  });
});

afterAll(async () => {
  await app.close();
  files.remove();
  expect(bugs).toEqual([]);
});

describe("the start", () => {
  test("P1.7 GET / is 200 and readable from any site, whatever is accepted", async () => {
    for (const headers of [{}, { Accept: "text/html" }, { Accept: "application/json" }]) {
      const answer = await fetch(`${app.url}/`, { headers });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      expect(await answer.text()).toContain("Sock Sumo");
    }
  });

  test("P1.7 without script the form leads to the room", async () => {
    const answer = await fetch(`${app.url}/?code=+bcdf`, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/bcdf"]);
    const foreign = await fetch(`${app.url}/?code=%2Felsewhere.example`, { redirect: "manual" });
    expect(foreign.headers.get("location")).toBe("/%2Felsewhere.example");
  });

  test("P1.5 GET /CREATE without upgrade is 426 and says what to do", async () => {
    const answer = await app.raw("/CREATE");
    expect(answer.status).toBe(426);
    expect(answer.headers.upgrade).toBe("websocket");
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(answer.headers["access-control-allow-origin"]).toBe("*");
    expect(answer.body).toContain("WebSocket at ws://192.168.1.7:8081/CREATE");
  });
});

describe("P1.8 methods", () => {
  test.each([
    "/",
    "/CREATE",
    "/BCDF",
    "/ZZZZ",
    "/healthz",
    "/api/info",
    "/games/",
    "/games/sumo/",
    "/games/tv/",
    "/sdk/couchwire.js",
    "/tv",
  ])("P1.8 %s is only read", async (path) => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "TRACE"]) {
      const answer = await app.raw(path, method);
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe("GET, HEAD, OPTIONS");
      expect(answer.headers["access-control-allow-origin"]).toBe("*");
    }
  });

  test.each(["/", "/CREATE", "/BCDF", "/ZZZZ", "/healthz", "/games/sumo/", "/sdk/couchwire.js"])(
    "P1.8 HEAD %s is GET without the body",
    async (path) => {
      const [get, head] = [await app.raw(path), await app.raw(path, "HEAD")];
      expect([head.status, head.body]).toEqual([get.status, ""]);
      for (const name of ["content-type", "content-length", "access-control-allow-origin", "etag"]) {
        expect([name, head.headers[name]]).toEqual([name, get.headers[name]]);
      }
    },
  );

  test.each(["/", "/CREATE", "/BCDF", "/sdk/couchwire.js"])("P1.8 OPTIONS %s is what CORS asks", async (path) => {
    const answer = await app.raw(path, "OPTIONS", {
      Origin: "https://games.example",
      "Access-Control-Request-Method": "GET",
      "Access-Control-Request-Headers": "x-anything",
    });
    expect([answer.status, answer.body]).toEqual([204, ""]);
    expect(answer.headers["access-control-allow-origin"]).toBe("*");
    expect(answer.headers["access-control-allow-methods"]).toBe("GET, HEAD, OPTIONS");
    expect(answer.headers["access-control-allow-headers"]).toBe("x-anything");
  });
});

describe("for programs", () => {
  test("/healthz says that the server is well and how busy it is", async () => {
    const answer = await fetch(`${app.url}/healthz`);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toEqual({ status: "ok", rooms: 1, players: 0, connections: 0 });
  });

  test("row 95: /healthz says ok to a program that accepts text/plain alone", async () => {
    const answer = await fetch(`${app.url}/healthz`, { headers: { accept: "text/plain" } });
    expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
      200,
      "text/plain; charset=utf-8",
      "ok",
    ]);
  });

  test("/api/info tells version, address and games", async () => {
    const answer = await fetch(`${app.url}/api/info`);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(await answer.json()).toEqual({
      version: "1.2.3",
      public_url: "http://192.168.1.7:8081",
      public_url_configured: false,
      games: [{ name: "sumo", title: "Sock Sumo", description: "Push & shove." }],
    });
  });

  test.each([
    ["couchwire.js", "text/javascript; charset=utf-8"],
    ["couchwire.js.map", "application/json; charset=utf-8"],
    ["couchwire.d.ts", "text/plain; charset=utf-8"],
  ])("/sdk/%s may be imported from any site and is asked for again", async (name, type) => {
    const answer = await fetch(`${app.url}/sdk/${name}`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, type]);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    expect(answer.headers.get("cache-control")).toBe("no-cache");
    const etag = answer.headers.get("etag") ?? "";
    expect((await app.raw(`/sdk/${name}`, "GET", { "If-None-Match": etag })).status).toBe(304);
  });

  test("nothing else of the SDK's folder is served", async () => {
    for (const path of ["/sdk/connection.js", "/sdk/other.js", "/sdk/", "/sdk/..%2fgames%2fsumo%2findex.html"]) {
      expect((await app.raw(path)).status).toBe(404);
    }
  });

  test("an SDK that was not built is said to be so", async () => {
    const bare = await startHttpApp({ gamesFolder: `${files.folder}/games`, options: { sdkFolder: "/nowhere" } });
    try {
      const answer = await bare.raw("/sdk/couchwire.js");
      expect(answer.status).toBe(503);
      expect(answer.body).toContain("has not been built");
    } finally {
      await bare.close();
    }
  });

  test.each([
    "/living-room.css",
    "/style.css",
    "/join.js",
    "/favicon.svg",
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/robots.txt",
  ])("%s is there and may be kept a while", async (path) => {
    const answer = await fetch(app.url + path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=600");
    expect(answer.headers.get("etag")).not.toBeNull();
  });
});

describe("any other path", () => {
  test.each(["/ABC", "/ABCDE", "/ABCD/", "//ABCD", "/create", "/CREATE/", "/ABCD/x", "/public/style.css", "/HEALTHZ"])(
    "%s is nothing: 404 as text, readable from any site",
    async (path) => {
      const answer = await app.raw(path);
      expect(answer.status).toBe(404);
      expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
      expect(answer.headers["access-control-allow-origin"]).toBe("*");
      expect(answer.body).toContain("nothing at this path");
    },
  );

  test("people get a page", async () => {
    const answer = await app.raw("/a/b", "GET", { Accept: "text/html" });
    expect([answer.status, answer.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    expect(answer.body).toContain("There is nothing at this address");
  });

  test.each(["/%", "/A%zz", "/%ff", "/games/%", "/games/sumo/%E0%A4%A", "/sdk/%"])(
    "%s is malformed: 400, short, without a stack",
    async (path) => {
      const answer = await app.raw(path);
      expect(answer.status).toBe(400);
      expect(answer.body.length).toBeLessThan(200);
      expect(answer.body).not.toMatch(/\bat \S+:\d+|node_modules/);
    },
  );

  test.each([
    "/..%2f..%2fetc/passwd",
    "/../../etc/passwd",
    "/..%5c..%5cpackage.json",
    "/%2e%2e/%2e%2e/package.json",
    "/%00%00",
    "/%00.css",
    `/${"a".repeat(8_000)}`,
    `/${"a/".repeat(4_000)}`,
    "/__proto__/x",
    "/constructor",
    "/?code[]=x&code[__proto__][y]=z",
    "/.git/config",
    "*",
  ])("a hostile path gets a short answer: %s", async (path) => {
    const answer = await app.raw(path);
    expect([200, 400, 404]).toContain(answer.status);
    expect(answer.body).not.toMatch(/root:|"dependencies"|node_modules/);
    expect((await app.raw("/healthz")).status).toBe(200);
  });

  test("a path longer than any header may be is refused", async () => {
    expect((await app.raw(`/${"a".repeat(100_000)}`)).status).toBe(431);
    expect((await app.raw("/healthz")).status).toBe(200);
  });

  test("a bug is answered in one sentence, and told of", async () => {
    const told: unknown[] = [];
    const bug = new Error("a secret of the inside");
    const broken = await startHttpApp({
      gamesFolder: `${files.folder}/games`,
      options: {
        onError: (error) => told.push(error),
        health: () => {
          throw bug;
        },
      },
    });
    try {
      const answer = await broken.raw("/healthz");
      expect([answer.status, answer.body]).toEqual([500, "Something went wrong here."]);
      expect(told).toEqual([bug]);
    } finally {
      await broken.close();
    }
  });

  test("nothing says what the server is made of, and nothing asks for https", async () => {
    const { headers } = await app.raw("/");
    for (const name of ["x-powered-by", "strict-transport-security", "cross-origin-opener-policy"]) {
      expect([name, headers[name]]).toEqual([name, undefined]);
    }
  });
});
