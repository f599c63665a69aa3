/** The demo game as a living room plays it: one TV, three phones, from the lobby into the second game. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Locator, Page } from "playwright-core";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import {
  SKETCHES,
  button,
  codeOn,
  guessersAmong,
  joinAs,
  padOn,
  scribble,
  seesHeading,
  titleField,
} from "../support/demo-game.ts";

/** Pixels at the right edge of a phone from which a game is chosen (docs/GAMES.md, "An evening"). */
const LAUNCHER_TAB_WIDTH = 30;
const NAMES = ["Ada", "<b>Bob", "Cleo"] as const;
const FIBS: Record<string, string> = {
  Ada: "a nervous teapot",
  "<b>Bob": "grandma's secret",
  Cleo: "The last potato.",
};
const PATIENT = "draw=300&title=300&vote=300&reveal=300&scores=300";

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0, hostGraceMs: 500 }); // a closed TV is soon given up
  ({ url } = await server.listen());
  browser = await startBrowser("demo-game");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.close();
}, 60_000);

const voteHeading = (phone: Page): Locator => phone.getByRole("heading", { name: "Which title is the real one?" });

function threeOf(phones: readonly Page[]): [Page, Page, Page] {
  const [first, second, third] = phones;
  if (!first || !second || !third) throw new Error("Three are needed to play.");
  return [first, second, third];
}

describe("a TV and three phones", () => {
  test("play from the lobby to the podium, and on into a second game without joining again", async () => {
    const tv = await browser.open(`${url}/games/demo-game/?${PATIENT}`, SCREEN_SIZES.tv);
    const code = await codeOn(tv);
    const phonePage = `${url}/games/demo-game/player.html?room=${code}`;
    await browser.keep(tv, "tv-1-lobby-empty");

    const join = await browser.open(phonePage, SCREEN_SIZES.phone);
    await join.getByLabel("Who are you?").waitFor();
    await browser.keep(join, "phone-1-join");
    await join.close();

    const phones: Page[] = [];
    for (const name of NAMES) {
      const phone = await browser.open(phonePage, SCREEN_SIZES.phone);
      await joinAs(phone, name);
      phones.push(phone);
    }
    const [first, second, third] = threeOf(phones);
    const nameOf = (phone: Page): string => NAMES[phones.indexOf(phone)] ?? "";
    for (const name of NAMES) await tv.getByText(name, { exact: true }).waitFor();
    await first.getByText("3 are in.").waitFor();
    expect(await button(second, "Start the game").isVisible()).toBe(false);
    await browser.keep(tv, "tv-2-lobby");
    await browser.keep(first, "phone-2-lobby-first");
    await browser.keep(second, "phone-2-lobby");

    await button(first, "Start the game").click();
    await seesHeading(tv, "Draw!");

    // Who comes now is told to wait, and may knock again.
    const late = await browser.open(phonePage, SCREEN_SIZES.phone);
    await late.getByText("You are in the next round").waitFor();
    await browser.keep(late, "phone-locked");

    const prompts = new Map<Page, string>();
    for (const phone of phones) {
      await scribble(phone, SKETCHES[phones.indexOf(phone)]);
      prompts.set(phone, (await phone.locator(".secret strong").textContent()) ?? "");
      if (phone === second) {
        await browser.keep(phone, "phone-3-draw");
        const { x = 0, width = 0 } = (await phone.locator(".secret cw-countdown").boundingBox()) ?? {};
        expect(x + width).toBeLessThan(SCREEN_SIZES.phone.viewport.width - LAUNCHER_TAB_WIDTH);
        await browser.keep(tv, "tv-3-draw");
      }
      await button(phone, "Done").click();
      if (phone !== third) await phone.getByRole("heading", { name: "Got it!" }).waitFor();
      if (phone === first) await browser.keep(phone, "phone-3-sent");
    }

    for (let round = 1; round <= 3; round++) {
      await seesHeading(tv, "What is it?");
      const guessers = await guessersAmong(phones);
      const artist = phones.find((phone) => !guessers.includes(phone));
      const [one, other] = guessers;
      if (!artist || !one || !other) throw new Error("One draws and two guess.");

      if (round === 1) {
        await browser.keep(artist, "phone-4-artist");
        await titleField(one).fill(`  ${prompts.get(artist)?.toUpperCase()}!`);
        await button(one, "Send").click();
        await one.getByText("That is exactly what it is").waitFor();
        await browser.keep(one, "phone-4-title-refused");
      }
      await titleField(one).fill(FIBS[nameOf(one)] ?? "");
      if (round === 2) await browser.keep(one, "phone-4-title");
      await button(one, "Send").click();
      await one.getByRole("heading", { name: "Nice fib!" }).waitFor();
      if (round === 1) {
        await browser.keep(one, "phone-4-titled");
        await browser.keep(tv, "tv-4-title");
        await titleField(other).fill(`The ${FIBS[nameOf(one)]?.replace(/^(a|the) /i, "")}`);
        await button(other, "Send").click();
        await other.getByText("Somebody just wrote that").waitFor();
      }
      await titleField(other).fill(FIBS[nameOf(other)] ?? "");
      await button(other, "Send").click();

      await seesHeading(tv, "Spot the truth");
      await voteHeading(one).waitFor();
      const tidied = (phone: Page): string => (FIBS[nameOf(phone)] ?? "").toLowerCase().replace(/\.$/, "");
      expect(await one.getByRole("button", { name: tidied(one) }).isDisabled()).toBe(true);
      if (round === 1) {
        await browser.keep(one, "phone-5-vote");
        await browser.keep(tv, "tv-5-vote");
      }
      // One falls for the other's fib; the other sees the truth, but for the last round.
      await one.getByRole("button", { name: tidied(other) }).click();
      await one.getByRole("heading", { name: "Vote is in!" }).waitFor();
      if (round === 1) await browser.keep(one, "phone-5-voted");
      const choice = round === 3 ? tidied(one) : (prompts.get(artist) ?? "");
      await other.getByRole("button", { name: choice, exact: true }).click();

      await seesHeading(tv, "Nice try");
      if (round === 1) {
        await browser.keep(tv, "tv-6-ignored");
        await seesHeading(one, "Look up!");
        await browser.keep(one, "phone-6-watch");
      }
      await button(first, "Skip ahead").click();
      await seesHeading(tv, "Who fell for it?");
      if (round === 1) {
        await tv.getByText(`${nameOf(other)}’s fib`).waitFor();
        await browser.keep(tv, "tv-6-fib");
      }
      await button(first, "Skip ahead").click();
      if (round === 3) await button(first, "Skip ahead").click();
      await seesHeading(tv, "The truth!");
      await tv.getByText(prompts.get(artist) ?? "").waitFor();
      await browser.keep(tv, `tv-6-truth-${round}`);
      await button(first, "Skip ahead").click();
      await seesHeading(tv, "Scores");
      await browser.keep(tv, `tv-7-scores-${round}`);
      if (round === 1) {
        await other.getByText("You found the truth.").waitFor();
        await other.getByText("Your fib fooled 1 player.").waitFor();
        await browser.keep(other, "phone-7-outcome");
        await artist.getByText("1 player saw what you drew.").waitFor();
      }
      await button(first, "Skip ahead").click();
    }

    await seesHeading(tv, "We have a winner!");
    await first.getByText("3 players.").waitFor();
    await browser.keep(tv, "tv-8-podium");
    for (const [index, phone] of phones.entries()) await browser.keep(phone, `phone-8-podium-${index + 1}`);

    // The door is open again: who was late gets in, and everybody plays on without joining again.
    await button(late, "Try again").click();
    await late.getByLabel("Who are you?").fill("Ada");
    await button(late, "Join the game").click();
    await late.getByText("You are in the next game").waitFor();
    await browser.keep(late, "phone-8-podium-late");
    await button(first, "Play again").click();
    await seesHeading(tv, "Draw!");
    await tv.getByText("Ada 2", { exact: true }).waitFor();
    for (const phone of [...phones, late]) {
      await padOn(phone).waitFor();
      expect([...prompts.values()]).not.toContain(await phone.locator(".secret strong").textContent());
    }
    await browser.keep(tv, "tv-9-second-game");
    await tv.close();
    await first.getByRole("heading", { name: "The TV has gone" }).waitFor();
    await browser.keep(first, "phone-9-tv-gone");
    expect(browser.problems).toEqual([]);
  }, 420_000);
});
