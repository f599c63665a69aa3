/** The example `tcp-bot`: people on phones and a bot that came over TCP talk in one room, and the TV shows it. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { runKitchenBot } from "../../examples/tcp-bot/kitchen-bot.js";
import { openKitchen, ROOM } from "../../examples/tcp-bot/room.js";
import { connect, type TcpClient } from "../../src/tcp/index.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";

let kitchen: Awaited<ReturnType<typeof openKitchen>>;
let client: TcpClient;
let browser: TestBrowser;

beforeAll(async () => {
  kitchen = await openKitchen({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0 });
  client = await connect({ port: Number(kitchen.tcpPort) });
  await client.join(ROOM, { name: "Rob" });
  browser = await startBrowser("tcp-bot");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await client.close();
  await kitchen.close();
});

test("row 72 a browser and a TCP bot talk in one room", async () => {
  const tv = await browser.open(kitchen.url, SCREEN_SIZES.tv);
  await tv.goto(kitchen.url);
  await tv.locator("#qr svg").waitFor();
  void runKitchenBot(client, () => 0);
  await tv.getByText("I came over TCP").waitFor();

  const ada = await browser.open(kitchen.joinUrl, SCREEN_SIZES.phone);
  await ada.goto(kitchen.joinUrl);
  await ada.locator("#name").fill("Ada");
  await ada.getByRole("button", { name: "Come in" }).click();
  await ada.getByText("Welcome to the kitchen!").waitFor();
  await tv.getByText("Rob, Ada").waitFor();

  const ben = await browser.open(kitchen.joinUrl, SCREEN_SIZES.smallPhone);
  await ben.goto(kitchen.joinUrl);
  await ben.locator("#name").fill("Ben");
  await ben.getByRole("button", { name: "Come in" }).click();
  await ben.getByText("Welcome to the kitchen!").waitFor();

  await ada.getByRole("button", { name: "/dinner" }).click();
  for (const page of [ada, ben, tv]) await page.locator(".bot", { hasText: "Pancakes" }).waitFor();
  await ben.locator("#text").fill("Thanks, Rob! Pancakes it is.");
  await ben.getByRole("button", { name: "Send" }).click();
  await ada.locator(".bot", { hasText: "Any time, Ben." }).waitFor();
  await ada.locator(".other", { hasText: "Pancakes it is" }).waitFor();
  await ben.getByRole("button", { name: "/flip" }).click();
  await tv.locator(".bot", { hasText: "Heads." }).waitFor();
  await ada.locator("#text").fill("/timer 1s tea");
  await ada.getByRole("button", { name: "Send" }).click();
  await ben.locator(".bot", { hasText: "Ding! tea is done, Ada." }).waitFor();

  await browser.keep(tv, "tv");
  await browser.keep(ada, "phone");
  await browser.keep(ben, "small-phone");
  await ada.reload();
  await ada.getByRole("button", { name: "Come in" }).click();
  await ada.locator(".bot", { hasText: "Pancakes" }).waitFor();
  expect(browser.problems).toEqual([]);
}, 60_000);
