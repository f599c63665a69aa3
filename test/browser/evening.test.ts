/** An evening on one TV and four phones: three games in turn, with the same code and seats, whatever is loaded again meanwhile. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createGame } from "../../src/cli/create-game.ts";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";

const [ARENA, DEMO] = ["../../demo-arena", "../../demo-game"].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);

/** A game that has the SDK alone, and shows all that an evening must bring along. */
const PLAIN_TV = `<!doctype html><meta charset="utf-8"><title>Plain</title>
<p id="code"></p><p id="restored"></p><ul id="players"></ul><p id="news"></p>
<script type="module">
import { createRoom } from "/sdk/couchwire.js";
createRoom().then((room) => {
  globalThis.room = room;
  code.textContent = room.code;
  restored.textContent = room.isRestored + " " + JSON.stringify(room.restored ?? null);
  const show = () => {
    players.innerHTML = "";
    for (const { id, name, meta } of room.players) {
      const item = document.createElement("li");
      item.textContent = id + " " + name + " " + meta.avatar;
      players.append(item);
    }
  };
  room.on("join", show);
  room.on("leave", show);
  room.on("hello", ({ name }) => {
    news.textContent = name + " says hello.";
    room.save({ last: name });
  });
  show();
});
</script>`;
const PLAIN_PHONE = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Plain</title>
<button id="hello">Hello</button><p id="state"></p>
<script type="module">
import { joinRoom } from "/sdk/couchwire.js";
const me = joinRoom();
hello.onclick = () => me.emit("hello");
me.on("open", () => (state.textContent = "Player " + me.id));
</script>`;

let browser: TestBrowser;
let server: CouchwireServer;
let url = "";
let games = "";

beforeAll(async () => {
  games = mkdtempSync(join(tmpdir(), "couchwire-evening-"));
  mkdirSync(join(games, "plain"));
  writeFileSync(join(games, "plain/index.html"), PLAIN_TV);
  writeFileSync(join(games, "plain/player.html"), PLAIN_PHONE);
  const made = createGame({ name: "from-template", template: "blank", isVite: false }, games);
  expect(made.ok).toBe(true);
  // However long a page takes to load anew, its player is not away for that.
  server = createServer({
    port: 0,
    host: "127.0.0.1",
    logLevel: "silent",
    drainMs: 0,
    games: `${games},${ARENA},${DEMO}`,
    awayMs: 120_000,
  });
  ({ url } = await server.listen());
  browser = await startBrowser("evening");
}, 60_000);

afterEach(() => expect(browser.problems).toEqual([]));

afterAll(async () => {
  await browser.close();
  await server.close();
  rmSync(games, { recursive: true });
});

const NAMES = ["Ada", "Bob", "Charlotte", "Dieter"];

interface Evening {
  readonly tv: Page;
  readonly code: string;
  readonly phones: readonly [Page, Page, Page, Page];
}

async function join4(): Promise<Evening> {
  const tv = await browser.open(`${url}/tv`, SCREEN_SIZES.tv);
  await tv.locator("#qr svg").waitFor();
  await browser.keep(tv, "1-waiting");
  const code = (await tv.locator("#code").textContent()) ?? "";
  const [ada, bob, charlotte, dieter] = [
    await joinAs("Ada", code, 0),
    await joinAs("Bob", code, 5),
    await joinAs("Charlotte", code, 11),
    await joinAs("Dieter", code, 23),
  ];
  return { tv, code, phones: [ada, bob, charlotte, dieter] };
}

async function joinAs(name: string, code: string, avatar: number): Promise<Page> {
  const phone = await browser.open(`${url}/${code}`, SCREEN_SIZES.phone);
  await phone.getByLabel("Your name").fill(name);
  await phone.locator("cw-join input[type=radio]").nth(avatar).check({ force: true });
  if (name === "Ada") await browser.keep(phone, "2-join");
  await phone.getByRole("button", { name: "Join" }).tap();
  await phone.getByRole("list", { name: "Games" }).waitFor();
  return phone;
}

/** The names and the characters on the launcher's screen. */
const peopleOn = (tv: Page): Promise<string[]> => tv.locator("#people .name").allInnerTexts();
const facesOn = (tv: Page): Promise<string[]> =>
  tv.locator("#people .face").evaluateAll((faces) => faces.map((face) => face.innerHTML + face.getAttribute("style")));

async function choose(phone: Page, title: string): Promise<void> {
  await phone.getByRole("button", { name: title, exact: false }).first().tap();
  await phone.getByRole("button", { name: `Play ${title}` }).tap();
}

async function allGoTo(game: string, { tv, phones }: Evening): Promise<void> {
  await tv.waitForURL(`${url}/games/${game}/`);
  for (const phone of phones) await phone.waitForURL(`${url}/games/${game}/player.html?room=*`);
}

/** The tab of the phone with the remote. */
const wayBack = (phone: Page) => phone.getByRole("button", { name: "The remote" });

async function leadBack(phone: Page): Promise<void> {
  await wayBack(phone).tap();
  await phone.getByRole("button", { name: "Back to the games" }).tap();
}

describe("an evening", () => {
  test("P5.9.7 four phones play three games, nobody joins again, and names and characters stay", async () => {
    const evening = await join4();
    const { tv, code, phones } = evening;
    const [ada, bob, charlotte, dieter] = phones;
    expect(await peopleOn(tv)).toEqual(NAMES);
    const faces = await facesOn(tv);
    expect(new Set(faces).size).toBe(4);
    await browser.keep(tv, "3-everybody-in");
    await browser.keep(ada, "4-remote");
    await browser.keep(bob, "5-no-remote");

    // A game of the template, with a phone and the TV loaded again.
    await choose(ada, "From Template");
    await allGoTo("from-template", evening);
    for (const name of NAMES) await tv.locator("cw-lobby").getByText(name, { exact: true }).first().waitFor();
    await tv.getByRole("button", { name: "Start" }).press("Enter");
    await bob.reload();
    await bob.getByRole("button", { name: "Hello!" }).tap();
    await tv.getByText("Bob says hello!").waitFor();
    await tv.reload();
    await dieter.getByRole("button", { name: "Hello!" }).tap();
    await tv.getByText("Dieter says hello!").waitFor();
    await browser.keep(ada, "6-way-back");
    expect(await wayBack(bob).count()).toBe(0);
    await wayBack(ada).tap();
    await ada.getByRole("dialog").waitFor();
    await browser.keep(ada, "7-way-back-open");
    await ada.getByRole("button", { name: "Go on playing" }).tap();
    await leadBack(ada);
    await allGoTo("tv", evening);
    await tv.locator("#people li").nth(3).waitFor();
    expect([await tv.locator("#code").textContent(), await peopleOn(tv), await facesOn(tv)]).toEqual([
      code,
      NAMES,
      faces,
    ]);

    // The remote is handed on, and a demo game is next.
    await ada.getByRole("button", { name: "Hand the remote on" }).tap();
    await ada.getByRole("dialog").getByRole("button", { name: "Charlotte" }).tap();
    await charlotte.getByText("You have the remote").waitFor();
    await ada.getByText("Charlotte has the remote").waitFor();
    await choose(charlotte, "Treadheads");
    await allGoTo("demo-arena", evening);
    for (const name of NAMES) await tv.locator("cw-lobby").getByText(name, { exact: true }).first().waitFor();
    await tv.reload();
    await ada.reload();
    for (const name of NAMES) await tv.locator("cw-lobby").getByText(name, { exact: true }).first().waitFor();
    await browser.keep(tv, "8-demo");
    await tv.keyboard.press("Escape");
    await tv.getByRole("dialog", { name: "Back to the games?" }).waitFor();
    await browser.keep(tv, "9-way-back-on-tv");
    await tv.keyboard.press("Enter");
    await allGoTo("tv", evening);
    await tv.locator("#people li").nth(3).waitFor();
    expect([await peopleOn(tv), await facesOn(tv)]).toEqual([NAMES, faces]);

    // A page with the SDK alone: to it the room is a new one, until it is loaded again.
    await choose(charlotte, "Plain");
    await allGoTo("plain", evening);
    const seats = ["1 Ada 0", "2 Bob 5", "3 Charlotte 11", "4 Dieter 23"];
    await tv.locator("#players li").nth(3).waitFor();
    expect([await tv.locator("#code").innerText(), await tv.locator("#restored").innerText()]).toEqual([
      code,
      "false null",
    ]);
    expect(await tv.locator("#players li").allInnerTexts()).toEqual(seats);
    const nowhere = tv.evaluate("room.startGame('nowhere').then(() => 'gone', ({ code }) => code)");
    expect(await nowhere).toBe("game_not_found");
    await dieter.getByText("Player 4").waitFor();
    await dieter.getByRole("button", { name: "Hello" }).tap();
    await tv.getByText("Dieter says hello.").waitFor();
    await tv.reload();
    await tv.locator("#players li").nth(3).waitFor();
    expect(await tv.locator("#restored").innerText()).toBe('true {"last":"Dieter"}');
    expect(await tv.locator("#players li").allInnerTexts()).toEqual(seats);
    await charlotte.reload();
    await leadBack(charlotte);
    await allGoTo("tv", evening);
    await tv.locator("#people li").nth(3).waitFor();
    expect([await tv.locator("#code").textContent(), await peopleOn(tv), await facesOn(tv)]).toEqual([
      code,
      NAMES,
      faces,
    ]);
    await browser.keep(tv, "10-back");
  }, 240_000);

  test("the demo game has the names that the launcher was told", async () => {
    const evening = await join4();
    await choose(evening.phones[0], "Scrawlywags");
    await allGoTo("demo-game", evening);
    for (const name of NAMES) await evening.tv.locator(".seats").getByText(name, { exact: true }).waitFor();
  }, 120_000);

  test("the TV's own remote chooses with its arrows, and OK starts", async () => {
    const tv = await browser.open(`${url}/tv`, SCREEN_SIZES.tv);
    await tv.locator("#games button").nth(2).waitFor();
    const titles = await tv.locator("#games .title").allInnerTexts();
    await tv.keyboard.press("ArrowRight");
    await tv.keyboard.press("ArrowRight");
    expect(await tv.locator(":focus .title").innerText()).toBe(titles[1]);
    await tv.keyboard.press("Enter");
    await tv.waitForURL(/\/games\/(?!tv\/)[^/]+\/$/);
  });
});
