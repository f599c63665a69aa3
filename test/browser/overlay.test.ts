/** `examples/overlay`: a TV, a phone, and an overlay beside them. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createShow } from "../../examples/overlay/show.js";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";

const server = createShow({ port: 0, host: "127.0.0.1", logLevel: "silent" });
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  ({ url } = await server.listen());
  browser = await startBrowser("overlay");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.close();
});

test("an overlay shows the score of a game, from the next tap on", async () => {
  const tv = await browser.open(`${url}/games/game/`, SCREEN_SIZES.tv);
  const link = tv.getByRole("link", { name: "Open the overlay of this game" });
  await tv.locator("cw-qr svg").waitFor();
  const address = (await link.getAttribute("href")) ?? "";
  const code = new URL(address, url).searchParams.get("room") ?? "";
  const overlay = await browser.open(`${url}${address}`, SCREEN_SIZES.tv);
  const phone = await browser.open(`${url}/${code}`, SCREEN_SIZES.phone);
  await phone.getByRole("textbox").fill("Ada");
  await phone.getByRole("button", { name: "Join" }).click();
  const button = phone.getByRole("button", { name: "Tap!" });
  await button.waitFor();
  for (let taps = 0; taps < 3; taps++) await button.tap();
  await overlay
    .getByRole("listitem")
    .filter({ hasText: /^Ada3$/ })
    .waitFor();
  await browser.keep(tv, "tv");
  await browser.keep(phone, "phone");
  await browser.keep(overlay, "overlay");
  expect(browser.problems).toEqual([]);
}, 60_000);
