/** The site of `examples/express`, in a TV's browser and a phone's. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createSite } from "../../examples/express/site.js";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";

const site = createSite({ logLevel: "silent", drainMs: 0 });
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  url = (await site.listen(0, "127.0.0.1")).replace("localhost", "127.0.0.1");
  browser = await startBrowser("express");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await site.close();
});

test("a room that the start page opens is listed, and what one taps the other sees", async () => {
  const tv = await browser.open(url, SCREEN_SIZES.tv);
  await tv.getByText("There is none yet.").waitFor();
  await tv.getByRole("button", { name: "Open a room" }).click();
  await tv.getByText("You are the first.").waitFor();
  await tv.locator("#qr svg").waitFor();
  const phone = await browser.open(url, SCREEN_SIZES.phone);
  await phone.getByRole("link", { name: "1 here" }).tap();
  await phone.getByText("2 are here.").waitFor();
  await phone.getByRole("button", { name: "star" }).tap();
  await tv.getByText("Guest 2").waitFor();
  await tv.locator("#last svg").waitFor();
  await browser.keep(tv, "tv");
  await browser.keep(phone, "phone");
  await phone.goto(`${url}/nowhere/at/all`);
  await phone.getByRole("heading", { name: "Nothing here" }).waitFor();
  // The browser reports the page's own 404 as an error; there is no other.
  expect(browser.problems.filter((problem) => !problem.includes("404"))).toEqual([]);
}, 60_000);
