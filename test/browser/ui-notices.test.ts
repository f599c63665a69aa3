/** `<cw-countdown>`, `<cw-connection>` and `<cw-leaderboard>` while things change. */
import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { SCREEN_SIZES } from "../support/browser.ts";
import { cutLine } from "../support/cut-line.ts";
import { useGallery } from "../support/kit-gallery.ts";
import { seriousFaults } from "../support/serious-faults.ts";

const gallery = useGallery("ui-notices", /ERR_|Failed to load resource|WebSocket/);

const NOON = new Date("2026-11-29T12:00:00Z");

async function openCountdown(query: string): Promise<Page> {
  const page = await gallery.browser.open("about:blank", SCREEN_SIZES.tv);
  await page.clock.install({ time: NOON });
  await page.clock.pauseAt(new Date(NOON.getTime() + 1_000));
  await page.goto(`${gallery.url}/games/kit-gallery/?show=countdown&${query}`);
  await page.getByRole("timer").waitFor();
  return page;
}

test("a countdown shows the seconds, says few of them, and tells the end", async () => {
  const page = await openCountdown("seconds=12");
  const timer = page.getByRole("timer");
  const heard = page.getByRole("status");
  expect(await timer.innerText()).toBe("12");
  expect(await heard.textContent()).toBe("12 seconds");
  await page.clock.runFor(1_000);
  expect(await timer.innerText()).toBe("11");
  expect(await heard.textContent()).toBe("12 seconds");
  await page.clock.runFor(1_000);
  expect([await timer.innerText(), await heard.textContent()]).toEqual(["10", "10 seconds"]);
  expect(await page.locator("cw-countdown .is-last").count()).toBe(0);
  await page.clock.runFor(6_000);
  expect([await timer.innerText(), await heard.textContent()]).toEqual(["4", "10 seconds"]);
  expect(await page.locator("cw-countdown .is-last").count()).toBe(1);
  await gallery.browser.keep(page, "countdown-last");
  await page.clock.runFor(3_999);
  expect(await page.title()).not.toBe("ended");
  await page.clock.runFor(2);
  expect([await timer.innerText(), await heard.textContent(), await page.title()]).toEqual(["0", "Time’s up", "ended"]);
});

test("a deadline that has passed while the page was loaded again ends as well, once", async () => {
  const page = await openCountdown("seconds=12");
  await page.evaluate(() => {
    const countdown = document.querySelector("cw-countdown");
    if (countdown === null) throw new Error("There is no countdown.");
    let ends = 0;
    countdown.addEventListener("end", () => (document.title = `ended ${++ends}`));
    countdown.deadline = Date.now() - 5_000;
  });
  await page.clock.runFor(3_000);
  expect(await page.title()).toBe("ended 1");
});

test("row 19.4: the ring shows what is left, also on a page that is loaded again in the middle", async () => {
  const page = await openCountdown("seconds=5");
  const deadline = NOON.getTime() + 21_000;
  /** Binds it to a room with this deadline, as a page does when it is loaded. */
  const bind = (): Promise<void> =>
    page.evaluate((endsAt) => {
      const state = { get: () => endsAt, on: () => () => undefined };
      document.querySelector("cw-countdown")?.bind({ now: () => Date.now(), state }, "endsAt");
    }, deadline);
  /** The part of the ring that is drawn in the accent. */
  const part = async (): Promise<number> => {
    const offset = await page
      .locator("cw-countdown .left")
      .evaluate((ring) => parseFloat(getComputedStyle(ring).strokeDashoffset));
    return Math.round(100 * (1 - offset / 276.5));
  };
  await bind();
  expect(await part()).toBe(100);
  await page.clock.runFor(5_000);
  await page.reload();
  await bind();
  expect([await page.getByRole("timer").innerText(), await part()]).toEqual(["15", 75]);
});

test("a new deadline begins a new countdown, and none shows nothing", async () => {
  const page = await openCountdown("seconds=5");
  await page.clock.runFor(5_001);
  await page.evaluate("element.deadline = Date.now() + 75000");
  expect(await page.getByRole("timer").innerText()).toBe("75");
  await page.evaluate("element.deadline = Date.now() + 150000");
  expect(await page.getByRole("timer").innerText()).toBe("2:30");
  await page.evaluate("element.deadline = undefined");
  expect(await page.getByRole("timer").textContent()).toBe("");
});

test("a long countdown has hours, and stays within its ring", async () => {
  const page = await openCountdown("seconds=60000");
  const timer = page.getByRole("timer");
  /** The width of the text, as a part of the ring's. */
  const part = (): Promise<number> =>
    timer.evaluate((number) => {
      const range = document.createRange();
      range.selectNodeContents(number);
      return range.getBoundingClientRect().width / number.getBoundingClientRect().width;
    });
  for (const [seconds, text] of [
    [60_000, "16:40:00"],
    [359_999, "99:59:59"],
    [3_600, "1:00:00"],
    [3_599, "59:59"],
    [100, "1:40"],
    [99, "99"],
  ] as const) {
    await page.evaluate(`element.deadline = Date.now() + ${seconds * 1_000}`);
    expect(await timer.innerText()).toBe(text);
    expect([text, (await part()) < 0.78]).toEqual([text, true]);
  }
});

test("the notice leaves a phone's header free, and stands where the game wants it", async () => {
  const line = await cutLine(gallery.url);
  const page = await gallery.browser.open(`${line.url}/games/kit-gallery/?show=connection&phone=1`, SCREEN_SIZES.phone);
  await page.waitForFunction("document.title === 'bound'");
  line.cut();
  const notice = page.locator("cw-connection .notice");
  await notice.waitFor();
  const isInUpperHalf = async (): Promise<boolean> => {
    const height = await page.evaluate(() => innerHeight);
    return ((await notice.boundingBox())?.y ?? NaN) < height / 2;
  };
  expect(await isInUpperHalf()).toBe(false);
  await page.evaluate("element.setAttribute('place', 'top')");
  expect(await isInUpperHalf()).toBe(true);
  await page.setViewportSize(SCREEN_SIZES.tv.viewport);
  expect(await isInUpperHalf()).toBe(true);
  await page.evaluate("element.removeAttribute('place')");
  expect(await isInUpperHalf()).toBe(true);
  await page.evaluate("element.setAttribute('place', 'bottom')");
  expect(await isInUpperHalf()).toBe(false);
});

test("the notice is empty while all is well, says what is wrong and since when, and why it is over", async () => {
  const line = await cutLine(gallery.url);
  const page = await gallery.browser.open(`${line.url}/games/kit-gallery/?show=connection&phone=1`, SCREEN_SIZES.phone);
  await page.waitForFunction("document.title === 'bound'");
  const notice = page.getByRole("status");
  expect((await notice.innerText()).trim()).toBe("");
  line.cut();
  await notice.getByText(/Connection lost|The server does not answer/).waitFor();
  await notice.getByText(/^\d:\d\d$/).waitFor(); // it goes on as long as the line is cut
  expect(await seriousFaults(page)).toEqual([]);
  await gallery.browser.keep(page, "connection-lost");
  line.mend();
  await page.locator("cw-connection .notice").waitFor({ state: "hidden" });
  await page.evaluate("room.kick(1, 'Dinner is ready.')");
  await notice.getByText("Dinner is ready.").waitFor();
  await gallery.browser.keep(page, "connection-over");
  expect(await seriousFaults(page)).toEqual([]);
});

test("the best is first, equal scores share a rank, and rows keep their player", async () => {
  const page = await gallery.open("show=leaderboard&players=4", SCREEN_SIZES.phone);
  const rows = async (): Promise<string[]> =>
    (await page.getByRole("listitem").allInnerTexts()).map((row) => row.replaceAll(/\s+/g, " ").trim());
  expect(await rows()).toEqual(["1 Grace Hopper 1,210", "2 Ada 340", "2 Margaret 340", "4 Linus 80"]);
  await page.evaluate(
    "element.entries = element.entries.map((entry) => entry.name === 'Linus' ? { ...entry, score: 2000 } : entry)",
  );
  expect((await rows())[0]).toBe("1 Linus 2,000");
  await page.evaluate("element.setAttribute('limit', '2')");
  expect(await rows()).toEqual(["1 Linus 2,000", "2 Grace Hopper 1,210"]);
});

test("row 19.4: a row that climbs passes in front of the others, and hides what is behind it", async () => {
  const page = await gallery.open("show=leaderboard&players=5", SCREEN_SIZES.tv);
  await page.getByText("Linus").waitFor();
  const overlaps = await page.evaluate(() => {
    const board = document.querySelector("cw-leaderboard");
    const shadow = board?.shadowRoot;
    if (board === null || shadow === null || shadow === undefined) throw new Error("There is no leaderboard.");
    board.entries = board.entries.map((entry) => Object.assign(entry, entry.name === "Linus" && { score: 9_000 }));
    const seen: string[] = [];
    for (const at of [100, 200, 250, 300, 400]) {
      for (const animation of shadow.getAnimations()) {
        animation.pause();
        if (!(animation instanceof CSSTransition)) animation.currentTime = at;
      }
      const row = [...shadow.querySelectorAll("li")].find((item) => item.textContent.includes("Linus"));
      const box = row?.getBoundingClientRect() ?? new DOMRect();
      for (const y of [box.top + 2, box.top + box.height / 2, box.bottom - 2]) {
        const found = shadow.elementFromPoint(box.left + box.width * 0.5, y)?.closest("li");
        seen.push(found === row ? "Linus" : String(found?.textContent));
      }
      const [, alpha = "1"] =
        /rgba\(.*, ([\d.]+)\)/.exec(row === undefined ? "" : getComputedStyle(row).backgroundColor) ?? [];
      seen.push(`opaque ${alpha}`);
    }
    return [...new Set(seen)];
  });
  expect(overlaps).toEqual(["Linus", "opaque 1"]);
  await page.screenshot({ path: "test-results/ui-notices/leaderboard-glide.png" });
  await page.evaluate(() => {
    const shadow = document.querySelector("cw-leaderboard")?.shadowRoot;
    for (const animation of shadow?.getAnimations() ?? []) animation.finish();
  });
  await page.locator("cw-leaderboard .climbs").waitFor({ state: "detached" });
});

test("row 19.4: the first row, which grows, stands in front of those that make room for it", async () => {
  const page = await gallery.open("show=leaderboard&players=5", SCREEN_SIZES.tv);
  await page.getByText("Linus").waitFor();
  const seen = await page.evaluate(() => {
    const board = document.querySelector("cw-leaderboard");
    const shadow = board?.shadowRoot;
    if (board === null || shadow === null || shadow === undefined) throw new Error("There is no leaderboard.");
    const score = (first: number): void => {
      board.entries = board.entries.map((entry, index) => Object.assign(entry, { score: index === 0 ? first : 0 }));
    };
    score(0);
    for (const animation of shadow.getAnimations()) animation.finish();
    score(100);
    const animations = shadow.getAnimations().filter((animation) => !(animation instanceof CSSTransition));
    for (const animation of animations) {
      animation.pause();
      animation.currentTime = 50;
    }
    const box = shadow.querySelector("li")?.getBoundingClientRect() ?? new DOMRect();
    const found = shadow.elementFromPoint(box.left + box.width * 0.5, box.bottom - 2)?.closest("li");
    return { moving: animations.length, place: [...shadow.querySelectorAll("li")].findIndex((row) => row === found) };
  });
  expect(seen).toEqual({ moving: 4, place: 0 });
});

test("row 19.4: in a narrow column names stay readable, and players who are away are grey", async () => {
  const page = await gallery.open("show=leaderboard&players=4", SCREEN_SIZES.tv);
  await page.getByText("Linus").waitFor();
  await page.evaluate("element.style.fontSize = '34px'; element.style.width = '300px'");
  await page.evaluate("element.entries = element.entries.map((entry) => ({ ...entry, isAway: entry.name === 'Ada' }))");
  /** The names of which not all is to be seen. */
  const cut = (): Promise<string[]> =>
    page
      .locator("cw-leaderboard bdi")
      .evaluateAll((names) =>
        names.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map((name) => name.textContent ?? ""),
      );
  expect(await cut()).toEqual(expect.not.arrayContaining(["Ada", "Linus"]));
  await gallery.browser.keep(page, "leaderboard-narrow");
  expect(await page.locator("cw-leaderboard .is-away").allInnerTexts()).toEqual([expect.stringContaining("Ada")]);
  expect(await seriousFaults(page)).toEqual([]);
  const size = (): Promise<string> =>
    page.locator("cw-leaderboard ol").evaluate((list) => getComputedStyle(list).fontSize);
  expect(parseFloat(await size())).toBeLessThan(34);
  await page.evaluate("element.style.width = '900px'");
  await page.waitForFunction(
    "getComputedStyle(element.shadowRoot.querySelector('ol')).fontSize === '34px'", // and large again where there is room
  );
});

const deadlineOf = (page: Page): Promise<unknown> => page.evaluate("document.querySelector('cw-countdown').deadline");

test("TV and phone count down to the same moment, and the leaderboard follows the players' states", async () => {
  const tv = await gallery.open("show=state", SCREEN_SIZES.tv);
  await tv.waitForFunction("/^[A-Z]{4}$/.test(document.title)");
  const phone = await gallery.open(`show=state&room=${await tv.title()}`, SCREEN_SIZES.phone);
  const row = tv.getByRole("listitem");
  await row.getByText("Ada").waitFor();
  await tv.evaluate("room.state.set('endsAt', room.countdown(3_600_000)); room.players[0].state.set('score', 1234)");
  await row.getByText("1,234").waitFor();
  // The phone joined late, or early: it has the state either way.
  for (const page of [tv, phone])
    await page
      .getByRole("timer")
      .getByText(/^(?:59|60):\d\d$/)
      .waitFor();
  expect(await deadlineOf(phone)).toBe(await deadlineOf(tv));
  await tv.evaluate("room.state.set('endsAt', null)");
  for (const page of [tv, phone]) {
    await page.waitForFunction("document.querySelector('cw-countdown').deadline === undefined");
    expect(await page.getByRole("timer").textContent()).toBe("");
  }
});
