/** The quiz of `examples/`, played on one TV and several phones. */
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { QUESTIONS } from "../../examples/quiz/questions.js";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { joinRoom } from "../../src/sdk/node.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { noteTexts } from "../support/shown-texts.ts";

const QUIZ = fileURLToPath(new URL("../../examples/quiz", import.meta.url));

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  // However long a page takes to load anew, its player is not away for that: a round goes on without those who are away.
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0, games: QUIZ, awayMs: 120_000 });
  ({ url } = await server.listen());
  browser = await startBrowser("quiz");
}, 60_000);

afterEach(() => expect(browser.problems).toEqual([]));

afterAll(async () => {
  await browser.close();
  await server.close();
});

/** A round of eleven days: a slow machine ends none, and every right answer is worth the full 1000 points. */
const NO_HURRY = 1_000_000;

async function openTv(at = url, seconds = NO_HURRY): Promise<{ tv: Page; address: string }> {
  const tv = await browser.open(`${at}/games/quiz/?seconds=${seconds}`, SCREEN_SIZES.tv);
  await tv.locator("cw-lobby svg").waitFor();
  return { tv, address: `http://${await tv.locator("#address").textContent()}` };
}

async function joinAs(name: string, address: string): Promise<Page> {
  const phone = await browser.open(address, SCREEN_SIZES.phone);
  await phone.getByLabel("Your name").fill(name);
  if (name === "Ada") await browser.keep(phone, "phone-1-name");
  await phone.getByRole("button", { name: "Join" }).tap();
  await phone.locator("#player", { hasText: name }).waitFor();
  return phone;
}

/** Presses what a remote's OK button presses. */
const pressOk = (tv: Page): Promise<void> => tv.keyboard.press("Enter");

const seesRound = (page: Page, round: number): Promise<void> => page.getByText(`Question ${round} of 7`).waitFor();

async function answer(phone: Page, isRight: boolean): Promise<void> {
  await phone.locator("body[data-phase=question]").waitFor();
  const heading = await phone.getByRole("heading").innerText();
  const question = QUESTIONS.find(({ ask }) => ask === heading);
  const choice = isRight ? question?.right : question?.wrong[0];
  await phone.getByRole("radio", { name: choice ?? `an answer to "${heading}"`, exact: true }).tap();
  await phone
    .getByText("Sent.")
    .or(phone.getByText("points for you").or(phone.getByText("The answer is ")))
    .waitFor();
}

/** The table of scores, a row as a sentence. */
const tableOf = async (tv: Page): Promise<string[]> =>
  (await tv.locator("cw-leaderboard li").allInnerTexts()).map((row) => row.replaceAll(/\s+/g, " "));

/** Sees a player's row in the table or, before the game, the player's seat. */
const seesRow = (tv: Page, row: RegExp): Promise<void> =>
  tv.locator("cw-leaderboard li:visible, cw-lobby li:visible").filter({ hasText: row }).waitFor();

test("a TV with a remote and two phones play from the first name to the last score, and again", async () => {
  const { tv, address } = await openTv();
  await tv.getByText("Players still needed: 2").waitFor();
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
      await seesRow(tv, /✓ Ada/);
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
  expect(await tableOf(tv)).toEqual(["1 Ada 7,000", "2 <b>Ben 3,000"]);
  await pressOk(tv);
  await seesRound(tv, 1);
  expect(await tableOf(tv)).toEqual(["1 Ada 0", "1 <b>Ben 0"]);
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
  expect(await tableOf(tv)).toEqual(["1 +1000 Ada 1,000", "2 Ben 0"]);
  await pressOk(tv);
  await answer(ada, true);
  await seesRow(tv, /✓ Ada/);
  const heading = await tv.getByRole("heading").innerText();

  await tv.reload();
  await seesRow(tv, /✓ Ada/);
  expect(await tv.getByRole("heading").innerText()).toBe(heading);
  expect(`http://${await tv.locator("#address").textContent()}`).toBe(address);
  await ben.reload();
  await ben.getByRole("heading", { name: heading }).waitFor();
  await ada.reload();
  await ada.getByText("Sent.").waitFor();
  await answer(ben, true);
  await tv.locator("body[data-phase=reveal]").waitFor();
  expect(await tableOf(tv)).toEqual(["1 +1000 Ada 2,000", "2 +1000 Ben 1,000"]);
}, 60_000);

test("a phone that is away is shown so and holds up no round, and a late one plays at once", async () => {
  const impatient = createServer({
    port: 0,
    host: "127.0.0.1",
    logLevel: "silent",
    drainMs: 0,
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
  await seesRow(tv, /Away: Ben/);
  await browser.keep(tv, "tv-6-away");
  await answer(ada, true);
  await answer(cleo, true);
  await cleo.getByText("points for you").waitFor();
  await tv.close();
  await cleo.getByText("The game is over.").waitFor();
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
    await ninth.getByLabel("Your name").fill("Nina");
    await ninth.getByRole("button", { name: "Join" }).tap();
    await ninth.getByText("The room is full.").waitFor();
    await pressOk(tv);
    await seesRound(tv, 1);
    expect(await overflow()).toBe(0);
    const qr = await tv.locator("#corner").boundingBox();
    const last = await tv.locator("cw-leaderboard li").last().boundingBox();
    expect((last?.y ?? 0) + (last?.height ?? 0)).toBeLessThan(qr?.y ?? 0);
    await browser.keep(tv, `${screen}-7-eight-question`);
  },
  60_000,
);

test("the clock takes points off late answers, ends the round, and then shows the next question", async () => {
  const { tv, address } = await openTv(url, 20);
  const ada = await joinAs("Ada", address);
  await joinAs("Ben", address);
  await seesRow(tv, /Ben/);
  const clock = await noteTexts(tv, "cw-countdown", "[role=timer]");
  await pressOk(tv);
  await clock.shows(/^(20|19|18)$/);
  await clock.shows(/^([1-9]|10)$/);
  await answer(ada, true);
  await seesRow(tv, /✓ Ada/);
  await browser.keep(tv, "tv-3-clock");
  await ada.getByText("points for you").waitFor();
  const [, gain = ""] = (await ada.locator("#hint").innerText()).match(/^(\d+) points for you\.$/) ?? [];
  expect(Number(gain)).toBeGreaterThanOrEqual(500);
  expect(Number(gain)).toBeLessThanOrEqual(750);
  expect(await tableOf(tv)).toEqual([`1 +${gain} Ada ${gain}`, "2 Ben 0"]);
  await seesRound(tv, 2);
}, 90_000);

test("a guest reads no right answer before the reveal, and writes no score", async () => {
  const { tv, address } = await openTv();
  const players = ["Ada", "Ben"].map((name) => joinRoom({ name, server: url, code: address.slice(-4) }));
  onTestEnd(() => players.map((player) => player.close()));
  const [ada] = players;
  await seesRow(tv, /Ben/);
  await pressOk(tv);
  const question = await new Promise<Record<string, unknown>>((resolve) => {
    ada?.state.on(() => ada.state.get("phase") === "question" && resolve(ada.state.all()));
  });
  const { right } = QUESTIONS.find(({ ask }) => ask === question["ask"]) ?? {};
  expect(question["choices"]).toContain(right);
  expect(question).not.toHaveProperty("right");
  const refused = new Promise((resolve) => ada?.on("refused", resolve));
  ada?.state.set("score", 5_000);
  expect(String(await refused)).toContain("The TV alone keeps the scores.");
  expect(await tableOf(tv)).toEqual(["1 Ada 0", "1 Ben 0"]);
  await pressOk(tv);
  await tv.getByRole("button", { name: "Next" }).waitFor();
  await new Promise<void>((resolve) => {
    ada?.state.on("right", (told) => told === right && resolve());
  });
});

test("no player wins where all have left at the end", async () => {
  const { tv, address } = await openTv();
  const players = ["Ada", "Ben"].map((name) => joinRoom({ name, server: url, code: address.slice(-4) }));
  onTestEnd(() => players.map((player) => player.close()));
  await seesRow(tv, /Ben/);
  await pressOk(tv);
  for (let round = 1; round <= 7; round++) {
    await seesRound(tv, round);
    await pressOk(tv);
    await tv.getByRole("button", { name: "Next" }).waitFor();
    await pressOk(tv);
  }
  await tv.getByRole("heading", { name: "Ada and Ben share the win!" }).waitFor();
  for (const player of players) player.close();
  await tv.getByRole("heading", { name: "Couch Quiz" }).waitFor();
  await pressOk(tv);
  await tv.getByText("Players still needed: 2").waitFor();
});
