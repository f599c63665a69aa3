/** What axe finds serious on the server's own pages and on the screens of the demo games, in light and dark, at full size and 320 pixels wide. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { createRoom, type CreateRoomOptions, type HostRoom } from "../../src/sdk/node.ts";
import { still, STILL_SCREENS, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { button, codeOn, joinAs, scribble, seesHeading, titleField } from "../support/demo-game.ts";
import { DESK } from "../support/playground.ts";
import { seriousFaults } from "../support/serious-faults.ts";

const GAMES = ["demo-game", "demo-arena"].map((name) => fileURLToPath(new URL(`../../${name}`, import.meta.url)));
const NARROW = { width: 320, height: 568 };
const TIME_LIMIT_MS = 300_000;
/** What moves is looked at where it comes to rest. */
const { tv: TV, phone: PHONE } = STILL_SCREENS;

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  server = createServer({
    port: 0,
    host: "127.0.0.1",
    logLevel: "silent",
    games: GAMES.join(","),
    dev: true,
    awayMs: 120_000,
    drainMs: 0,
  });
  ({ url } = await server.listen());
  browser = await startBrowser("accessibility");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.close();
}, 60_000);

/** Looks at what the page shows now, in each look, and leaves the page as it was. */
async function expectNoFaults(page: Page, name: string): Promise<void> {
  const size = page.viewportSize() ?? NARROW;
  for (const viewport of [size, NARROW]) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const look = `${name} ${colorScheme} ${viewport.width}`;
      await browser.keep(page, look.replaceAll(" ", "-"));
      expect([look, await seriousFaults(page)]).toEqual([look, []]);
    }
  }
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: null });
}

async function hostOf(game: string, options: CreateRoomOptions = {}): Promise<HostRoom> {
  const room = await createRoom({ server: url, game, ...options });
  onTestEnd(() => room.close());
  return room;
}

const openPhone = (code: string): Promise<Page> => browser.open(`${url}/${code}`, PHONE);

/** Joins with the kit's form; `there` is what the phone shows then. */
async function joinWithForm(name: string, code: string, there: string): Promise<Page> {
  const phone = await openPhone(code);
  await phone.getByLabel("Your name").fill(name);
  await phone.getByRole("button", { name: "Join" }).tap();
  await phone.locator(there).waitFor();
  return phone;
}

describe("row 19.4: axe finds nothing serious", () => {
  test(
    "on the start page, on a TV and on a phone, and where a room has closed",
    async () => {
      const tv = await browser.open(url, TV);
      await tv.locator(".card").first().waitFor();
      await expectNoFaults(tv, "start tv");
      const phone = await browser.open(url, PHONE);
      await expectNoFaults(phone, "start phone");
      await phone.goto(`${url}/?closed=room_locked`);
      await expectNoFaults(phone, "start closed");
    },
    TIME_LIMIT_MS,
  );

  test(
    "where a phone opens a room: one that is not there, one of another site, one with a form, and a PIN",
    async () => {
      const phone = await browser.open(`${url}/BBBB`, PHONE);
      await expectNoFaults(phone, "room not found");
      const elsewhere = await hostOf("elsewhere", { joinUrl: "https://quiz.example/play" });
      await phone.goto(`${url}/${elsewhere.code}`);
      await expectNoFaults(phone, "room elsewhere");
      const unserved = await hostOf("unserved");
      await phone.goto(`${url}/${unserved.code}`);
      await expectNoFaults(phone, "room not served");
      const room = await hostOf("demo-arena", { pin: "4711" });
      await phone.goto(`${url}/${room.code}`);
      await phone.getByLabel("Your name").fill("Ada");
      await expectNoFaults(phone, "room join");
      await phone.getByRole("button", { name: "Join" }).tap();
      await phone.getByLabel("PIN").waitFor();
      await expectNoFaults(phone, "room pin");
    },
    TIME_LIMIT_MS,
  );

  test(
    "on the launcher: waiting, with people, with a game in sight, and on the phones with and without the remote",
    async () => {
      const tv = await browser.open(`${url}/tv`, TV);
      await tv.locator("#qr svg").waitFor();
      await expectNoFaults(tv, "tv waiting");
      const code = (await tv.locator("#code").textContent()) ?? "";
      await expectNoFaults(await openPhone(code), "tv phone join");
      const list = "ul.games";
      const ada = await joinWithForm("Ada", code, list);
      const bob = await joinWithForm("Bob", code, list);
      await tv.locator("#people li").nth(1).waitFor();
      await expectNoFaults(tv, "tv people");
      await expectNoFaults(ada, "tv phone remote");
      await ada.getByRole("button", { name: "Treadheads" }).first().tap();
      await tv.locator("#hero-title", { hasText: "Treadheads" }).waitFor();
      await bob.getByText("Ada is looking at it").waitFor();
      await expectNoFaults(tv, "tv choosing");
      await expectNoFaults(ada, "tv phone choosing");
      await expectNoFaults(bob, "tv phone without remote");
      await ada.getByRole("button", { name: "Hand the remote on" }).tap();
      await ada.getByRole("dialog").waitFor();
      await expectNoFaults(ada, "tv phone hand on");
    },
    TIME_LIMIT_MS,
  );

  test(
    "in the playground",
    async () => {
      const page = await browser.open(`${url}/playground/demo-arena?phones=2`, still(DESK));
      await page.locator('.tile[data-frame="2"]').waitFor();
      await page.locator(".wire-row").first().waitFor();
      await page.locator(".wire-row").first().click();
      await expectNoFaults(page, "playground");
      await page.getByRole("button", { name: /^More/ }).last().click();
      await expectNoFaults(page, "playground menu");
    },
    TIME_LIMIT_MS,
  );

  test(
    "in the tank arena: lobby, battle, result",
    async () => {
      const tv = await browser.open(`${url}/games/demo-arena/?seconds=5`, TV);
      await tv.locator("#code b", { hasText: /\/[A-Z]{4}$/ }).waitFor({ state: "attached" });
      const code = (await tv.locator("#code b").textContent())?.slice(-4) ?? "";
      const named = "#name:not(:empty)";
      const ada = await joinWithForm("Ada", code, named);
      await joinWithForm("Bob", code, named);
      await tv.locator("cw-lobby").getByText("Bob").first().waitFor();
      await expectNoFaults(tv, "arena tv lobby");
      await expectNoFaults(ada, "arena phone lobby");
      await tv.getByRole("button", { name: "Start" }).click();
      await tv.locator("body[data-phase=over]").waitFor();
      await expectNoFaults(tv, "arena tv over");
      await expectNoFaults(ada, "arena phone over");
      await tv.goto(`${url}/games/demo-arena/?seconds=3600`);
      await tv.locator("#again").click();
      await tv.locator("body[data-phase=play]").waitFor();
      await expectNoFaults(tv, "arena tv play");
      await expectNoFaults(ada, "arena phone play");
    },
    TIME_LIMIT_MS,
  );

  test(
    "in Scrawlywags, from the lobby to the podium",
    async () => {
      const patient = "draw=300&title=300&vote=300&reveal=300&scores=300&think=0.2";
      const tv = await browser.open(`${url}/games/demo-game/?${patient}`, TV);
      const code = await codeOn(tv);
      await expectNoFaults(tv, "wags tv lobby empty");
      const ada = await openPhone(code);
      await ada.getByLabel("Who are you?").waitFor();
      await expectNoFaults(ada, "wags phone join");
      await joinAs(ada, "Ada");
      for (const name of ["Doodle", "Smudge"]) {
        await button(tv, "Add a bot").click();
        await button(tv, `Remove ${name}`).waitFor();
      }
      await button(tv, "No").click();
      await expectNoFaults(tv, "wags tv lobby");
      await expectNoFaults(ada, "wags phone lobby");

      await button(ada, "Start the game").click();
      await seesHeading(tv, "Draw!");
      await scribble(ada);
      await expectNoFaults(tv, "wags tv draw");
      await expectNoFaults(ada, "wags phone draw");
      await button(ada, "Done").click();

      // Each screen of the first round that asks this phone for a title, and the artist's own.
      const seen = new Set<string>();
      for (let round = 1; round <= 3; round++) {
        await tv.getByText(`${round} of 3`).waitFor();
        const isMine = ada.locator("html[data-mood=title]").getByRole("img", { name: "That's yours!" });
        await isMine.or(titleField(ada)).first().waitFor();
        const isArtist = await isMine.isVisible();
        const name = isArtist ? "artist" : "guesser";
        const isNew = !seen.has(name);
        seen.add(name);
        if (isNew) await expectNoFaults(ada, `wags phone title ${name}`);
        if (!isArtist) {
          if (isNew) {
            await expectNoFaults(tv, "wags tv title");
            await titleField(ada).fill("!");
            await button(ada, "Send").click();
            await ada.getByText("at least a word").waitFor();
            await expectNoFaults(ada, "wags phone refused");
          }
          await titleField(ada).fill(`fib of round ${round}`);
          await button(ada, "Send").click();
          await seesHeading(tv, "Spot the truth");
          const choice = ada.locator("button.choice:enabled").first();
          await choice.waitFor();
          if (isNew) {
            await expectNoFaults(tv, "wags tv vote");
            await expectNoFaults(ada, "wags phone vote");
          }
          await choice.click();
        }
        await seesHeading(ada, "Look up!");
        if (isNew) await expectNoFaults(ada, `wags phone watch ${name}`);
        for (let step = 1; (await tv.locator("html[data-mood=reveal] .scores").count()) === 0; step++) {
          if (isNew) await expectNoFaults(tv, `wags tv reveal ${name} ${step}`);
          const scene = await tv.locator("#stage").innerText();
          await button(ada, "Skip ahead").click();
          await tv.waitForFunction(
            (before) => document.querySelector<HTMLElement>("#stage")?.innerText !== before,
            scene,
          );
        }
        if (isNew) {
          await expectNoFaults(tv, `wags tv scores ${name}`);
          await expectNoFaults(ada, `wags phone outcome ${name}`);
        }
        await button(ada, "Skip ahead").click();
      }
      await tv.locator(".podium-scene").waitFor();
      await expectNoFaults(tv, "wags tv podium");
      await expectNoFaults(ada, "wags phone podium");
      await button(ada, "Change name or face").click();
      await expectNoFaults(ada, "wags phone change");
      expect(seen.size).toBe(2);
    },
    TIME_LIMIT_MS,
  );

  test("issue 22.5: what Scrawlywags plays is written on the TV, once it plays anything", async () => {
    const tv = await browser.open(`${url}/games/demo-game/?think=0.2`, TV);
    await codeOn(tv);
    const captions = tv.locator("#captions");
    expect(await captions.textContent()).toBe("");
    await button(tv, "Yes, please").click();
    await captions.and(tv.getByText("plink: somebody is done")).waitFor({ state: "attached" });
    await button(tv, "Add a bot").click();
    await captions.and(tv.getByText("ding dong: somebody is here")).waitFor({ state: "attached" });
  });

  test(
    "in what Scrawlywags says where something is wrong",
    async () => {
      const phone = await browser.open(`${url}/games/demo-game/player.html`, PHONE);
      await phone.getByLabel("Room code").waitFor();
      await expectNoFaults(phone, "wags phone code");
      const room = await hostOf("demo-game", { pin: "12" });
      const locked = await openPhone(room.code);
      await seesHeading(locked, "asks for a PIN");
      await expectNoFaults(locked, "wags phone pin");
      const other = await hostOf("demo-game");
      other.lock();
      await phone.goto(`${url}/${other.code}`);
      await seesHeading(phone, "A game is on");
      await expectNoFaults(phone, "wags phone ending");
    },
    TIME_LIMIT_MS,
  );
});
