import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startHttpApp, writeFiles, type RunningApp } from "../support/http-app.ts";

let app: RunningApp;
let files: ReturnType<typeof writeFiles>;
let game: string;

beforeAll(async () => {
  files = writeFiles({
    "games/Sock Sumo/index.html": "<title>Sock Sumo</title>the TV",
    "games/Sock Sumo/player.html": "the phone",
    "games/Sock Sumo/art/rug.svg": "<svg/>",
    "games/Sock Sumo/engine.wasm": "\0asm",
    "games/Sock Sumo/.env": "SECRET=1",
    "games/Sock Sumo/recordings/party.cwrec": "SECRET=1",
    "games/Sock Sumo/.git/config": "SECRET=1",
    "games/Sock Sumo/.git/hook.js.gz": gzipSync("SECRET=1"),
    "games/evil/index.html": `<title>"><script>alert(1)</script></title>`,
    "games/evil/player.html": "",
    "games/unity/Index.html": "the TV, written large",
    "games/unity/player.html": '<script src="/assets/pad.js"></script>',
    "games/unity/couchwire.json": '{"crossOriginIsolated": true, "players": "3-8", "minutes": 15}',
    "games/unity/Build/game.wasm.br": brotliCompressSync("\0asm, unpacked"),
    "games/unity/Build/game.data.gz": gzipSync("data, unpacked"),
    "games/unity/Build/game.framework.js.gz": gzipSync("let framework;"),
    "games/unity/art.tar.gz": "an archive",
    "games/unity/assets/pad.js": 'import "./chunk.js";',
    "games/unity/assets/Vo\u0308gel.txt": "written apart",
    "games/unity/assets/V\u00F6gel.svg": "<svg/>",
    "games/unity/style.css": "the game's own",
    "games/unfinished/notes.txt": "SECRET=1",
    "outside/secret.txt": "SECRET=1",
  });
  game = join(files.folder, "games/Sock Sumo");
  symlinkSync(join(files.folder, "outside"), join(game, "way-out"));
  symlinkSync(join(files.folder, "outside/secret.txt"), join(game, "secret.txt"));
  symlinkSync("player.html", join(game, "phone.html"));
  app = await startHttpApp({ gamesFolder: join(files.folder, "games") });
});

afterAll(async () => {
  await app.close();
  files.remove();
});

describe("the games", () => {
  test("/games/ lists them, with their titles escaped", async () => {
    const page = await (await fetch(`${app.url}/games/`)).text();
    expect(page).toContain('href="/games/Sock%20Sumo/"');
    expect(page).not.toContain("<script>alert");
  });

  test("a game's address gets its slash, and keeps its query", async () => {
    const answer = await app.raw("/games/Sock%20Sumo?debug=1");
    expect([answer.status, answer.headers.location]).toEqual([302, "/games/Sock%20Sumo/?debug=1"]);
    expect((await app.raw("/games")).headers.location).toBe("/games/");
  });

  test.each([
    ["", "text/html; charset=utf-8", "the TV"],
    ["index.html", "text/html; charset=utf-8", "the TV"],
    ["player.html?room=BCDF", "text/html; charset=utf-8", "the phone"],
    ["phone.html", "text/html; charset=utf-8", "the phone"],
    ["art/rug.svg", "image/svg+xml", "<svg/>"],
    ["engine.wasm", "application/wasm", "\0asm"],
  ])("/games/NAME/%s is the game's file", async (path, type, content) => {
    const answer = await app.raw(`/games/Sock%20Sumo/${path}`);
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, type]);
    expect(answer.body).toContain(content);
  });

  test("a file is asked for again each time, so that a change shows at once", async () => {
    const path = "/games/Sock%20Sumo/live.js";
    writeFileSync(join(game, "live.js"), "let version = 1;");
    const first = await app.raw(path);
    const headers = { "If-None-Match": first.headers.etag ?? "" };
    expect(first.headers["cache-control"]).toBe("no-cache");
    expect((await app.raw(path, "GET", headers)).status).toBe(304);
    writeFileSync(join(game, "live.js"), "let version = 'two';");
    const changed = await app.raw(path, "GET", headers);
    expect([changed.status, changed.body]).toEqual([200, "let version = 'two';"]);
  });

  test("a game may run what games are made of, and no other site may frame it", async () => {
    const { headers } = await app.raw("/games/Sock%20Sumo/");
    const policy = String(headers["content-security-policy"]);
    expect(policy).toMatch(/script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'/);
    expect(policy).toMatch(/connect-src 'self' [^;]*\bws: wss:/);
    expect(policy).toMatch(/worker-src 'self' blob:/);
    expect(policy).toContain("frame-ancestors 'self'");
    expect(policy).not.toContain("upgrade-insecure-requests");
  });

  test("our own 404 below a game is held to our own policy", async () => {
    const { status, headers } = await app.raw("/games/Sock%20Sumo/missing.png", "GET", { Accept: "text/html" });
    expect(status).toBe(404);
    expect(headers["content-security-policy"]).not.toContain("unsafe-inline");
  });

  test.each([
    "/games/Sock%20Sumo/.env",
    "/games/Sock%20Sumo/recordings/party.cwrec",
    "/games/Sock%20Sumo/.git/config",
    "/games/Sock%20Sumo/.git/hook.js.gz",
    "/games/Sock%20Sumo/.git",
    "/games/Sock%20Sumo/%2eenv",
    "/games/Sock%20Sumo/way-out/secret.txt",
    "/games/Sock%20Sumo/secret.txt",
    "/games/Sock%20Sumo/..%2f..%2foutside%2fsecret.txt",
    "/games/Sock%20Sumo/../../outside/secret.txt",
    "/games/Sock%20Sumo/%2e%2e/%2e%2e/outside/secret.txt",
    "/games/Sock%20Sumo/..%5c..%5coutside%5csecret.txt",
    "/games/Sock%20Sumo//../../outside/secret.txt",
    "/games/Sock%20Sumo/secret.txt%00.html",
    "/games/..%2foutside/secret.txt",
    "/games/../outside/secret.txt",
    "/games/unfinished/notes.txt",
    "/games/sock%20sumo/",
    "/games/__proto__/",
    `/games/Sock%20Sumo/${"a".repeat(5_000)}`,
  ])("%s is not served", async (path) => {
    const answer = await app.raw(path, "GET", { "Accept-Encoding": "identity" });
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain("SECRET");
  });
});

describe("what builds of game engines need", () => {
  test.each([
    ["game.wasm.br", "br", "application/wasm"],
    ["game.data.gz", "gzip", "application/octet-stream"],
    ["game.framework.js.gz", "gzip", "text/javascript; charset=utf-8"],
  ])("%s is sent as what is in it, with its Content-Encoding", async (name, encoding, type) => {
    const { status, headers } = await app.raw(`/games/unity/Build/${name}`, "GET", { "Accept-Encoding": "gzip, br" });
    expect([status, headers["content-encoding"], headers["content-type"]]).toEqual([200, encoding, type]);
    expect(headers.vary).toMatch(/\bAccept-Encoding\b/);
    expect((await app.raw(`/games/unity/Build/${name}`)).headers["content-encoding"]).toBe(encoding);
  });

  test("a browser that does not take Brotli, as on plain http, gets the file unpacked", async () => {
    const path = "/games/unity/Build/game.wasm.br";
    const answer = await app.raw(path, "GET", { "Accept-Encoding": "gzip, deflate" });
    expect([answer.status, answer.headers["content-encoding"], answer.body]).toEqual([
      200,
      undefined,
      "\0asm, unpacked",
    ]);
    expect(answer.headers["content-type"]).toBe("application/wasm");
    const again = { "Accept-Encoding": "gzip, deflate", "If-None-Match": String(answer.headers.etag) };
    expect((await app.raw(path, "GET", again)).status).toBe(304);
    expect((await app.raw(path, "HEAD", { "Accept-Encoding": "identity" })).body).toBe("");
  });

  test("a range that a compressed file does not have is refused in plain text", async () => {
    const headers = { "Accept-Encoding": "gzip", Range: "bytes=100000-" };
    const answer = await app.raw("/games/unity/Build/game.data.gz", "GET", headers);
    expect([answer.status, answer.headers["content-encoding"]]).toEqual([416, undefined]);
    expect(answer.body).toBe("This request is malformed.");
  });

  test("an archive stays one", async () => {
    const { headers } = await app.raw("/games/unity/art.tar.gz", "GET", { "Accept-Encoding": "gzip" });
    expect([headers["content-encoding"], headers["content-type"]]).toEqual([undefined, "application/gzip"]);
  });

  test("a game that asks for it is isolated, and no other", async () => {
    for (const path of ["", "player.html", "Build/game.wasm.br", "style.css"]) {
      const { headers } = await app.raw(`/games/unity/${path}`);
      expect([path, headers["cross-origin-opener-policy"], headers["cross-origin-embedder-policy"]]).toEqual([
        path,
        "same-origin",
        "require-corp",
      ]);
    }
    const { headers } = await app.raw("/games/Sock%20Sumo/");
    expect(headers["cross-origin-embedder-policy"]).toBeUndefined();
  });

  test("Index.html is the TV's page under the name that every game's has", async () => {
    for (const path of ["", "index.html", "Index.html"]) {
      expect((await app.raw(`/games/unity/${path}`)).body).toBe("the TV, written large");
    }
  });

  test("a file is found however its accents are composed", async () => {
    const composed = await fetch(`${app.url}/games/unity/assets/V\u00F6gel.txt`);
    expect([composed.status, await composed.text()]).toEqual([200, "written apart"]);
    const apart = await app.raw(`/games/unity/assets/${encodeURIComponent("Vo\u0308gel.svg")}?1`);
    expect([apart.status, apart.headers["content-type"]]).toEqual([200, "image/svg+xml"]);
  });

  test("how many play, and for how long, is on the card and in /api/info", async () => {
    expect((await app.raw("/games/")).body).toContain("3–8 players · 15 min");
    const { games } = JSON.parse((await app.raw("/api/info")).body);
    expect(games).toContainEqual({ name: "unity", title: "unity", description: "", players: "3-8", minutes: 15 });
  });
});

describe("the launcher", () => {
  test("is at /tv, which leads to a game that no list shows", async () => {
    const answer = await app.raw("/tv?lang=de");
    expect([answer.status, answer.headers.location]).toEqual([302, "/games/tv/?lang=de"]);
    expect((await app.raw("/tv/")).headers.location).toBe("/games/tv/");
    for (const page of ["", "player.html"]) {
      const { status, headers } = await app.raw(`/games/tv/${page}`);
      expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    }
    expect((await app.raw("/games/")).body).not.toContain("/games/tv/");
    const { games } = JSON.parse((await app.raw("/api/info")).body);
    expect(games).not.toContainEqual(expect.objectContaining({ name: "tv" }));
  });

  test("makes way for a folder of the operator's with its name", async () => {
    const own = writeFiles({
      "tv/index.html": "our own launcher",
      "tv/player.html": "",
      "duck/index.html": "",
      "duck/player.html": "",
    });
    const other = await startHttpApp({ gamesFolder: own.folder });
    expect((await other.raw("/games/tv/")).body).toBe("our own launcher");
    await other.close();
    own.remove();
  });

  test("finds the pictures of games in /api/info, relative to the server", async () => {
    const own = writeFiles({
      "Sock Sumo/index.html": '<link rel="icon" href="icon.svg">',
      "Sock Sumo/player.html": "",
      "Sock Sumo/couchwire.json": '{"image": "art/cover.png"}',
      "Sock Sumo/art/cover.png": "",
      "duck/index.html": "",
      "duck/player.html": "",
    });
    const other = await startHttpApp({ gamesFolder: own.folder });
    const { games } = JSON.parse((await other.raw("/api/info")).body);
    expect(games).toMatchObject([{ image: "games/Sock%20Sumo/art/cover.png", icon: "games/Sock%20Sumo/icon.svg" }, {}]);
    expect(games[1]).not.toHaveProperty("image");
    await other.close();
    own.remove();
  });
});

/** Headers of a script or picture that this page asks for. */
const from = (page: string): Record<string, string> => ({ Referer: `${app.url}${page}`, Accept: "*/*" });

describe("a build that takes itself to be at the root of the site", () => {
  test("gets its files by the page that asks, under their own address", async () => {
    const asked = await app.raw("/assets/pad.js?v=1", "GET", from("/games/unity/player.html?room=BCDF"));
    expect([asked.status, asked.headers.location]).toEqual([302, "/games/unity/assets/pad.js?v=1"]);
    expect(asked.headers["cache-control"]).toBe("no-store");
    expect((await app.raw("/style.css", "GET", from("/games/unity/"))).headers.location).toBe("/games/unity/style.css");
  });

  test("gets nothing of another game, nothing that is not there, and no page of ours", async () => {
    const none = [
      await app.raw("/assets/pad.js", "GET", from("/games/Sock%20Sumo/")),
      await app.raw("/assets/none.js", "GET", from("/games/unity/")),
      await app.raw("/assets/pad.js", "GET", { Accept: "*/*" }),
      await app.raw("/Build/../../outside/secret.txt", "GET", from("/games/unity/")),
    ];
    expect(none.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect((await app.raw("/style.css")).body).not.toBe("the game's own");
  });

  test("a game's pages tell this server which page asks, and no other", async () => {
    expect((await app.raw("/games/unity/")).headers["referrer-policy"]).toBe("same-origin");
  });

  test("does not take the start page's style, script and icons, where it is the only game and has files of their names", async () => {
    const own = ["style.css", "join.js", "favicon.svg", "favicon.ico", "apple-touch-icon.png"];
    const pages = ["index.html", "player.html", ...own].map((name) => [`solo/${name}`, "the game's"] as const);
    const solo = writeFiles(Object.fromEntries(pages));
    const one = await startHttpApp({ gamesFolder: join(solo.folder, "solo") });
    try {
      for (const name of own) {
        const ours = await one.raw(`/${name}`);
        expect([name, ours.status, ours.headers.vary]).toEqual([name, 200, expect.stringContaining("Referer")]);
        const games = await one.raw(`/${name}`, "GET", { Referer: `${one.url}/games/solo/` });
        expect([games.status, games.headers.location]).toEqual([302, `/games/solo/${name}`]);
      }
    } finally {
      await one.close();
      solo.remove();
    }
  });

  test("row 19.5 leads who types the name of a page to the only game's page, with the code where there is one", async () => {
    const one = await startHttpApp({ gamesFolder: join(files.folder, "games/Sock Sumo") });
    const html = { Accept: "text/html" };
    try {
      const phone = await one.raw("/player.html?room=BCDF", "GET", html);
      expect([phone.status, phone.headers.location]).toEqual([302, "/games/Sock%20Sumo/player.html?room=BCDF"]);
      expect((await one.raw("/index.html", "GET", html)).headers.location).toBe("/games/Sock%20Sumo/index.html");
      expect((await one.raw("/phone.html", "GET", html)).status).toBe(404);
    } finally {
      await one.close();
    }
    expect((await app.raw("/player.html", "GET", html)).status).toBe(404); // of several games it is none's
  });

  test("is found without that too, where it is the only game", async () => {
    const one = await startHttpApp({ gamesFolder: join(files.folder, "games/unity") });
    try {
      expect((await one.raw("/assets/pad.js")).headers.location).toBe("/games/unity/assets/pad.js");
    } finally {
      await one.close();
    }
  });
});

test("a page whose address of the SDK was moved below a path costs a 304 when it is unchanged", async () => {
  const own = writeFiles({ "duck/index.html": 'import("/sdk/couchwire.js")', "duck/player.html": "" });
  const below = await startHttpApp({ gamesFolder: own.folder, options: { basePath: "/party" } });
  try {
    const { body, headers } = await below.raw("/games/duck/");
    expect([body, headers["content-type"]]).toEqual(['import("/party/sdk/couchwire.js")', "text/html; charset=utf-8"]);
    const again = await below.raw("/games/duck/", "GET", { "If-None-Match": String(headers.etag) });
    expect(again.status).toBe(304);
  } finally {
    await below.close();
    own.remove();
  }
});
