/** A TV page on the server's own machine, whose network comes and changes while the page is open. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { evidenceOf } from "../support/network.ts";
import { targetOn } from "../support/target.ts";

const here = targetOn("here");
let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("changed-network");
}, 60_000);

afterAll(async () => {
  await browser.close();
}, 60_000);

test("the demo game's TV shows the new address and another QR code, without being loaded again", async () => {
  let now = evidenceOf();
  const network = { observe: () => now, refresh: () => Promise.resolve() };
  const { port, close } = await here.start({ port: 0, host: "0.0.0.0", logLevel: "silent", drainMs: 0 }, { network });
  onTestEnd(close);
  const tv = await browser.open(`http://localhost:${port}/games/demo-game/`, SCREEN_SIZES.tv);
  const address = tv.locator(".join-address");
  const qr = tv.locator(".join-card cw-qr svg");
  await address.getByText(`127.0.0.1:${port}`).waitFor();
  const before = await qr.innerHTML();

  now = evidenceOf("192.168.1.7");
  await address.getByText(`192.168.1.7:${port}`).waitFor();
  expect(await qr.innerHTML()).not.toBe(before);

  now = evidenceOf("10.0.0.23");
  await address.getByText(`10.0.0.23:${port}`).waitFor();
  expect(browser.problems).toEqual([]);
});
