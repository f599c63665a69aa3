/** The server's own pages in a real browser: where people type a code, start a game, or learn what is wrong. */
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { HostClient, openRoom } from "../support/host-client.ts";
import { startServer } from "../support/server.ts";

const DESK = { viewport: { width: 1366, height: 768 } };
/** A TV that tells pages of half its pixels, as many do. */
const COARSE_TV = { viewport: { width: 960, height: 540 } };
const SIDEWAYS_PHONE = { viewport: { width: 640, height: 360 }, hasTouch: true, isMobile: true };

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("pages");
}, 60_000);

afterAll(() => browser.close());

afterEach(() => {
  // What is left is what scripts threw and what the policies stopped; a 404 or a lost network is asked for here.
  expect(browser.problems.filter((problem) => !problem.includes("Failed to load resource"))).toEqual([]);
});

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));
const WEBOS_22 =
  "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.88 Safari/537.36 WebAppManager";

/** In the page: the smallest type that is seen, in pixels. */
function smallestType(): number {
  const sizes: number[] = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    const element = text.parentElement;
    if (element === null || element.closest("svg, noscript, script") !== null || text.textContent?.trim() === "")
      continue;
    const { width, height } = element.getBoundingClientRect();
    if (width > 1 && height > 1) sizes.push(Number.parseFloat(getComputedStyle(element).fontSize));
  }
  return Math.round(Math.min(...sizes));
}

/** What the four boxes show. */
const boxes = (page: Page): Promise<string[]> => page.locator(".code-boxes span").allTextContents();

const codeField = (page: Page) => page.getByRole("textbox", { name: "What is the code?" });

describe("a phone on the start page", () => {
  test("the fourth letter, in either case, leads to the phone page of the room's game", async () => {
    const server = await startServer();
    const { code } = await openRoom(server);
    const phone = await browser.open(server.url, SCREEN_SIZES.phone);
    await codeField(phone).tap();
    await phone.keyboard.type(code.slice(0, 3).toLowerCase());
    expect((await boxes(phone)).join("")).toBe(code.slice(0, 3));
    await phone.keyboard.type(code.slice(3).toLowerCase());
    await phone.waitForURL(`${server.url}/games/sketch/player.html?room=${code}`);
  });

  test("an unknown code is said to be so, and the next letter begins another", async () => {
    const server = await startServer();
    const { code } = await openRoom(server);
    const phone = await browser.open(server.url, SCREEN_SIZES.smallPhone);
    await codeField(phone).fill("ZZZZ");
    await phone.getByText("There is no room ZZZZ.").waitFor();
    await browser.keep(phone, "unknown-code-small-phone");
    await phone.keyboard.type(code);
    await phone.waitForURL(`${server.url}/games/sketch/player.html?room=${code}`);
  });

  test.each([
    ["has started", { max_players: 8 }, "That game has started and takes no new players."],
    ["is full", { max_players: 0 }, "That room is full."],
  ])("a room that %s says so, and leads those on who have a seat there", async (_what, options, sentence) => {
    const server = await startServer();
    const { host, code } = await openRoom(server, options);
    host.send({ cmd: "start" });
    await host.until("state");
    const phone = await browser.open(server.url, SCREEN_SIZES.phone);
    await codeField(phone).fill(code);
    await phone.getByText(sentence).waitFor();
    await browser.keep(phone, `closed-${options.max_players}-phone`);
    await phone.getByRole("button", { name: "Back to my seat" }).tap();
    await phone.waitForURL(`${server.url}/games/sketch/player.html?room=${code}`);
  });

  test("a phone that comes back from a game reads what happened to it", async () => {
    const server = await startServer();
    const phone = await browser.open(`${server.url}/?closed=kicked`, SCREEN_SIZES.phone);
    await phone.getByText("The host removed you from that game.").waitFor();
    await browser.keep(phone, "kicked-phone");
    await phone.goto(`${server.url}/?closed=constructor`);
    expect(await phone.locator(".ending").count()).toBe(0);
  });

  test("digits, spaces and signs never get into the boxes", async () => {
    const server = await startServer();
    const phone = await browser.open(server.url, SCREEN_SIZES.phone);
    await codeField(phone).tap();
    await phone.keyboard.type("1 b-c!");
    expect(await boxes(phone)).toEqual(["B", "C", "", ""]);
    await phone.getByRole("button", { name: "Join" }).tap();
    await phone.getByText("A code has four letters.").waitFor();
  });

  test("a pasted link is as good as the code in it", async () => {
    const server = await startServer();
    const { code } = await openRoom(server);
    const phone = await browser.open(server.url, SCREEN_SIZES.phone);
    await codeField(phone).evaluate((field, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, ` http://192.168.1.7:8081/${code}?from=chat `);
    await phone.waitForURL(`${server.url}/games/sketch/player.html?room=${code}`);
  });

  test("a server that is gone is told apart from a room that is not there", async () => {
    const server = await startServer();
    const phone = await browser.open(server.url, SCREEN_SIZES.phone);
    await phone.context().setOffline(true);
    await codeField(phone).fill("BCDF");
    await phone.getByText("The server does not answer.").waitFor();
  });

  test("without script the code still leads into the room", async () => {
    const server = await startServer();
    const { code } = await openRoom(server);
    const phone = await browser.open(server.url, { ...SCREEN_SIZES.phone, javaScriptEnabled: false });
    await codeField(phone).fill(code.toLowerCase());
    await phone.getByRole("button", { name: "Join" }).tap();
    await phone.waitForURL(`${server.url}/games/sketch/player.html?room=${code}`);
  });
});

describe("a TV on the start page", () => {
  test("the first game has the focus, the arrows of a remote move it, and OK starts a game", async () => {
    const server = await startServer({ games: EXAMPLES });
    const tv = await browser.open(server.url, SCREEN_SIZES.tv);
    const focused = tv.locator(":focus");
    const cards = tv.getByRole("link", { name: /Start on this screen/ });
    expect(await focused.getAttribute("href")).toBe(await cards.first().getAttribute("href"));
    await browser.keep(tv, "start-tv");
    await tv.keyboard.press("ArrowRight");
    expect(await focused.getAttribute("href")).toBe(await cards.nth(1).getAttribute("href"));
    await tv.keyboard.press("ArrowRight");
    expect(await focused.innerText()).toBe("Choose by phone");
    await tv.keyboard.press("ArrowLeft");
    expect(await focused.getAttribute("href")).toBe(await cards.nth(3).getAttribute("href"));
    await tv.keyboard.press("ArrowDown");
    expect(await focused.getAttribute("href")).toBe(await cards.nth(4).getAttribute("href"));
    await browser.keep(tv, "start-tv-last-row");
    await tv.keyboard.press("ArrowUp");
    await tv.keyboard.press("ArrowRight");
    const href = await cards.nth(3).getAttribute("href");
    await tv.keyboard.press("Enter");
    await tv.waitForURL(`${server.url}${href}`);
  });

  test("no type is smaller than 40 px at 1080p", async () => {
    const server = await startServer({ games: EXAMPLES });
    const tv = await browser.open(server.url, SCREEN_SIZES.tv);
    for (const path of ["/", "/games/", "/nothing/here"]) {
      await tv.goto(server.url + path);
      expect([path, await tv.evaluate(smallestType)]).toEqual([path, 40]);
    }
  });

  test("a QR code leads phones to the server in place of the code field; a first letter brings the field", async () => {
    const server = await startServer();
    const tv = await browser.open(server.url, SCREEN_SIZES.tv);
    const field = codeField(tv);
    await tv.getByRole("img", { name: `QR code: ${server.url}` }).waitFor();
    expect(await field.isVisible()).toBe(false);
    await tv.keyboard.type("bc");
    expect(await boxes(tv)).toEqual(["B", "C", "", ""]);
    expect(await field.isVisible()).toBe(true);
  });

  test("a TV by its name is led to the launcher, and a link to the start page is a way back", async () => {
    const server = await startServer();
    const tv = await browser.open(server.url, { ...COARSE_TV, userAgent: WEBOS_22 });
    await tv.waitForURL(`${server.url}/games/tv/`);
    await tv.goto(server.url, { referer: `${server.url}/games/tv/` });
    await tv.getByRole("link", { name: /Start on this screen/ }).waitFor();
    expect(await tv.evaluate(smallestType)).toBe(20);
  });

  test("letters typed anywhere go into the code", async () => {
    const server = await startServer();
    const desk = await browser.open(server.url, DESK);
    await desk.keyboard.type("bc");
    expect(await boxes(desk)).toEqual(["B", "C", "", ""]);
  });
});

describe("a browser at a room's address", () => {
  test("P1.4 the code of no room can be corrected in place", async () => {
    const server = await startServer();
    const { code } = await openRoom(server);
    const phone = await browser.open(`${server.url}/zzzz`, SCREEN_SIZES.phone);
    await phone.getByRole("heading", { name: "There is no room ZZZZ" }).waitFor();
    expect(await boxes(phone)).toEqual(["Z", "Z", "Z", "Z"]);
    await browser.keep(phone, "no-room-phone");
    await phone.getByRole("textbox", { name: "Try again" }).tap();
    await phone.keyboard.type(code);
    await phone.waitForURL(`${server.url}/games/sketch/player.html?room=${code}`);
  });

  test("P1.4 a foreign site is gone to only if the person says so", async () => {
    const server = await startServer();
    const elsewhere = await startServer();
    const host = await HostClient.connect(server);
    host.send({ cmd: "prepare", max_players: 8, name: "foreign", join_url: `${elsewhere.url}/games/sketch/?a=1` });
    const { key } = await host.until("prepare_reply");
    const phone = await browser.open(`${server.url}/${String(key)}`, SCREEN_SIZES.phone);
    await phone.getByText(`127.0.0.1:${elsewhere.port}`, { exact: true }).waitFor();
    await browser.keep(phone, "foreign-phone");
    await phone.getByRole("link", { name: "Go there" }).tap();
    await phone.waitForURL(`${elsewhere.url}/games/sketch/?a=1&room=${String(key)}`);
    expect(await phone.evaluate(() => document.referrer)).toBe("");
  });
});

describe("every page on every screen", () => {
  const screens = { ...SCREEN_SIZES, desk: DESK, coarseTv: COARSE_TV, sidewaysPhone: SIDEWAYS_PHONE };

  test.each(Object.entries(screens))(
    "%s: nothing sticks out at the side, the first control is in view",
    async (screen, size) => {
      const server = await startServer();
      const { host, code } = await openRoom(server, { name: "a game that is not served here" });
      const page = await browser.open(server.url, size);
      for (const [name, path] of Object.entries({
        start: "/",
        list: "/games/",
        lost: "/a/b",
        unknown: "/ZZZZ",
        away: `/${code}`,
      })) {
        await page.goto(server.url + path);
        expect([name, await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)]).toEqual([name, 0]);
        const control = page.locator("main :is(input, a.button, a.card):visible").first();
        expect([name, (await control.boundingBox())?.y]).not.toEqual([name, undefined]);
        expect([name, ((await control.boundingBox())?.y ?? 0) < size.viewport.height]).toEqual([name, true]);
        await browser.keep(page, `${name}-${screen}`);
      }
      await host.close();
    },
  );
});
