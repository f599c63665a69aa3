/** A party whose pages are tabs of a real browser: `page-life/`, which keep what happens to them for a test to look at. */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { onTestEnd } from "./clean-up.ts";
import { eventually } from "./inbox.ts";
import { startServer, type TestServer } from "./server.ts";
import type { TabbedBrowser } from "./tabbed-browser.ts";

const GAME = fileURLToPath(new URL("page-life", import.meta.url));

/** What the pages keep: how they came to be shown, what the SDK told them, and a wake-lock test's own. */
export type Kept = "shown" | "heard" | "locks";

export interface PageParty {
  readonly server: TestServer;
  /** The start page, which is not the game's. */
  readonly home: string;
  /** A tab with a TV in it whose room is open. `before` is a script that runs before the page's own. */
  openTv(before?: () => void): Promise<Page>;
  /** A tab with a phone in it that has its seat. */
  openPhone(code: string, before?: () => void): Promise<Page>;
}

export async function startPageParty(browser: TabbedBrowser): Promise<PageParty> {
  const server = await startServer({ games: GAME });
  // Wake locks are for secure contexts, and of plain http that is this machine alone.
  const home = `http://localhost:${server.port}`;
  const open = async (url: string, before?: () => void): Promise<Page> => {
    const page = await browser.openTab(url, before);
    onTestEnd(() => page.close());
    await isUp(page);
    return page;
  };
  return {
    server,
    home,
    openTv: (before) => open(`${home}/games/page-life/`, before),
    openPhone: (code, before) => open(`${home}/games/page-life/player.html?room=${code}`, before),
  };
}

/** Resolves when the page's line is up. */
export function isUp(page: Page): Promise<void> {
  return eventually("the line is up", () => page.evaluate(() => Reflect.get(window, "line")?.isConnected === true));
}

/** The code of the room that this tab has opened. */
export function roomCodeOn(tv: Page): Promise<string> {
  return tv.evaluate(() => Reflect.get(window, "line").code);
}

/** What the page keeps under this name. */
export function kept(page: Page, name: Kept): Promise<unknown[]> {
  return page.evaluate((key) => Reflect.get(window, key), name);
}
