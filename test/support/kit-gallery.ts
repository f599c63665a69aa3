/** The page that shows the elements one at a time, in a real browser and on a real server. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect } from "@jest/globals";
import type { BrowserContextOptions, Page } from "playwright-core";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { startBrowser, type TestBrowser } from "./browser.ts";

const GALLERY = fileURLToPath(new URL("kit-gallery", import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface Gallery {
  /** The server's address, without a slash at the end. */
  readonly url: string;
  readonly server: CouchwireServer;
  readonly browser: TestBrowser;
  /** Opens the TV's page, or the phone's where `query` names a room. */
  open(query: string, screen: BrowserContextOptions): Promise<Page>;
}

/** Serves the gallery to all tests of a file, and ends them all with a clean console. `expected`: what the console may say. */
export function useGallery(folder: string, expected: RegExp = /^$/): Gallery {
  let server: CouchwireServer | undefined;
  let browser: TestBrowser | undefined;
  let url = "";
  beforeAll(async () => {
    server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0, games: GALLERY, awayMs: 300 });
    ({ url } = await server.listen());
    browser = await startBrowser(folder);
  }, 60_000);
  afterEach(async () => {
    await browser?.closePages();
    expect(browser?.problems.filter((problem) => !expected.test(problem))).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  return {
    get url() {
      return url;
    },
    get server() {
      if (server === undefined) throw new Error("The server is started before the first test.");
      return server;
    },
    get browser() {
      if (browser === undefined) throw new Error("The browser is started before the first test.");
      return browser;
    },
    async open(query, screen) {
      const page = /\broom=/.test(query) ? "player.html" : "";
      return this.browser.open(`${url}/games/kit-gallery/${page}?${query}`, screen);
    },
  };
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds serious or critical on the page, a line each. Frames are pages of their own. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const violations: readonly Violation[] = await page.evaluate(
    "axe.run({ iframes: false }).then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => ({ html })) })))",
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 80)).join(", ")}`);
}
