/** The playground in a browser, over a server in development. */
import { fileURLToPath } from "node:url";
import type { Frame, Locator, Page } from "playwright-core";
import type { OptionsInput } from "../../src/config.ts";
import type { TestBrowser } from "./browser.ts";
import { eventually } from "./inbox.ts";
import { startServer, type TestServer } from "./server.ts";

const GAMES = fileURLToPath(new URL("playground-games", import.meta.url));
/** What the playground is made for at least. */
export const DESK = { viewport: { width: 1440, height: 900 } };

export interface PlaygroundOnPage {
  readonly server: TestServer;
  readonly page: Page;
  /** The page in a frame: 0 is the TV. */
  frame(number: number): Frame;
  /** What belongs to a frame on the page. */
  tile(number: number): Locator;
  /** A button below a frame, by the beginning of its name. */
  tool(number: number, name: string): Locator;
  /** The lines that the frame's page has logged. */
  log(number: number): Promise<string[]>;
}

function nameOf(number: number): string {
  return `couchwire-playground-${number === 0 ? "tv" : `phone-${number}`}`;
}

export async function startDevServer(options: OptionsInput = {}): Promise<TestServer> {
  return startServer({ games: GAMES, dev: true, ...options });
}

export async function openPlayground(
  browser: TestBrowser,
  server: TestServer,
  path: string,
): Promise<PlaygroundOnPage> {
  const page = await browser.open(`${server.url}${path}`, DESK);
  const frame = (number: number): Frame => {
    const found = page.frame({ name: nameOf(number) });
    if (found === null) throw new Error(`There is no frame ${number}.`);
    return found;
  };
  const tile = (number: number): Locator => page.locator(`.tile[data-frame="${number}"]`);
  const log = (number: number): Promise<string[]> =>
    frame(number)
      .locator("#log li")
      .allInnerTexts()
      .catch(() => []); // the page is being loaded
  return {
    server,
    page,
    frame,
    tile,
    tool: (number, name) => tile(number).getByRole("button", { name: new RegExp(`^${name}`) }),
    log,
  };
}

/** Waits for the page in a frame to log this line. */
export function expectLog(playground: PlaygroundOnPage, number: number, line: string): Promise<void> {
  return eventually(`frame ${number} logs ${line}`, async () => (await playground.log(number)).includes(line));
}
