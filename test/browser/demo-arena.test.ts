/** The tank arena, played by two pages with real fingers and six phones that are sockets. */
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { joinRoom } from "../../src/sdk/node.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { placeIn, touchScreenOf } from "../support/touch-screen.ts";

const ARENA = fileURLToPath(new URL("../../demo-arena", import.meta.url));

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0, games: ARENA, awayMs: 120_000 });
  ({ url } = await server.listen());
  browser = await startBrowser("demo-arena");
}, 60_000);

afterEach(() => expect(browser.problems).toEqual([]));

afterAll(async () => {
  await browser.close();
  await server.close();
});

async function openTv(seconds: number): Promise<{ tv: Page; code: string }> {
  const tv = await browser.open(`${url}/games/demo-arena/?seconds=${seconds}`, SCREEN_SIZES.tv);
  await tv.locator("#code b", { hasText: /\/[A-Z]{4}$/ }).waitFor({ state: "attached" });
  return { tv, code: (await tv.locator("#code b").textContent())?.slice(-4) ?? "" };
}

async function joinAs(name: string, code: string): Promise<Page> {
  const phone = await browser.open(`${url}/${code}`, SCREEN_SIZES.phone);
  await phone.getByLabel("Your name").fill(name);
  await phone.getByRole("button", { name: "Join" }).tap();
  await phone.locator("#name", { hasText: name }).waitFor();
  return phone;
}

/** A phone without a page, which drives in circles and fires all the time. */
function driveWildly(name: string, code: string): void {
  const me = joinRoom({ server: url, code, name });
  let turn = name.length;
  const timer = setInterval(() => {
    turn += 0.08;
    me.emit("stick", { x: Math.cos(turn), y: Math.sin(turn) }, { volatile: true });
  }, 100);
  me.once("open", () => me.emit("fire", { down: true }));
  onTestEnd(() => {
    clearInterval(timer);
    me.close();
  });
}

const scoresOf = async (page: Page): Promise<number[]> =>
  (await page.locator("#scores b").allTextContents()).map(Number);

const isPlaying = (page: Page): Promise<void> => page.locator("body[data-phase=play]").waitFor();

test("eight play a match: real thumbs, reloads of TV and phone, a winner, and another match", async () => {
  const { tv, code } = await openTv(100);
  const ada = await joinAs("Ada", code);
  const bob = await joinAs("Bob", code);
  for (const name of ["Cleo", "Dan", "Eve", "Finn", "Gus", "Hal"]) driveWildly(name, code);
  await tv.locator("#scores li", { hasText: "Hal" }).waitFor({ state: "attached" });
  await browser.keep(tv, "tv-1-lobby");
  await tv.getByRole("button", { name: "Start" }).click();
  await isPlaying(tv);
  await isPlaying(ada);

  // Two thumbs at once: one drives, the other fires.
  const thumbs = await touchScreenOf(ada);
  await thumbs.press(1, await placeIn(ada, "cw-joystick"));
  await thumbs.move(1, await placeIn(ada, "cw-joystick", 0.9, 0.4));
  await thumbs.press(2, await placeIn(ada, "cw-button"));
  await tv.waitForFunction(
    () => [...document.querySelectorAll("#scores b")].some(({ textContent }) => Number(textContent) > 0),
    undefined,
    { timeout: 90_000 },
  );
  await browser.keep(tv, "tv-2-play");
  await browser.keep(ada, "phone-1-play");
  await thumbs.lift(1);
  await thumbs.lift(2);

  const before = await scoresOf(tv);
  await tv.reload();
  await isPlaying(tv);
  await tv.locator("#scores li").nth(7).waitFor();
  expect((await scoresOf(tv)).reduce((sum, score) => sum + score)).toBeGreaterThanOrEqual(
    before.reduce((sum, score) => sum + score),
  );
  expect(await tv.locator("#clock").innerText()).toMatch(/^[01]:\d\d$/);

  await bob.reload();
  await bob.locator("#name", { hasText: "Bob" }).waitFor();
  await bob.locator("cw-joystick").waitFor();

  await tv.getByRole("heading", { name: /wins!|A draw!/ }).waitFor({ timeout: 150_000 });
  await browser.keep(tv, "tv-3-over");
  await bob.getByRole("button", { name: "Play again" }).tap();
  await isPlaying(tv);
  expect(await tv.locator("#scores li").count()).toBe(8);
}, 360_000);
