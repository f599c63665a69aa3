/**
 * A Chromium as people have it: one window whose tabs hide one another, and a back/forward cache. One that Playwright starts
 * takes every page for seen, and has that cache switched off, so this one is started by hand and left as it is.
 */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { chromium, type Page } from "playwright-core";
import { CHROMIUM_ARGUMENTS, CHROMIUM_PATH, noteProblems, WAIT_MS } from "./browser.ts";

export interface TabbedBrowser {
  /** A tab in front of the others, which are hidden from now on. `before` is a script that runs before the page's own. */
  openTab(url: string, before?: () => void): Promise<Page>;
  /** Lets pages have this, or refuses it, as the person does in the browser's settings. */
  setPermission(name: string, setting: "granted" | "denied"): Promise<void>;
  /** What scripts threw and the console called an error, in any tab so far. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

type Chromium = ChildProcessByStdio<null, null, Readable>;

export async function startTabbedBrowser(): Promise<TabbedBrowser> {
  const profile = mkdtempSync(join(tmpdir(), "couchwire-browser-"));
  // No window at first: to attach to a start page that is still loading hangs now and then.
  const words = [
    ...CHROMIUM_ARGUMENTS,
    "--no-startup-window",
    "--remote-debugging-port=0",
    `--user-data-dir=${profile}`,
  ];
  const child = spawn(CHROMIUM_PATH, words, { stdio: ["ignore", "ignore", "pipe"] });
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill); // a run of the tests may be broken off
  const gone = once(child, "close");
  const browser = await chromium.connectOverCDP(await addressOf(child), { noDefaults: true });
  const [context] = browser.contexts();
  if (context === undefined) throw new Error("Chromium has no window.");
  context.setDefaultTimeout(WAIT_MS);
  const commands = await browser.newBrowserCDPSession();
  const problems: string[] = [];
  return {
    problems,
    async openTab(url, before) {
      const page = await context.newPage();
      noteProblems(page, problems);
      if (before !== undefined) await page.addInitScript(before);
      await page.goto(url);
      return page;
    },
    async setPermission(name, setting) {
      await commands.send("Browser.setPermission", { permission: { name }, setting });
    },
    async close() {
      await browser.close(); // which only lets go of it
      child.kill();
      await gone;
      process.off("exit", kill);
      rmSync(profile, { recursive: true, maxRetries: 5 });
    },
  };
}

/** Where it takes commands: it says so once, on its standard error. */
function addressOf(child: Chromium): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.on("error", reject);
    child.on("close", () => reject(new Error(`Chromium ended before it listened: ${said}`)));
  });
}
