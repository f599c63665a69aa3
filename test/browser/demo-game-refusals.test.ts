/** Phones that may not come in: the demo game says why, and what to do about it. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { createRoom, type CreateRoomOptions, type HostRoom, type Player } from "../../src/sdk/node.ts";
import { STILL_SCREENS, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { button, codeOn, seesHeading } from "../support/demo-game.ts";
import { startUpgradeDroppingProxy } from "../support/upgrade-dropping-proxy.ts";

const TIME_LIMIT_MS = 120_000;

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0 });
  ({ url } = await server.listen());
  browser = await startBrowser("demo-game-refusals");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.close();
}, 60_000);

/** A host that lets phones in and says nothing. */
async function silentTv(options: CreateRoomOptions = {}): Promise<HostRoom> {
  const room = await createRoom({ server: url, game: "demo-game", ...options });
  onTestEnd(() => room.close());
  return room;
}

const openPhone = (code: string): Promise<Page> =>
  browser.open(`${url}/games/demo-game/player.html?room=${code}`, STILL_SCREENS.phone);

/** The player who comes next. */
const joinOf = (room: HostRoom): Promise<Player> => new Promise((resolve) => room.once("join", resolve));

/** Another tab of the same browser. */
async function openTab(page: Page, address: string): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(address);
  return tab;
}

describe("a phone that may not come in", () => {
  test(
    "is asked for the PIN that the TV shows, and learns that one was wrong",
    async () => {
      const tv = await browser.open(`${url}/games/demo-game/?pin=4711`, STILL_SCREENS.tv);
      await tv.getByText("with the PIN 4711").waitFor();
      await browser.keep(tv, "tv-pin");
      const code = await codeOn(tv);
      const phone = await openPhone(code);
      await seesHeading(phone, `Room ${code} asks for a PIN`);
      await browser.keep(phone, "phone-pin");
      await phone.getByLabel("PIN").fill("1234");
      await button(phone, "Go").click();
      await seesHeading(phone, "That was not the PIN");
      await phone.getByLabel("PIN").fill("4711");
      await button(phone, "Go").click();
      await phone.getByLabel("Who are you?").waitFor();
    },
    TIME_LIMIT_MS,
  );

  test(
    "may join again after it was removed, and not after it was banned",
    async () => {
      const room = await silentTv();
      const first = joinOf(room);
      const phone = await openPhone(room.code);
      room.kick(await first, { reason: "Be nice." });
      const second = joinOf(room);
      await seesHeading(phone, "You were removed");
      await phone.getByText("Be nice.").waitFor();
      await button(phone, "Join again").click();
      room.kick(await second, { reason: "I said be nice.", ban: true });
      await phone.getByText("I said be nice.").waitFor();
      await button(phone, "Join again").click();
      await seesHeading(phone, "You may not come back");
      expect(await button(phone, "Join again").count()).toBe(0);
      await browser.keep(phone, "phone-banned");
    },
    TIME_LIMIT_MS,
  );

  test(
    "is shown the way back to its seat where it has played already",
    async () => {
      const room = await silentTv();
      room.lock();
      const phone = await openPhone(room.code);
      await seesHeading(phone, "A game is on");
      await phone.getByText("Were you playing?").waitFor();
      await browser.keep(phone, "phone-locked");

      // The same phone in another tab: the device knows of the seat.
      room.open();
      const isIn = joinOf(room);
      const player = await openPhone(room.code);
      const seat = await isIn;
      room.lock();
      const tab = await openTab(player, player.url());
      await tab.getByText("Were you playing in another tab?").waitFor();
      await browser.keep(tab, "phone-locked-other-tab");
      const named = new Promise((resolve) => room.once("profile", resolve));
      seat.state.set("screen", { screen: "welcome" });
      await button(tab, "Take my seat").click();
      await tab.getByLabel("Who are you?").fill("Ada");
      await button(tab, "Join the game").click();
      expect(await named).toBe(seat);
      await seesHeading(player, "You are playing in another tab");

      const full = await silentTv({ maxPlayers: 0 });
      const other = await openPhone(full.code);
      await seesHeading(other, "All seats are taken");
      await other.getByText("Were you playing?").waitFor();
    },
    TIME_LIMIT_MS,
  );
});

describe("behind a proxy that lets no WebSocket through", () => {
  test(
    "the TV and a phone say so",
    async () => {
      const proxy = await startUpgradeDroppingProxy({ port: Number(new URL(url).port) });
      const tv = await browser.open(`${proxy}/games/demo-game/`, STILL_SCREENS.tv);
      await tv.getByText(/The server answers .* WebSockets are blocked/).waitFor();
      await browser.keep(tv, "tv-blocked");
      const room = await silentTv();
      const phone = await browser.open(`${proxy}/games/demo-game/player.html?room=${room.code}`, STILL_SCREENS.phone);
      await phone.getByText(/The server answers .* WebSockets are blocked/).waitFor();
      await browser.keep(phone, "phone-blocked");
    },
    TIME_LIMIT_MS,
  );
});
