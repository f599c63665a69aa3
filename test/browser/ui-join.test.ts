/** `<cw-join>` on phones with real touch: what it asks for, what it says when it goes wrong, what it remembers. */
import { expect, test } from "@jest/globals";
import type { Locator, Page } from "playwright-core";
import { createRoom, joinRoom, type CreateRoomOptions, type HostRoom, type PlayerRoom } from "../../src/sdk/node.ts";
import { SCREEN_SIZES } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually } from "../support/inbox.ts";
import { useGallery } from "../support/kit-gallery.ts";
import { seriousFaults } from "../support/serious-faults.ts";

// The SDK warns of a server that does not answer, and Chromium of each attempt.
const gallery = useGallery("ui-join", /ERR_CONNECTION_REFUSED|Failed to load resource/);

async function openRoom(options: Partial<CreateRoomOptions> = {}): Promise<HostRoom> {
  const room = await createRoom({ server: gallery.url, game: "kit-gallery", ...options });
  onTestEnd(() => room.close());
  room.on("state", () => undefined); // a room without a listener keeps what happens for the first
  return room;
}

const openPhone = (code: string, query = ""): Promise<Page> =>
  gallery.open(`room=${code}&${query}`, SCREEN_SIZES.phone);

const isIn = (page: Page, { code }: HostRoom): Promise<unknown> =>
  page.waitForFunction((title) => document.title === title, `in ${code}`);

const says = (page: Page, sentence: string): Promise<void> => page.getByRole("alert").getByText(sentence).waitFor();

async function typeName(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Join" }).tap();
}

const namesIn = (room: HostRoom): string[] => room.players.map(({ name }) => name);

test("asks for a name, and the form goes away when the phone is in", async () => {
  const room = await openRoom();
  const page = await openPhone(room.code);
  const name = page.getByLabel("Your name");
  await name.waitFor();
  // The cursor is in the field, whose type is large enough for iOS not to zoom.
  expect(await page.evaluate("document.activeElement.localName")).toBe("cw-join");
  expect(await name.evaluate((input) => Number.parseFloat(getComputedStyle(input).fontSize))).toBeGreaterThanOrEqual(
    16,
  );
  await page.getByRole("button", { name: "Join" }).tap();
  await says(page, "Type your name first.");
  await gallery.browser.keep(page, "no-name");

  await page.getByRole("radio", { name: "Character 6" }).locator("..").tap();
  await name.fill("  Ada ");
  await name.press("Enter");
  await isIn(page, room);
  expect(await page.locator("cw-join").isVisible()).toBe(false);
  expect(namesIn(room)).toEqual(["Ada"]);
  await eventually("the TV knows the character", () => room.players[0]?.meta["avatar"] === 5);
  await page.evaluate("me.setProfile({ name: 'Countess', avatar: 9 })");
  await eventually("the TV knows the new one", () => room.players[0]?.meta["avatar"] === 9);
  // What the game changed since is not undone by a reload.
  await page.reload();
  await isIn(page, room);
  expect(await page.evaluate("me.meta.avatar")).toBe(9);
  expect([namesIn(room), room.players[0]?.meta]).toEqual([["Countess"], { avatar: 9 }]);
});

test("every target of a thumb is 44 pixels at 320", async () => {
  const page = await gallery.open("room=BCDF", { ...SCREEN_SIZES.phone, viewport: { width: 320, height: 568 } });
  await page.getByLabel("Your name").waitFor();
  const sizes = await page.locator("cw-join").evaluate((join) =>
    [...(join.shadowRoot?.querySelectorAll("label.face, button:not([hidden]), .name") ?? [])].map((target) => {
      const { width, height } = target.getBoundingClientRect();
      return Math.round(Math.min(width, height));
    }),
  );
  expect(sizes.length).toBe(26);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(44);
});

test("a keyboard chooses the character, and fills the form in", async () => {
  const room = await openRoom();
  const page = await openPhone(room.code);
  await page.keyboard.type("Grace");
  await page.keyboard.press("Tab");
  const chosen = (): Promise<string | null> => page.locator("cw-join input[type=radio]:checked").getAttribute("value");
  const before = Number(await chosen());
  await page.keyboard.press("ArrowRight");
  expect(Number(await chosen())).toBe((before + 1) % 24);
  await page.keyboard.press("Enter");
  await isIn(page, room);
  expect(namesIn(room)).toEqual(["Grace"]);
});

test("a wrong code is said to be, and can be typed again", async () => {
  const room = await openRoom();
  const page = await openPhone("ZZZZ");
  await typeName(page, "Ada");
  await says(page, "No room has this code. Look at the TV again.");
  expect(await seriousFaults(page)).toEqual([]);
  await gallery.browser.keep(page, "wrong-code");
  const code = page.getByLabel("Room code");
  await code.fill("Z1");
  await page.getByRole("button", { name: "Join" }).tap();
  await says(page, "Type the four letters on the TV.");
  await code.fill(room.code.toLowerCase());
  await page.getByRole("button", { name: "Join" }).tap();
  await isIn(page, room);
});

test("a PIN is asked for only where the room has one, and a wrong one is said to be wrong", async () => {
  const room = await openRoom({ pin: "4711" });
  const page = await openPhone(room.code);
  const pin = page.getByLabel("PIN");
  await page.getByLabel("Your name").waitFor();
  expect(await pin.isVisible()).toBe(false);
  await typeName(page, "Ada");
  await says(page, "This room asks for a PIN. It is on the TV.");
  await gallery.browser.keep(page, "pin");
  await pin.fill("1");
  await pin.press("Enter");
  await says(page, "That PIN is wrong.");
  await pin.fill("4711");
  await pin.press("Enter");
  await isIn(page, room);
});

test("a full room and a locked one are said to be, in the person's language", async () => {
  const room = await openRoom({ maxPlayers: 1 });
  const first = joinRoom({ server: gallery.url, code: room.code, name: "First" });
  onTestEnd(() => first.close());
  await new Promise<void>((resolve) => room.once("join", () => resolve()));
  const page = await openPhone(room.code, "lang=ar");
  await page.getByLabel("اسمك").fill("Ada");
  await page.getByRole("button", { name: "انضم" }).tap();
  await says(page, "الغرفة ممتلئة.");
  await gallery.browser.keep(page, "full-rtl");
  first.close();
  await new Promise<void>((resolve) => room.once("leave", () => resolve()));
  room.lock();
  await page.getByRole("button", { name: "انضم" }).tap();
  await says(page, "بدأت اللعبة بالفعل.");
  expect(await page.getByRole("button", { name: "العودة إلى مكانك" }).count()).toBe(0);
});

test("the seat of another tab can be taken back when the game has started", async () => {
  const room = await openRoom();
  const page = await openPhone(room.code);
  await typeName(page, "Ada");
  await isIn(page, room);
  room.lock();
  const tab = await page.context().newPage();
  await tab.goto(page.url());
  await tab.getByRole("button", { name: "Join" }).tap();
  await says(tab, "The game has started.");
  await gallery.browser.keep(tab, "take-seat");
  await tab.getByRole("button", { name: "Take your seat back" }).tap();
  await isIn(tab, room);
  await page.waitForFunction("document.title === 'closed: replaced'");
  expect(namesIn(room)).toEqual(["Ada"]);
});

test("a reload, and a new tab after the first was closed, are in at once", async () => {
  const room = await openRoom();
  const page = await openPhone(room.code);
  await typeName(page, "Ada");
  await isIn(page, room);
  await page.reload();
  await isIn(page, room);
  const tab = await page.context().newPage();
  await page.close();
  await tab.goto(`${gallery.url}/games/kit-gallery/player.html?room=${room.code}`);
  await isIn(tab, room);
  expect(namesIn(room)).toEqual(["Ada"]);

  const next = await openRoom();
  await tab.goto(`${gallery.url}/games/kit-gallery/player.html?room=${next.code}`);
  expect(await tab.getByLabel("Your name").inputValue()).toBe("Ada");
});

test("a removed player is asked again, and one that may not return is told", async () => {
  const room = await openRoom();
  const page = await openPhone(room.code, "again=1");
  await typeName(page, "Ada");
  await isIn(page, room);
  room.kick(1);
  const join = page.getByRole("button", { name: "Join" });
  await join.waitFor();
  await page.reload();
  await join.tap();
  await isIn(page, room);
  room.kick(2, { ban: true });
  await join.waitFor();
  await join.tap();
  await says(page, "You were removed from the game.");
});

/** A phone that takes the last seat. */
async function takeSeat(room: HostRoom): Promise<PlayerRoom> {
  const joined = new Promise((resolve) => void room.once("join", resolve));
  const me = joinRoom({ server: gallery.url, code: room.code, name: "First" });
  onTestEnd(() => me.close());
  await joined;
  return me;
}

const watchButton = (page: Page): Locator => page.getByRole("button", { name: "Just watch" });

const watches = (page: Page, { code }: HostRoom): Promise<unknown> =>
  page.waitForFunction((title) => document.title === title, `watching ${code}`);

test("P5.7: a phone that finds the room full sees its place in the line, and is in as soon as a seat is free", async () => {
  const room = await openRoom({ maxPlayers: 1, overflow: "queue" });
  const first = await takeSeat(room);
  const [next, last] = [await openPhone(room.code), await openPhone(room.code, "lang=de")];
  await typeName(next, "Ada");
  await next.getByText("Your place in line: 1").waitFor();
  await last.getByLabel("Dein Name").fill("Ben");
  await last.getByRole("button", { name: "Mitspielen" }).tap();
  await last.getByText("Dein Platz in der Schlange: 2").waitFor();
  // Nothing is left to fill in, and a screen reader is at the place.
  expect(await last.locator("cw-join input, cw-join button").filter({ visible: true }).count()).toBe(0);
  expect(await last.evaluate("document.querySelector('cw-join').shadowRoot.activeElement.className")).toBe("place");
  expect(await seriousFaults(last)).toEqual([]);
  await gallery.browser.keep(last, "line");

  first.close();
  await isIn(next, room);
  await last.getByText("Dein Platz in der Schlange: 1").waitFor();
  expect(namesIn(room)).toEqual(["Ada"]);
  // A page that is loaded again waits on, with the name that it gave.
  await last.reload();
  await last.getByText("Dein Platz in der Schlange: 1").waitFor();
  await next.evaluate("me.close()");
  await isIn(last, room);
  await eventually("the TV knows the name", () => namesIn(room).join() === "Ben");
});

test("P5.6: a phone may watch instead of playing, also after it is loaded again, and votes", async () => {
  const room = await openRoom({ audience: 2, pin: "4711" });
  const votes: unknown[] = [];
  room.on("tally", ({ counts }) => votes.push(counts));
  const page = await openPhone(room.code, "watch");
  // No name is asked of it, but the PIN is.
  await watchButton(page).tap();
  await says(page, "This room asks for a PIN. It is on the TV.");
  await page.getByLabel("PIN").fill("4711");
  await watchButton(page).tap();
  await watches(page, room);
  await page.evaluate("me.vote('a')");
  await eventually("the vote is counted", () => JSON.stringify(votes) === '[{"a":1}]');
  expect([room.players.length, room.audience]).toEqual([0, 1]);
});

test("P5.6: a room that is full and one that has begun offer to watch, where the page says so", async () => {
  const room = await openRoom({ maxPlayers: 1, audience: 1 });
  await takeSeat(room);
  const page = await openPhone(room.code, "watch=late");
  await page.getByLabel("Your name").waitFor();
  expect(await watchButton(page).isVisible()).toBe(false);
  await typeName(page, "Ada");
  await says(page, "The room is full.");
  await gallery.browser.keep(page, "full-watch");
  await watchButton(page).tap();
  await watches(page, room);
  await page.reload();
  await watches(page, room);

  room.lock();
  const late = await openPhone(room.code, "watch=late");
  await typeName(late, "Ben");
  await says(late, "The game has started.");
  await watchButton(late).tap();
  await says(late, "There is no place to watch.");

  const other = await openPhone(room.code);
  await typeName(other, "Cleo");
  await says(other, "The game has started.");
  expect(await watchButton(other).isVisible()).toBe(false);
});

test("P5.7: a phone that waits may watch instead, and its place in the line is another's", async () => {
  const room = await openRoom({ maxPlayers: 1, overflow: "queue", audience: 5 });
  await takeSeat(room);
  const page = await openPhone(room.code, "watch=late");
  await typeName(page, "Ada");
  await page.getByText("Your place in line: 1").waitFor();
  await watchButton(page).tap();
  await watches(page, room);
  await eventually("the line is empty", () => room.waiting === 0 && room.audience === 1);
});
