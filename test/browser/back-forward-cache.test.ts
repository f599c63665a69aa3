/**
 * A page that is left and gone back to in a real browser: its script was stopped in the midst of the game, its socket was cut,
 * and it goes on where it was, out of the browser's cache.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { openRoom, roundTrip } from "../support/host-client.ts";
import { eventually } from "../support/inbox.ts";
import { roomCodeOn, isUp, kept, startPageParty } from "../support/page-life.ts";
import { PlayerClient } from "../support/player-client.ts";
import { startTabbedBrowser, type TabbedBrowser } from "../support/tabbed-browser.ts";

let browser: TabbedBrowser;

beforeAll(async () => {
  browser = await startTabbedBrowser();
}, 60_000);

afterAll(() => browser.close());

afterEach(() => {
  // That is how Chromium says that it cut the socket of a page that went into its cache.
  expect(browser.problems.filter((problem) => !problem.endsWith("Page entered Back-Forward Cache."))).toEqual([]);
});

const TEXTS = Array.from({ length: 200 }, (_, number) => `text ${number}`);
const BYTES = Uint8Array.of(1, 2, 3);
const LAST = "the last";

/** Goes to another page, does something, and goes back; the page has to come out of the cache. */
async function leaveAndReturn(page: Page, elsewhere: string, meanwhile: () => Promise<void>): Promise<void> {
  expect(await kept(page, "shown")).toEqual(["loaded"]);
  await page.goto(elsewhere);
  await meanwhile();
  await page.goBack({ waitUntil: "commit" }); // Playwright waits in vain for the load of a page that was never unloaded
  await eventually("the page is shown again", async () => (await kept(page, "shown")).length === 2);
  expect(await kept(page, "shown")).toEqual(["loaded", "from the cache"]);
  await isUp(page);
}

/** The page heard exactly this. More could only have come before the last one. */
async function heard(page: Page, expected: readonly unknown[]): Promise<void> {
  await eventually("the last has arrived", async () =>
    (await kept(page, "heard")).some((event) => Array.isArray(event) && event.at(-1) === LAST),
  );
  expect(await kept(page, "heard")).toEqual(expected);
}

describe("a page that is left and gone back to", () => {
  test("is the same player, and nothing is lost or doubled, either way", async () => {
    const party = await startPageParty(browser);
    const { host, code } = await openRoom(party.server);
    const phone = await party.openPhone(code);
    await host.until("player_joined");
    await host.until("state");

    await leaveAndReturn(phone, party.home, async () => {
      expect(await host.next()).toEqual({ cmd: "from_str", from: 1, data: "gone" });
      for (const data of TEXTS) host.send({ cmd: "to_str", to: [1], data });
      host.send({ cmd: "to", to: [1], data: BYTES });
      await roundTrip(host);
    });
    host.send({ cmd: "to_str", to: [1], data: LAST });
    await heard(phone, [...TEXTS.map((text) => ["text", text]), ["binary", ...BYTES], ["text", LAST]]);

    await phone.evaluate((text) => Reflect.get(window, "line").send(text), LAST);
    const said: unknown[] = [];
    while (said.at(-1) !== LAST) {
      const { cmd, ...rest } = await host.next();
      if (cmd === "from_str") said.push(rest.data);
      // The absence may have lasted long enough to be told.
      else expect({ cmd, ...rest }).toMatchObject({ cmd: expect.stringMatching(/^player_(away|back)$/), player: 1 });
    }
    expect(said).toEqual(["back", "cut", LAST]);
    expect(await roundTrip(host)).toEqual([]);
  });

  test("is the same TV, and nothing is lost or doubled, either way", async () => {
    const party = await startPageParty(browser);
    const tv = await party.openTv();
    const code = await roomCodeOn(tv);
    const player = await PlayerClient.connect(party.server, code);
    await eventually("the TV knows the player", async () => (await kept(tv, "heard")).length === 1);

    await leaveAndReturn(tv, party.home, async () => {
      expect(await player.next()).toBe("gone");
      for (const text of TEXTS.slice(0, 150)) player.send(text);
      player.send(BYTES);
    });
    expect(await roomCodeOn(tv)).toBe(code);
    for (const text of TEXTS.slice(150)) player.send(text);
    player.send(LAST);
    await heard(tv, [
      ["join", 1],
      ...TEXTS.slice(0, 150).map((text) => ["text", 1, text]),
      ["binary", 1, ...BYTES],
      ...TEXTS.slice(150).map((text) => ["text", 1, text]),
      ["text", 1, LAST],
    ]);

    await tv.evaluate((text) => Reflect.get(window, "line").broadcast(text), LAST);
    expect(await player.frames.take(3)).toEqual(["back", "cut", LAST]);
  });
});
