/** `/overlay/CODE` in a real browser: a page for OBS, whose code is hidden until it is asked for. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createRoom, joinRoom } from "../../src/sdk/node.ts";
import { startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { seriousFaults } from "../support/serious-faults.ts";
import { startServer } from "../support/server.ts";

const SOURCE = { viewport: { width: 1280, height: 720 } };

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("stream-overlay");
}, 60_000);

afterEach(() => expect(browser.problems).toEqual([]));

afterAll(() => browser.close());

/** The text that is seen anywhere on the page, and what pictures are called. */
const shownOn = (page: Page): Promise<string> => page.locator("body").innerText();

describe("issue 22.2: the overlay of a stream", () => {
  test("shows people, crowd and votes on nothing, and the code after its key", async () => {
    const server = await startServer();
    const room = await createRoom({ server: server.url, game: "sketch", audience: 5 });
    onTestEnd(() => room.close());
    const me = joinRoom({ server: server.url, code: room.code, name: "<b>Ada" });
    onTestEnd(() => me.close());
    const watcher = joinRoom({ server: server.url, code: room.code, role: "audience" });
    onTestEnd(() => watcher.close());
    await Promise.all([me, watcher].map((each) => new Promise((resolve) => void each.once("open", resolve))));
    const overlay = await browser.open(`${server.url}/overlay/${room.code}`, SOURCE);
    await overlay.getByText("<b>Ada").waitFor();
    await overlay.getByText("Watching: 1").waitFor();
    expect(await overlay.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgba(0, 0, 0, 0)");
    expect(await overlay.content()).not.toContain(room.code);
    expect(await shownOn(overlay)).not.toContain(room.code);
    expect(await overlay.locator("#qr svg").count()).toBe(0);

    room.poll("round 1");
    const told = new Promise((resolve) => void room.once("tally", resolve));
    watcher.vote("a nervous teapot");
    await told;
    await overlay.getByRole("listitem").filter({ hasText: "a nervous teapot" }).waitFor();

    await overlay.keyboard.press("c");
    await overlay.getByText(room.code, { exact: true }).waitFor();
    await overlay.locator("#qr svg").waitFor();
    expect(await seriousFaults(overlay)).toEqual([]);
    await browser.keep(overlay, "overlay");
    await overlay.keyboard.press("c");
    await overlay.locator("#invite").waitFor({ state: "hidden" });
    expect(await overlay.content()).not.toContain(room.code);
  });

  test("shows what the host publishes for it, and the code at once where its address asks for it", async () => {
    const server = await startServer();
    const room = await createRoom({ server: server.url, game: "sketch" });
    onTestEnd(() => room.close());
    room.publish("overlay", {
      title: "Round 2",
      players: [{ name: "Bob", color: "#ff0000", score: 40 }],
      tally: { question: "Which one?", counts: [["this", 3]], other: 1 },
    });
    const overlay = await browser.open(`${server.url}/overlay/${room.code}?code&lang=de`, SOURCE);
    await overlay.getByText(room.code, { exact: true }).waitFor();
    for (const text of ["Round 2", "Bob", "Which one?", "this", "Andere", "Mitspieler"]) {
      await overlay.getByText(text).first().waitFor();
    }
    await overlay.goto(`${server.url}/overlay/${room.code}?hide=players,tally`);
    await overlay.getByText("Round 2").waitFor();
    expect(await overlay.locator("#people-card, #tally-card").filter({ visible: true }).count()).toBe(0);
  });
});
