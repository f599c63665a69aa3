/** A phone's page with controls in it, which writes down what they send. */
import { fileURLToPath } from "node:url";
import type { BrowserContextOptions, Page } from "playwright-core";
import type { TestBrowser } from "./browser.ts";
import { eventually } from "./inbox.ts";
import { startServer } from "./server.ts";
import { touchScreenOf, type TouchScreen } from "./touch-screen.ts";

export const CONTROLS_PAGE = fileURLToPath(new URL("controls-page", import.meta.url));

export interface SentEvent {
  readonly name: string;
  readonly data: unknown;
  readonly volatile: boolean;
}

export interface ControlsPage {
  readonly page: Page;
  readonly touch: TouchScreen;
  /** What was sent so far. */
  readonly sent: () => Promise<SentEvent[]>;
  /** Resolves when the data of what was sent is like this. */
  readonly expectSent: (what: string, isRight: (sent: readonly SentEvent[]) => boolean) => Promise<void>;
}

/** `markup` is what the page shows: each control in it is bound to the event of its `data-event`. `url` where the server is another. */
export async function openControls(
  browser: TestBrowser,
  screen: BrowserContextOptions,
  markup: string,
  url?: string,
): Promise<ControlsPage> {
  const base = url ?? (await startServer({ games: CONTROLS_PAGE })).url;
  const page = await browser.open(`${base}/games/controls-page/player.html`, screen);
  await showControls(page, markup);
  const sent = (): Promise<SentEvent[]> => page.evaluate(() => Reflect.get(window, "sent"));
  return {
    page,
    touch: await touchScreenOf(page),
    sent,
    expectSent: (what, isRight) => eventually(what, async () => isRight(await sent())),
  };
}

export async function showControls(page: Page, markup: string): Promise<void> {
  await page.waitForFunction(() => Reflect.get(window, "controls") !== undefined);
  await page.evaluate((html) => {
    const main = document.querySelector("main");
    if (main === null) return;
    main.innerHTML = html;
    for (const control of main.querySelectorAll("[data-event]")) {
      Reflect.get(control, "bind").call(control, Reflect.get(window, "me"), control.getAttribute("data-event"));
    }
  }, markup);
}
