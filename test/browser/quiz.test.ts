/** The quiz of `examples/`, played on one TV and several phones. */
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { QUESTIONS } from "../../examples/quiz/questions.js";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { joinRoom } from "../../src/sdk/node.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";

const QUIZ = fileURLToPath(new URL("../../examples/quiz", import.meta.url));

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  // However long a page takes to load anew, its player is not away for that: a round goes on without those who are away.
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", games: QUIZ, awayMs: 120_000 });
  ({ url } = await server.listen());
  browser = await startBrowser("quiz");
}, 60_000);

afterEach(async () => {
  await browser.closePages();
  expect(browser.problems).toEqual([]);
});

afterAll(async () => {
  await browser.close();
  await server.close();
});

/** The TV's time of day stands still until a test moves it, so a slow machine ends no round. */
const NOON = new Date("2026-11-29T12:00:00Z");
const secondsPastNoon = (seconds: number): Date => new Date(NOON.getTime() + seconds * 1000);

async function openTv(at = url): Promise<{ tv: Page; address: string }> {
  const tv = await browser.open("about:blank", SCREEN_SIZES.tv);
  await tv.clock.setFixedTime(NOON);
  await tv.goto(`${at}/games/quiz/`);
  await tv.locator("#qr svg").waitFor();
  return { tv, address: `http://${await tv.locator("#address").innerText()}` };
}

async function joinAs(name: string, address: string): Promise<Page> {
  const phone = await browser.open(address, SCREEN_SIZES.phone);
  await phone.getByLabel("Who are you?").fill(name);
  if (name === "Ada") await browser.keep(phone, "phone-1-name");
  await phone.getByRole("button", { name: "Join" }).tap();
  await phone.locator("#player", { hasText: name }).waitFor();
  return phone;
}

/** Presses what a remote's OK button presses. */
const pressOk = (tv: Page): Promise<void> => tv.keyboard.press("Enter");

const seesRound = (page: Page, round: number): Promise<void> => page.getByText(`Question ${round} of 7`).waitFor();

async function rightAnswer(page: Page): Promise<string> {
  await page.locator("body[data-phase=question]").waitFor();
  const heading = await page.getByRole("heading").innerText();
  return QUESTIONS.find(({ ask }) => ask === heading)?.right ?? `There is no question "${heading}".`;
}

async function answer(phone: Page, isRight: boolean): Promise<void> {
  const right = await rightAnswer(phone);
  const choices = phone.locator("#choices button");
  await (isRight ? choices.getByText(right, { exact: true }) : choices.filter({ hasNotText: right }).first()).tap();
  await phone
    .getByText("Sent.")
    .or(phone.getByText("points for you").or(phone.getByText("The answer is ")))
    .waitFor();
}

/** The score table, a row as a sentence. */
const tableOf = async (tv: Page): Promise<string[]> =>
  (await tv.locator("#players tr").allInnerTexts()).map((row) => row.replaceAll(/\s+/g, " "));

const seesRow = (tv: Page, row: RegExp): Promise<void> => tv.getByRole("row", { name: row }).waitFor();

test("a TV with a remote and two phones play from the first name to the last score, and again", async () => {
  const { tv, address } = await openTv();
  await tv.getByText("2 more to start").waitFor();
  await browser.keep(tv, "tv-1-empty");
  const ada = await joinAs("Ada", address);
  await ada.getByRole("heading", { name: "You are in!" }).waitFor();
  const ben = await joinAs("<b>Ben", address);
  await seesRow(tv, /<b>Ben/);
  await browser.keep(tv, "tv-2-lobby");
  await browser.keep(ada, "phone-2-lobby");
  await pressOk(tv);
  for (let round = 1; round <= 7; round++) {
    await seesRound(tv, round);
    if (round === 1) await browser.keep(ada, "phone-3-question");
    await answer(ada, true);
    if (round === 2) {
      await seesRow(tv, /Ada ✓/);
      await browser.keep(tv, "tv-3-question");
      await browser.keep(ada, "phone-4-sent");
    }
    await answer(ben, round % 2 === 0);
    await ada.getByText("points for you").waitFor();
    await ben.getByRole("heading", { name: round % 2 === 0 ? "Right!" : "Not this time." }).waitFor();
    if (round === 3) {
      await browser.keep(tv, "tv-4-reveal");
      await browser.keep(ada, "phone-5-right");
      await browser.keep(ben, "phone-5-wrong");
    }
    await pressOk(tv);
  }
  await tv.getByRole("heading", { name: "Ada wins!" }).waitFor();
  await ada.getByRole("heading", { name: "You win!" }).waitFor();
  await ben.getByRole("heading", { name: "Place 2" }).waitFor();
  await browser.keep(tv, "tv-5-end");
  await browser.keep(ada, "phone-6-end");
  expect(await tableOf(tv)).toEqual(["Ada 7000", "<b>Ben 3000"]);
  await pressOk(tv);
  await seesRound(tv, 1);
  expect(await tableOf(tv)).toEqual(["Ada 0", "<b>Ben 0"]);
}, 120_000);

test("a reloaded TV and a reloaded phone lose neither question nor answer nor score", async () => {
  const { tv, address } = await openTv();
  const ada = await joinAs("Ada", address);
  const ben = await joinAs("Ben", address);
  await seesRow(tv, /Ben/);
  await pressOk(tv);
  await answer(ada, true);
  await answer(ben, false);
  await ada.getByText("points for you").waitFor();
  expect(await tableOf(tv)).toEqual(["Ada +1000 1000", "Ben 0"]);
  await pressOk(tv);
  await answer(ada, true);
  await seesRow(tv, /Ada ✓/);
  const heading = await tv.getByRole("heading").innerText();

  await tv.reload();
  await seesRow(tv, /Ada ✓/);
  expect(await tv.getByRole("heading").innerText()).toBe(heading);
  expect(`http://${await tv.locator("#address").innerText()}`).toBe(address);
  await ben.reload();
  await ben.getByRole("heading", { name: heading }).waitFor();
  await ada.reload();
  await ada.getByText("Sent.").waitFor();
  await answer(ben, true);
  await tv.locator("body[data-phase=reveal]").waitFor();
  expect(await tableOf(tv)).toEqual(["Ada +1000 2000", "Ben +1000 1000"]);
}, 60_000);

test("a phone that is away is shown so and holds up no round, and a late one plays at once", async () => {
  const impatient = createServer({
    port: 0,
    host: "127.0.0.1",
    logLevel: "silent",
    games: QUIZ,
    awayMs: 100,
    hostGraceMs: 500,
  });
  onTestEnd(() => impatient.close());
  const { tv, address } = await openTv((await impatient.listen()).url);
  const ada = await joinAs("Ada", address);
  const ben = await joinAs("Ben", address);
  await seesRow(tv, /Ben/);
  await pressOk(tv);
  await seesRound(tv, 1);
  const cleo = await joinAs("Cleo", address);
  await seesRow(tv, /Cleo/);
  await ben.context().setOffline(true);
  await ben.goto("about:blank");
  await seesRow(tv, /Ben away/);
  await browser.keep(tv, "tv-6-away");
  await answer(ada, true);
  await answer(cleo, true);
  await cleo.getByText("points for you").waitFor();
  await tv.close();
  await cleo.getByText("The game is done.").waitFor();
  await browser.keep(cleo, "phone-7-done");
}, 60_000);

test.each(["tv", "smallTv"] as const)(
  "eight players with long names fit on the screen %s, a ninth is told so",
  async (screen) => {
    const { tv, address } = await openTv();
    await tv.setViewportSize(SCREEN_SIZES[screen].viewport);
    const names = Array.from({ length: 8 }, (_, index) => `Wolfgangina the ${index}`);
    for (const name of names) {
      const player = joinRoom({ name, server: url, code: address.slice(-4) });
      onTestEnd(() => player.close());
      await seesRow(tv, new RegExp(name));
    }
    const overflow = () => tv.evaluate(() => document.documentElement.scrollHeight - innerHeight);
    expect(await overflow()).toBe(0);
    await browser.keep(tv, `${screen}-7-eight-lobby`);
    const ninth = await browser.open(address, SCREEN_SIZES.phone);
    await ninth.getByLabel("Who are you?").fill("Nina");
    await ninth.getByRole("button", { name: "Join" }).tap();
    await ninth.getByText("The room is full.").waitFor();
    await pressOk(tv);
    await seesRound(tv, 1);
    expect(await overflow()).toBe(0);
    const qr = await tv.locator("#qr").boundingBox();
    const last = await tv.locator("#players tr").last().boundingBox();
    expect((last?.y ?? 0) + (last?.height ?? 0)).toBeLessThan(qr?.y ?? 0);
    await browser.keep(tv, `${screen}-7-eight-question`);
  },
  60_000,
);

test("the clock takes points off late answers, ends the round, and then shows the next question", async () => {
  const { tv, address } = await openTv();
  const ada = await joinAs("Ada", address);
  await joinAs("Ben", address);
  await seesRow(tv, /Ben/);
  await pressOk(tv);
  await tv.locator("#clock", { hasText: "20" }).waitFor();
  await tv.clock.setFixedTime(secondsPastNoon(10));
  await tv.locator("#clock", { hasText: "10" }).waitFor();
  await answer(ada, true);
  await seesRow(tv, /Ada ✓/);
  await tv.clock.setFixedTime(secondsPastNoon(21));
  await ada.getByText("750 points for you").waitFor();
  expect(await tableOf(tv)).toEqual(["Ada +750 750", "Ben 0"]);
  await tv.clock.setFixedTime(secondsPastNoon(30));
  await seesRound(tv, 2);
}, 60_000);

test("no player shares the win where all have left at the end", async () => {
  const { tv } = await openTv();
  const room = `{ code: "BCDF", joinUrl: "http://tv/BCDF", qr: () => "" }`;
  await tv.evaluate(
    `import("./board.js").then(({ showBoard }) => showBoard(${room}, { phase: "end", round: 6, deck: [] }, []))`,
  );
  expect(await tv.getByRole("heading").innerText()).toBe("Couch Quiz");
});
