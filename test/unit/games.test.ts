import { symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { loadGames, type Game, type Games } from "../../src/http/games.ts";
import { writeFiles } from "../support/http-app.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const written = writeFiles(files);
  cleanups.push(() => written.remove());
  return written.folder;
}

function load(folder: string): Games {
  const games = loadGames(folder);
  if (!games.ok) throw new Error(games.failure);
  return games.value;
}

function failureOf(folder: string): string {
  const games = loadGames(folder);
  return games.ok ? "no failure" : games.failure;
}

function head(markup: string): string {
  return `<!doctype html><html><head>${markup}</head></html>`;
}

/** The game whose TV page has this head. */
function gameWithHead(markup: string): Game | undefined {
  const folder = folderWith({ "game/index.html": head(markup), "game/player.html": "" });
  return load(folder).list[0];
}

describe("a folder of games", () => {
  test("a folder with both pages is one game, named after the folder", () => {
    const folder = folderWith({ "sumo/index.html": "", "sumo/player.html": "" });
    const games = load(join(folder, "sumo"));
    expect(games.list.map(({ name }) => name)).toEqual(["sumo"]);
    expect(games.find("sumo")?.title).toBe("sumo");
    expect(games.find("Sumo")).toBeUndefined();
  });

  test("each folder in it with both pages is a game; files, dot folders and other folders are not", () => {
    const folder = folderWith({
      "b/index.html": "",
      "b/player.html": "",
      "a/index.html": "",
      "a/player.html": "",
      ".git/index.html": "",
      ".git/player.html": "",
      "assets/logo.svg": "",
      "readme.txt": "",
    });
    expect(load(folder).list.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(load(folder).notices).toEqual([]);
  });

  test("a game without a phone page is left out and told of", () => {
    const folder = folderWith({ "a/index.html": "", "a/player.html": "", "half/index.html": "" });
    const { list, notices } = load(folder);
    expect(list.map(({ name }) => name)).toEqual(["a"]);
    expect(notices).toEqual([expect.stringMatching(/half has index\.html.* no player\.html/)]);
  });

  test("a link to a game is a game by the link's name", () => {
    const real = folderWith({ "real/index.html": head("<title>Real</title>"), "real/player.html": "" });
    const folder = folderWith({ "readme.txt": "" });
    symlinkSync(join(real, "real"), join(folder, "linked"));
    expect(load(folder).find("linked")).toMatchObject({ title: "Real" });
  });
});

describe("what a game says about itself", () => {
  test("title and description come from the head, with character references resolved", () => {
    expect(
      gameWithHead(`<!-- <title>old</title> --><title>
        Cats &amp; D&#111;gs &#x1F3B2;</title><meta content='Say "meow".' name=description>`),
    ).toMatchObject({ title: "Cats & Dogs 🎲", description: 'Say "meow".' });
  });

  test("references that are none stay as they are", () => {
    expect(gameWithHead("<title>&bogus; &#99999999; R&D</title>")).toMatchObject({ title: "&bogus; &#99999999; R&D" });
  });

  test("a picture or an icon counts if it is of the game's own folder", () => {
    expect(
      gameWithHead('<meta property="og:image" content="cover.png"><link rel="shortcut icon" href="i.svg">'),
    ).toMatchObject({
      image: "cover.png",
      icon: "i.svg",
    });
    for (const elsewhere of ["https://a.example/i.png", "//a.example/i.png", "/i.png", "../i.png", "data:image/png,"]) {
      expect(gameWithHead(`<link rel="icon" href="${elsewhere}">`)?.icon).toBeUndefined();
    }
  });

  test("without anything the folder's name is the title", () => {
    expect(gameWithHead("")).toMatchObject({ title: "game", description: "", image: undefined, icon: undefined });
  });
});

describe("a folder that is none", () => {
  test("a missing folder is named", () => {
    const folder = join(folderWith({}), "missing");
    expect(failureOf(folder)).toBe(`The folder ${folder} does not exist.`);
  });

  test("a file is not a folder", () => {
    const file = join(folderWith({ "file.txt": "" }), "file.txt");
    expect(failureOf(file)).toBe(`${file} is not a folder; a game is a folder with two pages.`);
    expect(failureOf(join(file, "deeper"))).toMatch(/is not a folder/);
  });

  test("an empty folder says what it should hold", () => {
    const folder = folderWith({});
    expect(failureOf(folder)).toMatch(/holds no game: there is no index\.html/);
    expect(failureOf(folder)).toContain(basename(folder));
  });

  test("a game without its phone page says which page is missing", () => {
    const folder = folderWith({ "index.html": "" });
    expect(failureOf(folder)).toMatch(/no player\.html/);
  });
});
