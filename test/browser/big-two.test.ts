/** Big Two of `examples/`: a TV, two phones in hands that tap legal cards, and two bots, to 50 points. */
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { legalPlays } from "../../examples/big-two/rules.js";
import { bigTwo } from "../../examples/big-two/room.js";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";

const PAGES = fileURLToPath(new URL("../../examples/big-two", import.meta.url));
const TINY_PHONE = { ...SCREEN_SIZES.smallPhone, viewport: { width: 320, height: 568 } };

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  const options = {
    port: 0,
    host: "127.0.0.1",
    logLevel: "silent",
    drainMs: 0,
    games: PAGES,
    openRooms: "big-two",
    awayMs: 100,
  } as const;
  server = createServer(options, { rooms: [bigTwo] });
  ({ url } = await server.listen());
  browser = await startBrowser("big-two");
}, 60_000);

afterEach(() => expect(browser.problems).toEqual([]));

afterAll(async () => {
  await browser.close();
  await server.close();
});

/** Opens a table where bots think for next to no time, unless the options say otherwise. */
async function openTv(options = "thinkMs=20-60"): Promise<{ tv: Page; address: string }> {
  const tv = await browser.open(`${url}/games/big-two/?${options}`, SCREEN_SIZES.tv);
  await tv.locator("#qr svg").waitFor();
  return { tv, address: `http://${await tv.locator("#address").innerText()}` };
}

async function joinAs(
  name: string,
  address: string,
  screen: Parameters<TestBrowser["open"]>[1] = SCREEN_SIZES.phone,
): Promise<Page> {
  const phone = await browser.open(address, screen);
  await phone.getByLabel("Who are you?").fill(name);
  if (name === "Ada") await browser.keep(phone, "phone-0-name");
  await phone.getByRole("button", { name: "Sit down" }).tap();
  await phone.locator("#caption", { hasText: /Wait|at the table/ }).waitFor();
  return phone;
}

const cardsOf = (page: Page, place: string): Promise<string[]> =>
  page.locator(`${place} .card`).evaluateAll((cards) => cards.map((card) => card.getAttribute("data-card") ?? ""));

const phaseOf = async (page: Page): Promise<string> => (await page.locator("body").getAttribute("data-phase")) ?? "";

/** What overflows the screen sideways, or is cut off at its bottom. */
const overflow = (page: Page): Promise<number[]> =>
  page.evaluate(() => [
    document.documentElement.scrollWidth - innerWidth,
    document.documentElement.scrollHeight - innerHeight,
  ]);

/** Taps the weakest legal play of the phone's hand, or Pass where there is none, or where the player is idle and need not play. */
async function takeTurn(
  phone: Page,
  isIdle: boolean,
  look?: (what: "choosing" | "wrong") => Promise<void>,
): Promise<void> {
  const [hand, lying] = [await cardsOf(phone, "#hand"), await cardsOf(phone, "#play")];
  const isFirst = (await phone.locator("#hint").innerText()).startsWith("You begin");
  const [play] = legalPlays(hand, lying.length === 0 ? null : lying, { first: isFirst });
  if (look !== undefined && hand.length > 4) {
    const wrong = hand.slice(0, 4);
    for (const card of wrong) await phone.locator(`#hand [data-card="${card}"]`).tap();
    await phone.locator("#hint.wrong").waitFor();
    expect(await phone.locator("#send").isDisabled()).toBe(true);
    await look("wrong");
    for (const card of wrong) await phone.locator(`#hand [data-card="${card}"]`).tap();
  }
  if (play === undefined || (isIdle && lying.length > 0)) {
    await phone.getByRole("button", { name: "Pass" }).tap();
  } else {
    for (const card of play.cards) await phone.locator(`#hand [data-card="${card}"]`).tap();
    await phone.locator("#hint", { hasText: "That works" }).waitFor();
    await look?.("choosing");
    await phone.getByRole("button", { name: "Play", exact: true }).tap();
  }
  await phone.locator("body:not(.my-turn)").waitFor({ state: "attached" });
}

/** Which phone has the turn, or the phase that the table is in instead. */
async function nextTurn(phones: readonly Page[]): Promise<Page | "hand-over" | "game-over"> {
  const waits = phones.map(async (phone) => {
    await phone
      .locator("body.my-turn, body[data-phase=hand-over], body[data-phase=game-over]")
      .waitFor({ state: "attached" });
    const phase = await phaseOf(phone);
    return phase === "hand-over" || phase === "game-over" ? phase : phone;
  });
  return Promise.race(waits);
}

test("row 107, row 62: two phones and two bots play Big Two to 50 points, with the same rules in the pages as on the server", async () => {
  const { tv, address } = await openTv();
  await browser.keep(tv, "tv-1-empty");
  const ada = await joinAs("Ada", address);
  const ben = await joinAs("<b>Ben", address, TINY_PHONE);
  await tv.getByRole("button", { name: "Add a bot" }).click();
  await tv.locator(".seat", { hasText: "bot" }).waitFor();
  await browser.keep(tv, "tv-2-lobby");
  await browser.keep(ada, "phone-1-lobby");
  await browser.keep(ben, "tiny-1-lobby");
  await ben.getByRole("button", { name: "Add a bot" }).tap();
  await tv.getByText("Everyone is here.").waitFor();
  await tv.keyboard.press("Enter");

  const phones = [ada, ben];
  let [turns, hands] = [0, 0];
  for (;;) {
    const next = await nextTurn(phones);
    if (next === "game-over") break;
    if (next === "hand-over") {
      hands += 1;
      await tv.locator("body[data-phase=hand-over]").waitFor();
      if (hands === 1) {
        await browser.keep(tv, "tv-4-hand-over");
        await browser.keep(ada, "phone-4-hand-over");
        await browser.keep(ben, "tiny-4-hand-over");
      }
      await (hands % 2 === 0 ? ben : ada).getByRole("button", { name: "Next hand" }).tap();
      for (const phone of phones) await phone.locator("body[data-phase=playing]").waitFor();
      continue;
    }
    turns += 1;
    const name = next === ada ? "phone" : "tiny";
    if (turns <= 6) {
      await browser.keep(next, `${name}-2-turn-${turns}`);
      await browser.keep(tv, `tv-3-turn-${turns}`);
      expect([await overflow(next), await overflow(tv)]).toEqual([
        [0, 0],
        [0, 0],
      ]);
    }
    await takeTurn(
      next,
      next === ada && hands > 0,
      turns <= 4 ? (what) => browser.keep(next, `${name}-3-${what}-${turns}`) : undefined,
    );
    const lying = await cardsOf(tv, "#play");
    if (turns <= 6 || lying.length === 5) {
      const felt = await tv.locator("#felt").boundingBox();
      expect((felt?.y ?? 0) + (felt?.height ?? 0)).toBeLessThanOrEqual(1080);
      if (lying.length === 5) await browser.keep(tv, "tv-3-five");
    }
    if (turns === 2) await browser.keep(next, `${name}-3-waiting`);
  }
  await tv.locator("#podium .step").first().waitFor();
  await browser.keep(tv, "tv-5-end");
  await browser.keep(ada, "phone-5-end");
  await browser.keep(ben, "tiny-5-end");
  const points = await tv.locator("#rows td:last-child").allInnerTexts();
  expect(points).toHaveLength(4);
  expect(Math.max(...points.map(Number))).toBeGreaterThanOrEqual(50);
  await tv.keyboard.press("Enter");
  await ada.locator("body[data-phase=playing]").waitFor();
  expect(await cardsOf(ada, "#hand")).toHaveLength(13);
}, 600_000);

test("row 108: a phone that is reloaded has the same 13 cards, a fifth watches without cards, a TV that is reloaded has its table, and a bot takes over and gives back", async () => {
  const { tv, address } = await openTv("seed=7&turnSeconds=600&takeoverSeconds=1");
  const ada = await joinAs("Ada", address);
  for (const free of [3, 2, 1]) {
    await ada.getByRole("button", { name: "Add a bot" }).tap();
    await tv
      .locator(".seat.empty")
      .nth(free - 1)
      .waitFor({ state: "detached" });
  }
  await ada.getByRole("button", { name: "Start" }).tap();
  await ada.locator("body.my-turn").waitFor({ state: "attached" });
  const hand = await cardsOf(ada, "#hand");
  await ada.reload();
  await ada.locator("body.my-turn").waitFor({ state: "attached" });
  expect(await cardsOf(ada, "#hand")).toEqual(hand);
  await ada.getByRole("button", { name: "By suit" }).tap();
  const bySuit = await cardsOf(ada, "#hand");
  expect(bySuit.toSorted()).toEqual(hand.toSorted());
  expect(bySuit.map((card) => card.slice(-1)).join("")).toMatch(/^D*C*H*S*$/);

  const eve = await browser.open(address, SCREEN_SIZES.phone);
  await eve.getByLabel("Who are you?").fill("Eve");
  await eve.getByRole("button", { name: "Sit down" }).tap();
  await eve.getByText("You are watching.").waitFor();
  await browser.keep(eve, "phone-6-watching");
  expect(await cardsOf(eve, "#hand")).toEqual([]);

  await tv.reload();
  await tv.locator(".seat", { hasText: "Ada" }).waitFor();
  expect(`http://${await tv.locator("#address").innerText()}`).toBe(address);
  expect(await tv.locator("body").getAttribute("data-phase")).toBe("playing");

  const page = ada.url();
  await ada.context().setOffline(true);
  await ada.goto("about:blank");
  await tv.locator(".seat", { hasText: "Ada" }).getByText("a bot plays").waitFor();
  await browser.keep(tv, "tv-6-stand-in");
  await ada.context().setOffline(false);
  await ada.goto(page);
  await ada.locator("#hand .card").first().waitFor();
  await tv.locator(".seat", { hasText: "a bot plays" }).waitFor({ state: "detached" });
  const left = await cardsOf(ada, "#hand");
  expect(hand).toEqual(expect.arrayContaining(left)); // what the bot has left of the same hand
}, 120_000);

test("a keyboard plays too, and nobody who asks for less motion sees any", async () => {
  const { tv, address } = await openTv("turnSeconds=600");
  const ada = await joinAs("Ada", address);
  await ada.emulateMedia({ reducedMotion: "reduce" });
  for (const free of [3, 2, 1]) {
    await ada.keyboard.press("Tab");
    await ada.getByRole("button", { name: "Add a bot" }).press("Enter");
    await tv
      .locator(".seat.empty")
      .nth(free - 1)
      .waitFor({ state: "detached" });
  }
  await ada.getByRole("button", { name: "Start" }).press("Enter");
  await ada.locator("body.my-turn").waitFor({ state: "attached" });
  const lying = await cardsOf(ada, "#play");
  const hand = await cardsOf(ada, "#hand");
  const isFirst = (await ada.locator("#hint").innerText()).startsWith("You begin");
  const [play] = legalPlays(hand, lying.length === 0 ? null : lying, { first: isFirst });
  await ada.locator("#hand .card").first().focus();
  for (const card of hand) {
    if (play?.cards.includes(card) ?? false) await ada.keyboard.press("Space");
    await ada.keyboard.press("ArrowRight");
  }
  await ada.getByRole("button", { name: play === undefined ? "Pass" : "Play", exact: true }).press("Enter");
  await ada.locator("body:not(.my-turn)").waitFor({ state: "attached" });
  const durations = await ada
    .locator("#hand .card")
    .first()
    .evaluate((card) => getComputedStyle(card).transitionDuration);
  expect(durations).toBe("0s");
}, 120_000);

test("a phone at a full table in the lobby watches, and sits down after a reload once a seat is free", async () => {
  const { tv, address } = await openTv();
  for (let seats = 1; seats <= 4; seats++) {
    await tv.getByRole("button", { name: "Add a bot" }).click();
    await tv
      .getByRole("button", { name: "Remove" })
      .nth(seats - 1)
      .waitFor();
  }
  const eve = await browser.open(address, TINY_PHONE);
  await eve.getByLabel("Who are you?").fill("Eve");
  await eve.getByRole("button", { name: "Sit down" }).tap();
  await eve.getByText("All seats are taken.").waitFor();
  expect(await eve.getByRole("button").count()).toBe(0);
  await tv.getByRole("button", { name: "Remove" }).first().click();
  await eve.getByText("Reload to sit down.").waitFor();
  await eve.reload();
  await tv.locator(".seat", { hasText: "Eve" }).waitFor();
}, 60_000);
