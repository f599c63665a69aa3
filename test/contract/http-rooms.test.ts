import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startHttpApp, writeFiles, type RunningApp } from "../support/http-app.ts";

const NAVIGATION = { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };
const EVIL_NAME = `<script>alert("x")</script>`;

let app: RunningApp;
let files: ReturnType<typeof writeFiles>;

beforeAll(async () => {
  files = writeFiles({ "Sock Sumo/index.html": "", "Sock Sumo/player.html": "" });
  app = await startHttpApp({
    gamesFolder: files.folder,
    rooms: {
      BCDF: { name: "Sock Sumo", joinUrl: undefined },
      CDFG: { name: "Schön & <b>gut</b> 🎲\n", joinUrl: undefined },
      DFGH: { name: "", joinUrl: undefined },
      FGHJ: { name: EVIL_NAME, joinUrl: undefined },
      GHJK: { name: "elsewhere", joinUrl: "https://user:secret@games.example:8443/play?lang=de&room=OLD#top" },
      HJKM: { name: "elsewhere", joinUrl: "javascript:alert(1)" },
      JKMN: { name: "elsewhere", joinUrl: `http://games.example/"><script>alert(1)</script>` },
    },
  });
});

afterAll(async () => {
  await app.close();
  files.remove();
});

const get = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(app.url + path, { headers, redirect: "manual" });

describe("P1.3 GET /CODE by a program", () => {
  test("P1.3 the answer is the game's name and nothing else, readable from any site", async () => {
    const answer = await get("/BCDF");
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("Sock Sumo");
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("vary")).toMatch(/\bAccept\b/);
  });

  test("P1.3 a name of any characters comes back byte for byte, an empty one as nothing", async () => {
    expect(await (await get("/CDFG")).text()).toBe("Schön & <b>gut</b> 🎲\n");
    const empty = await get("/DFGH");
    expect([empty.status, await empty.text()]).toEqual([200, ""]);
  });

  test("P1.3 the code is matched without case, with any query", async () => {
    expect(await (await get("/bcDf?x=1")).text()).toBe("Sock Sumo");
  });

  test.each(["/ZZZZ", "/0000", "/A%20", "/%C3%A4"])("P1.3 %s is no room", async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    if (path.length === 5) expect(await answer.text()).toBe("Game not found");
  });

  test("P1.3 a name is never sniffed or run as a page", async () => {
    const answer = await get("/FGHJ");
    expect(await answer.text()).toBe(EVIL_NAME);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("P1.4 GET /CODE by a browser", () => {
  test("P1.4 the way leads to the phone page of the room's game, with the code in upper case", async () => {
    const answer = await get("/bcdf", NAVIGATION);
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toBe("/games/Sock%20Sumo/player.html?room=BCDF");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("vary")).toMatch(/\bAccept\b/);
  });

  test("P1.4 an unknown room is a 404 page with what was typed, to be typed again", async () => {
    const answer = await get("/zzzz", NAVIGATION);
    const page = await answer.text();
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page).toContain("There is no room");
    expect(page).toMatch(/<input[^>]*name="code"[^>]*value="ZZZZ"/);
  });

  test("P1.4 what was typed is never markup", async () => {
    const { status, body } = await app.raw('/"><b', "GET", NAVIGATION);
    expect([status, body.includes('"><b'), body.includes("&quot;&gt;&lt;b")]).toEqual([404, false, true]);
  });

  test("P1.4 a game that is not served here is said to be elsewhere, its name escaped", async () => {
    const answer = await get("/FGHJ", NAVIGATION);
    const page = await answer.text();
    expect(answer.status).toBe(200);
    expect(page).toContain("does not have the phone page");
    expect(page).toContain("&lt;script&gt;");
    expect(page).not.toContain(EVIL_NAME);
  });

  test("P1.4 a foreign site is named, and linked to with the code, but not gone to", async () => {
    const answer = await get("/GHJK", NAVIGATION);
    const page = await answer.text();
    expect(answer.status).toBe(200);
    expect(page).toContain(">games.example:8443<");
    expect(page).toMatch(/href="https:\/\/games\.example:8443\/play\?lang=de&amp;room=GHJK#top"\s+rel="noreferrer"/);
    expect(page).not.toContain("secret");
  });

  test("P1.4 a join address that is no web page is no link", async () => {
    const page = await (await get("/HJKM", NAVIGATION)).text();
    expect(page).not.toContain("javascript:");
    expect(page).toContain("does not have the phone page");
  });

  test("P1.4 a join address never breaks out of its link", async () => {
    expect(await (await get("/JKMN", NAVIGATION)).text()).not.toContain("<script>alert");
  });

  test("P1.4 our own pages run no script but their own files", async () => {
    const policy = (await get("/ZZZZ", NAVIGATION)).headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain("unsafe");
    expect(policy).not.toContain("upgrade-insecure-requests");
  });
});

describe("P1.4 what people type, scan or paste around a code", () => {
  test.each([
    "/BCDF/",
    "/BCDF.",
    "//BCDF",
    "//BCDF//",
    "/BCDF%20",
    "/%20bcdf",
    "/bcdf,",
    "/%22BCDF%22",
    "/%E2%80%9CBCDF%E2%80%9D",
    "/BCDF%0A",
    "/BCDF%E2%80%8B",
    "/./BCDF!",
  ])("P1.4 a browser that goes to %s is led to the room", async (path) => {
    const { status, headers } = await app.raw(path, "GET", NAVIGATION);
    expect([status, headers.location]).toEqual([302, "/BCDF"]);
    expect(headers["cache-control"]).toBe("no-store");
  });

  test("P1.4 a rescue link goes on whole", async () => {
    const { headers } = await app.raw("/bcdf/?rescue=0123456789abcdef", "GET", NAVIGATION);
    expect(headers.location).toBe("/BCDF?rescue=0123456789abcdef");
  });

  test.each(["/BCDF/", "/BCDF.", "//BCDF", "/BCDF%20"])("P1.4 a program is held to the letter: %s", async (path) => {
    for (const accept of ["*/*", "application/json", "text/plain"]) {
      expect((await app.raw(path, "GET", { Accept: accept })).status).toBe(404);
    }
    expect((await app.raw(path, "POST", NAVIGATION)).status).not.toBe(302);
  });

  test.each(["//evil.example", "//evil.example/%2e%2e", "/BC/DF", "/BCDFG/", "/BCD.", "/create/", "/games./"])(
    "P1.4 %s is no code",
    async (path) => {
      expect((await app.raw(path, "GET", NAVIGATION)).status).toBe(404);
    },
  );

  test.each([".", "%20", "/"])("P1.4 a path of thousands of %s around a code is not searched", async (around) => {
    const { status } = await app.raw(`/${around.repeat(4_000)}BCDF`, "GET", NAVIGATION);
    expect(status).toBe(404);
  });
});
