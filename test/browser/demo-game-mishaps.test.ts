/** What goes wrong at parties, and what the demo game makes of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { WebSocket } from "ws";
import { PROMPTS } from "../../demo-game/prompts.js";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { STILL_SCREENS, startBrowser, type TestBrowser } from "../support/browser.ts";
import { button, codeOn, joinAs, scribble, seesHeading, type Stroke } from "../support/demo-game.ts";
import { eventually } from "../support/inbox.ts";

const TIME_LIMIT_MS = 120_000;
/** Drawn in no time. */
const SMILE: readonly Stroke[] = [
  [
    "Brush",
    "Red",
    [
      [0.3, 0.5],
      [0.4, 0.65],
      [0.6, 0.65],
      [0.7, 0.5],
    ],
  ],
];

let server: CouchwireServer;
let browser: TestBrowser;
let game = "";
let socketUrl = "";

beforeAll(async () => {
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0 });
  const { url } = await server.listen();
  game = `${url}/games/demo-game/`;
  socketUrl = url.replace("http", "ws");
  browser = await startBrowser("demo-game-mishaps");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.close();
}, 60_000);

let tv: Page;
let code = "";

/** A TV whose time is moved on by the test alone, so that a slow machine ends no phase. */
async function openTvWithoutTime(query: string): Promise<void> {
  tv = await browser.open("about:blank", STILL_SCREENS.smallTv);
  await tv.addInitScript(() => {
    let now = 1_000;
    performance.now = () => now;
    Object.assign(globalThis, { passSeconds: (seconds: number) => (now += 1_000 * seconds) });
  });
  await tv.goto(`${game}?${query}`);
  code = await codeOn(tv);
}

const passSeconds = (seconds: number): Promise<unknown> => tv.evaluate(`passSeconds(${seconds})`);

async function openTv(query = ""): Promise<void> {
  tv = await browser.open(`${game}?${query}`, STILL_SCREENS.smallTv);
  code = await codeOn(tv);
}

const openPhone = (): Promise<Page> => browser.open(`${game}player.html?room=${code}`, STILL_SCREENS.smallPhone);

async function joined(name: string): Promise<Page> {
  const phone = await openPhone();
  await joinAs(phone, name);
  return phone;
}

/** The tab again, with all that it has stored, as a browser's "duplicate tab" makes it. */
async function copyOf(page: Page): Promise<Page> {
  const stored = await page.evaluate(() => Object.entries(sessionStorage));
  const copy = await browser.open(`${game}icon.svg`, STILL_SCREENS.smallPhone);
  await copy.evaluate((entries) => {
    for (const [key, value] of entries) sessionStorage.setItem(key, String(value));
  }, stored);
  await copy.goto(page.url());
  return copy;
}

/** Nothing sticks out to the side, and the named control is on the screen. */
async function fits(phone: Page, control: string): Promise<void> {
  const sideways = await phone.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(sideways).toBe(0);
  await button(phone, control).hover({ trial: true }); // waits until it stands still
  const box = await button(phone, control).boundingBox();
  expect(box).not.toBeNull();
  const { width, height } = STILL_SCREENS.smallPhone.viewport;
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(height);
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
  expect(box?.height).toBeGreaterThanOrEqual(44);
}

describe("in the lobby", () => {
  beforeEach(() => openTv(), TIME_LIMIT_MS);

  test(
    "a reloaded phone gets its name and face back, and its place is not taken twice",
    async () => {
      const phone = await joined("Ada");
      const face = await phone.locator(".hero").innerHTML();
      await phone.reload();
      await phone.getByRole("heading", { name: "Ada", exact: true }).waitFor();
      expect(await phone.locator(".hero").innerHTML()).toBe(face);
      await tv.getByText("2 more players and you can start.").waitFor();
      expect(await tv.getByText("Ada", { exact: true }).count()).toBe(1);
      await fits(phone, "Start the game");
    },
    TIME_LIMIT_MS,
  );

  test(
    "two players of one name are told apart, and a long name is no trouble",
    async () => {
      await joined("Ada");
      const second = await joined("ada");
      await second.getByRole("heading", { name: "ada 2" }).waitFor();
      const third = await joined("WWWWWWWWWWWW");
      await tv.getByText("WWWWWWWWWWWW").first().waitFor();
      await fits(third, "Change name or face");
      await browser.keep(third, "phone-long-name");
      await browser.keep(tv, "tv-720p-lobby");
    },
    TIME_LIMIT_MS,
  );

  test(
    "a player who changes name and face keeps the place",
    async () => {
      const phone = await joined("Ada");
      await button(phone, "Change name or face").click();
      await joined("Bob");
      await fits(phone, "That's me");
      await browser.keep(phone, "phone-join-small");
      await phone.getByLabel("Who are you?").fill("Ada Lovelace");
      await button(phone, "That's me").click();
      await button(phone, "Change name or face").waitFor();
      await tv.getByText("Ada Lovelace", { exact: true }).waitFor();
      await tv.getByText("One more player and you can start.").waitFor();
    },
    TIME_LIMIT_MS,
  );

  test(
    "a ninth phone learns that all seats are taken, and is in when one is free",
    async () => {
      const sockets = Array.from({ length: 8 }, () => new WebSocket(`${socketUrl}/${code}`));
      await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("message", resolve))));
      const phone = await openPhone();
      await phone.getByRole("heading", { name: "You are next in line" }).waitFor();
      await fits(phone, "Just watch");
      await browser.keep(phone, "phone-full");
      const [leaver, ...others] = sockets;
      leaver?.close();
      await phone.getByLabel("Who are you?").waitFor();
      for (const socket of others) socket.terminate();
    },
    TIME_LIMIT_MS,
  );

  test(
    "a wrong code can be typed again",
    async () => {
      const phone = await browser.open(`${game}player.html?room=ZZZZ`, STILL_SCREENS.smallPhone);
      await phone.getByRole("heading", { name: "No such room" }).waitFor();
      await browser.keep(phone, "phone-no-such-room");
      await phone.getByLabel("Room code").fill(code.toLowerCase());
      await button(phone, "Go").click();
      await phone.getByLabel("Who are you?").waitFor();
    },
    TIME_LIMIT_MS,
  );

  test(
    "a lost connection is told, and comes back by itself",
    async () => {
      const phone = await openPhone();
      let cut: (() => void) | undefined;
      let isDead = false;
      await phone.routeWebSocket(/\/[A-Z]{4}\?/, (socket) => {
        if (isDead) {
          void socket.close({ code: 1012 });
          return;
        }
        socket.connectToServer();
        cut = () => void socket.close({ code: 1012 });
      });
      await phone.reload();
      await joinAs(phone, "Ada");
      isDead = true;
      cut?.();
      const notice = phone.locator("cw-connection").getByText(/Connection lost|The server is restarting/);
      await notice.waitFor();
      await browser.keep(phone, "phone-connection-lost");
      isDead = false;
      await notice.waitFor({ state: "hidden" });
      await phone.getByRole("heading", { name: "Ada", exact: true }).waitFor();
    },
    TIME_LIMIT_MS,
  );
});

describe("during a game", () => {
  test(
    "whoever draws sees the whole sheet and its button, however many lines the secret takes",
    async () => {
      await openTvWithoutTime("draw=12");
      const drawer = await joined("Ada");
      for (const name of ["Bob", "Cleo"]) await joined(name);
      await button(drawer, "Start the game").click();
      await button(drawer, "Done").waitFor();
      const longest = PROMPTS.toSorted((one, other) => other.length - one.length).slice(0, 20);
      for (const viewport of [STILL_SCREENS.smallPhone.viewport, { width: 320, height: 568 }]) {
        await drawer.setViewportSize(viewport);
        for (const prompt of ["a duck", ...longest]) {
          await drawer.locator(".secret strong").evaluate((secret, words) => (secret.textContent = words), prompt);
          await eventually(`there is room for “${prompt}” on ${viewport.width} pixels`, () =>
            drawer.evaluate(() => {
              const screen = document.querySelector("#screen");
              const done = document.querySelector(".draw-screen .primary")?.getBoundingClientRect();
              return screen?.scrollHeight === screen?.clientHeight && (done?.bottom ?? Infinity) <= innerHeight;
            }),
          );
        }
        await browser.keep(drawer, `phone-long-secret-${viewport.width}`);
      }
    },
    TIME_LIMIT_MS,
  );

  test(
    "a player who runs out of time is passed over, and what is on the paper is handed in",
    async () => {
      await openTvWithoutTime("draw=12&title=2&vote=2&reveal=1&scores=1");
      const drawer = await joined("Ada");
      const idler = await joined("Bob");
      await joined("Cleo");
      await button(drawer, "Start the game").click();
      await fits(drawer, "Done");
      const isOutOfTime = idler.getByRole("heading", { name: "Time's up!" }).waitFor();
      await scribble(drawer, SMILE);
      await browser.keep(drawer, "phone-draw-small");
      await passSeconds(12);
      await isOutOfTime;
      await browser.keep(idler, "phone-out-of-time");
      await tv.locator(".easel.is-done").getByText("Ada").waitFor();
      await passSeconds(5); // in which the others might still hand in
      await tv.getByText("1 of 1").waitFor();
      await browser.keep(tv, "tv-720p-title");
      // Nobody writes, nobody votes: it ends all the same.
      await eventually("the game ends", async () => {
        await passSeconds(1);
        return tv.getByRole("heading", { name: "The end" }).first().isVisible();
      });
      await tv.getByText("Nobody scored.").waitFor();
      await browser.keep(tv, "tv-720p-nobody-scored");
    },
    TIME_LIMIT_MS,
  );

  test(
    "a phone that is still choosing a name at the start plays in the next round",
    async () => {
      await openTv();
      const first = await joined("Ada");
      await joined("Bob");
      await joined("Cleo");
      const slow = await openPhone();
      await slow.getByLabel("Who are you?").fill("Dan");
      await button(first, "Start the game").click();
      await seesHeading(tv, "Draw!");
      await button(slow, "Join the game").click();
      await slow.getByRole("heading", { name: "You are in the next round" }).waitFor();
      await browser.keep(slow, "phone-next-round");
      expect(await tv.getByText("Dan", { exact: true }).count()).toBe(0);
    },
    TIME_LIMIT_MS,
  );

  test(
    "a TV that loses the server freezes, says so, and goes on with the same room",
    async () => {
      await openTv();
      let cut: (() => void) | undefined;
      let isDead = false;
      await tv.routeWebSocket(/\/CREATE/, (socket) => {
        if (isDead) {
          void socket.close({ code: 1012 });
          return;
        }
        socket.connectToServer();
        cut = () => void socket.close({ code: 1012 });
      });
      await tv.reload();
      code = await codeOn(tv);
      const phone = await joined("Ada");
      isDead = true;
      cut?.();
      await tv.getByText("The TV lost the server").waitFor();
      await browser.keep(tv, "tv-720p-reconnecting");
      await button(phone, "Change name or face").click();
      await phone.getByLabel("Who are you?").fill("Ada B.");
      await button(phone, "That's me").click();
      isDead = false;
      await tv.getByText("The TV lost the server").waitFor({ state: "hidden" });
      expect(await codeOn(tv)).toBe(code);
      await tv.getByText("Ada B.", { exact: true }).waitFor();
      await joined("Bob");
      await tv.getByText("One more player and you can start.").waitFor();
    },
    TIME_LIMIT_MS,
  );

  test(
    "an away player keeps the seat until the others go on without; with too few players the game ends and the room opens",
    async () => {
      await openTv();
      const first = await joined("Ada");
      const second = await joined("Bob");
      const third = await joined("Cleo");
      await button(first, "Start the game").click();
      await seesHeading(tv, "Draw!");
      await third.close();
      await first.close();
      await button(tv, "Help Cleo, who is away").waitFor();
      await browser.keep(tv, "tv-720p-away");
      await button(tv, "Help Ada, who is away").click();
      await button(tv, "Go on without Ada").click();
      await button(tv, "Help Ada, who is away").waitFor({ state: "hidden" });
      await tv.keyboard.press("r");
      await button(tv, "Go on without Cleo").click();
      await tv.getByText("Too few players are left").waitFor();
      await button(second, "Back to the lobby").click();
      await tv.getByText("2 more players and you can start.").waitFor();
      await joined("Dan");
    },
    TIME_LIMIT_MS,
  );

  test(
    "a copy of a phone's tab takes over from the first, which may take the seat back",
    async () => {
      await openTv();
      const phone = await joined("Ada");
      const twin = await copyOf(phone);
      await twin.getByRole("heading", { name: "Ada", exact: true }).waitFor();
      await phone.getByRole("heading", { name: "You are playing in another tab" }).waitFor();
      await fits(phone, "Play here");
      await browser.keep(phone, "phone-replaced");
      await tv.getByText("2 more players and you can start.").waitFor();
      await button(phone, "Play here").click();
      await phone.getByRole("heading", { name: "Ada", exact: true }).waitFor();
      await twin.getByRole("heading", { name: "You are playing in another tab" }).waitFor();
    },
    TIME_LIMIT_MS,
  );
});

test("nothing of this makes a page's script fail", () => {
  expect(browser.problems).toEqual([]);
});
