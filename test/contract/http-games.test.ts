import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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
    "games/Sock Sumo/.git/config": "SECRET=1",
    "games/evil/index.html": `<title>"><script>alert(1)</script></title>`,
    "games/evil/player.html": "",
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

  test("a game may run what games are made of, framed by nobody else", async () => {
    const { headers } = await app.raw("/games/Sock%20Sumo/");
    const policy = String(headers["content-security-policy"]);
    expect(policy).toMatch(/script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'/);
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
    "/games/Sock%20Sumo/.git/config",
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
    const answer = await app.raw(path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain("SECRET");
  });
});
