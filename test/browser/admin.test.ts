/** The admin page in the browser: what an operator sees, and does. Screenshots are kept in test-results/admin. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Locator, Page } from "playwright-core";
import { ADMIN_KEY, startAdminServer, type AdminServer } from "../support/admin-client.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { openRoom, type OpenRoom } from "../support/host-client.ts";
import { PlayerClient } from "../support/player-client.ts";
import { seriousFaults } from "../support/serious-faults.ts";

const DESK = { viewport: { width: 1440, height: 900 } };

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("admin");
}, 60_000);

afterAll(() => browser.close());

async function logIn(page: Page, key = ADMIN_KEY): Promise<void> {
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** The page at this path, logged in. */
async function openAdmin({ adminUrl }: AdminServer, path = "/"): Promise<Page> {
  const page = await browser.open(`${adminUrl}/login`, DESK);
  await logIn(page);
  await page.waitForURL(`${adminUrl}/`);
  if (path !== "/") await page.goto(adminUrl + path);
  return page;
}

interface Party extends OpenRoom {
  readonly server: AdminServer;
  readonly players: readonly PlayerClient[];
}

/** A room with these players, each with a session. */
async function startParty(
  names: readonly string[],
  options: Parameters<typeof startAdminServer>[0] = {},
): Promise<Party> {
  const server = await startAdminServer(options);
  const room = await openRoom(server, { name: "quiz-night" });
  const players: PlayerClient[] = [];
  for (const name of names) {
    players.push(await PlayerClient.connect(server, `${room.code}?name=${name}&session=${name.padEnd(16, "-")}`));
    await room.host.until("player_joined");
  }
  return { ...room, server, players };
}

/** What went wrong on these pages, but for refusals, which the browser logs as well. */
const bugs = ({ adminUrl }: AdminServer): string[] =>
  browser.problems.filter((problem) => problem.startsWith(adminUrl) && !problem.includes("Failed to load resource"));

/** Pixels that stick out at the side. */
const stickingOut = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** The word in colour that is shown for a state. */
const chip = (place: Page | Locator, word: string) =>
  place.locator(".chip:visible", { hasText: new RegExp(`^${word}$`) });

const row = (page: Page, text: string) => page.getByRole("row").filter({ hasText: text });

test("row 74: a wrong key is refused in words, the right one leads to the rooms, and the way out leads back", async () => {
  const server = await startAdminServer();
  const page = await browser.open(`${server.adminUrl}/`, DESK);
  expect(new URL(page.url()).pathname).toBe("/login");
  await logIn(page, "wrong-key-0123456789");
  await page.getByRole("alert").getByText("This is not an API key of this server.").waitFor();
  await logIn(page);
  await page.getByText("No room is open.").waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL(`${server.adminUrl}/login`);
  await page.goto(`${server.adminUrl}/`);
  expect(new URL(page.url()).pathname).toBe("/login");
});

test("row 74: rooms and players show live, with their traffic", async () => {
  const { server, code, host, players } = await startParty(["Ada"]);
  const page = await openAdmin(server);
  await row(page, code).getByText("1 / 8").waitFor();
  await chip(row(page, code), "Open").waitFor();
  const second = await PlayerClient.connect(server, `${code}?name=Bob`);
  await row(page, code).getByText("2 / 8").waitFor();
  for (let frame = 0; frame < 50; frame++) players[0]?.send("hello");
  await page.getByRole("img", { name: /Frames a second.* Most: [1-9]/ }).waitFor();
  second.socket.close();
  await row(page, code).getByText("1 / 8").waitFor();
  host.send({ cmd: "stop" });
  await page.getByText("No room is open.").waitFor();
  expect(bugs(server)).toEqual([]);
});

test("row 74: a search finds a room by its code or its game", async () => {
  const { server, code } = await startParty([]);
  const other = await openRoom(server, { name: "arena" });
  const page = await openAdmin(server);
  await row(page, code).waitFor();
  const search = page.getByRole("searchbox");
  await search.fill("aren");
  await row(page, code).waitFor({ state: "detached" });
  await row(page, other.code).waitFor();
  await search.fill(code.toLowerCase());
  await row(page, code).waitFor();
  await search.fill("nothing");
  await page.getByText("No room is called “nothing”.").waitFor();
});

test("row 24: a player is kicked after a question, and told why", async () => {
  const { server, code, players } = await startParty(["Ada", "Bob"]);
  const page = await openAdmin(server);
  await page.getByRole("link", { name: code }).click();
  await row(page, "Ada").getByRole("button", { name: "Kick Ada" }).click();
  const question = page.getByRole("alertdialog", { name: "Kick Ada?" });
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "detached" });
  await row(page, "Ada").getByRole("button", { name: "Kick Ada" }).click();
  await question.getByLabel(/Reason/).fill("Be kind.");
  await question.getByRole("button", { name: "Kick", exact: true }).click();
  expect(await players[0]?.closed).toEqual({ code: 4503, reason: "Be kind." });
  await row(page, "Ada").waitFor({ state: "detached" });
  await row(page, "Bob").waitFor();
  await page.getByRole("listitem").filter({ hasText: "Ada was kicked" }).waitFor();
});

test("row 24: a banned player does not get in again", async () => {
  const { server, code, players } = await startParty(["Ada"]);
  const page = await openAdmin(server, `/rooms/${code}`);
  await page.getByRole("button", { name: "Ban Ada" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Ban", exact: true }).click();
  expect(await players[0]?.closed).toMatchObject({ code: 4503 });
  const again = new PlayerClient(`${server.ws}/${code}?session=${"Ada".padEnd(16, "-")}`);
  expect(await again.closed).toMatchObject({ code: 4503 });
  await page.getByText("Nobody has joined yet.").waitFor();
});

test("row 24: a room is locked and opened again", async () => {
  const { server, code } = await startParty([]);
  const page = await openAdmin(server, `/rooms/${code}`);
  await page.getByRole("button", { name: "Lock" }).click();
  await chip(page, "Locked").waitFor();
  expect(await new PlayerClient(`${server.ws}/${code}`).closed).toMatchObject({ code: 4523 });
  await page.getByRole("button", { name: "Open again" }).click();
  await chip(page, "Open").waitFor();
  await PlayerClient.connect(server, code);
  await row(page, "Player 1").waitFor();
});

test("row 74: a room is closed after a question, and its timeline stays", async () => {
  const { server, code, players, host } = await startParty(["Ada"]);
  const page = await openAdmin(server, `/rooms/${code}`);
  await page.getByRole("button", { name: "Close room" }).click();
  const question = page.getByRole("alertdialog", { name: `Close room ${code}?` });
  await question.getByText("1 player will be sent away.").waitFor();
  await question.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Close room" }).click();
  await question.getByRole("button", { name: "Close room" }).click();
  expect(await players[0]?.closed).toMatchObject({ code: 1001 });
  await host.closed;
  await page.getByText("This room is over.").waitFor();
  await page.getByRole("listitem").filter({ hasText: "Ada joined" }).waitFor();
  await page.getByRole("listitem").filter({ hasText: "The room closed" }).waitFor();
});

test("row 74: what is published goes to the phones as text or JSON, to all or to one", async () => {
  const { server, code, players } = await startParty(["Ada", "Bob"]);
  const [ada, bob] = players;
  const page = await openAdmin(server, `/rooms/${code}`);
  const message = page.getByLabel("Message");
  await message.fill("Five minutes left");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText("Went to 2 players.").waitFor();
  expect([await ada?.next(), await bob?.next()]).toEqual(["Five minutes left", "Five minutes left"]);
  await page.getByLabel("As").selectOption("JSON");
  await page.getByLabel("To").selectOption("Bob");
  await message.fill("{ no JSON");
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText(/This is not JSON/).waitFor();
  await message.fill('{ "tip": 1 }');
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByText("Went to 1 player.").waitFor();
  expect(await bob?.next()).toBe('{"tip":1}');
});

test("row 48: bans are listed, added and lifted", async () => {
  const server = await startAdminServer();
  const page = await openAdmin(server, "/bans");
  await page.getByText("Nobody is banned.").waitFor();
  await page.getByLabel("Address").fill("not an address");
  await page.getByRole("button", { name: "Ban", exact: true }).click();
  await page.getByText(/has to be an IPv4 or IPv6 address/).waitFor();
  await page.getByLabel("Whom").selectOption({ label: "A user (the token’s sub)" });
  await page.getByLabel("User").fill("mallory");
  await page.getByLabel(/Reason/).fill("Not here.");
  await page.getByRole("button", { name: "Ban", exact: true }).click();
  const ban = page.getByRole("listitem").filter({ hasText: "User mallory" });
  await ban.getByText("Not here.").waitFor();
  await ban.getByRole("button", { name: "Lift the ban of User mallory" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Lift the ban" }).click();
  await page.getByText("Nobody is banned.").waitFor();
});

test("row 74: a page whose session has ended leads to the login, and a change without its token does nothing", async () => {
  const { server, code } = await startParty([]);
  const page = await openAdmin(server, `/rooms/${code}`);
  await chip(page, "Open").waitFor();
  const status = await page.evaluate(
    (path) => fetch(path, { method: "POST", body: "" }).then((answer) => answer.status),
    `/api/rooms/${code}/lock`,
  );
  expect(status).toBe(403);
  await page.context().clearCookies();
  await page.waitForURL(`${server.adminUrl}/login`);
});

test("row 74: a game on the main origin gets nothing from the admin page", async () => {
  const { server, code } = await startParty([]);
  const page = await openAdmin(server);
  await page.goto(`${server.url}/games/sketch/`);
  const tried = await page.evaluate(
    async ([admin, room]) => {
      const attempt = (path: string, init: RequestInit): Promise<string> =>
        fetch(admin + path, { credentials: "include", ...init }).then(
          async (answer) => `${answer.status} ${answer.type} ${await answer.text()}`,
          () => "refused",
        );
      return [
        await attempt("/data/overview", {}),
        await attempt("/", { mode: "no-cors" }),
        await attempt(`/api/rooms/${room}/lock`, { method: "POST", mode: "no-cors" }),
        await attempt(`/api/rooms/${room}`, { method: "DELETE" }),
      ];
    },
    [server.adminUrl, code] as const,
  );
  expect(tried.every((answer) => answer === "refused" || answer === "0 opaque ")).toBe(true);
  const [found] = server.inside().hub.opened;
  expect(found?.room.settings.accept_conns).toBe(true);
});

test("row 74: names are never markup", async () => {
  const server = await startAdminServer();
  const name = "<img src=x onerror=alert(1)>";
  const { code, host } = await openRoom(server, { name });
  await PlayerClient.connect(server, `${code}?name=${encodeURIComponent("<b>Ada</b>")}`);
  await host.until("player_joined");
  const page = await openAdmin(server);
  await row(page, code).getByText(name).waitFor();
  await page.getByRole("link", { name: code }).click();
  await page.getByText("<b>Ada</b> joined").waitFor();
  expect(await page.locator("img").count()).toBe(0);
  expect(bugs(server)).toEqual([]);
});

test.each(["light", "dark"] as const)(
  "row 74: axe finds nothing serious on any page in %s, and nothing sticks out on a desk and on phones",
  async (colorScheme) => {
    const { server, code, players } = await startParty(["Ada", "Bob", "Grace", "Linus"], { awayMs: 50 });
    const page = await openAdmin(server);
    server.inside().bans.add({ address: "203.0.113.0/24" }, { reason: "Too many wrong codes." });
    server.inside().bans.add({ sub: "mallory" }, { ms: 86_400_000 });
    await openRoom(server, { name: "arena" });
    players[3]?.socket.terminate();
    await page.emulateMedia({ colorScheme });
    const sizes = { desk: DESK.viewport, phone: SCREEN_SIZES.phone.viewport, small: { width: 320, height: 640 } };
    const pages = [
      { name: "overview", path: "/", ready: page.getByText("4 / 8") },
      { name: "room", path: `/rooms/${code}`, ready: chip(row(page, "Linus"), "Away") },
      { name: "bans", path: "/bans", ready: page.getByText("203.0.113.0/24") },
      { name: "nothing", path: "/nowhere", ready: page.getByText("There is nothing at this address") },
    ];
    for (const { name, path, ready } of pages) {
      await page.goto(server.adminUrl + path);
      await ready.first().waitFor();
      for (const [size, viewport] of Object.entries(sizes)) {
        await page.setViewportSize(viewport);
        await browser.keep(page, `${name}-${colorScheme}-${size}`);
        expect([name, size, await seriousFaults(page), await stickingOut(page)]).toEqual([name, size, [], 0]);
      }
    }
    await page.goto(`${server.adminUrl}/rooms/${code}`);
    await page.setViewportSize(DESK.viewport);
    await page.getByRole("button", { name: "Kick Ada" }).click();
    await browser.keep(page, `question-${colorScheme}-desk`);
    expect(await seriousFaults(page)).toEqual([]);
    await page.context().clearCookies();
    await page.goto(`${server.adminUrl}/login`);
    for (const [size, viewport] of Object.entries(sizes)) {
      await page.setViewportSize(viewport);
      await browser.keep(page, `login-${colorScheme}-${size}`);
      expect([size, await seriousFaults(page), await stickingOut(page)]).toEqual([size, [], 0]);
    }
  },
);

test("row 74: everything is done with the keyboard", async () => {
  const { server, code } = await startParty(["Ada"]);
  const page = await browser.open(`${server.adminUrl}/login`, DESK);
  await page.locator("#key:focus").waitFor(); // by itself
  await page.keyboard.type(ADMIN_KEY);
  await page.keyboard.press("Enter");
  await row(page, code).waitFor();
  await page.getByRole("link", { name: code }).focus();
  await page.keyboard.press("Enter");
  const kick = page.getByRole("button", { name: "Kick Ada" });
  await kick.focus();
  await page.keyboard.press("Enter");
  const question = page.getByRole("alertdialog");
  await question.waitFor();
  // The focus stays in the question, whichever way it goes.
  for (const key of ["Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"]) {
    await page.keyboard.press(key);
    expect(await question.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press("Escape");
  expect(await kick.evaluate((element) => element === document.activeElement)).toBe(true);
});
