/** Chess of `examples/`, played by two phones to mate while a TV and a third phone watch. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { Chess } from "chess.js";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { defineChess } from "../../examples/chess/room.js";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";

const CHESS = fileURLToPath(new URL("../../examples/chess", import.meta.url));
/** The smallest phone that the page has to fit. */
const TINY_PHONE = { viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  const options = {
    port: 0,
    host: "127.0.0.1",
    logLevel: "silent",
    drainMs: 0,
    games: CHESS,
    openRooms: "chess",
    awayMs: 100,
  } as const;
  server = createServer(options, { rooms: [defineChess()] });
  ({ url } = await server.listen());
  browser = await startBrowser("chess");
}, 60_000);

afterEach(() => expect(browser.problems).toEqual([]));

afterAll(async () => {
  await browser.close();
  await server.close();
});

async function openTv(): Promise<{ tv: Page; address: string }> {
  const tv = await browser.open(`${url}/games/chess/`, SCREEN_SIZES.tv);
  await browser.keep(tv, "tv-1-setup");
  await tv.keyboard.press("Enter"); // what a remote's OK button presses
  await tv.locator("#qr svg").waitFor();
  return { tv, address: `http://${await tv.locator("#address").innerText()}` };
}

async function openForm(address: string, screen: BrowserContextOptions): Promise<Page> {
  const phone = await browser.open(address, screen);
  await phone.getByLabel("Who are you?").waitFor();
  return phone;
}

async function joinAs(name: string, address: string, screen: BrowserContextOptions): Promise<Page> {
  const phone = await openForm(address, screen);
  await phone.getByLabel("Who are you?").fill(name);
  await phone.getByRole("button", { name: "Play" }).tap();
  await phone.locator(".bar", { hasText: name }).first().waitFor();
  return phone;
}

const square = (page: Page, name: string): Locator => page.locator(`[data-square=${name}]`);
const seesMove = (page: Page, to: string): Promise<void> => page.locator(`[data-square=${to}].last`).waitFor();
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function tapMove(page: Page, from: string, to: string, watchers: readonly Page[]): Promise<void> {
  await square(page, from).tap();
  await square(page, to).tap();
  for (const watcher of watchers) await seesMove(watcher, to);
}

async function dragMove(page: Page, from: string, to: string): Promise<void> {
  const middle = async (name: string): Promise<[number, number]> => {
    const box = await square(page, name).boundingBox();
    return [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
  };
  await page.mouse.move(...(await middle(from)));
  await page.mouse.down();
  await page.mouse.move(...(await middle(to)), { steps: 5 });
  await page.mouse.up();
}

test("two phones play to mate by tapping, a third and the TV watch, and the game can be saved", async () => {
  const { tv, address } = await openTv();
  await browser.keep(tv, "tv-2-seats");
  const ada = await joinAs("Ada", address, SCREEN_SIZES.phone);
  await ada.getByText("Waiting for an opponent").waitFor();
  const ben = await joinAs("Ben", address, TINY_PHONE);
  await ada.getByText("It is your move.").waitFor();
  const cleo = await openForm(address, SCREEN_SIZES.smallPhone);
  await browser.keep(cleo, "phone-1-form");
  await cleo.getByLabel("Who are you?").fill("Cleo");
  await cleo.getByRole("button", { name: "Play" }).tap(); // both seats are taken
  await cleo.getByText("Ada is to move.").waitFor();
  const all = [tv, ada, ben, cleo];

  await tapMove(ada, "f2", "f3", all);
  await tapMove(ben, "e7", "e5", all);
  await square(ada, "g2").tap();
  await browser.keep(ada, "phone-2-choose");
  expect(await square(ada, "g4").getAttribute("aria-label")).toBe("g4, empty, move here");
  await square(ada, "g4").tap();
  await seesMove(ben, "g4");
  await browser.keep(ben, "tiny-3-your-move");
  await browser.keep(tv, "tv-3-game");
  expect(await overflow(ben)).toBe(0);
  await tapMove(ben, "d8", "h4", all);

  await tv.getByRole("heading", { name: "Ben wins" }).waitFor();
  for (const page of [ada, ben, cleo]) await page.getByText("Ben wins. Checkmate. 0–1").waitFor();
  await browser.keep(tv, "tv-4-mate");
  await browser.keep(ada, "phone-4-mate");
  await browser.keep(ben, "tiny-4-mate");
  await browser.keep(cleo, "phone-4-watching");
  const download = cleo.waitForEvent("download");
  await cleo.getByRole("button", { name: "Save the game" }).tap();
  const file = await download;
  expect(file.suggestedFilename()).toBe("Ada-Ben-1.pgn");
  const read = new Chess();
  read.loadPgn(await readFile(await file.path(), "utf8"));
  expect(read.history()).toEqual(["f3", "e5", "g4", "Qh4#"]);

  await ada.getByRole("button", { name: "Rematch" }).tap();
  await ben.getByRole("button", { name: "Accept rematch" }).tap();
  await ben.getByText("It is your move.").waitFor(); // sides have swapped
  await tv.locator(".bar.white", { hasText: "Ben" }).waitFor();
}, 120_000);

test("a move is dragged or made by keyboard, a pawn becomes what the player chooses, and a reload loses nothing", async () => {
  const { tv, address } = await openTv();
  const ada = await joinAs("Ada", address, SCREEN_SIZES.phone);
  const ben = await joinAs("Ben", address, SCREEN_SIZES.phone);
  await ada.getByText("It is your move.").waitFor();
  await dragMove(ada, "h2", "h4");
  await seesMove(tv, "h4");
  await square(ben, "g7").focus();
  await ben.keyboard.press("Enter");
  for (const key of ["ArrowUp", "ArrowUp", "Enter"]) await ben.keyboard.press(key); // the board is turned: up is towards white
  await seesMove(ada, "g5");
  const rest = ["h4g5", "h7h6", "g5h6", "g8f6", "h6h7", "h8g8"];
  for (const [index, move] of rest.entries())
    await tapMove(index % 2 === 0 ? ada : ben, move.slice(0, 2), move.slice(2), [ada, ben]);

  await ada.reload();
  await ada.getByText("It is your move.").waitFor();
  await square(ada, "h7").tap();
  await square(ada, "g8").tap();
  await browser.keep(ada, "phone-5-promotion");
  await ada.getByRole("button", { name: "knight" }).tap();
  await ben.locator("[data-square=g8][data-piece=N]").waitFor();
  await tv.reload();
  await tv.locator("[data-square=g8][data-piece=N]").waitFor();
  await tv.locator("#qr svg").waitFor();
}, 120_000);

test("a draw is offered and taken, chat is apart from it, and who is away is shown so", async () => {
  const { tv, address } = await openTv();
  const ada = await joinAs("Ada", address, SCREEN_SIZES.phone);
  const ben = await joinAs("<b>Ben", address, TINY_PHONE);
  await tapMove(ada, "e2", "e4", [ben, tv]);
  await ada.getByRole("button", { name: "Draw" }).tap();
  await ben.getByText("Ada offers a draw.").waitFor();
  await browser.keep(ben, "tiny-6-offer");
  await browser.keep(tv, "tv-6-offer");
  await ben.getByLabel("Say something").fill("No <i>way</i>!");
  await ben.getByRole("button", { name: "Send" }).tap();
  await ada.getByText("<b>Ben No <i>way</i>!").waitFor();
  await ben.getByRole("button", { name: "Decline" }).tap();
  await ben.goto("about:blank");
  await ada.getByText("<b>Ben is away. The clock runs on.").waitFor();
  await ada.getByRole("button", { name: /Claim the win in \d+ s/ }).waitFor();
  await browser.keep(ada, "phone-6-away");
  await browser.keep(tv, "tv-6-away");
  await ben.goBack();
  await ben.getByText("It is your move.").waitFor();
  await ada.getByText("<b>Ben is thinking.").waitFor();
  await ada.getByRole("button", { name: "Resign" }).tap();
  await ada.getByRole("button", { name: "Sure?" }).tap();
  await ben.getByText("<b>Ben wins. Resignation. 0–1").waitFor();
}, 120_000);
