/** A real Chromium for the browser tests, and pages that fail the test when their script does. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { onTestEnd } from "./clean-up.ts";

export const CHROMIUM_PATH = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const CHROMIUM_ARGUMENTS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const SCREENSHOTS = "test-results";
/** A generous bound on every wait for an element: two busy cores are slow, and it costs nothing when all is well. */
export const WAIT_MS = 30_000;

/** The screens that games are made for. */
export const SCREEN_SIZES = {
  tv: { viewport: { width: 1920, height: 1080 } },
  smallTv: { viewport: { width: 1280, height: 720 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  smallPhone: { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
} as const satisfies Record<string, BrowserContextOptions>;

/** The same screen of a person who wants less motion. */
export const still = <Screen extends BrowserContextOptions>(screen: Screen) =>
  ({ ...screen, reducedMotion: "reduce" }) satisfies BrowserContextOptions;

/** For tests about something else than motion: without a graphics card, what moves on a TV takes more of the processor than all else. */
export const STILL_SCREENS = {
  tv: still(SCREEN_SIZES.tv),
  smallTv: still(SCREEN_SIZES.smallTv),
  phone: still(SCREEN_SIZES.phone),
  smallPhone: still(SCREEN_SIZES.smallPhone),
};

export interface TestBrowser {
  /** A page on a machine of its own: nothing stored is shared with the others. It ends with the test, before what it was opened at. */
  open(url: string, screen: BrowserContextOptions): Promise<Page>;
  /** Keeps what a page shows, for people to look at. */
  keep(page: Page, name: string): Promise<void>;
  /** What scripts threw and the console called an error, on any page so far. */
  readonly problems: readonly string[];
  /** Switches the machines off before the test is over. */
  closePages(): Promise<void>;
  close(): Promise<void>;
}

/** Starts Chromium. `folder` is where its screenshots go, inside `test-results`; `prepare` sees each machine before its page is opened. */
export async function startBrowser(
  folder: string,
  prepare: (context: BrowserContext) => Promise<void> = async () => {},
): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM_PATH,
    args: CHROMIUM_ARGUMENTS,
  });
  const problems: string[] = [];
  const shots = join(SCREENSHOTS, folder);
  mkdirSync(shots, { recursive: true });
  return {
    problems,
    async open(url, screen) {
      const context = await browser.newContext(screen);
      onTestEnd(() => context.close());
      context.setDefaultTimeout(WAIT_MS);
      await prepare(context);
      const page = await context.newPage();
      noteProblems(page, problems);
      await page.goto(url);
      return page;
    },
    async keep(page, name) {
      await page.screenshot({ path: join(shots, `${name}.png`), animations: "disabled", scale: "css" });
    },
    async closePages() {
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    async close() {
      await browser.close();
    },
  };
}

/** Adds what the page's scripts throw, and what its console calls an error. */
export function noteProblems(page: Page, problems: string[]): void {
  page.on("pageerror", (error) => problems.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`${page.url()}: ${message.text()}`);
  });
}
