/** The screens of a TV and a phone in a real browser, which drops the wake lock of every page that it hides. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually } from "../support/inbox.ts";
import { roomCodeOn, startPageParty } from "../support/page-life.ts";
import { startTabbedBrowser, type TabbedBrowser } from "../support/tabbed-browser.ts";

let browser: TabbedBrowser;

beforeAll(async () => {
  browser = await startTabbedBrowser();
}, 60_000);

afterAll(() => browser.close());

afterEach(() => expect(browser.problems).toEqual([]));

/** Runs in the page: keeps what the browser itself answers to requests for a wake lock. */
function keepAnswers(): void {
  const locks: (WakeLockSentinel | "refused")[] = [];
  const request = navigator.wakeLock.request.bind(navigator.wakeLock);
  navigator.wakeLock.request = async (type) => {
    try {
      const lock = await request(type);
      locks.push(lock);
      return lock;
    } catch (error) {
      locks.push("refused");
      throw error;
    }
  };
  Reflect.set(window, "locks", locks);
}

type LockState = "refused" | "held" | "dropped";

/** What has become of each request for a lock, oldest first. */
const locksOf = (page: Page): Promise<LockState[]> =>
  page.evaluate(() => {
    const locks: readonly (WakeLockSentinel | "refused")[] = Reflect.get(window, "locks");
    return locks.map((lock) => (lock === "refused" ? lock : lock.released ? "dropped" : "held"));
  });

/** Resolves when the requests have come to these states. */
const expectLocks = (page: Page, ...locks: readonly LockState[]): Promise<void> =>
  eventually(
    `of the wake locks: ${locks.join(", ")}`,
    async () => (await locksOf(page)).join(", ") === locks.join(", "),
  );

const isSeen = (page: Page): Promise<boolean> => page.evaluate(() => document.visibilityState === "visible");

describe("the wake lock of a page that hosts or plays", () => {
  test("is dropped by the browser when the page is hidden, taken again when it is seen, and given back when it leaves", async () => {
    const party = await startPageParty(browser);
    const tv = await party.openTv(keepAnswers);
    await expectLocks(tv, "held");

    const phone = await party.openPhone(await roomCodeOn(tv), keepAnswers);
    await expectLocks(phone, "held");
    await expectLocks(tv, "dropped");
    expect(await isSeen(tv)).toBe(false);

    await tv.bringToFront();
    await expectLocks(tv, "dropped", "held");
    await expectLocks(phone, "dropped");
    expect(await isSeen(phone)).toBe(false);

    await phone.bringToFront();
    await expectLocks(phone, "dropped", "held");
    await expectLocks(tv, "dropped", "dropped");

    await phone.evaluate(() => Reflect.get(window, "line").close());
    await expectLocks(phone, "dropped", "dropped");
    await tv.bringToFront();
    await expectLocks(tv, "dropped", "dropped", "held");
    await phone.bringToFront();
    await eventually("the phone is seen", () => isSeen(phone));
    expect(await locksOf(phone)).toEqual(["dropped", "dropped"]);
  });

  test("is taken at the next touch where the browser refused it at first", async () => {
    const party = await startPageParty(browser);
    await browser.setPermission("screen-wake-lock", "denied");
    onTestEnd(() => browser.setPermission("screen-wake-lock", "granted"));
    const tv = await party.openTv(keepAnswers);
    await expectLocks(tv, "refused");
    await browser.setPermission("screen-wake-lock", "granted");
    await tv.mouse.click(10, 10);
    await expectLocks(tv, "refused", "held");
  });
});
