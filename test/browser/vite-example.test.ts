/** The Vite project of `examples/`: its pages come from another origin than the server that they talk to. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { FrameLocator, Page } from "playwright-core";
import { floorFaults } from "../../scripts/browser-floor.js";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { installViteExample, serveBuiltPages, serveByDevServer } from "../support/vite-example.ts";

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0 });
  ({ url } = await server.listen());
  browser = await startBrowser("vite-example");
  installViteExample();
}, 300_000);

afterEach(() => expect(browser.problems).toEqual([]));

afterAll(async () => {
  await browser.close();
  await server.close();
});

async function pull(phone: Page, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await phone.getByRole("button", { name: "Pull!" }).tap();
}

/** Waits for the knot to be there, in percent of the rope. */
const knotIsAt = (tv: Page, percent: number): Promise<void> =>
  tv.locator(`#knot[style="left: ${percent}%;"]`).waitFor();

test.each([
  ["the built pages on a static host", (couchwire: string) => serveBuiltPages(couchwire)],
  ["the pages of Vite's dev server", serveByDevServer],
])(
  "%s play a round through a Couchwire server elsewhere",
  async (what, serve) => {
    const pages = await serve(url);
    onTestEnd(pages.close);
    const tv = await browser.open(pages.url, SCREEN_SIZES.tv);
    await tv.locator("#qr svg").waitFor();
    const address = await tv.locator("#address").innerText();
    expect(address).toMatch(new RegExp(`^${pages.url}player\\.html\\?room=[A-Z]{4}$`));

    const red = await browser.open(address, SCREEN_SIZES.phone);
    await red.getByText("You are in team red.").waitFor();
    const blue = await browser.open(address, SCREEN_SIZES.phone);
    await blue.getByText("You are in team blue.").waitFor();
    await pull(red, 6);
    await knotIsAt(tv, 20);
    await pull(blue, 1);
    await knotIsAt(tv, 25);
    await browser.keep(tv, `${what.includes("built") ? "built" : "dev"}-tv-1`);
    await browser.keep(blue, "phone-1");

    // Pulls are not saved one by one: the server tells them again.
    await tv.reload();
    await knotIsAt(tv, 25);
    await pull(red, 5);
    await tv.getByRole("heading", { name: "Team red wins!" }).waitFor();
    await red.getByText("You win!").waitFor();
    await blue.getByText("You lose.").waitFor();
    await browser.keep(tv, "tv-2");
    await browser.keep(red, "phone-2");
    await tv.keyboard.press("Enter");
    await red.getByText("You are in team red.").waitFor();
    await knotIsAt(tv, 50);
  },
  120_000,
);

test("the built pages run on TVs and phones a few years old", async () => {
  const pages = await serveBuiltPages(url);
  onTestEnd(pages.close);
  const files = readdirSync(pages.folder, { recursive: true, encoding: "utf8" });
  const sources = files.filter((name) => /\.(?:js|css|html)$/.test(name));
  expect(sources.length).toBeGreaterThan(4);
  const texts = sources.map((name) => ({ name, text: readFileSync(join(pages.folder, name), "utf8") }));
  expect(await floorFaults(texts)).toEqual([]);
}, 120_000);

test("a phone page that is opened without a room says what to do", async () => {
  const pages = await serveByDevServer(url);
  onTestEnd(pages.close);
  const phone = await browser.open(`${pages.url}player.html`, SCREEN_SIZES.phone);
  await phone.getByText("Scan the code on the TV.").waitFor();
}, 60_000);

test("row 19.6 the playground shows the pages of Vite's dev server, each phone with a seat of its own", async () => {
  const developer = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0, dev: true });
  onTestEnd(() => developer.close());
  const { url: home } = await developer.listen();
  const pages = await serveByDevServer(home);
  onTestEnd(pages.close);
  const query = new URLSearchParams({ tv: pages.url, phones: "2" });
  const playground = await browser.open(`${home}/playground/?${query}`, SCREEN_SIZES.tv);
  const phone = (number: number): FrameLocator =>
    playground.frameLocator(`iframe[name="couchwire-playground-phone-${number}"]`);
  await phone(1).getByText("You are in team red.").waitFor();
  await phone(2).getByText("You are in team blue.").waitFor();
  await phone(1).getByRole("button", { name: "Pull!" }).click();
  await playground.locator(".wire-row", { hasText: 'from_str 1: {"type":"pull"}' }).waitFor();
  await browser.keep(playground, "playground");
}, 120_000);
