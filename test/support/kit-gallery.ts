/** The page that shows the elements one at a time, in a real browser and on a real server. */
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect } from "@jest/globals";
import type { BrowserContextOptions, Page } from "playwright-core";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { startBrowser, type TestBrowser } from "./browser.ts";

const GALLERY = fileURLToPath(new URL("kit-gallery", import.meta.url));

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
  afterEach(() => expect(browser?.problems.filter((problem) => !expected.test(problem))).toEqual([]));
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
