/** The samples of docs/GAMES.md that are whole scripts, as the pages of a game. */
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { createServer, defineRoom, type CouchwireServer } from "../../src/index.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";

const DOCUMENT = readFileSync(new URL("../../docs/GAMES.md", import.meta.url), "utf8");

/** What the samples leave to the reader: the page, and the rules of a game. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>Sample</title>
  <b id="code"></b><div id="qr"></div><p id="news"></p><p id="shown"></p>
  <script>
    const newGame = () => [];
    const play = (game, player, move) => [...game, player + " is " + move.name];
    const show = (game) => (shown.textContent = game.length + " moves: " + game.join(", "));
  </script>`;

let folder: string;
let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

/** The page that runs the sample with this mark. */
function page(mark: string): string {
  const [, after = ""] = DOCUMENT.split(`<!-- runs: ${mark} -->\n\n\`\`\`js\n`);
  expect(after).not.toBe("");
  return `${PAGE}<script type="module">${after.slice(0, after.indexOf("```"))}</script>`;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "couchwire-sample-"));
  for (const [game, mark] of Object.entries({ first: "tv", second: "reloaded tv" })) {
    mkdirSync(join(folder, game));
    writeFileSync(join(folder, game, "index.html"), page(mark));
    writeFileSync(join(folder, game, "player.html"), page("phone"));
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

afterEach(async () => {
  await browser.closePages();
  expect(browser.problems).toEqual([]);
});

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
