/** Seats in a real browser: tabs that are closed and opened, copied, mounted twice, and frames side by side. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { onTestEnd } from "../support/clean-up.ts";
import { openRoom, type HostClient } from "../support/host-client.ts";
import { eventually } from "../support/inbox.ts";
import { isUp, kept, startPageParty } from "../support/page-life.ts";
import { startTabbedBrowser, type TabbedBrowser } from "../support/tabbed-browser.ts";

let browser: TabbedBrowser;

beforeAll(async () => {
  browser = await startTabbedBrowser();
}, 60_000);

afterAll(() => browser.close());

afterEach(() => expect(browser.problems).toEqual([]));

/** The players whom the host has heard of, once it has heard of this. */
async function playersAfter(host: HostClient, said: string): Promise<unknown[]> {
  const joined: unknown[] = [];
  for (;;) {
    const event = await host.next();
    if (event.cmd === "player_joined" || event.cmd === "player_left") joined.push([event.cmd, event.player]);
    if (event.cmd === "from_str" && event.data === said) return [...joined, event.from];
  }
}

/** What leaves as people close a tab: the page hears of it, and is gone. */
async function closeTab(page: Page): Promise<void> {
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pagehide")));
  await page.close();
}

const say = (page: Page, text: string): Promise<void> =>
  page.evaluate((said) => Reflect.get(window, "line").send(said), text);

describe("a phone's seat", () => {
  test("is found again where the tab was closed and the QR code scanned again, in a room that is locked", async () => {
    const party = await startPageParty(browser);
    const { host, code } = await openRoom(party.server);
    await closeTab(await party.openPhone(code));
    host.send({ cmd: "start" });
    await say(await party.openPhone(code), "here again");
    expect(await playersAfter(host, "here again")).toEqual([["player_joined", 1], 1]);
  });

  test("is another one in a second tab beside the first, and each is kept over a reload", async () => {
    const party = await startPageParty(browser);
    const { host, code } = await openRoom(party.server);
    const first = await party.openPhone(code);
    const second = await party.openPhone(code);
    for (const tab of [first, second]) {
      await tab.reload();
      await isUp(tab);
    }
    await say(first, "one");
    await say(second, "two");
    expect(await playersAfter(host, "one")).toEqual([["player_joined", 1], ["player_joined", 2], 1]);
    expect(await playersAfter(host, "two")).toEqual([2]);
  });

  test("is taken over by a copy of the tab, and the first is told so", async () => {
    const party = await startPageParty(browser);
    const { host, code } = await openRoom(party.server);
    const first = await party.openPhone(code);
    const [copy] = await Promise.all([
      first.waitForEvent("popup"),
      first.evaluate(() => void window.open(location.href)), // as a copied tab, with a copy of what is stored
    ]);
    onTestEnd(() => copy.close());
    await isUp(copy);
    await eventually("the first tab is told", async () =>
      JSON.stringify(await kept(first, "heard")).includes("replaced"),
    );
    await say(copy, "I am you");
    expect(await playersAfter(host, "I am you")).toEqual([["player_joined", 1], 1]);
  });

  test("may be taken over from another tab by one that is told that the game has started", async () => {
    const party = await startPageParty(browser);
    const { host, code } = await openRoom(party.server);
    const first = await party.openPhone(code);
    host.send({ cmd: "start" });
    const second = await browser.openTab(`${party.home}/games/page-life/player.html?room=${code}`);
    onTestEnd(() => second.close());
    await eventually("it is locked out", async () =>
      JSON.stringify(await kept(second, "heard")).includes("room_locked"),
    );
    await second.evaluate(async () => {
      const path = "/sdk/couchwire.js";
      const { hasSeat, joinRoom } = await import(path);
      if (hasSeat()) Object.assign(window, { line: joinRoom({ takeOver: true }) });
    });
    await isUp(second);
    await say(second, "it was me");
    expect(await playersAfter(host, "it was me")).toEqual([["player_joined", 1], 1]);
    await eventually("the first tab is told", async () =>
      JSON.stringify(await kept(first, "heard")).includes("replaced"),
    );
  });

  test("has no ghost beside it where a framework mounts twice, or takes down what still connects", async () => {
    const party = await startPageParty(browser);
    const { host, code } = await openRoom(party.server, { max_players: 2 });
    const page = await browser.openTab(party.home);
    onTestEnd(() => page.close());
    await page.evaluate(async (room) => {
      const path = "/sdk/couchwire.js";
      const { joinRoom } = await import(path);
      joinRoom({ code: room }).close();
      joinRoom({ code: room }).detach();
      Object.assign(window, { line: joinRoom({ code: room }) });
      const hasty = joinRoom({ code: room });
      await Promise.resolve(); // its socket connects
      hasty.close();
    }, code);
    await isUp(page);
    await say(page, "alone");
    await eventually("the hasty one has left", async () => {
      const health: { readonly players: number } = await (await fetch(`${party.server.url}/healthz`)).json();
      return health.players === 1;
    });
    await say(page, "still alone");
    const events = await playersAfter(host, "still alone");
    const [seat] = events.slice(-1);
    const left = events.filter((event) => Array.isArray(event) && event[0] === "player_left");
    expect(left).toEqual(events.length === 2 ? [] : [["player_left", seat === 1 ? 2 : 1]]);
  });
});

test("four phones in frames of one page are four players, and the same after a reload of the page", async () => {
  const party = await startPageParty(browser);
  const { host, code } = await openRoom(party.server);
  const page = await browser.openTab(`${party.home}/games/page-life/frames.html?room=${code}`);
  onTestEnd(() => page.close());
  const phones = async (): Promise<string[]> => {
    await eventually("all four are in", async () => {
      const frames = page.frames().slice(1);
      const up = await Promise.all(
        frames.map((frame) =>
          frame.evaluate(() => Reflect.get(window, "line")?.isConnected === true).catch(() => false),
        ),
      );
      return up.filter(Boolean).length === 4;
    });
    for (let player = 1; player <= 4; player++) host.send({ cmd: "to_str", to: [player], data: `${player}` });
    await eventually("all four are told who they are", async () =>
      (
        await Promise.all(
          page
            .frames()
            .slice(1)
            .map((frame) => frame.title()),
        )
      ).every((title) => /^[1-4]$/.test(title)),
    );
    return await Promise.all(
      page
        .frames()
        .slice(1)
        .map((frame) => frame.title()),
    );
  };
  const before = await phones();
  expect(before.toSorted()).toEqual(["1", "2", "3", "4"]);
  await page.reload();
  expect(await phones()).toEqual(before);
});
