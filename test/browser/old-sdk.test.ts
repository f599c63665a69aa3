/** Pages that were made with the SDK of 0.1, against the server of today (`test/fixtures/sdk-0.1`). */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { createRoom, joinRoom } from "../../src/sdk/node.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { Inbox } from "../support/inbox.ts";

const FIXTURE = fileURLToPath(new URL("../fixtures/sdk-0.1", import.meta.url));
const OLD_SDK = readFileSync(`${FIXTURE}/couchwire.js`, "utf8");

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0, games: FIXTURE });
  ({ url } = await server.listen());
  browser = await startBrowser("old-sdk", async (context) => {
    await context.route("**/sdk/couchwire.js", (route) =>
      route.fulfill({ contentType: "text/javascript", body: OLD_SDK }),
    );
  });
}, 60_000);

afterEach(() => expect(browser.problems).toEqual([]));

afterAll(async () => {
  await browser.close();
  await server.close();
});

async function openTv(): Promise<{ tv: Page; address: string }> {
  const tv = await browser.open(`${url}/games/buzzer/`, SCREEN_SIZES.tv);
  await tv.locator("#qr svg").waitFor();
  return { tv, address: await tv.locator("#address").innerText() };
}

async function join(address: string, name: string): Promise<Page> {
  const phone = await browser.open(address, SCREEN_SIZES.phone);
  await phone.locator("#player").fill(name);
  return phone;
}

const buzz = (phone: Page): Promise<void> => phone.getByRole("button", { name: "Buzz!" }).tap();

test("Old SDK bundle of 0.1 plays the old buzzer against the new server", async () => {
  const { tv, address } = await openTv();
  expect(await tv.evaluate(() => fetch("/sdk/couchwire.js").then((response) => response.text()))).toBe(OLD_SDK);
  const ada = await join(address, "Ada");
  const ben = await join(address, "Ben");
  await buzz(ada);
  for (const page of [tv, ada, ben]) await page.getByText("Ada was first!").waitFor();

  // A TV that is loaded again has its room, and a phone that is loaded again its seat.
  await tv.reload();
  await tv.locator("#qr svg").waitFor();
  expect(await tv.locator("#address").innerText()).toBe(address);
  await ben.reload();
  await ben.locator("#player").fill("Ben");
  await tv.getByRole("button", { name: "Next round" }).click();
  for (const page of [ada, ben]) await page.getByText("Go!").waitFor();
  await buzz(ben);
  for (const page of [tv, ada, ben]) await page.getByText("Ben was first!").waitFor();
  await browser.keep(tv, "tv");
  await browser.keep(ben, "phone");
}, 60_000);

test("A TV of 0.1 plays with a phone of today, and a phone of 0.1 with a TV of today", async () => {
  const { tv, address } = await openTv();
  const me = joinRoom({ server: url, code: address.slice(-4), name: "Cid", keepAwake: false });
  onTestEnd(() => me.close());
  const heard = new Inbox<string>("a phone of today");
  me.on("text", (text) => heard.push(text));
  me.send("Cid");
  await tv.getByText("Cid was first!").waitFor();
  expect(await heard.next()).toBe("Cid was first!");

  const room = await createRoom({ server: url, game: "buzzer" });
  onTestEnd(() => room.close());
  room.on("text", (player, name) => void room.broadcast(`${name} (${player.id}) was first!`));
  const dan = await join(room.joinUrl, "Dan");
  await buzz(dan);
  await dan.getByText("Dan (1) was first!").waitFor();
}, 60_000);
