/** Bots in the demo game: they fill the table, draw, bluff and vote like people. */
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { Locator, Page } from "playwright-core";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { STILL_SCREENS, startBrowser, type TestBrowser } from "../support/browser.ts";
import { SKETCHES, button, codeOn, joinAs, scribble, seesHeading, titleField } from "../support/demo-game.ts";

/** Phases wait for the people; bots are quick. */
const PATIENT = "draw=300&title=300&vote=300&reveal=300&scores=300&think=0.5";

let server: CouchwireServer;
let browser: TestBrowser;
let game = "";

beforeAll(async () => {
  // A phone that is slow is not away: bots would go on without it.
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0, awayMs: 120_000 });
  const { url } = await server.listen();
  game = `${url}/games/demo-game/`;
  browser = await startBrowser("demo-game-bots");
}, 60_000);

afterEach(() => expect(browser.problems).toEqual([]));

afterAll(async () => {
  await browser.close();
  await server.close();
}, 60_000);

async function addBot(tv: Page, name: string): Promise<void> {
  await button(tv, "Add a bot").click();
  await button(tv, `Remove ${name}`).waitFor();
}

/** Skips what the TV shows until it shows the goal. It also goes on by itself: then the phone's button is gone. */
async function skipUntil(phone: Page, goal: Locator): Promise<void> {
  const arrival = goal.first().waitFor();
  for (let isThere = false; !isThere;) {
    isThere = await Promise.race([
      arrival.then(() => true),
      button(phone, "Skip ahead")
        .click()
        .then(() => false),
    ]);
  }
}

/** Two people on their phones. */
async function joinTwo(tv: Page): Promise<readonly [Page, Page]> {
  const phonePage = `${game}player.html?room=${await codeOn(tv)}`;
  const open = async (name: string): Promise<Page> => {
    const phone = await browser.open(phonePage, STILL_SCREENS.phone);
    await joinAs(phone, name);
    return phone;
  };
  return [await open("Ada"), await open("Bob")];
}

test("row 60: two people and two bots play to the podium", async () => {
  const tv = await browser.open(`${game}?${PATIENT}`, STILL_SCREENS.tv);
  // The bots are there first, and yet a person starts the game.
  await addBot(tv, "Doodle");
  await addBot(tv, "Smudge");
  const people = await joinTwo(tv);
  const [ada] = people;
  await tv.getByText("Ada, press Start").waitFor();
  await browser.keep(tv, "tv-1-lobby");
  await button(ada, "Start the game").click();
  for (const [index, phone] of people.entries()) {
    await scribble(phone, SKETCHES[index]);
    await button(phone, "Done").click();
  }

  for (let round = 1; round <= 4; round++) {
    await tv.getByText(`${round} of 4`).waitFor();
    if (round === 1) await browser.keep(tv, "tv-2-title");
    for (const [index, phone] of people.entries()) {
      const isMine = phone.locator("html[data-mood=title]").getByRole("img", { name: "That's yours!" });
      await isMine.or(titleField(phone)).first().waitFor();
      if (await isMine.isVisible()) continue;
      await titleField(phone).fill(`fib ${index} of round ${round}`);
      await button(phone, "Send").click();
    }
    await seesHeading(tv, "Spot the truth");
    await browser.keep(tv, `tv-3-vote-${round}`);
    for (const phone of people) {
      const isMine = phone.locator("html[data-mood=vote]").getByRole("img", { name: "That's yours!" });
      const choices = phone.locator("button.choice:enabled");
      await isMine.or(choices.first()).first().waitFor();
      if (!(await isMine.isVisible())) await choices.first().click();
    }
    // All have voted, the bots too.
    await ada.getByRole("heading", { name: "Look up!" }).waitFor();
    const next = tv.getByText(`${round + 1} of 4`);
    await skipUntil(ada, round < 4 ? next : tv.getByRole("heading", { name: "We have a winner!" }));
  }

  await seesHeading(tv, "We have a winner!");
  expect(await tv.locator(".wall img").count()).toBe(4);
  await ada.getByText("4 players.").waitFor();
  await browser.keep(tv, "tv-4-podium");

  // The people choose another game, for which nobody joins again. The bots stay behind.
  const code = await codeOn(tv);
  expect(await button(people[1], "Other games").isVisible()).toBe(false);
  await button(ada, "Other games").click();
  await tv.waitForURL(/\/games\/tv\/$/);
  for (const phone of people) await phone.getByRole("list", { name: "Games" }).waitFor();
  expect(await tv.locator("#code").textContent()).toBe(code);
  expect(await tv.locator("#people .name").allInnerTexts()).toEqual(["Ada", "Bob"]);
}, 420_000);

test("row 60: bots are removed as they came, and come back to their seats where the TV is loaded anew", async () => {
  const tv = await browser.open(`${game}?${PATIENT}`, STILL_SCREENS.smallTv);
  await addBot(tv, "Doodle");
  await addBot(tv, "Smudge");
  await button(tv, "Remove Doodle").click();
  await button(tv, "Remove Doodle").waitFor({ state: "detached" });
  await addBot(tv, "Doodle");
  await tv.getByText("One more player and you can start.").waitFor();
  await browser.keep(tv, "tv-720p-lobby");

  await tv.reload();
  await button(tv, "Remove Smudge").waitFor();
  await tv.locator(".is-away").first().waitFor({ state: "detached" });
  expect(await tv.locator(".seats .name").allTextContents()).toEqual(["Smudge", "Doodle"]);
  await button(tv, "Remove Doodle").click();
  await button(tv, "Remove Doodle").waitFor({ state: "detached" });
  // The table is full with eight.
  for (const name of ["Doodle", "Inky", "Crayon", "Blot", "Squiggle", "Scribbly", "Eraser"]) await addBot(tv, name);
  expect(await button(tv, "Add a bot").isDisabled()).toBe(true);
  await tv.getByText("start and watch the bots").waitFor();
  await browser.keep(tv, "tv-720p-full");
}, 120_000);

test("a phone that says it is a bot is a person, and no phone writes what phones show", async () => {
  const tv = await browser.open(`${game}?${PATIENT}`, STILL_SCREENS.smallTv);
  await addBot(tv, "Doodle");
  const liar = await browser.open(`${game}icon.svg`, STILL_SCREENS.phone);
  const refusal = await liar.evaluate(
    async (code) => {
      const { joinRoom } = await import(`${location.origin}/sdk/couchwire.js`);
      const me = joinRoom({ code, name: "Liar", meta: { bot: { number: 1, mark: "" } } });
      me.state.set("screen", { screen: "podium", rank: 1, score: 9_000 });
      return new Promise((resolve) => me.once("refused", resolve));
    },
    await codeOn(tv),
  );
  expect(refusal).toBe("The TV alone says what phones show.");
  await tv.locator(".seats").getByText("Liar").waitFor();
  expect(await button(tv, "Remove Liar").count()).toBe(0);
}, 120_000);
