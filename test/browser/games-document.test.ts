/** The samples of docs/GAMES.md and docs/KIT.md that are whole scripts or that say so, as the pages of a game. */
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual as isEqual } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createServer, defineRoom, type CouchwireServer } from "../../src/index.ts";
import { PLAYER_COLORS } from "../../src/sdk/player-colors.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { eventually } from "../support/inbox.ts";

const DOCUMENTS = ["GAMES.md", "KIT.md"]
  .map((name) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8"))
  .join("\n");

/** What the samples leave to the reader: the page, and the rules of a game. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>Sample</title>
  <b id="code"></b><div id="qr"></div><p id="news"></p><p id="shown"></p>
  <script>
    const newGame = () => [];
    const play = (game, player, move) => [...game, player + " is " + move.name];
    const show = (game) => (shown.textContent = game.length + " moves: " + game.join(", "));
  </script>`;

const TANKS = {
  tv: `<!doctype html><meta charset="utf-8"><title>Tanks</title><cw-lobby id="lobby"></cw-lobby>
    <canvas id="canvas" width="1920" height="1080"></canvas><cw-leaderboard id="board"></cw-leaderboard>`,
  phone: `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tanks</title>
    <cw-join id="form"></cw-join><cw-joystick id="stick"></cw-joystick><cw-button id="fire">Fire</cw-button>`,
};

/** The pages around the samples of a word that the TV may refuse. */
const WORDS = {
  tv: `${PAGE}<script type="module">
    import { createRoom } from "/sdk/couchwire.js";
    createRoom().then((room) => {
      const dictionary = new Set(["cat", "cats"]);
      const draw = (count) => ["C", "A", "T", "S", "I", "N", "G"].slice(0, count);
      ${sample("word tv")}
      code.textContent = room.code;
    });
  </script>`,
  phone: `${PAGE}<cw-text id="text"></cw-text><p id="letters"></p><script type="module">
    import { joinRoom } from "/sdk/couchwire.js";
    import "/sdk/controls.js";
    const me = joinRoom();
    ${sample("word phone")}
  </script>`,
};

let folder: string;
let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

/** The sample with this mark. */
function sample(mark: string): string {
  const [, after = ""] = DOCUMENTS.split(`<!-- runs: ${mark} -->\n\n\`\`\`js\n`);
  expect(after).not.toBe("");
  return after.slice(0, after.indexOf("```"));
}

/** The page that runs the sample with this mark. */
function page(mark: string, markup = PAGE): string {
  return `${markup}<script type="module">${sample(mark)}</script>`;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "couchwire-sample-"));
  for (const [game, mark] of Object.entries({ first: "tv", second: "reloaded tv" })) {
    mkdirSync(join(folder, game));
    writeFileSync(join(folder, game, "index.html"), page(mark));
    writeFileSync(join(folder, game, "player.html"), page("phone"));
  }
  const games = {
    tanks: { tv: page("tanks tv", TANKS.tv), phone: page("tanks phone", TANKS.phone) },
    words: WORDS,
  };
  for (const [game, pages] of Object.entries(games)) {
    mkdirSync(join(folder, game));
    writeFileSync(join(folder, game, "index.html"), pages.tv);
    writeFileSync(join(folder, game, "player.html"), pages.phone);
  }
  mkdirSync(join(folder, "chat"));
  writeFileSync(join(folder, "chat", "index.html"), PAGE);
  writeFileSync(join(folder, "chat", "player.html"), page("member"));
  const chat = defineRoom({
    kind: "chat",
    onMessage: (room, member, text) => void room.broadcast(text, { from: member }),
  });
  server = createServer(
    { port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0, games: folder },
    { rooms: [chat] },
  );
  ({ url } = await server.listen());
  browser = await startBrowser("games-document");
}, 60_000);

afterEach(() => expect(browser.problems).toEqual([]));

afterAll(async () => {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

test("the first two samples are a room and a phone that greets it", async () => {
  const tv = await browser.open(`${url}/games/first/`, SCREEN_SIZES.tv);
  await tv.locator("#qr svg").waitFor();
  await browser.open(`${url}/${await tv.locator("#code").innerText()}`, SCREEN_SIZES.phone);
  await tv.getByText("Player 1 is Ada.").waitFor();
}, 60_000);

test("the sample with a checkpoint goes on where it was when the TV is reloaded", async () => {
  const tv = await browser.open(`${url}/games/second/`, SCREEN_SIZES.tv);
  await tv.locator("#code:not(:empty)").waitFor();
  const phonePage = `${url}/${await tv.locator("#code").innerText()}`;
  await browser.open(phonePage, SCREEN_SIZES.phone);
  await tv.getByText("1 moves: 1 is Ada").waitFor();
  await tv.goto("about:blank");
  const second = await browser.open(phonePage, SCREEN_SIZES.phone);
  await second.waitForURL(/player\.html/);
  await tv.goto(`${url}/games/second/`);
  await tv.getByText("2 moves: 1 is Ada, 2 is Ada").waitFor();
}, 60_000);

test("the sample of joinMember says hello in an open room, and shows what is said", async () => {
  const { code } = server.rooms.create("chat", { code: true });
  const phone = await browser.open(`${url}/${code}`, SCREEN_SIZES.phone);
  await phone.getByText("Ada: Hello!").waitFor();
}, 60_000);

/** The left upper corner of the first tank of this colour, in pixels of the canvas. */
const placeOf = (tv: Page, color: string | undefined) =>
  tv.evaluate((wanted) => {
    const canvas = document.querySelector("canvas");
    const { width = 0, height = 0 } = canvas ?? {};
    const image = canvas?.getContext("2d")?.getImageData(0, 0, width, height);
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => parseInt(String(wanted).slice(at, at + 2), 16));
    const pixels = new Uint32Array(image?.data.buffer ?? new ArrayBuffer(0));
    const at = pixels.indexOf(((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);
    return at < 0 ? undefined : { x: at % width, y: Math.floor(at / width) };
  }, color);

async function startBattle() {
  const tv = await browser.open(`${url}/games/tanks/`, SCREEN_SIZES.tv);
  await tv.locator("cw-lobby cw-qr svg").waitFor();
  const code = await tv.locator("cw-lobby .code").innerText();
  const enter = async (name: string): Promise<Page> => {
    const phone = await browser.open(`${url}/${code}`, SCREEN_SIZES.phone);
    await phone.getByLabel("Your name").fill(name);
    await phone.getByRole("button", { name: "Join", exact: true }).tap();
    await tv.locator("cw-lobby bdi", { hasText: name }).waitFor({ state: "attached" });
    return phone;
  };
  const [ada, ben] = [await enter("Ada"), await enter("Ben")];
  await tv.locator("cw-lobby .start").click();
  return { tv, ada, ben };
}

describe("the real-time game", () => {
  const [red, blue] = PLAYER_COLORS;

  test("goes on where it was when the TV is loaded again, with each stick where its thumb holds it", async () => {
    const { tv, ada, ben } = await startBattle();
    await ben.keyboard.down("ArrowUp"); // out of the way
    await ada.keyboard.down("ArrowDown");
    await ada.keyboard.down("ArrowLeft");
    await eventually("Ada is in the corner", async () => isEqual(await placeOf(tv, red), { x: 0, y: 1_050 }));
    await ada.keyboard.up("ArrowLeft");
    await ada.keyboard.up("ArrowDown");
    await ada.keyboard.down("ArrowRight");
    await eventually("Ada drives to the right", async () => ((await placeOf(tv, red))?.x ?? 0) > 60);
    await tv.reload();
    await eventually("Ada has gone on to the other corner", async () => {
      const place = await placeOf(tv, red);
      if (place !== undefined) expect(place.y).toBe(1_050);
      return isEqual(place, { x: 1_890, y: 1_050 });
    });
  }, 120_000);

  test("counts a hit, and whom it hits begins anew and drives on", async () => {
    const { tv, ada, ben } = await startBattle();
    // Both drive into the lower corners, Ada with her barrel to the right.
    await ben.keyboard.down("ArrowDown");
    await ada.keyboard.down("ArrowDown");
    await ben.keyboard.down("ArrowRight");
    await ada.keyboard.down("ArrowLeft");
    const isAt = async (color: string | undefined, x: number): Promise<boolean> =>
      isEqual(await placeOf(tv, color), { x, y: 1_050 });
    await eventually("both are in their corners", async () => (await isAt(red, 0)) && (await isAt(blue, 1_890)));
    await ada.keyboard.up("ArrowLeft");
    await ada.keyboard.up("ArrowDown");
    await ada.keyboard.down("ArrowRight");
    await eventually("Ada drives to the right", async () => ((await placeOf(tv, red))?.x ?? 0) > 30);
    await ada.keyboard.press("Space");
    const row = tv.locator("cw-leaderboard li", { hasText: "Ada" });
    await row.locator(".score", { hasText: /^1$/ }).waitFor();
    await eventually("Ben is in his corner again", () => isAt(blue, 1_890));
  }, 120_000);
});

test("a word that the TV refuses stays on the phone with the reason, and one that counts is taken off the hand", async () => {
  const tv = await browser.open(`${url}/games/words/`, SCREEN_SIZES.tv);
  await tv.locator("#code:not(:empty)").waitFor();
  const phone = await browser.open(`${url}/${await tv.locator("#code").innerText()}`, SCREEN_SIZES.phone);
  const letters = phone.locator("#letters cw-button");
  await letters.filter({ hasText: "G" }).waitFor();
  expect(await letters.allInnerTexts()).toEqual(["C", "A", "T", "S", "I", "N", "G"]);
  const field = phone.getByRole("textbox");
  for (const [word, reason] of [
    ["cattle", "You have no T left."],
    ["tac", "“tac” is no word."],
  ] as const) {
    await field.fill(word);
    await field.press("Enter");
    await phone.getByText(reason).waitFor();
    expect(await field.inputValue()).toBe(word);
  }
  await tv.reload(); // the hand is in the state
  await tv.locator("#code:not(:empty)").waitFor();
  await field.fill("");
  for (const letter of ["C", "A", "T"]) await letters.filter({ hasText: letter }).tap();
  expect(await field.inputValue()).toBe("CAT");
  await field.press("Enter");
  await letters.filter({ hasText: "C" }).waitFor({ state: "detached" });
  expect(await letters.allInnerTexts()).toEqual(["S", "I", "N", "G"]);
  expect(await field.inputValue()).toBe("");
}, 60_000);
