/** How the elements look, and what axe says of them, in each theme, direction and size. Screenshots are kept in test-results/ui. */
import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { SCREEN_SIZES } from "../support/browser.ts";
import { useGallery } from "../support/kit-gallery.ts";
import { seriousFaults } from "../support/serious-faults.ts";

const gallery = useGallery("ui");

/** The query that shows it, what is there when it is ready, and a text in it for which language and theme change while it is open. */
const ELEMENTS = [
  { name: "lobby", query: "show=lobby&players=5&here=4", ready: "text=Away" },
  { name: "lobby-waiting", query: "show=lobby&players=1&min=3", ready: "text=Ada" },
  { name: "lobby-large", query: "show=lobby&players=8&max=20&top", ready: "text=Radia" },
  {
    name: "lobby-crowd",
    query: "show=lobby&players=5&max=5&audience=9&overflow=queue&watchers=4&waiting=2",
    ready: "text=Waiting: 2",
  },
  { name: "lobby-streamer", query: "show=lobby&players=5&streamer", ready: "text=Ken" },
  { name: "lobby-streamer-shown", query: "show=lobby&players=8&max=20&top&streamer=shown", ready: "text=Radia" },
  { name: "join", query: "show=join&room=BCDF", ready: "cw-join input" },
  { name: "join-watch", query: "show=join&room=BCDF&watch", ready: "text=Just watch" },
  { name: "join-line", query: "show=line&max=1&overflow=queue", ready: "text=Your place in line: 1" },
  { name: "qr", query: "show=qr", ready: "cw-qr svg" },
  { name: "qr-streamer", query: "show=qr&streamer&caption", ready: "text=The code is hidden" },
  { name: "qr-caption", query: "show=qr&caption", ready: "cw-qr svg" },
  { name: "countdown-hours", query: "show=countdown&seconds=60000", ready: "cw-countdown [role=timer]" },
  { name: "countdown", query: "show=countdown&seconds=90", ready: "cw-countdown [role=timer]" },
  { name: "leaderboard", query: "show=leaderboard&players=5", ready: "text=Grace" },
] as const;

const LOOKS = [
  { look: "light", lang: "en", scheme: "light", screen: SCREEN_SIZES.tv.viewport },
  { look: "dark", lang: "de", scheme: "dark", screen: SCREEN_SIZES.tv.viewport },
  { look: "rtl", lang: "ar", scheme: "light", screen: SCREEN_SIZES.smallTv.viewport },
  { look: "phone", lang: "fr", scheme: "dark", screen: SCREEN_SIZES.phone.viewport },
  { look: "320", lang: "es", scheme: "light", screen: { width: 320, height: 568 } },
  { look: "320-rtl", lang: "ar", scheme: "dark", screen: { width: 320, height: 568 } },
] as const;

/** Pixels that stick out at the side; on a TV, whose remote does not scroll, below as well. */
const stickingOut = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const overlay = document.querySelector("cw-lobby, cw-join") ?? document.documentElement;
    const isTv = innerWidth > 1000;
    return overlay.scrollWidth - overlay.clientWidth + (isTv ? overlay.scrollHeight - overlay.clientHeight : 0);
  });

test.each(ELEMENTS)(
  "axe finds nothing serious in $name in any look, and nothing sticks out",
  async ({ name, query, ready }) => {
    const page = await gallery.open(query, SCREEN_SIZES.tv);
    await page.locator(ready).first().waitFor({ state: "attached" });
    for (const { look, lang, scheme, screen } of LOOKS) {
      // A page may change its language and its theme at any time.
      await page.evaluate(
        (now) => {
          document.documentElement.lang = now.lang;
          document.documentElement.dataset["scheme"] = now.scheme;
          document.documentElement.className = now.scheme;
        },
        { lang, scheme },
      );
      await page.setViewportSize(screen);
      await gallery.browser.keep(page, `${name}-${look}`);
      expect([look, await seriousFaults(page)]).toEqual([look, []]);
      expect([look, await stickingOut(page)]).toEqual([look, 0]);
    }
  },
);

test("the characters are 24 different ones, at 32, 64 and 200 pixels", async () => {
  const page = await gallery.open("show=avatars", SCREEN_SIZES.tv);
  await page.locator("svg").nth(71).waitFor();
  await gallery.browser.keep(page, "avatars");
  const drawn = await page.locator("span").evaluateAll((spans) => new Set(spans.map((span) => span.innerHTML)).size);
  expect(drawn).toBe(24);
});

test("an element within another one speaks its language, also when that changes", async () => {
  const page = await gallery.open("show=lobby&streamer", SCREEN_SIZES.tv);
  await page.getByText("The code is hidden").waitFor();
  for (const [lang, words] of Object.entries({
    de: "Der Code ist verborgen",
    ar: "الرمز مخفي",
    en: "The code is hidden",
  })) {
    await page.evaluate((now) => (document.documentElement.lang = now), lang);
    await page.getByText(words).waitFor();
  }
});

test("a room's QR code says the code and the address beneath, and those of the next room", async () => {
  const page = await gallery.open("show=room-qr", SCREEN_SIZES.tv);
  const words = (): Promise<string> => page.locator("cw-qr p").innerText();
  await page.locator("cw-qr svg").waitFor();
  const code = await page.evaluate("room.code");
  expect((await words()).split("\n").filter(Boolean)).toEqual([code, gallery.url.slice("http://".length)]);
  await page.evaluate("element.value = 'https://example.org/a-rather-long-address-for-a-small-card'");
  expect(await words()).toBe("example.org/a-rather-long-address-for-a-small-card");
  await page.evaluate("element.style.width = '6em'");
  await gallery.browser.keep(page, "qr-caption-small");
  expect(await stickingOut(page)).toBe(0);
  await page.evaluate("element.removeAttribute('value')");
  for (const width of ["6em", "8em", "16em", "40em"]) {
    await page.evaluate(`element.style.width = '${width}'`);
    await page.waitForFunction(
      "Math.abs(parseFloat(element.shadowRoot.querySelector('.frame').style.getPropertyValue('--width')) - element.shadowRoot.querySelector('svg').clientWidth) < 2",
    );
    // Neither the code nor a part of the address is on two lines, and none is wider than the card.
    const parts = await page.locator("cw-qr p > b, cw-qr p > span > span").evaluateAll((all) =>
      all.map((part) => {
        const range = document.createRange();
        range.selectNodeContents(part);
        return [range.getClientRects().length, part.scrollWidth <= part.clientWidth];
      }),
    );
    expect([width, parts]).toEqual([width, parts.map(() => [1, true])]);
    // Host and port are on one line but for the smallest card, where they are too long for that.
    const { height: line = NaN } = (await page.locator("cw-qr p > span > span").first().boundingBox()) ?? {};
    const { height: address = NaN } = (await page.locator("cw-qr p > span").first().boundingBox()) ?? {};
    if (width !== "6em") expect([width, address < 1.5 * line]).toEqual([width, true]);
    await gallery.browser.keep(page, `qr-caption-${width}`);
    const { width: across, height } = (await page.locator("cw-qr").boundingBox()) ?? { width: NaN, height: NaN };
    expect([width, height / across < 1.5]).toEqual([width, true]);
  }
  await page.evaluate("element.removeAttribute('caption')");
  expect(await page.locator("cw-qr p").isVisible()).toBe(false);
});

test("a QR code with a caption keeps its proportions, whatever the type around it", async () => {
  const page = await gallery.open("show=room-qr", SCREEN_SIZES.tv);
  await page.locator("cw-qr svg").waitFor();
  await page.evaluate("element.style.width = '216px'");
  await page.waitForFunction(
    "Math.abs(parseFloat(element.shadowRoot.querySelector('.frame').style.getPropertyValue('--width')) - 0.88 * 216) < 2",
  );
  const heights = new Set<number>();
  for (const around of ["16px", "9vh", "4px"]) {
    await page.evaluate(`document.querySelector('main').style.fontSize = '${around}'`);
    const { width = NaN, height = NaN } = (await page.locator("cw-qr").boundingBox()) ?? {};
    expect([around, width, height <= 1.5 * width + 1]).toEqual([around, 216, true]);
    heights.add(Math.round(height));
    await gallery.browser.keep(page, `qr-caption-in-${around}`);
  }
  expect(heights.size).toBe(1);
});

test("a leaderboard gives a grid's auto column a width that no name changes, and shrinks in a narrow one", async () => {
  const page = await gallery.open("show=leaderboard&players=4", SCREEN_SIZES.tv);
  await page.getByText("Linus").waitFor();
  const seen = await page.evaluate(() => {
    const [board, main] = [document.querySelector("cw-leaderboard"), document.querySelector("main")];
    if (board === null || main === null) throw new Error("There is no leaderboard.");
    main.prepend(document.createElement("div"));
    const show = (style: string, names: readonly string[], first: number) => {
      main.setAttribute("style", `padding: 0; display: grid; ${style}`);
      board.entries = names.map((name, index) => ({ name, score: index === 0 ? first : 0, avatar: index }));
      const list = board.shadowRoot?.querySelector("ol") ?? board;
      const { left, right, width } = board.getBoundingClientRect();
      const rows = list.getBoundingClientRect();
      const isIn = rows.left >= left && rows.right <= right && list.scrollWidth <= list.clientWidth;
      const sizes = [board, list].map((element) => parseFloat(getComputedStyle(element).fontSize));
      return { width: Math.round(width), isIn, isSmaller: (sizes[1] ?? NaN) < (sizes[0] ?? NaN), em: sizes[0] ?? NaN };
    };
    const [short, long] = [
      ["Ada", "Ben"],
      ["Wolfgang Amadeus ".repeat(3), "Ben"],
    ];
    return {
      short: show("grid-template-columns: 1fr auto; width: 1600px", short, 0),
      long: show("grid-template-columns: 1fr auto; width: 1600px", long, 1_000),
      narrow: show("width: 300px", long, 1_000),
    };
  });
  const width = Math.round(18 * seen.short.em);
  expect(seen.short).toMatchObject({ width, isIn: true, isSmaller: false });
  expect(seen.long).toMatchObject({ width, isIn: true });
  expect(seen.narrow).toMatchObject({ width: 300, isIn: true, isSmaller: true });
  await gallery.browser.keep(page, "leaderboard-narrow-grid");
});

test("a leaderboard beside a canvas in a flex box takes what is left, and pushes nothing off the screen", async () => {
  const page = await gallery.open("show=leaderboard&players=4", SCREEN_SIZES.tv);
  await page.getByText("Linus").waitFor();
  const seen = await page.evaluate(() => {
    const [board, main] = [document.querySelector("cw-leaderboard"), document.querySelector("main")];
    if (board === null || main === null) throw new Error("There is no leaderboard.");
    const [canvas, aside] = [document.createElement("canvas"), document.createElement("aside")];
    main.style.cssText = "padding: 0; display: flex; width: 1900px";
    canvas.style.cssText = "flex: none; width: 1500px";
    aside.style.cssText = "flex: 1; display: flex; flex-direction: column";
    board.style.width = "100%";
    aside.append(board);
    main.replaceChildren(canvas, aside);
    return { aside: aside.offsetWidth, board: board.offsetWidth };
  });
  expect(seen).toEqual({ aside: 400, board: 400 });
});

test("a page that breaks words anywhere breaks none in the elements", async () => {
  const page = await gallery.open("show=lobby&players=5&min=9", SCREEN_SIZES.phone);
  await page.getByText("Radia").or(page.getByText("Ken")).first().waitFor();
  const sizes = (): Promise<unknown> =>
    page.evaluate(() =>
      [...(document.querySelector("cw-lobby")?.shadowRoot?.querySelectorAll("bdi, p, h2, section") ?? [])].map(
        (element) => {
          const { overflowWrap, wordBreak } = getComputedStyle(element);
          const width = element instanceof HTMLElement ? element.offsetWidth : NaN;
          return { overflowWrap, wordBreak, width };
        },
      ),
    );
  const before = await sizes();
  await page.addStyleTag({ content: "body { overflow-wrap: anywhere; word-break: break-all }" });
  expect(await sizes()).toEqual(before);
});
