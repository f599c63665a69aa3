/** What `couchwire new` makes and `couchwire dev` serves: each template is played a round, by the real command in a folder of its own. */
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createServer } from "../../src/index.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { startCli } from "../support/cli-process.ts";
import { noteTexts, type ShownTexts } from "../support/shown-texts.ts";
import { installViteExample, serveBuiltPages, VITE_EXAMPLE } from "../support/vite-example.ts";

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("templates");
}, 60_000);

afterAll(async () => {
  await browser.close();
});

interface Development {
  readonly tv: Page;
  /** Opens a phone that has joined the room under this name. */
  readonly phone: (name: string) => Promise<Page>;
}

/** Makes the game in a folder of its own. */
async function make(template: string, ...words: readonly string[]): Promise<{ readonly folder: string }> {
  const parent = mkdtempSync(join(tmpdir(), "couchwire-template-"));
  onTestEnd(() => rmSync(parent, { recursive: true }));
  const { exitCode, stdout } = await startCli(["new", "my-game", "--template", template, ...words], {}, parent).ended;
  expect(stdout).toContain("cd my-game\n");
  expect(exitCode).toBe(0);
  return { folder: join(parent, "my-game") };
}

/** Makes the game, serves it, and opens it on the TV. */
async function develop(template: string): Promise<Development> {
  const { folder } = await make(template);
  const cli = startCli(["dev", "--host", "127.0.0.1", "--port", "0", "--no-open"], {}, folder);
  onTestEnd(async () => {
    cli.kill("SIGTERM");
    expect((await cli.ended).exitCode).toBe(0);
  });
  const { url } = await cli.listening;
  const tv = await noteHeadings(await browser.open(`${url}/games/my-game/`, SCREEN_SIZES.tv));
  await tv.locator("cw-lobby cw-qr svg").waitFor();
  const code = await tv.locator("cw-lobby .code").innerText();
  return {
    tv,
    async phone(name) {
      const phone = await noteHeadings(await browser.open(`${url}/${code}`, SCREEN_SIZES.phone));
      if (name === "Ada") await browser.keep(phone, `${template}-phone-join`);
      await joinAt(phone, name);
      await tv.locator("cw-lobby bdi", { hasText: name }).waitFor({ state: "attached" });
      return phone;
    },
  };
}

async function joinAt(phone: Page, name: string): Promise<void> {
  await phone.getByLabel("Your name").fill(name);
  await phone.getByRole("button", { name: "Join", exact: true }).tap();
}

const start = (tv: Page): Promise<void> => tv.locator("cw-lobby .start").click();

const headings = new WeakMap<Page, ShownTexts>();

/** The page's heading says this, or has said it since the text that was last asked for: a result is over after seconds. */
async function says(page: Page, text: string | RegExp): Promise<void> {
  const shown = headings.get(page);
  if (shown === undefined) throw new Error("The headings of this page are not noted.");
  await shown.shows(text);
}

async function noteHeadings(page: Page): Promise<Page> {
  headings.set(page, await noteTexts(page, "h1"));
  return page;
}

test("row 19.5 blank: a phone says hello, and the TV knows who", async () => {
  const { tv, phone: joinAs } = await develop("blank");
  const ada = await joinAs("Ada");
  await joinAs("Bob");
  await browser.keep(tv, "blank-tv-lobby");
  await start(tv);
  await ada.locator("cw-button button").tap();
  await says(tv, "Ada says hello!");
  await browser.keep(ada, "blank-phone");
  await browser.keep(tv, "blank-tv");
  await tv.reload();
  await says(tv, "Ada says hello!");
  expect(browser.problems).toEqual([]);
}, 120_000);

test("row 19.5 quiz: questions, a typed answer, a late comer who waits, reloads of both sides", async () => {
  const { tv, phone: joinAs } = await develop("quiz");
  const ada = await joinAs("Ada");
  const bob = await joinAs("Bob");
  await start(tv);
  await says(ada, "Which planet is the largest?");
  await ada.getByRole("radio", { name: "Jupiter" }).tap();
  await browser.keep(ada, "quiz-phone-answered");

  const eve = await joinAs("Eve");
  await says(eve, "You play from the next question on.");
  await ada.reload();
  await ada.getByRole("radio", { name: "Jupiter", checked: true }).waitFor();
  await tv.reload();
  await says(tv, "Which planet is the largest?");
  await browser.keep(tv, "quiz-tv-question");
  await browser.keep(bob, "quiz-phone-question");
  await bob.getByRole("radio", { name: "Saturn" }).tap();
  await says(ada, "It is Jupiter. You have 100 points.");
  await says(bob, "It is Jupiter. You have 0 points.");
  await browser.keep(tv, "quiz-tv-answer");
  await browser.keep(eve, "quiz-phone-late");

  await says(eve, "How many hearts has an octopus?");
  for (const phone of [ada, bob, eve]) await phone.getByRole("radio", { name: "Three" }).tap();
  await says(eve, "It is Three. You have 100 points.");
  await says(ada, "Type it in: what do bees make?");
  for (const phone of [ada, bob, eve]) {
    await phone.locator("cw-text input").fill(phone === bob ? "Wax" : " honey ");
    await browser.keep(phone, "quiz-phone-typing");
    await phone.locator("cw-text .primary").tap();
  }
  await says(ada, "It is Honey. You have 300 points.");
  await browser.keep(tv, "quiz-tv-typed");
  await says(ada, "300 points. Well played!");
  await start(tv);
  await says(bob, "Which planet is the largest?");
  expect(browser.problems).toEqual([]);
}, 180_000);

test("row 19.5 quiz: when the one who has not answered goes, the others do not wait; and no phone sets its score", async () => {
  const { tv, phone: joinAs } = await develop("quiz");
  const ada = await joinAs("Ada");
  const bob = await joinAs("Bob");
  await start(tv);
  await tv.evaluate(() => {
    document.querySelector("cw-countdown")?.addEventListener("end", () => (document.title = "the time is up"));
  });
  await ada.getByRole("radio", { name: "Jupiter" }).tap();
  await tv.locator("section p", { hasText: "Jupiter" }).waitFor();
  await bob.close();
  await says(ada, "It is Jupiter. You have 100 points.");
  expect(await tv.title()).not.toBe("the time is up");
  await tv.locator("cw-leaderboard .is-away bdi", { hasText: "Bob" }).waitFor();
  expect(browser.problems).toEqual([]);
}, 120_000);

/** Holds the stick of the phone so many pixels to the right and down. */
async function fly(phone: Page, right: number, down: number): Promise<void> {
  const stick = await phone.locator("cw-joystick").boundingBox();
  if (stick === null) throw new Error("There is no stick.");
  const [x, y] = [stick.x + stick.width / 2, stick.y + stick.height / 2];
  await phone.mouse.move(x, y);
  await phone.mouse.down();
  await phone.mouse.move(x + right, y + down, { steps: 4 });
}

test("row 19.5 arcade: a stick moves a ship to a star, and a reloaded TV goes on", async () => {
  const { tv, phone: joinAs } = await develop("arcade");
  const ada = await joinAs("Ada");
  const bob = await joinAs("Bob");
  await start(tv);
  await tv.locator("cw-lobby").waitFor({ state: "hidden" });
  // On ways that come by everywhere, each ship goes around the screen until one has met a star.
  await fly(ada, 90, 36);
  await fly(bob, -25, 90);
  await Promise.race([ada, bob].map((phone) => phone.locator("h1", { hasText: /★ [1-9]/ }).waitFor()));
  await browser.keep(tv, "arcade-tv");
  await browser.keep(ada, "arcade-phone");
  await tv.reload();
  await tv
    .locator("cw-leaderboard .score", { hasText: /^[1-9]/ })
    .first()
    .waitFor();
  await tv.locator("cw-lobby").waitFor({ state: "hidden" });
  expect(browser.problems).toEqual([]);
}, 120_000);

test("row 19.5 party: all draw, all vote, and reloads lose no ink", async () => {
  const { tv, phone: joinAs } = await develop("party");
  const ada = await joinAs("Ada");
  const bob = await joinAs("Bob");
  await start(tv);
  for (const phone of [ada, bob]) {
    await says(phone, "A cat on the moon");
    const sheet = await phone.locator("cw-draw .sheet").boundingBox();
    if (sheet === null) throw new Error("There is no sheet.");
    await phone.mouse.move(sheet.x + sheet.width * 0.2, sheet.y + sheet.height * 0.3);
    await phone.mouse.down();
    await phone.mouse.move(sheet.x + sheet.width * 0.8, sheet.y + sheet.height * 0.7, { steps: 8 });
    await phone.mouse.up();
  }
  const inkIsOnTv = (): Promise<unknown> =>
    tv.waitForFunction(() => [...document.querySelectorAll("cw-draw")].filter((sheet) => !sheet.isEmpty).length === 2);
  await inkIsOnTv();
  await browser.keep(tv, "party-tv-draw");
  await browser.keep(ada, "party-phone-draw");
  await tv.reload();
  await inkIsOnTv();
  await ada.reload();
  await ada.waitForFunction(() => document.querySelector("cw-draw")?.isEmpty === false);

  // The 45 seconds for drawing run out by themselves.
  await ada.locator("h1", { hasText: "Which one is the best?" }).waitFor({ timeout: 120_000 });
  await browser.keep(ada, "party-phone-vote");
  const drawings = await noteTexts(tv, "section");
  await ada.getByRole("radio", { name: "Bob" }).tap();
  await bob.getByRole("radio", { name: "Ada" }).tap();
  await says(ada, "You have 100 points.");
  await drawings.shows("Bob +100");
  await browser.keep(tv, "party-tv-result");
  await says(bob, "The worst birthday cake");
  await bob.waitForFunction(() => document.querySelector("cw-draw")?.isEmpty === true);
  expect(browser.problems).toEqual([]);
}, 180_000);

describe("with --vite", () => {
  beforeAll(() => installViteExample(), 300_000);

  test.each(["quiz", "arcade", "party", "blank"])(
    "row 19.5 %s is checked, built, and played from another origin",
    async (template) => {
      const { folder } = await make(template, "--vite");
      symlinkSync(join(VITE_EXAMPLE, "node_modules"), join(folder, "node_modules"));
      const server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0 });
      onTestEnd(() => server.close());
      const { url } = await server.listen();
      const pages = await serveBuiltPages(url, folder);
      onTestEnd(pages.close);
      expect(readdirSync(pages.folder)).toEqual(
        expect.arrayContaining(["couchwire.json", "index.html", "player.html"]),
      );
      const tv = await browser.open(pages.url, SCREEN_SIZES.tv);
      await tv.locator("cw-lobby cw-qr svg").waitFor();
      const code = await tv.locator("cw-lobby .code").innerText();
      const phones: Page[] = [];
      for (const name of ["Ada", "Bob"]) {
        const phone = await noteHeadings(
          await browser.open(`${pages.url}player.html?room=${code}`, SCREEN_SIZES.phone),
        );
        await joinAt(phone, name);
        phones.push(phone);
        await tv.locator("cw-lobby bdi", { hasText: name }).waitFor();
      }
      await start(tv);
      await tv.locator("cw-lobby").waitFor({ state: "hidden" });
      if (template === "quiz") {
        for (const phone of phones) await phone.getByRole("radio", { name: "Jupiter" }).tap();
        for (const phone of phones) await says(phone, "It is Jupiter. You have 100 points.");
      }
      await tv.reload();
      await tv.locator("cw-lobby").waitFor({ state: "hidden" });
      expect(browser.problems).toEqual([]);
    },
    180_000,
  );

  test("row 19.5 couchwire dev says what to do with such a project", async () => {
    const { folder } = await make("blank", "--vite");
    const { exitCode, stderr } = await startCli(["dev", "--no-open"], {}, folder).ended;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/is a project of Vite: npm run dev serves its pages/);
  });
});
