import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { loadGames, type Game, type Games } from "../../src/http/games.ts";
import { writeFiles } from "../support/http-app.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
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

describe("several folders", () => {
  test("games of all folders are there, in the order of the folders; of two of one name the first counts", () => {
    const one = folderWith({ "a/index.html": head("<title>First</title>"), "a/player.html": "" });
    const other = folderWith({
      "a/index.html": head("<title>Second</title>"),
      "a/player.html": "",
      "b/index.html": "",
      "b/player.html": "",
    });
    const games = loadGames([join(one, "a"), other]);
    if (!games.ok) throw new Error(games.failure);
    expect(games.value.list.map(({ name, title }) => [name, title])).toEqual([
      ["a", "First"],
      ["b", "b"],
    ]);
    expect(games.value.notices).toEqual([expect.stringContaining("There are two games a: ")]);
  });

  test("a folder that is gone at the start is named; one that goes later leaves the others", () => {
    const one = folderWith({ "a/index.html": "", "a/player.html": "" });
    const other = folderWith({ "more/b/index.html": "", "more/b/player.html": "" });
    const missing = loadGames([one, join(other, "no")]);
    expect(missing.ok ? "" : missing.failure).toContain("no does not exist");

    const clock = { ms: 0 };
    const games = loadGames([one, join(other, "more")], { now: () => clock.ms });
    if (!games.ok) throw new Error(games.failure);
    rmSync(join(other, "more"), { recursive: true });
    clock.ms = 2_000;
    expect(games.value.list.map(({ name }) => name)).toEqual(["a"]);
    expect(games.value.notices).toEqual([expect.stringContaining("does not exist")]);
  });
});

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

  test("a game without a TV page is left out and told of", () => {
    const folder = folderWith({
      "a/index.html": "",
      "a/player.html": "",
      "half/player.html": "",
      "half/main.html": "",
    });
    const { list, notices } = load(folder);
    expect(list.map(({ name }) => name)).toEqual(["a"]);
    expect(notices).toEqual([expect.stringMatching(/half has player\.html.* no index\.html/)]);
  });

  test("a game whose page cannot be read is left out and told of, and the others are there", () => {
    const folder = folderWith({ "a/index.html": "", "a/player.html": "", "broken/player.html": "" });
    symlinkSync("/proc/self/mem", join(folder, "broken/index.html")); // a file that fails when it is read, for root too
    const { list, notices } = load(folder);
    expect(list.map(({ name }) => name)).toEqual(["a"]);
    expect(notices).toEqual([expect.stringMatching(/broken is left out, for one of its files cannot be read: .*EIO/)]);
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
    expect(gameWithHead("<title>&bogus; R&D</title>")).toMatchObject({ title: "&bogus; R&D" });
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

  test("named characters of any language are resolved", () => {
    expect(gameWithHead("<title>V&ouml;gel &hellip; &Eacute;t&eacute;</title>")?.title).toBe("Vögel … Été");
  });

  test.each([
    ["UTF-16, little end first", Buffer.from("\uFEFF<title>Vögel</title>", "utf16le")],
    ["UTF-16, big end first", Buffer.from("\uFEFF<title>Vögel</title>", "utf16le").swap16()],
    ["UTF-8 with a mark", Buffer.from("\uFEFF<title>Vögel</title>")],
    ["UTF-8 that says utf-16", Buffer.from('<meta charset="utf-16"><title>Vögel</title>')],
  ])("a page in %s is read", (_encoding, page) => {
    const folder = folderWith({ "game/index.html": page, "game/player.html": "" });
    expect(load(folder)).toMatchObject({ list: [{ title: "Vögel" }], notices: [] });
  });

  test("a page in an older encoding is read, and said to be served as UTF-8", () => {
    const page = Buffer.from('<meta charset="iso-8859-1"><title>Vögel</title>', "latin1");
    const { list, notices } = load(folderWith({ "game/index.html": page, "game/player.html": "" }));
    expect(list[0]?.title).toBe("Vögel");
    expect(notices).toEqual([expect.stringMatching(/says charset=iso-8859-1.* save it as UTF-8\.$/)]);
  });

  test.each([
    ["index.html", "UTF-16 without a byte order mark", Buffer.from("<title>Vögel</title>", "utf16le"), "Vögel"],
    [
      "index.html",
      "an older encoding that it does not name",
      Buffer.from("<title>V\u00F6gel</title>", "latin1"),
      "V\uFFFDgel",
    ],
    ["player.html", "UTF-16 without a byte order mark", Buffer.from("<p>\u00F6", "utf16le").swap16(), "game"],
    ["player.html", "an older encoding", Buffer.from("<meta charset=windows-1252><p>\u00F6", "latin1"), "game"],
  ])("%s in %s is told of", (page, _encoding, bytes, title) => {
    const { list, notices } = load(
      folderWith({ "game/index.html": "", "game/player.html": "", [`game/${page}`]: bytes }),
    );
    expect(list[0]?.title).toBe(title);
    expect(notices).toEqual([
      expect.stringMatching(new RegExp(`${page} .* pages are served as UTF-8: save it as UTF-8\\.$`)),
    ]);
  });

  test("a page whose start ends within a character is UTF-8", () => {
    const page = `${"x".repeat(65_535)}ö`;
    expect(load(folderWith({ "game/index.html": page, "game/player.html": page })).notices).toEqual([]);
  });
});

/** Games in a folder, and a clock to move. */
function watch(files: Readonly<Record<string, string>>) {
  const folder = folderWith(files);
  const clock = { ms: 0 };
  const notices: string[] = [];
  const games = loadGames(folder, { now: () => clock.ms, onNotice: (notice) => notices.push(notice) });
  if (!games.ok) throw new Error(games.failure);
  return { folder, games: games.value, notices, tick: () => (clock.ms += 1_000) };
}

describe("games as they are now", () => {
  const GAME = { "a/index.html": head("<title>A</title>"), "a/player.html": "" };

  test("a game that is added while the server runs is found, one that is removed is not", () => {
    const { folder, games, tick } = watch({ ...GAME, "b/index.html": "" });
    expect(games.list.map(({ name }) => name)).toEqual(["a"]);
    writeFileSync(join(folder, "b/player.html"), "");
    expect(games.find("b")).toBeUndefined(); // it was looked at less than a second ago
    tick();
    expect(games.find("b")).toMatchObject({ name: "b" });
    rmSync(join(folder, "a"), { recursive: true });
    tick();
    expect(games.list.map(({ name }) => name)).toEqual(["b"]);
  });

  test("a title that is edited shows", () => {
    const { folder, games, tick } = watch(GAME);
    writeFileSync(join(folder, "a/index.html"), head("<title>Another</title>"));
    tick();
    expect(games.find("a")?.title).toBe("Another");
    expect(games.find("a")).toBe(games.list[0]);
  });

  test("a folder that goes away leaves no games, is told of once, and may come back", () => {
    const { folder, games, notices, tick } = watch(GAME);
    renameSync(folder, `${folder}-away`);
    for (let look = 0; look < 3; look++) {
      tick();
      expect(games.list).toEqual([]);
    }
    expect(notices).toEqual([`The folder ${folder} does not exist.`]);
    renameSync(`${folder}-away`, folder);
    tick();
    expect(games.list).toHaveLength(1);
  });

  test("a notice is told once, however often the folder is looked at", () => {
    const { games, notices, tick } = watch({ ...GAME, "half/index.html": "" });
    for (let look = 0; look < 3; look++) {
      tick();
      expect(games.list).toHaveLength(1);
    }
    expect(notices).toEqual([expect.stringMatching(/half has index\.html/)]);
  });
});

describe("names that file systems write differently", () => {
  test("Index.html and Player.HTML are pages too", () => {
    const games = load(folderWith({ "a/Index.html": head("<title>A</title>"), "a/Player.HTML": "" }));
    expect(games.list).toMatchObject([{ title: "A", tvPage: "Index.html", phonePage: "Player.HTML" }]);
    const folder = folderWith({ "one/Index.html": "", "one/player.html": "" });
    expect(load(join(folder, "one")).list).toMatchObject([{ name: "one" }]);
  });

  test("a folder's accents may be composed or not", () => {
    const composed = "V\u00F6gel";
    const apart = "Vo\u0308gel";
    const page = { "index.html": "", "player.html": "" };
    for (const [written, asked] of [
      [composed, apart],
      [apart, composed],
    ]) {
      const files = Object.fromEntries(Object.entries(page).map(([name, text]) => [`${written}/${name}`, text]));
      expect(load(folderWith(files)).find(asked ?? "")).toMatchObject({ name: written });
    }
  });
});

function withManifest(manifest: string, files: Readonly<Record<string, string>> = {}): Games {
  const pages = { "game/index.html": head("<title>Page</title>"), "game/player.html": "" };
  return load(folderWith({ ...pages, ...files, "game/couchwire.json": manifest }));
}

describe("couchwire.json", () => {
  test("says what the card shows, before the page does", () => {
    const manifest = {
      title: "Duck Hunt",
      description: "Quack.",
      players: "3 - 8",
      minutes: 15,
      image: "art/duck.png",
      crossOriginIsolated: true,
    };
    const { list, notices } = withManifest(`\uFEFF${JSON.stringify(manifest)}`, { "game/art/duck.png": "" });
    expect(list).toMatchObject([{ ...manifest, players: "3-8", name: "game" }]);
    expect(notices).toEqual([]);
  });

  test.each([
    ['{"minutes": "long"}', /couchwire\.json: "minutes" is "long", but has to be a number from 1 to 1440\./],
    ['{"players": "8-3"}', /"players" is "8-3", but has to be text such as "3-8" or "4"\./],
    ['{"title": ""}', /"title" is "", but has to be text of 1 to 500 characters\./],
    ['{"image": "https://a.example/x.png"}', /"image" is .* the path of a picture in the game's folder/],
    ['{"image": "missing.png"}', /there is no picture missing\.png/],
    [
      '{"crossoriginisolated": true}',
      /"crossoriginisolated" means nothing here\. Did you mean "crossOriginIsolated"\?/,
    ],
    ['{"colour": "red"}', /"colour" means nothing here\. It may have title, /],
    ["[1]", /has to hold an object/],
    ["{title: 1}", /couchwire\.json is not JSON: /],
    [`"${"x".repeat(70_000)}"`, /is larger than 65536 bytes\./],
  ])("that is wrong is named, and the game is there all the same: %.40s", (manifest, sentence) => {
    const { list, notices } = withManifest(manifest);
    expect(notices).toEqual([expect.stringMatching(sentence)]);
    expect(list).toMatchObject([{ title: "Page", crossOriginIsolated: false }]);
  });

  test("counts where it is right, beside what is wrong", () => {
    expect(withManifest('{"title": "Duck", "minutes": -1}').list).toMatchObject([
      { title: "Duck", minutes: undefined },
    ]);
  });
});

describe("a build that takes itself to be at the root", () => {
  const files = {
    "game/index.html": head('<script type="module" crossorigin src="/assets/index-B1.js"></script>'),
    "game/player.html": "",
    "game/assets/index-B1.js": "",
  };

  test("is named where the root belongs to another site", () => {
    const games = loadGames(folderWith(files), { basePath: "/party" });
    expect(games.ok && games.value.notices).toEqual([
      expect.stringMatching(/asks for \/assets\/index-B1\.js, which is not below \/party\/.*base: "\.\/"/),
    ]);
  });

  test("is served, and not named, where the root is this server's", () => {
    expect(load(folderWith(files)).notices).toEqual([]);
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
