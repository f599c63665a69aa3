import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { parseCommandLine } from "../../../src/cli/command-line.ts";
import { createGame, describeNewGame } from "../../../src/cli/create-game.ts";
import { TEMPLATES, type NewGamePlan } from "../../../src/cli/new-command.ts";
import { describeViteProject } from "../../../src/cli/vite-project.ts";
import { browserCommand } from "../../../src/cli/open-browser.ts";
import { loadGames } from "../../../src/http/games.ts";

function planned(...words: string[]): NewGamePlan {
  const result = parseCommandLine(["new", ...words], {});
  if (!result.ok || result.value.run !== "new") throw new Error(result.ok ? result.value.run : result.failure);
  return result.value.plan;
}

function refusal(...words: string[]): string {
  const result = parseCommandLine(["new", ...words], {});
  if (result.ok) throw new Error("This should have been refused.");
  return result.failure;
}

describe("couchwire new", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "couchwire-new-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  test("row 19.5 takes a name and a template, in either order; without one it is blank", () => {
    expect(planned("my-game", "--template", "quiz")).toEqual({ name: "my-game", template: "quiz", isVite: false });
    expect(planned("--template=arcade", "Wörter_2")).toMatchObject({ name: "Wörter_2", template: "arcade" });
    expect(planned("x", "--vite")).toEqual({ name: "x", template: "blank", isVite: true });
  });

  test.each(["quiz", "arcade", "party", "blank"])("row 19.5 there is a template %s", (template) => {
    expect(planned("x", "--template", template).template).toBe(template);
  });

  test.each<[readonly string[], RegExp]>([
    [[], /^What is the game called\?/],
    [["a", "b"], /^One game is made at a time, not 2\./],
    [["x", "--template", "quizz"], /no template "quizz"\. Did you mean quiz\? There are blank, quiz, arcade, party\.$/],
    [["x", "--template", "chess"], /no template "chess"\. There are blank, quiz, arcade, party\.$/],
    [["x", "--template", "toString"], /no template "toString"\./],
    [["x", "--template"], /needs a value\. There are blank,/],
    [["x", "--templat", "quiz"], /no option --templat; did you mean --template\?/],
    [["x", "--vite=yes"], /takes no value/],
    [
      ["x", "--template", "quiz", "--template", "party"],
      /^--template is given twice; give it once\. couchwire new --help/,
    ],
    [["x", "--vite", "--vite"], /^--vite is given twice; give it once\./],
    [["my game"], /^"my game" cannot be the name of a game\..*: my-game would do\.$/],
    [["../up"], /^"\.\.\/up" cannot be.*: up would do\.$/],
    [["a/b"], /: a-b would do\.$/],
    [[""], /^"" cannot be.*, such as my-game\.$/],
    [["."], /^"\." cannot be/],
    [["_x"], /: x would do\.$/],
    [["con"], /^"con" cannot be/],
    [["x".repeat(65)], /at most 64 characters/],
  ])("row 19.5 says what is wrong with %j", (words, sentence) => {
    expect(refusal(...words)).toMatch(sentence);
  });

  const templates = ["quiz", "arcade", "party", "blank"];

  test.each(templates)("row 19.5 the template %s has less than 150 lines of HTML, CSS and JavaScript", (template) => {
    const made = createGame(planned("mine", "--template", template), folder);
    if (!made.ok) throw new Error(made.failure);
    const files = readdirSync(made.value.folder).toSorted();
    expect(files).toEqual([
      "README.md",
      "couchwire.json",
      "icon.svg",
      "index.html",
      "phone.js",
      "player.html",
      "style.css",
      "tv.js",
    ]);
    const pages = files.filter((file) => /\.(?:html|css|js)$/.test(file));
    const lines = pages.flatMap((file) => readFileSync(join(made.value.folder, file), "utf8").trimEnd().split("\n"));
    expect(lines.length).toBeLessThan(150);
    expect(lines.length).toBe(made.value.lines);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120);
    expect(readFileSync(join(made.value.folder, "README.md"), "utf8").split("\n").length).toBeLessThan(24);
  });

  test.each(templates)("row 19.5 with --vite %s is a TypeScript project with types for both sides", (template) => {
    const plan = planned("Duck-Hunt", "--template", template, "--vite");
    const made = createGame(plan, folder);
    if (!made.ok) throw new Error(made.failure);
    const read = (file: string): string => readFileSync(join(made.value.folder, file), "utf8");
    expect(read("index.html")).toContain('<script type="module" src="./src/tv.ts"></script>');
    expect(read("index.html")).toContain('href="./src/icon.svg"');
    expect(read("player.html")).toContain('<script type="module" src="./src/phone.ts"></script>');
    expect(read("src/game.ts")).toContain("export interface Game {");
    expect(read("src/tv.ts")).toContain("createRoom<Game>({");
    expect(read("src/phone.ts")).toContain("join<Game>({ server: SERVER })");
    expect(read("public/couchwire.json")).toContain('"Duck Hunt"');
    expect(read(".gitignore")).toBe("node_modules\ndist\nrecordings\n");
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync("package.json", "utf8")));
    expect(read("package.json")).toContain(`"@couchwire/sdk": "^${version}"`);
    expect(describeNewGame(plan, made.value, true)).toContain(
      "npm run dev\n  npx couchwire serve   (in another terminal)",
    );
    expect(describeViteProject([folder, made.value.folder])).toMatch(/Duck-Hunt is a project of Vite: npm run dev/);
    expect(describeViteProject([folder])).toBeUndefined();
  });

  test.each(templates)("row 19.5 the template %s is a whole game under its new name", (template) => {
    const plan = planned("duck-hunt", "--template", template);
    const made = createGame(plan, folder);
    if (!made.ok) throw new Error(made.failure);
    expect(made.value.folder).toBe(join(folder, "duck-hunt"));
    const games = loadGames(made.value.folder);
    if (!games.ok) throw new Error(games.failure);
    expect(games.value.notices).toEqual([]);
    expect(games.value.list).toMatchObject([{ name: "duck-hunt", title: "Duck Hunt", icon: "icon.svg" }]);
    for (const file of readdirSync(made.value.folder)) {
      expect(readFileSync(join(made.value.folder, file), "utf8")).not.toMatch(/my-game|My Game/);
    }
    expect(describeNewGame(plan, made.value, false)).toContain("cd duck-hunt\n  couchwire dev\n");
    expect(describeNewGame(plan, made.value, true)).toContain("  npx couchwire dev\n");
  });

  test("row 19.5 a folder that is there stays as it is, an empty one too", () => {
    mkdirSync(join(folder, "mine"));
    const made = createGame(planned("mine"), folder);
    expect(made).toEqual({ ok: false, failure: expect.stringMatching(/mine is there already\./) });
    expect(readdirSync(join(folder, "mine"))).toEqual([]);
  });

  test("a folder that cannot be made is named", () => {
    const made = createGame(planned("mine"), join(folder, "nowhere"));
    expect(made).toEqual({ ok: false, failure: expect.stringMatching(/mine cannot be made: .*ENOENT/) });
    expect(existsSync(join(folder, "nowhere"))).toBe(false);
  });

  test("every template is explained", () => {
    const help = parseCommandLine(["help", "new"], {});
    expect(help).toEqual({ ok: true, value: { run: "new-help" } });
    expect(Object.keys(TEMPLATES)).toEqual(["blank", "quiz", "arcade", "party"]);
  });
});

describe("the playground in the browser of this machine", () => {
  const url = "http://localhost:8081/playground/my-game?phones=4";

  test.each<[NodeJS.Platform, Record<string, string>, readonly string[] | undefined]>([
    ["darwin", {}, ["open", url]],
    ["darwin", { SSH_CONNECTION: "10.0.0.1" }, undefined],
    ["win32", {}, ["cmd.exe", "/c", "start", '""', url]],
    ["linux", { DISPLAY: ":0" }, ["xdg-open", url]],
    ["linux", { WAYLAND_DISPLAY: "wayland-0" }, ["xdg-open", url]],
    ["linux", {}, undefined],
    ["linux", { DISPLAY: ":0", CI: "true" }, undefined],
  ])("opens on %s with %j by %j", (platform, environment, command) => {
    expect(browserCommand(url, { platform, environment })).toEqual(command);
  });
});
