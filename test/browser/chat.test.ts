/** The chat of `examples/`, on a TV and two phones. */
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { BrowserContextOptions, Page } from "playwright-core";
import { defineChat } from "../../examples/chat/room.js";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { noteTexts } from "../support/shown-texts.ts";

const CHAT = fileURLToPath(new URL("../../examples/chat", import.meta.url));
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
    games: CHAT,
    openRooms: "chat",
    awayMs: 100,
  } as const;
  server = createServer(options, { rooms: [defineChat({ random: () => 0.5 })] });
  ({ url } = await server.listen());
  browser = await startBrowser("chat");
}, 60_000);

afterEach(() => expect(browser.problems).toEqual([]));

afterAll(async () => {
  await browser.close();
  await server.close();
});

async function joinAs(name: string, face: string, address: string, screen: BrowserContextOptions): Promise<Page> {
  const phone = await browser.open(address, screen);
  await phone.getByLabel("Who are you?").fill(name);
  await phone.getByLabel(face).check({ force: true });
  await browser.keep(phone, `form-${face}`);
  await phone.getByRole("button", { name: "Join" }).tap();
  await phone.getByLabel("Say something").waitFor();
  return phone;
}

async function say(phone: Page, text: string): Promise<void> {
  await phone.getByLabel("Say something").fill(text);
  await phone.getByRole("button", { name: "Send" }).tap();
}

const linesOf = async (page: Page): Promise<string[]> => page.locator(".text").allInnerTexts();
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollHeight - innerHeight);

test("two phones talk and roll, the TV shows it, and a reloaded phone loses no line", async () => {
  const tv = await browser.open(`${url}/games/chat/`, SCREEN_SIZES.tv);
  await tv.locator("#qr svg").waitFor();
  await browser.keep(tv, "tv-1-empty");
  const address = `http://${await tv.locator("#address").innerText()}`;
  const ada = await joinAs("Ada", "fox", address, SCREEN_SIZES.phone);
  await say(ada, "Is <b>anybody</b> here?");
  const ben = await joinAs("Ben", "owl", address, TINY_PHONE);
  await ben.getByText("Is <b>anybody</b> here?").waitFor(); // said before he came

  const typing = await Promise.all([ada, tv].map((page) => noteTexts(page, "#typing")));
  await ben.getByLabel("Say something").fill("I am!");
  for (const shown of typing) await shown.shows("Ben is typing …"); // for some seconds
  await browser.keep(ada, "phone-2-typing");
  await ben.getByRole("button", { name: "Send" }).tap();
  for (const page of [ada, ben, tv]) await page.getByText("I am!").waitFor();
  await say(ada, "/roll 3d6+1");
  for (const page of [ada, ben, tv]) await page.getByText("3d6+1, the pot is 13").waitFor();
  await ben.getByRole("button", { name: "Roll two dice" }).tap();
  for (const page of [ada, ben, tv]) await page.getByText("2d6, the pot is 21").waitFor();
  await tv.locator("#rolls li", { hasText: "Ada" }).getByText("13").waitFor();
  await say(ben, "/roll a lot");
  await ben.getByText("Roll like this: /roll 2d6, or /roll d20+3.").waitFor();
  await browser.keep(tv, "tv-3-dice");
  await browser.keep(ada, "phone-3-dice");
  await browser.keep(ben, "tiny-3-refused");
  for (const page of [tv, ada, ben]) expect(await overflow(page)).toBe(0);

  await ben.goto("about:blank");
  await tv.locator("#people .away", { hasText: "Ben" }).waitFor();
  await say(ada, "Come back!");
  await tv.getByText("Come back!").waitFor();
  await ben.goBack();
  await ben.getByText("Come back!").waitFor();
  const all = ["Is <b>anybody</b> here?", "I am!", "Come back!"];
  expect(await linesOf(ben)).toEqual(all);
  await tv.reload();
  await tv.getByText("Come back!").waitFor();
  expect(await linesOf(tv)).toEqual(all);
  await ada.context().setOffline(true);
  await say(ben, "Can you hear me?");
  await ada.context().setOffline(false);
  await ada.getByText("Can you hear me?").waitFor();
  expect(await linesOf(ada)).toEqual([...all, "Can you hear me?"]);
}, 120_000);
