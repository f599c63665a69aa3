/** The playground: a TV and phones in one window, their faults, and every frame between them. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Frame, Page } from "playwright-core";
import { startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { openRoom } from "../support/host-client.ts";
import { eventually } from "../support/inbox.ts";
import { listen } from "../support/listen.ts";
import { DESK, expectLog, openPlayground, startDevServer, type PlaygroundOnPage } from "../support/playground.ts";
import { seriousFaults } from "../support/serious-faults.ts";

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("playground");
}, 60_000);

afterAll(() => browser.close());

async function playPair(phones = 2): Promise<PlaygroundOnPage> {
  const playground = await openPlayground(
    browser,
    await startDevServer({ awayMs: 50 }),
    `/playground/pair?phones=${phones}`,
  );
  for (let phone = 1; phone <= phones; phone++) await expectLog(playground, phone, "open");
  return playground;
}

const sayHello = (playground: PlaygroundOnPage, phone: number): Promise<void> =>
  playground.frame(phone).locator("#hello").click();

/** How far the TV is from a phone's tile, in milliseconds; NaN where nothing is measured. */
async function latencyOf(playground: PlaygroundOnPage, phone: number): Promise<number> {
  return Number.parseInt(await playground.tile(phone).locator(".latency").innerText(), 10);
}

/** Presses the frame's button, and waits for the new page to be in its room. */
async function reload(playground: PlaygroundOnPage, number: number): Promise<void> {
  const frame = playground.frame(number);
  await frame.evaluate(() => void Object.assign(window, { isOld: true }));
  await playground.tool(number, "Reload").click();
  await eventually("the page is new, and its line is up", () =>
    frame
      .evaluate(() => {
        const { isOld, me, room } = Object.assign({ isOld: false, me: undefined, room: undefined }, window);
        return !isOld && Reflect.get(me ?? room ?? {}, "isConnected") === true;
      })
      .catch(() => false),
  );
}

/** Waits for the frame to have the keyboard, and its first control the focus. */
async function expectKeyboard(playground: PlaygroundOnPage, phone: number): Promise<void> {
  await playground.page.locator(`.tile.is-selected[data-frame="${phone}"]`).waitFor();
  await eventually("the control has the focus", () =>
    playground.frame(phone).evaluate(() => document.hasFocus() && document.activeElement?.id === "hello"),
  );
}

describe("the playground", () => {
  afterEach(() => expect(browser.problems).toEqual([]));

  test("row 19.6 joins four phones by itself, each with a seat of its own", async () => {
    const playground = await playPair(4);
    for (let phone = 1; phone <= 4; phone++) await sayHello(playground, phone);
    const texts = await Promise.all(
      [1, 2, 3, 4].map(async (phone) => {
        await eventually("the TV answers", async () => (await playground.log(phone)).length > 1);
        return (await playground.log(phone))[1];
      }),
    );
    expect(texts.toSorted((one = "", other = "") => one.localeCompare(other))).toEqual(
      [1, 2, 3, 4].map((player) => `you are ${player}, hello`),
    );
    expect(await playground.page.locator(".code").innerText()).toBe(
      await playground.frame(0).locator("#code").innerText(),
    );
    await browser.keep(playground.page, "four-phones");
  });

  test("row 19.6 has nothing that axe finds serious, also in a menu", async () => {
    const playground = await playPair(2);
    await playground.tool(1, "Lock").click();
    await playground.page.locator(".wire-row").first().click();
    expect(await seriousFaults(playground.page)).toEqual([]);
    await playground.tool(2, "More").click();
    expect(await seriousFaults(playground.page)).toEqual([]);
    await browser.keep(playground.page, "menu");
  });

  test("row 19.6 has panes that the keyboard and the mouse resize, and keeps them so", async () => {
    const playground = await playPair(1);
    const { page } = playground;
    const widthOfTv = async (): Promise<number> =>
      (
        await playground
          .frame(0)
          .frameElement()
          .then((tv) => tv.boundingBox())
      )?.width ?? 0;
    const bar = page.getByRole("separator", { name: "Width of the TV" });
    const before = await widthOfTv();
    await bar.press("ArrowLeft");
    await eventually("the TV is narrower", async () => (await widthOfTv()) < before);
    const { x = 0, y = 0 } = (await bar.boundingBox()) ?? {};
    await page.mouse.move(x + 3, y + 100);
    await page.mouse.down();
    await page.mouse.move(500, y + 120, { steps: 5 });
    await page.mouse.up();
    expect((await bar.boundingBox())?.x).toBeCloseTo(497, -1);
    await page.reload();
    await bar.waitFor();
    expect((await bar.boundingBox())?.x).toBeCloseTo(497, -1);
  });

  test("row 19.6 keeps rooms and seats when its own page is loaded again", async () => {
    const playground = await playPair();
    const code = await playground.frame(0).locator("#code").innerText();
    await playground.page.reload();
    await expectLog(playground, 1, "open");
    await expectLog(playground, 2, "open");
    expect(await playground.frame(0).locator("#code").innerText()).toBe(code);
    await sayHello(playground, 1);
    await eventually("the TV answers", async () => /you are [12], hello/.test((await playground.log(1)).join()));
  });
});

describe("a phone", () => {
  afterEach(() => expect(browser.problems).toEqual([]));

  test("row 19.6 is reloaded, and has its seat", async () => {
    const playground = await playPair(1);
    await sayHello(playground, 1);
    await expectLog(playground, 1, "you are 1, hello");
    await reload(playground, 1);
    await sayHello(playground, 1);
    await expectLog(playground, 1, "you are 1, hello");
  });

  test("row 19.6 loses its network and comes back to its seat", async () => {
    const playground = await playPair(1);
    await playground.tool(1, "Drop").click();
    await expectLog(playground, 1, "reconnecting");
    await expectLog(playground, 0, "away 1");
    await expectLog(playground, 1, "again");
    await expectLog(playground, 0, "back 1");
    await sayHello(playground, 1);
    await expectLog(playground, 1, "you are 1, hello");
  });
});

describe("a phone, further", () => {
  afterEach(() => expect(browser.problems).toEqual([]));

  test("row 19.6 is half-open: nothing passes, and what was held comes late and in order", async () => {
    const playground = await playPair(1);
    const halfOpen = playground.tool(1, "Half-open");
    await halfOpen.click();
    await sayHello(playground, 1);
    await playground.frame(0).evaluate(() => void Reflect.get(window, "room").broadcast("news"));
    // The SDK finds out by itself that the line is dead.
    await expectLog(playground, 1, "reconnecting");
    expect(await playground.log(0)).not.toContain("1: hello");
    expect(await playground.log(1)).not.toContain("news");
    await halfOpen.click();
    await expectLog(playground, 1, "again");
    await expectLog(playground, 1, "you are 1, hello");
    expect((await playground.log(1)).filter((line) => line === "news")).toHaveLength(1);
    expect((await playground.log(0)).filter((line) => line === "1: hello")).toHaveLength(1);
  });

  test("row 19.6 is locked: hidden and frozen, away in the end, and back when it is unlocked", async () => {
    const playground = await playPair(1);
    await playground.tool(1, "Lock").click();
    await expectLog(playground, 1, "hidden");
    const ticks = await playground.frame(1).locator("#ticks").innerText();
    await expectLog(playground, 0, "away 1");
    expect(await playground.frame(1).locator("#ticks").innerText()).toBe(ticks);
    await playground.tile(1).getByRole("button", { name: "Unlock" }).click();
    await expectLog(playground, 1, "visible");
    await expectLog(playground, 0, "back 1");
    await eventually(
      "its timers go on",
      async () => (await playground.frame(1).locator("#ticks").innerText()) !== ticks,
    );
    await sayHello(playground, 1);
    await expectLog(playground, 1, "you are 1, hello");
  });

  test("row 19.6 has a slow network", async () => {
    const playground = await playPair(1);
    await playground.tool(1, "More").click();
    await playground.page.getByLabel("Delay in ms, Phone 1").fill("300");
    await playground.page.keyboard.press("Escape");
    // The server hears of the delay on the page's own line, so a word of the phone may be there before it.
    await eventually("the server delays both ways", async () => (await latencyOf(playground, 1)) >= 600);
    const sentAt = await playground.frame(1).evaluate(() => {
      Reflect.get(window, "me").on("text", () => Object.assign(window, { heardAt: performance.now() }));
      Reflect.get(window, "me").send("hello");
      return performance.now();
    });
    await expectLog(playground, 1, "you are 1, hello");
    const heardAt = await playground.frame(1).evaluate(() => Reflect.get(window, "heardAt"));
    expect(heardAt - sentAt).toBeGreaterThanOrEqual(599);
  });

  test("row 19.6 shows how far the TV is, and hides that it measures among the pulses", async () => {
    const playground = await playPair(1);
    const { page } = playground;
    await playground.tool(1, "More").click();
    await page.getByLabel("Delay in ms, Phone 1").fill("150");
    await page.keyboard.press("Escape");
    await eventually("the delay shows in the latency", async () => (await latencyOf(playground, 1)) >= 300);
    expect(await page.locator(".wire-row", { hasText: "cw:ping" }).count()).toBe(0);
    await page.getByRole("button", { name: "Pulses" }).click();
    await page.locator(".wire-row", { hasText: "from_str 1: ask cw:ping" }).first().waitFor();
    await page.getByRole("button", { name: "Latency" }).click();
    await eventually("nothing is measured", async () => Number.isNaN(await latencyOf(playground, 1)));
  });

  test("row 19.6 is closed and opened again, and has its seat", async () => {
    const playground = await playPair(1);
    await playground.tool(1, "More").click();
    await playground.page.getByRole("button", { name: "Close the page" }).click();
    await expectLog(playground, 0, "away 1");
    await playground.tile(1).getByRole("button", { name: "Open it again" }).click();
    await expectLog(playground, 0, "back 1");
  });

  test("row 19.6 is removed, and its seat is free", async () => {
    const playground = await playPair(2);
    await playground.tool(2, "More").click();
    await playground.page.getByRole("button", { name: "Remove this phone" }).click();
    await expectLog(playground, 0, "leave 2");
    await eventually("the address says so", () => playground.page.url().endsWith("phones=1"));
    await playground.page.getByRole("button", { name: "Phone", exact: true }).click();
    await expectLog(playground, 0, "join 3");
  });

  test("row 19.6 takes the seat of another by the TV's link", async () => {
    const playground = await playPair(2);
    await playground.tool(2, "More").click();
    await playground.page.getByRole("button", { name: "Take the seat of phone 1" }).click();
    await expectLog(playground, 1, "close replaced");
    await expectLog(playground, 0, "leave 2");
    await eventually("it has the seat", async () => {
      await sayHello(playground, 2);
      return (await playground.log(2)).includes("you are 1, hello");
    });
  });

  test("row 19.6 has the keyboard to itself", async () => {
    const playground = await playPair(2);
    const { keyboard } = playground.page;
    await keyboard.press("Control+Shift+Digit2");
    await expectKeyboard(playground, 2);
    await keyboard.press("ArrowLeft");
    await keyboard.press("Alt+Digit1");
    await expectKeyboard(playground, 1);
    await keyboard.press("ArrowRight");
    await keyboard.press("Space"); // presses the first control
    await expectLog(playground, 1, "you are 1, hello");
    const keys = await Promise.all([1, 2].map((phone) => playground.frame(phone).locator("#keys").innerText()));
    expect(keys[0]).toMatch(/^ArrowRight/);
    expect(keys[1]).toMatch(/^ArrowLeft/);
    expect(keys[1]).not.toContain("ArrowRight");
    expect(await playground.page.locator(".is-selected").count()).toBe(1);
  });
});

describe("a TV", () => {
  afterEach(() => expect(browser.problems).toEqual([]));

  test("row 19.6 is reloaded, and its room goes on", async () => {
    const playground = await playPair(1);
    await reload(playground, 0);
    await sayHello(playground, 1);
    await expectLog(playground, 1, "you are 1, hello");
  });

  test("row 19.6 loses its network and comes back to its room", async () => {
    const playground = await playPair(1);
    await playground.tool(0, "Drop").click();
    await expectLog(playground, 0, "reconnecting");
    await sayHello(playground, 1);
    await expectLog(playground, 0, "reconnected");
    await expectLog(playground, 1, "you are 1, hello");
  });

  test("row 19.6 is half-open: what phones say reaches it late and once", async () => {
    const playground = await playPair(1);
    const halfOpen = playground.tool(0, "Half-open");
    await halfOpen.click();
    await playground.tile(0).getByText("half-open").waitFor();
    await sayHello(playground, 1);
    await playground.page.locator('.wire-row[data-kind="text"]').waitFor(); // the phone has said it
    expect(await playground.log(0)).toEqual(["join 1"]);
    await halfOpen.click();
    await expectLog(playground, 1, "you are 1, hello");
    expect((await playground.log(0)).filter((line) => line === "1: hello")).toHaveLength(1);
  });

  test("row 19.6 opens another room, and the phones follow", async () => {
    const playground = await playPair(2);
    const code = await playground.frame(0).locator("#code").innerText();
    await playground.frame(0).evaluate(() => {
      Reflect.get(window, "room").close(); // the next load opens a new one
      location.reload();
    });
    await eventually("there is another room", async () => {
      const shown = await playground.page.locator(".code").innerText();
      return /^[A-Z]{4}$/.test(shown) && shown !== code;
    });
    for (const phone of [1, 2]) {
      await eventually("the phone is in it", async () => (await playground.log(phone)).join() === "open");
    }
  });
});

/** The frames that are listed. */
const rows = (playground: PlaygroundOnPage): Promise<string[]> =>
  playground.page.locator(".wire-row .summary").allInnerTexts();
const expectRow = (playground: PlaygroundOnPage, row: string): Promise<void> =>
  eventually(`there is the frame ${row}`, async () => (await rows(playground)).includes(row));

describe("the wire", () => {
  afterEach(() => expect(browser.problems).toEqual([]));

  test("row 19.6 shows frames both ways, decoded, and narrows them", async () => {
    const playground = await playPair(2);
    const { page } = playground;
    await sayHello(playground, 1);
    await expectLog(playground, 1, "you are 1, hello");
    for (const row of ["hello", "from_str 1: hello", "to_str 1: you are 1, hello", "you are 1, hello"]) {
      await expectRow(playground, row);
    }
    await page.getByLabel("Frames of").selectOption("1");
    await eventually(
      "the TV's are gone",
      async () => !(await rows(playground)).some((row) => row.startsWith("to_str")),
    );
    await page.getByLabel("Direction").selectOption("up");
    await eventually("what came is gone", async () => !(await rows(playground)).includes("you are 1, hello"));
    await expectRow(playground, "hello");
    await page.getByRole("button", { name: "Sockets" }).click();
    await page.getByRole("button", { name: "Text" }).click();
    await eventually("nothing is left", async () => (await rows(playground)).length === 0);
    await page.getByRole("button", { name: "Text" }).click();
    await page.getByLabel("Text in the frames").fill("HELL");
    await eventually("one is left", async () => (await rows(playground)).join() === "hello");
    await page.locator(".wire-row").click();
    await page.locator(".wire-detail").getByText("Phone 1 → server").waitFor();
    await page.locator(".wire-detail").getByText("5 bytes, text").waitFor();
    await browser.keep(page, "wire");
  });

  test("row 19.6 is paused, cleared and steered by the keyboard, and counts", async () => {
    const playground = await playPair(1);
    const { page } = playground;
    await page.getByRole("button", { name: "Clear" }).click();
    await eventually("it is empty", async () => (await rows(playground)).length === 0);
    await page.getByRole("button", { name: "Pause" }).click();
    await sayHello(playground, 1);
    await expectLog(playground, 1, "you are 1, hello");
    await page.locator(".counter", { hasText: /paused, [1-9]\d* not kept/ }).waitFor();
    expect(await rows(playground)).toEqual([]);
    await page.getByRole("button", { name: "Pause" }).click();
    await sayHello(playground, 1);
    await expectRow(playground, "to_str 1: you are 1, hello");
    await page.getByRole("listbox", { name: "Frames" }).focus();
    await page.keyboard.press("Home");
    await page.locator(".wire-detail").getByText("Phone 1 → server").waitFor();
    await page.keyboard.press("End");
    await page.locator(".wire-detail").getByText("server → Phone 1").waitFor();
    await page.locator(".counter", { hasText: /frames\/s · .* in all$/ }).waitFor();
  });

  test("row 19.6 shows plain WebSockets, in JSON and bytes, each phone with a storage of its own", async () => {
    const playground = await openPlayground(browser, await startDevServer(), "/playground/plain?phones=2");
    for (const phone of [1, 2]) await playground.frame(phone).getByText("open").waitFor();
    await expectRow(playground, 'prepare {"max_players":8,"name":"plain"}');
    await expectRow(playground, "3 bytes: 01 02 fe");
    await expectRow(playground, "from 1: 3 bytes: 01 02 fe");
    const secrets = await Promise.all(
      [1, 2].map((phone) => playground.frame(phone).evaluate(() => localStorage["secret"])),
    );
    expect(new Set(secrets).size).toBe(2);
    await playground.tool(1, "Reload").click();
    await eventually("the secret is kept", async () => {
      const secret = await playground
        .frame(1)
        .evaluate(() => localStorage["secret"])
        .catch(() => undefined);
      return secret === secrets[0];
    });
    await playground.tool(2, "More").click();
    await playground.page.getByRole("button", { name: "Take the seat of player 1" }).click();
    await playground.frame(1).getByText("closed 4509").waitFor();
    expect(await playground.log(0)).not.toContain("rescue_reply");
  });
});

describe("pages of another origin", () => {
  test("row 19.6 are played, watched and troubled by the SDK that they use", async () => {
    const server = await startDevServer({ awayMs: 50 });
    const pages = await serveElsewhere(server.url);
    const query = new URLSearchParams({ tv: `${pages}/`, phones: "2" });
    const playground = await openPlayground(browser, server, `/playground/?${query}`);
    for (const phone of [1, 2]) await expectLog(playground, phone, "open");
    expect(playground.frame(1).url()).toMatch(`${pages}/player.html?room=`);
    await sayHello(playground, 2);
    await expectLog(playground, 2, "you are 2, hello");
    await playground.page.locator(".wire-row", { hasText: "from_str 2: hello" }).waitFor();
    await playground.tool(1, "Drop").click();
    await expectLog(playground, 1, "again");
    await reload(playground, 1);
    await sayHello(playground, 1);
    await expectLog(playground, 1, "you are 1, hello");
    expect(browser.problems).toEqual([]);
  });
});

describe("pages of another origin that a stranger frames", () => {
  const FRAME = '<iframe name="couchwire-playground-phone-1" width="390" height="400"></iframe>';

  test.each([true, false])("row 19.6 obey the stranger in nothing (in development: %s)", async (dev) => {
    const server = await startDevServer({ dev });
    const { code } = await openRoom(server);
    const pages = await serveElsewhere(server.url);
    const stranger = await browser.open(`${pages.replace("127.0.0.1", "localhost")}/stranger`, DESK);
    await stranger.setContent(FRAME);
    await stranger.evaluate(
      (src) => void Object.assign(document.querySelector("iframe") ?? {}, { src }),
      `${pages}/player.html?room=${code}`,
    );
    const frame = await eventuallyFrame(stranger);
    await frame.getByText("open", { exact: true }).waitFor(); // it plays, as ever
    await frame.evaluate(() => {
      addEventListener("message", ({ data }) => void (data === "over" && Object.assign(window, { isOver: true })));
    });
    await stranger.evaluate(() => {
      const drop = { couchwirePlayground: { type: "drop", forMs: 60_000 } };
      const lock = { couchwirePlayground: { type: "lock", isOn: true } };
      for (const message of [drop, lock, "over"]) frames[0]?.postMessage(message, "*");
    });
    await eventually("the messages have come", () => frame.evaluate(() => Reflect.get(window, "isOver") === true));
    const phone = await frame.evaluate(() => [Reflect.get(window, "me").isConnected, document.visibilityState]);
    expect(phone).toEqual([true, "visible"]);
  });
});

async function eventuallyFrame(page: Page): Promise<Frame> {
  let found: Frame | undefined;
  await eventually("the frame is there", () => {
    found = page.frames().find((frame) => frame.url().includes("/player.html"));
    return found !== undefined;
  });
  if (found === undefined) throw new Error("There is no frame.");
  return found;
}

/** The pages of `pair/` at an origin of their own, as a dev server has them. */
async function serveElsewhere(couchwire: string): Promise<string> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://pages").pathname;
    const name = path === "/" ? "index.html" : path.slice(1);
    if (name !== "index.html" && name !== "player.html") {
      response.writeHead(200, { "Content-Type": "text/html" }).end();
      return;
    }
    const page = readFileSync(new URL(`../support/playground-games/pair/${name}`, import.meta.url), "utf8")
      .replaceAll("/sdk/couchwire.js", `${couchwire}/sdk/couchwire.js`)
      .replace(
        "createRoom()",
        `createRoom({ server: "${couchwire}", game: "pair", joinUrl: location.origin + "/player.html" })`,
      )
      .replace("joinRoom()", `joinRoom({ server: "${couchwire}" })`);
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(page);
  });
  const port = await listen(server);
  onTestEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}
