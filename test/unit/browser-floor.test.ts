/** The oldest browsers: what this project gives to browsers asks for nothing that they do not have. The SDK's bundle is looked at in its own test. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { floorFaults } from "../../scripts/browser-floor.js";
import { foundRoom, startHttpApp, writeFiles } from "../support/http-app.ts";
import { onTestEnd } from "../support/clean-up.ts";

/** What a browser loads, and nothing else is in there. */
const PAGE_FOLDERS = [
  "demo-game",
  "demo-arena",
  "public",
  "admin-pages",
  "dev-pages",
  ...["blank", "quiz", "arcade", "party"].map((name) => `templates/${name}`),
  "examples/quiz",
  "examples/express/pages",
  "examples/tcp-bot/kitchen",
].map((name) => `${name}/**/*.js`);
/** Pages with code for Node beside them: these, and what they import. */
const PAGES_BESIDE_PROGRAMS = ["big-two", "chat", "chess"].flatMap((name) =>
  ["tv.js", "phone.js"].map((page) => `examples/${name}/${page}`),
);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The sources of a folder that a browser reads. */
function sourcesOf(folder: string): { name: string; text: string }[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(?:js|css|html)$/.test(file) && !/(?:^|\/)(?:node_modules|dist)\//.test(file))
    .map((file) => sourceOf(path.join(folder, file)));
}

const sourceOf = (name: string): { name: string; text: string } => ({
  name,
  text: readFileSync(path.join(ROOT, name), "utf8"),
});

const refusalOf = (code: string): "too_many_guesses" | "not_found" =>
  code === "HHHH" ? "too_many_guesses" : "not_found";

describe("TVs and phones a few years old run", () => {
  test.each(["demo-game", "demo-arena", "public", "admin-pages", "dev-pages", "templates", "examples"])(
    "all files in %s",
    async (folder) => {
      const sources = sourcesOf(folder);
      expect(sources.length).toBeGreaterThan(0);
      expect(await floorFaults(sources)).toEqual([]);
    },
  );

  test.each(["README.md", "docs/GAMES.md", "docs/KIT.md"])("the code in %s", async (document) => {
    expect(await floorFaults([sourceOf(document)])).toEqual([]);
  });

  test("the server's pages", async () => {
    const games = writeFiles({ "duck/index.html": "<title>Duck</title>", "duck/player.html": "" });
    const rooms = {
      BCDF: foundRoom({ name: "elsewhere", joinUrl: "https://duck.example/" }),
      BCDG: foundRoom({ name: "unknown" }),
    };
    const byCode = new Map(Object.entries(rooms));
    const options = { rooms: { lookUp: (code: string) => byCode.get(code) ?? refusalOf(code) } };
    const app = await startHttpApp({ gamesFolder: games.folder, options });
    onTestEnd(async () => {
      await app.close();
      games.remove();
    });
    const sources = [];
    for (const [page, status] of Object.entries({
      "/": 200,
      "/games/": 200,
      "/BCDF": 200,
      "/BCDG": 200,
      "/BBBB": 404,
      "/HHHH": 429,
      "/not/here": 404,
    })) {
      const answer = await app.raw(page, "GET", { accept: "text/html" });
      expect([page, answer.status]).toEqual([page, status]);
      sources.push({ name: `${page}.html`, text: answer.body });
    }
    expect(await floorFaults(sources)).toEqual([]);
  });

  test("the demo game, the pages of the examples and the server's script, as the compiler knows the library of 2020", () => {
    // `Intl.Segmenter` is of 2022 on paper, and in both of the oldest browsers.
    const options = {
      compilerOptions: {
        lib: ["es2020", "es2022.intl", "dom", "dom.iterable"],
        target: "es2020",
        module: "esnext",
        moduleResolution: "bundler",
        moduleDetection: "force",
        types: [],
        allowJs: true,
        checkJs: true,
        noEmit: true,
        strict: false,
        skipLibCheck: true,
        allowImportingTsExtensions: true,
        paths: {
          "/sdk/couchwire.js": [path.join(ROOT, "src/sdk/index.ts")],
          "/sdk/ui.js": [path.join(ROOT, "src/sdk/ui/index.ts")],
          "/sdk/join.js": [path.join(ROOT, "src/sdk/ui/join-alone.ts")],
          "/sdk/controls.js": [path.join(ROOT, "src/sdk/controls/index.ts")],
        },
      },
      include: [...PAGE_FOLDERS, ...PAGES_BESIDE_PROGRAMS].map((files) => path.join(ROOT, files)),
    };
    const folder = mkdtempSync(path.join(tmpdir(), "couchwire-floor-"));
    const config = path.join(folder, "tsconfig.json");
    writeFileSync(config, JSON.stringify(options));
    const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", config], { cwd: ROOT, encoding: "utf8" });
    rmSync(folder, { recursive: true });
    // These pages are plain JavaScript: only what is missing in the library counts, and what could not be read at all. The server itself writes two scripts.
    const missing = stdout
      .split("\n")
      .filter((line) => !/Cannot find module '\.\.\/(?:\.\.\/words|sdk\/couchwire)\.js'/.test(line))
      .filter((line) => /error TS(?:1\d{3}|18003|2304|2307|2550|2568|2583|5\d{3}):/.test(line));
    expect(missing).toEqual([]);
  });
});

describe("the look at sources finds", () => {
  test.each([
    ["a method of arrays", "a.js", "list.at(-1);"],
    ["a copy that is sorted", "a.js", "list.toSorted();"],
    ["Object.hasOwn", "a.js", 'Object.hasOwn(a, "b");'],
    ["a private method", "a.js", "export class A { #x() {} y() { this.#x(); } }"],
    ["await outside of a function", "a.js", "await main();"],
    ["a static block", "a.js", "class A { static { a(); } }"],
    ["looking behind in a pattern", "a.js", "/(?<=a)b/.test(c);"],
    ["structuredClone", "a.js", "structuredClone(a);"],
    ["randomUUID", "a.js", "crypto.randomUUID();"],
    ["a wait that ends an AbortSignal", "a.js", "fetch(a, { signal: AbortSignal.timeout(5) });"],
    ["a channel between tabs", "a.js", 'new BroadcastChannel("a");'],
    ["locks", "a.js", 'navigator.locks.request("a", b);'],
    ["what is spread behind ?.", "a.js", "a?.b(...c);"],
    [":has", "a.css", ".a:has(.b) { top: 0; }"],
    ["dvh alone", "a.css", ".a { width: min(1rem, 28dvh); }"],
    ["units of a container", "a.css", ".a { width: 10cqw; }"],
    ["nesting", "a.css", ".a { .b { top: 0; } }"],
    ["aspect-ratio alone", "a.css", ".a { aspect-ratio: 1; }"],
    [":focus-visible in a list", "a.css", ".a:hover, .a:focus-visible { top: 0; }"],
    ["a prefix that is missing", "a.css", ".a { appearance: none; }"],
    ["a script in a page", "a.html", '<script type="module">await a();</script>'],
    ["a style in a page", "a.html", '<div style="height: 40dvh"></div>'],
    ["a dialog", "a.html", "<dialog open></dialog>"],
    ["an import map", "a.html", '<script type="importmap">{ "imports": {} }</script>'],
    ["a block of code in a document", "a.md", "Words\n\n```js\nlist.findLast(a);\n```\n"],
  ])("%s", async (_, name, text) => {
    const faults = await floorFaults([{ name, text }]);
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toContain(name.split(".")[0]);
  });

  test.each([
    ["what is asked for first", "a.js", 'if (typeof BroadcastChannel === "function") new BroadcastChannel("a");'],
    ["private fields, ?., ?? and ??=", "a.js", "class A { #b = 1; c = (d) => (this.#b ??= d?.e() ?? 2); }"],
    ["a fallback above", "a.css", ".a { height: 100vh; height: 100dvh; }"],
    ["a fallback beside", "a.css", ".a { aspect-ratio: 1; } @supports not (aspect-ratio: 1) { .a { height: 2rem; } }"],
    [":focus-visible alone", "a.css", ".a:focus-visible, .b:focus-visible { top: 0; }"],
    ["a program for Node", "a.md", '```js\nimport { a } from "couchwire";\nawait a();\n```\n'],
  ])("nothing in %s", async (_, name, text) => {
    expect(await floorFaults([{ name, text }])).toEqual([]);
  });
});
