/** The game in the README: the first that people copy. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page, WebSocket } from "playwright-core";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  // The test does not wait for a closed TV to come back.
  server = createServer({
    port: 0,
    host: "127.0.0.1",
    logLevel: "silent",
    drainMs: 0,
    games: EXAMPLES,
    hostGraceMs: 100,
  });
  ({ url } = await server.listen());
  browser = await startBrowser("examples");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.close();
});

/** Waits for frames that the server sends to this page, from before its first script on. */
function watchFrames(page: Page): { next(text: string): Promise<void> } {
  const sockets: WebSocket[] = [];
  page.on("websocket", (socket) => sockets.push(socket));
  return {
    async next(text) {
      const has = ({ payload }: { payload: string | Buffer }): boolean => payload.includes(text);
      await Promise.race(sockets.map((socket) => socket.waitForEvent("framereceived", has)));
    },
  };
}

async function joinAs(phone: Page, name: string): Promise<void> {
  await phone.getByLabel("Your name").fill(name);
  await phone.getByRole("button", { name: "Join" }).click();
}

test("the README's game says on the TV and on every phone who was first", async () => {
  const tv = await browser.open(url, SCREEN_SIZES.tv);
  const frames = watchFrames(tv);
  await tv.goto(`${url}/games/buzzer/`);
  await tv.locator("#address", { hasText: /[A-Z]{4}$/ }).waitFor();
  // The address on the TV is all that a phone needs.
  const address = await tv.locator("#address").innerText();
  const ada = await browser.open(address, SCREEN_SIZES.phone);
  const ben = await browser.open(address, SCREEN_SIZES.phone);
  await joinAs(ada, "Ada");
  await joinAs(ben, "Ben");
  await ada.getByRole("button", { name: "Buzz!" }).click();

  await tv.getByText("Ada was first!").waitFor();
  await ada.getByText("Ada was first!").waitFor();
  await ben.getByText("Ada was first!").waitFor();
  const late = frames.next("buzz");
  await ben.getByRole("button", { name: "Buzz!" }).click();
  await late;
  expect(await tv.locator("#result").innerText()).toBe("Ada was first!"); // the second one changes nothing
  expect(await tv.locator("#address").innerText()).toBe(address);
  await browser.keep(tv, "buzzer-tv");
  await browser.keep(ada, "buzzer-phone");

  await tv.getByRole("button", { name: "Next round" }).click();
  await ben.getByText("Go!").waitFor();
  await ben.getByRole("button", { name: "Buzz!" }).click();
  await ada.getByText("Ben was first!").waitFor();
  await tv.close();
  await ben.getByText("The game is done.").waitFor();
  expect(browser.problems).toEqual([]);
}, 60_000);
