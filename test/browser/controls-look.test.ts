/** What the controls look like, and what they are to a screen reader: on small and wide phones, light and dark, in both directions. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { BrowserContextOptions, Page } from "playwright-core";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { CONTROLS_PAGE, showControls } from "../support/controls-page.ts";
import { eventually } from "../support/inbox.ts";
import { seriousFaults } from "../support/serious-faults.ts";
import { startServer } from "../support/server.ts";

const { phone } = SCREEN_SIZES;
const MIN_TARGET_PX = 44;

const PICTURE =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 3'%3E%3Crect width='4' height='3' fill='teal'/%3E%3C/svg%3E";
const SIDE_BY_SIDE = "display: flex; gap: 12px";

const SETS: Readonly<Record<string, string>> = {
  play: `<div style="${SIDE_BY_SIDE}"><cw-joystick data-event="a" style="flex: 1"></cw-joystick><cw-dpad data-event="b" style="flex: 1"></cw-dpad></div>
    <div style="${SIDE_BY_SIDE}"><cw-button data-event="c" style="flex: 1">Fire</cw-button><cw-button data-event="d" round style="flex: 1">A</cw-button><cw-button data-event="e" disabled style="flex: 1"></cw-button></div>
    <cw-swipe data-event="f"></cw-swipe>`,
  answer: `<cw-choice data-event="a"><option>Octopus</option><option>Giraffe</option><option>Duck</option><option disabled>Hedgehog</option><option>Whale</option></cw-choice>
    <cw-choice data-event="b" keys="none"><option data-image="${PICTURE}">Sea</option><option data-image="${PICTURE}">Sky</option></cw-choice>
    <cw-choice data-event="e" keys="none"><option data-color="#d6336c">Red</option><option data-color="#1971c2">Blue</option><option data-color="#2f9e44">Green</option><option data-color="#ffd43b">Yellow</option></cw-choice>
    <cw-text data-event="c"></cw-text><cw-text data-event="d" multiline></cw-text>`,
  draw: `<cw-draw data-event="a"></cw-draw>`,
  tilt: `<cw-tilt data-event="a"></cw-tilt>`,
};

interface Look {
  readonly screen: BrowserContextOptions;
  readonly lang?: string;
  readonly dir?: string;
  readonly isDark?: boolean;
}

const small = { ...phone, viewport: { width: 320, height: 568 } };
const wide = { ...phone, viewport: { width: 844, height: 390 } };
const LOOKS: Readonly<Record<string, Look>> = {
  light: { screen: phone },
  dark: { screen: phone, isDark: true },
  "right-to-left": { screen: phone, lang: "ar", dir: "rtl" },
  small: { screen: small, lang: "de" },
  wide: { screen: wide, lang: "fr", isDark: true },
};

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("controls");
}, 60_000);

afterAll(() => browser.close());

afterEach(() => expect(browser.problems).toEqual([]));

async function open(set: string, { screen, lang = "en", dir = "ltr", isDark = false }: Look): Promise<Page> {
  const { port } = await startServer({ games: CONTROLS_PAGE });
  const page = await browser.open(`http://localhost:${port}/games/controls-page/player.html`, screen);
  await page.evaluate(
    ([language, direction, dark]) => {
      document.documentElement.lang = language;
      document.documentElement.dir = direction;
      document.documentElement.classList.toggle("dark", dark);
    },
    [lang, dir, isDark] as const,
  );
  await showControls(page, SETS[set] ?? "");
  if (set === "answer")
    await page.evaluate(() => Object.assign(document.querySelector("cw-choice") ?? {}, { value: "Duck" }));
  if (set === "tilt")
    await eventually("there is no sensor", () =>
      page.evaluate(() => document.querySelector("cw-tilt")?.mode === "thumb"),
    );
  return page;
}

describe.each(Object.keys(SETS))("the controls to %s", (set) => {
  test.each(Object.entries(LOOKS))(
    "%s: fit the page, are large enough for thumbs, and axe finds nothing serious",
    async (name, look) => {
      const page = await open(set, look);
      await browser.keep(page, `${set}-${name}`);
      const { overflow, tooSmall } = await page.evaluate((min) => {
        const shown = [...document.querySelectorAll("main [data-event]")].flatMap((control) =>
          Array.from(control.shadowRoot?.querySelectorAll("button, input, textarea, [tabindex]") ?? []),
        );
        const boxes = shown.map((element) => [element.className, element.getBoundingClientRect()] as const);
        return {
          overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          tooSmall: boxes
            .filter(([, { width, height }]) => width > 0 && (width < min - 0.5 || height < min - 0.5))
            .map(([classes, { width, height }]) => `${classes}: ${width} × ${height}`),
        };
      }, MIN_TARGET_PX);
      expect(overflow).toBe(0);
      expect(tooSmall).toEqual([]);
      expect(await seriousFaults(page)).toEqual([]);
    },
  );
});

test("a choice that is switched off keeps what was chosen readable, and dims the rest", async () => {
  const { port } = await startServer({ games: CONTROLS_PAGE });
  const page = await browser.open(`http://localhost:${port}/games/controls-page/player.html`, phone);
  await showControls(page, "<cw-choice><option>Cat</option><option>Dog</option><option>Cow</option></cw-choice>");
  await page.getByRole("radio", { name: "Dog" }).click();
  await page.evaluate(() => document.querySelector("cw-choice")?.toggleAttribute("disabled", true));
  /** How much of each answer is seen through to the page behind, with all that lies around it. */
  const opacities = await page.evaluate(() =>
    [...(document.querySelector("cw-choice")?.shadowRoot?.querySelectorAll("button") ?? [])].map((button) => {
      let opacity = 1;
      for (let at: Element | null = button; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
      return opacity;
    }),
  );
  expect(opacities).toEqual([0.62, 1, 0.62]);
  for (const isDark of [false, true]) {
    await page.evaluate((dark) => document.documentElement.classList.toggle("dark", dark), isDark);
    await browser.keep(page, `choice-disabled-${isDark ? "dark" : "light"}`);
  }
});

test("short answers stand in two columns only where no word is broken for it", async () => {
  const { port } = await startServer({ games: CONTROLS_PAGE });
  const page = await browser.open(`http://localhost:${port}/games/controls-page/player.html`, phone);
  await showControls(page, "<cw-choice></cw-choice>");
  await page.evaluate(() => {
    const errors: string[] = [];
    Reflect.set(window, "errors", errors);
    addEventListener("error", ({ message }) => errors.push(message));
  });
  const show = (options: readonly string[], style = "") =>
    page.evaluate(
      ([list, css]) => {
        const choice = document.querySelector("cw-choice");
        choice?.setAttribute("style", css);
        if (choice !== null) choice.options = list;
      },
      [options, style] as const,
    );
  /** How many options stand in the first row. */
  const columns = () =>
    page.evaluate(() => {
      const tops = [...(document.querySelector("cw-choice")?.shadowRoot?.querySelectorAll("button") ?? [])].map(
        (button) => button.getBoundingClientRect().top,
      );
      return tops.filter((top) => top === tops[0]).length;
    });
  await show(["Mars", "Venus", "Saturn", "Neptune"]);
  await eventually("two columns", async () => (await columns()) === 2);
  await show(["Mars", "Venus", "Saturn", "Neptune"], "font-size: 24px");
  await eventually("one column", async () => (await columns()) === 1);
  await show(["Mars", "Venus", "Saturn"]);
  await eventually("one column for three", async () => (await columns()) === 1);
  await show(["Mars", "Venus", "Saturn", "Neptune"]);
  await eventually("two columns again", async () => (await columns()) === 2);
  await page.setViewportSize({ width: 260, height: 600 });
  await eventually("one column where it is narrow", async () => (await columns()) === 1);
  await page.setViewportSize({ width: 390, height: 600 });
  await eventually("two columns where it is wide", async () => (await columns()) === 2);
  // What observes a size and changes it in the same turn is told so, by an error without a stack.
  expect(await page.evaluate((): unknown => Reflect.get(window, "errors"))).toEqual([]);
});

test("a plain button is as wide as its words and the space beside them, which gives way in a narrow cell", async () => {
  const { port } = await startServer({ games: CONTROLS_PAGE });
  const page = await browser.open(`http://localhost:${port}/games/controls-page/player.html`, phone);
  const [again, ...letters] = ["Play again", "W", "I", "M"].map((word) => `<cw-button plain>${word}</cw-button>`);
  await showControls(
    page,
    `<div style="font-size: 20px">${again}</div>
    <div style="display: grid; grid-template-columns: repeat(3, 60px); font-size: 32px">${letters.join("")}</div>`,
  );
  const [lone, ...cells] = await page.evaluate(() =>
    [...document.querySelectorAll("cw-button")].map((element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      const [word, tile] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
      const off = Math.round(Math.abs(word.left + word.right - tile.left - tile.right) / 2);
      return {
        width: tile.width,
        space: Math.round(tile.width - word.width),
        off,
        lines: range.getClientRects().length,
      };
    }),
  );
  expect(lone).toMatchObject({ space: 2 * 1.6 * 20, off: 0, lines: 1 });
  expect(cells).toMatchObject(Array.from({ length: 3 }, () => ({ width: 60, off: 0, lines: 1 })));
});

test("`hidden` takes each control out of sight, whatever its other attributes", async () => {
  const { port } = await startServer({ games: CONTROLS_PAGE });
  const page = await browser.open(`http://localhost:${port}/games/controls-page/player.html`, phone);
  const tags = [
    "joystick",
    "dpad",
    "button",
    "button round",
    "button plain",
    "choice",
    "text",
    "swipe",
    "draw",
    "tilt",
  ];
  await showControls(page, tags.map((tag) => `<cw-${tag} hidden></cw-${tag.split(" ")[0]}>`).join(""));
  const shown = await page.evaluate(() =>
    [...document.querySelectorAll("[hidden]")].map((element) => getComputedStyle(element).display),
  );
  expect(shown).toEqual(tags.map(() => "none"));
});
