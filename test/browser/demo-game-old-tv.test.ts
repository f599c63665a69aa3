/** The demo game on a TV and phones a few years old, played to its podium; the server runs on the newest Node. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { runtimePath } from "../../scripts/runtimes.js";
import { STILL_SCREENS, startBrowser, type TestBrowser } from "../support/browser.ts";
import {
  button,
  codeOn,
  guessersAmong,
  joinAs,
  padOn,
  scribble,
  seesHeading,
  titleField,
} from "../support/demo-game.ts";
import { age } from "../support/old-browser.ts";
import { targetOn, type RunningServer } from "../support/target.ts";

const PATIENT = "draw=300&title=300&vote=300&reveal=300&scores=300";
const NAMES = ["Ada", "Bob", "👨‍👩‍👧‍👦👨‍👩‍👧‍👦"] as const;

let server: RunningServer;
let browser: TestBrowser;

beforeAll(async () => {
  server = await newestNode.start({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0 }, {});
  browser = await startBrowser("demo-game-old-tv", age);
}, 120_000);

afterAll(async () => {
  await browser.close();
  await server.close();
}, 60_000);

// Below the clean-up, for it ends the server's process.
const newestNode = targetOn(runtimePath("node26") ?? "here");

describe("a TV and phones of 2022", () => {
  test("play to the podium", async () => {
    const tv = await browser.open(`${server.url}/games/demo-game/?${PATIENT}`, STILL_SCREENS.tv);
    expect(await tv.evaluate(() => Reflect.has(Array.prototype, "toSorted") || Reflect.has(Object, "hasOwn"))).toBe(
      false,
    );
    const code = await codeOn(tv);
    await browser.keep(tv, "tv-1-lobby");
    const phones: Page[] = [];
    for (const name of NAMES) {
      const phone = await browser.open(`${server.url}/games/demo-game/player.html?room=${code}`, STILL_SCREENS.phone);
      if (name === NAMES[2]) await browser.keep(phone, "phone-1-join");
      await joinAs(phone, name);
      phones.push(phone);
    }
    for (const name of NAMES) await tv.getByText(name, { exact: true }).waitFor();
    const [first] = phones;
    if (!first) throw new Error("Three play.");
    await button(first, "Start the game").click();

    const prompts = new Map<Page, string>();
    for (const phone of phones) {
      await scribble(phone);
      prompts.set(phone, (await phone.locator(".secret strong").textContent()) ?? "");
      if (phone === first) {
        await browser.keep(phone, "phone-2-draw");
        const pad = await padOn(phone).boundingBox();
        expect((pad?.width ?? 0) / (pad?.height ?? 1)).toBeCloseTo(0.8, 2);
        await tv.locator(".blot").first().waitFor(); // the TV shows ink, and not what it draws
        expect(pad?.width).toBeGreaterThan(300);
      }
      await button(phone, "Done").click();
    }

    for (let round = 1; round <= phones.length; round++) {
      const guessers = await guessersAmong(phones);
      const artist = phones.find((phone) => !guessers.includes(phone));
      if (!artist) throw new Error("One has drawn.");
      for (const [index, phone] of guessers.entries()) {
        await titleField(phone).fill(`fib ${index} of ${round}`);
        if (round === 1) await browser.keep(phone, `phone-3-title-${index}`);
        await button(phone, "Send").click();
      }
      await seesHeading(tv, "Spot the truth");
      if (round === 1) {
        const drawing = await tv.getByRole("img", { name: /^Drawing by/ }).boundingBox();
        expect((drawing?.width ?? 0) / (drawing?.height ?? 1)).toBeCloseTo(0.8, 1); // it hangs askew
        await browser.keep(tv, "tv-3-vote");
      }
      for (const [index, phone] of guessers.entries()) {
        const choice = index === 0 ? (prompts.get(artist) ?? "") : `fib 0 of ${round}`;
        await phone.getByRole("button", { name: choice, exact: true }).click();
      }
      await seesHeading(tv, "Nice try");
      for (const heading of ["Who fell for it?", "The truth!", "Scores"]) {
        await button(first, "Skip ahead").click();
        await seesHeading(tv, heading);
        if (round === 1) await browser.keep(tv, `tv-4-${heading.replace(/\W/g, "").toLowerCase()}`);
      }
      await button(first, "Skip ahead").click();
    }

    await seesHeading(tv, "We have a winner!");
    await browser.keep(tv, "tv-5-podium");
    await first.getByText("3 players.").waitFor();
    await browser.keep(first, "phone-5-podium");
    expect(await tv.getByRole("list", { name: "Podium" }).getByRole("listitem").count()).toBeGreaterThan(0);
    expect(browser.problems).toEqual([]);
  }, 300_000);

  test("see the server's pages with all their boxes", async () => {
    const page = await browser.open(`${server.url}/BBBB`, STILL_SCREENS.phone);
    const box = await page.locator(".code-boxes span").first().boundingBox();
    expect(box?.height).toBeGreaterThan(60);
    await browser.keep(page, "page-room-not-found");
    const start = await browser.open(`${server.url}/`, STILL_SCREENS.smallTv);
    const art = await start.locator(".card-art").first().boundingBox();
    expect(art?.height).toBeGreaterThan(100);
    await browser.keep(start, "page-landing");
    // The room that is not there is a 404, which the console calls an error.
    expect(browser.problems.filter((problem) => !problem.includes("404"))).toEqual([]);
  }, 120_000);
});
