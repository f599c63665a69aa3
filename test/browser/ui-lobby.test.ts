/** `<cw-lobby>` on a TV with a remote, and phones that come and go. */
import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { joinRoom, type PlayerRoom } from "../../src/sdk/node.ts";
import { SCREEN_SIZES } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually } from "../support/inbox.ts";
import { useGallery } from "../support/kit-gallery.ts";
import { seriousFaults } from "../support/serious-faults.ts";

const gallery = useGallery("ui-lobby");

async function openLobby(query = ""): Promise<{ tv: Page; code: string }> {
  const tv = await gallery.open(`show=lobby&${query}`, SCREEN_SIZES.tv);
  const code = tv.getByRole("img", { name: /^Room code/ });
  await code.waitFor();
  return { tv, code: await code.innerText() };
}

function phone(code: string, name: string): PlayerRoom {
  const me = joinRoom({ server: gallery.url, code, name });
  onTestEnd(() => me.close());
  return me;
}

/** The button that has the focus, by what a person reads on it. */
const focused = (tv: Page): Promise<string> =>
  tv.evaluate(() => {
    let at: Element | null = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return (at?.textContent ?? "").trim();
  });

const press = async (tv: Page, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await tv.keyboard.press(key);
};

test("shows how to join and who is in, says who is missing, and starts with a remote's OK", async () => {
  const { tv, code } = await openLobby("min=2");
  const start = tv.getByRole("button", { name: "Start" });
  expect(await tv.getByRole("img", { name: `QR code: ${gallery.url}/${code}` }).count()).toBe(1);
  expect(await tv.locator(".address b").innerText()).toBe(gallery.url.slice("http://".length));
  await tv.getByText("Players still needed: 2").waitFor();
  expect(await start.getAttribute("aria-disabled")).toBe("true");
  await start.click({ force: true }); // a person may press what is not ready
  expect(await tv.locator("cw-lobby").isVisible()).toBe(true);

  phone(code, "Ada");
  await tv.getByText("Players still needed: 1").waitFor();
  phone(code, "<b>Ben");
  await tv.getByRole("button", { name: "<b>Ben" }).waitFor();
  await tv.getByRole("status").getByText("<b>Ben is in").waitFor({ state: "attached" });
  expect(await tv.getByText("Free").count()).toBe(6);
  expect(await tv.getByText("2 / 8").count()).toBe(1);
  await tv.waitForFunction("document.activeElement.localName === 'cw-lobby'");
  expect(await focused(tv)).toBe("Start");
  await press(tv, "Enter");
  await tv.locator("cw-lobby").waitFor({ state: "hidden" });
});

test("a remote's arrows reach each player, and a player can be removed", async () => {
  const { tv, code } = await openLobby("min=1");
  for (const name of ["Ada", "Ben", "Cleo"]) {
    phone(code, name);
    await tv.getByRole("button", { name }).waitFor();
  }
  await tv.waitForFunction("document.activeElement.localName === 'cw-lobby'");
  await press(tv, "ArrowUp", "ArrowUp", "ArrowLeft");
  expect(await focused(tv)).toBe("Ada");
  await press(tv, "ArrowRight");
  expect(await focused(tv)).toBe("Ben");
  await press(tv, "Enter");
  expect(await focused(tv)).toBe("Move to another phone");
  await gallery.browser.keep(tv, "menu");
  expect(await seriousFaults(tv)).toEqual([]);
  await press(tv, "Escape");
  expect(await focused(tv)).toBe("Ben");
  await press(tv, "Enter", "ArrowDown");
  expect(await focused(tv)).toBe("Remove");
  await press(tv, "Enter");
  await tv.getByRole("button", { name: "Ben" }).waitFor({ state: "detached" });
  expect(await tv.getByRole("button", { name: "Cleo" }).count()).toBe(1);
});

test("a phone that is away is said to be, and its seat goes to the phone that scans the rescue link", async () => {
  const { tv, code } = await openLobby("min=1");
  const lost = phone(code, "Ada");
  await tv.getByRole("button", { name: "Ada" }).waitFor();
  lost.detach();
  await tv.getByText("Away").waitFor();

  await tv.getByRole("button", { name: "Ada" }).click();
  await tv.getByRole("menuitem", { name: "Move to another phone" }).click();
  const dialog = tv.getByRole("dialog", { name: "Ada" });
  await dialog.getByText("Scan this with Ada’s other phone.").waitFor();
  const qr = dialog.getByRole("img");
  await gallery.browser.keep(tv, "rescue");
  expect(await seriousFaults(tv)).toEqual([]);
  expect(await focused(tv)).toBe("Close");
  const link = (await qr.getAttribute("aria-label"))?.replace("QR code: ", "") ?? "";

  const other = await gallery.browser.open(link, SCREEN_SIZES.phone);
  await other.waitForFunction("document.title.startsWith('in ')");
  await dialog.waitFor({ state: "detached" });
  await tv.getByText("Away").waitFor({ state: "detached" });
  expect(await tv.getByRole("button", { name: "Ada" }).count()).toBe(1);
});

test("Escape closes the rescue link, and the focus is where it was", async () => {
  const { tv, code } = await openLobby("min=1");
  phone(code, "Ada");
  await tv.getByRole("button", { name: "Ada" }).click();
  await press(tv, "Enter");
  await tv.getByRole("dialog").waitFor();
  await press(tv, "Tab");
  expect(await focused(tv)).toBe("Close");
  await press(tv, "Escape");
  expect(await tv.getByRole("dialog").count()).toBe(0);
  expect(await focused(tv)).toBe("Ada");
});

test("row 19.4: a lobby that follows the state is away on a TV that is loaded again in mid-game, and back after it", async () => {
  const { tv, code } = await openLobby("min=1&follow");
  const lobby = tv.locator("cw-lobby");
  phone(code, "Ada");
  await tv.getByRole("button", { name: "Ada" }).waitFor();
  await tv.getByRole("button", { name: "Start" }).click();
  await lobby.waitFor({ state: "hidden" });

  await tv.reload();
  await tv.waitForFunction("window.room?.isRestored");
  expect(await lobby.isVisible()).toBe(false);
  await tv.evaluate("room.state.set('phase', 'end')");
  await lobby.waitFor();
  await tv.reload();
  await tv.getByRole("button", { name: "Ada" }).waitFor();
  expect(await lobby.isVisible()).toBe(true);
});

test("row 19.4: no two players have the same character, and a phone hears that it has another one", async () => {
  const { tv, code } = await openLobby("min=1");
  const faces = (): Promise<string[]> =>
    tv.locator("cw-lobby li .portrait").evaluateAll((portraits) => portraits.map(({ innerHTML }) => innerHTML));
  const phones = ["Ada", "Ben", "Cleo"].map((name) => {
    const me = joinRoom({ server: gallery.url, code, name, meta: { avatar: 23 } });
    onTestEnd(() => me.close());
    return me;
  });
  await eventually("each has its own", async () => new Set(await faces()).size === 3);
  const avatars = (): string => String(phones.map(({ meta }) => String(meta["avatar"])).toSorted());
  await eventually("the phones know", () => avatars() === "0,1,23");
});

test("issue 22.1: the TV says how many watch and how many wait", async () => {
  const { tv, code } = await openLobby("max=1&audience=5&overflow=queue");
  expect(await tv.getByText("Watching").count()).toBe(0);
  const first = phone(code, "Ada");
  await tv.getByRole("button", { name: "Ada" }).waitFor();
  const watcher = joinRoom({ server: gallery.url, code, role: "audience" });
  onTestEnd(() => watcher.close());
  await tv.getByText("Watching: 1").waitFor();
  phone(code, "Ben");
  await tv.getByText("Waiting: 1").waitFor();
  first.close();
  await tv.getByRole("button", { name: "Ben" }).waitFor();
  await tv.getByText("Waiting").waitFor({ state: "hidden" });
});

test("issue 22.2: for a streamer the code is nowhere on the TV until a key or a button asks for it", async () => {
  const { tv, code } = await openLobby("min=1");
  phone(code, "Ada");
  await tv.getByRole("button", { name: "Ada" }).waitFor();
  const lobby = tv.locator("cw-lobby");
  /** All that can be read in the lobby and in the elements within it, names for screen readers too. */
  const shown = (): Promise<string> =>
    lobby.evaluate(({ shadowRoot }) => {
      const inner = [...(shadowRoot?.querySelectorAll("cw-qr") ?? [])].map((qr) => qr.shadowRoot?.innerHTML);
      return [shadowRoot?.innerHTML, ...inner].join("\n");
    });
  const isHidden = async (): Promise<boolean> => {
    const text = await shown();
    return !text.includes(code) && !text.includes(code.split("").join(" ")) && !text.includes("QR code");
  };
  expect(await isHidden()).toBe(false);
  await lobby.evaluate((element) => element.setAttribute("streamer", ""));
  await tv.getByText("The code is hidden").waitFor();
  expect(await isHidden()).toBe(true);
  await gallery.browser.keep(tv, "streamer");

  await tv.keyboard.press("c");
  await tv.getByRole("img", { name: /^Room code/ }).waitFor();
  await tv.getByRole("img", { name: /^QR code/ }).waitFor();
  await gallery.browser.keep(tv, "streamer-shown");
  expect(await seriousFaults(tv)).toEqual([]);
  await tv.keyboard.press("C");
  await tv.getByText("The code is hidden").waitFor();
  expect(await isHidden()).toBe(true);

  // A remote reaches the button, too.
  await tv.getByRole("button", { name: "Start" }).focus();
  await press(tv, "ArrowLeft");
  expect(await focused(tv)).toBe("Show the code (C)");
  await press(tv, "Enter");
  await tv.getByRole("img", { name: /^Room code/ }).waitFor();
  // When the lobby comes back after a game, the code is hidden again.
  await lobby.evaluate((element) => element.setAttribute("hidden", ""));
  await eventually("the code is hidden out of sight", isHidden);
  await lobby.evaluate((element) => element.removeAttribute("hidden"));
  await tv.getByText("The code is hidden").waitFor();

  // The link that gives a seat away is no less a secret.
  await tv.getByRole("button", { name: "Ada" }).click();
  await tv.getByRole("menuitem", { name: "Move to another phone" }).click();
  const dialog = tv.getByRole("dialog", { name: "Ada" });
  await dialog.getByText("The code is hidden").waitFor();
  expect(await isHidden()).toBe(true);
  // The key is for the link, and not for the room's code under it.
  await tv.keyboard.press("c");
  await dialog.getByRole("img", { name: /^QR code/ }).waitFor();
  expect(await tv.getByRole("img", { name: /^Room code/ }).count()).toBe(0);
  await tv.keyboard.press("c");
  await dialog.getByText("The code is hidden").waitFor();
  await press(tv, "Tab");
  expect(await focused(tv)).toBe("Show the code (C)");
  await press(tv, "Enter");
  await dialog.getByRole("img", { name: /^QR code/ }).waitFor();
  await press(tv, "Tab");
  expect(await focused(tv)).toBe("Close");
  await lobby.evaluate((element) => element.removeAttribute("streamer"));
  await tv.getByRole("img", { name: /^Room code/ }).waitFor();
});

test("a lobby that is not bound is an empty page in its colours", async () => {
  const page = await gallery.open("show=lobby&players=2&min=2", SCREEN_SIZES.tv);
  await page.getByRole("heading", { name: "Who’s playing?" }).waitFor();
  await page.evaluate(() => {
    const lobby = document.createElement("cw-lobby");
    lobby.innerHTML = "<h1 slot=top>Moon Tag</h1>";
    document.querySelector("main")?.replaceChildren(lobby);
  });
  expect(await page.locator("cw-lobby").boundingBox()).toMatchObject({ x: 0, y: 0, ...SCREEN_SIZES.tv.viewport });
  const shown = await page.evaluate(() => {
    const lobby = document.querySelector("cw-lobby");
    const inside = [...(lobby?.shadowRoot?.querySelectorAll("h2, button, cw-qr") ?? []), ...(lobby?.children ?? [])];
    return inside.map((element) => [element.localName, getComputedStyle(element).visibility]);
  });
  expect(shown).toEqual(["cw-qr", "h2", "button", "h1"].map((name) => [name, "hidden"]));
});

test("what `hideWhile` returns counts as true or false", async () => {
  const page = await gallery.open("show=lobby&players=2&min=2", SCREEN_SIZES.tv);
  await page.getByRole("heading", { name: "Who’s playing?" }).waitFor();
  const hidden = await page.evaluate(() => {
    const lobby = document.querySelector("cw-lobby");
    const { room } = Object.assign({ room: undefined }, window);
    if (lobby === null || room === undefined) throw new Error("There is no lobby.");
    return [undefined, "play", "", 1, null].map((answer) => {
      lobby.bind(room, { hideWhile: () => answer });
      return lobby.hasAttribute("hidden");
    });
  });
  expect(hidden).toEqual([false, true, false, true, false]);
});
