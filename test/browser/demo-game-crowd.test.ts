/** The demo game with a crowd: watchers who vote, phones that wait for a seat, and a TV that is streamed. The players' phones are programs. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { joinRoom, type PlayerRoom } from "../../src/sdk/node.ts";
import { STILL_SCREENS, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { button, codeOn, joinAs, seesHeading } from "../support/demo-game.ts";
import { eventually } from "../support/inbox.ts";
import { seriousFaults } from "../support/serious-faults.ts";

const TIME_LIMIT_MS = 120_000;
const PATIENT = "draw=300&title=300&vote=300&reveal=300&scores=300";
/** One blue dot. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPj/HwADBwIAMCbHYQAAAABJRU5ErkJggg==",
  "base64",
);

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";
let game = "";

beforeAll(async () => {
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0, awayMs: 120_000 });
  ({ url } = await server.listen());
  game = `${url}/games/demo-game/`;
  browser = await startBrowser("demo-game-crowd");
}, 60_000);

afterEach(() => expect(browser.problems).toEqual([]));

afterAll(async () => {
  await browser.close();
  await server.close();
}, 60_000);

interface Screen {
  readonly screen: string;
  readonly prompt?: string;
  readonly options?: readonly { readonly option: number; readonly text: string }[];
}

interface DemoGame {
  readonly playerState: { readonly screen: Screen };
}

/** A player's phone without a page. */
class Phone {
  readonly me: PlayerRoom<DemoGame>;

  constructor(code: string, name: string) {
    this.me = joinRoom<DemoGame>({ server: url, code, name });
    onTestEnd(() => this.me.close());
  }

  get told(): Screen | undefined {
    return this.me.state.get("screen");
  }

  sees(screen: string): Promise<void> {
    return eventually(`${this.me.name} sees ${screen}`, () => this.told?.screen === screen);
  }
}

/** They join one after the other: the first may start and skip. */
async function join(tv: Page, code: string, ...names: readonly string[]): Promise<Phone[]> {
  const phones: Phone[] = [];
  for (const name of names) {
    const phone = new Phone(code, name);
    phones.push(phone);
    await phone.sees("lobby");
    await tv.locator(".seats").getByText(name, { exact: true }).waitFor();
  }
  return phones;
}

/** All have drawn, written what is asked of them, and are to vote. */
async function playToVote(phones: readonly Phone[]): Promise<{ readonly truth: string; readonly guessers: Phone[] }> {
  phones[0]?.me.emit("start");
  await Promise.all(phones.map((phone) => phone.sees("draw")));
  const secrets = new Map(phones.map((phone) => [phone, phone.told?.prompt ?? ""]));
  for (const { me } of phones) me.send(PNG);
  const artists = (): Phone[] => phones.filter(({ told }) => told?.screen === "artist");
  await eventually("one is the artist", () => artists().length === 1);
  const [artist] = artists();
  if (artist === undefined) throw new Error("One has drawn it.");
  const guessers = phones.filter((phone) => phone !== artist);
  for (const guesser of guessers) {
    await guesser.sees("title");
    expect(await guesser.me.ask("title", fibOf(guesser))).toBeNull();
  }
  await Promise.all(guessers.map((guesser) => guesser.sees("vote")));
  return { truth: secrets.get(artist) ?? "", guessers };
}

/** As the TV shows it. */
const fibOf = ({ me }: Phone): string => `the fib of ${me.name.toLowerCase()}`;

/** All that the page holds, seen or not. */
const inPage = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const inner = [...document.querySelectorAll("cw-qr")].map((qr) => qr.shadowRoot?.innerHTML ?? "");
    return [document.documentElement.outerHTML, ...inner].join("\n");
  });

const phonePage = (code: string, at = game): string => `${at}player.html?room=${code}`;

describe("issue 22.1: the demo game's crowd", () => {
  test(
    "a phone that comes late watches, votes, and sees that its vote counts; so does the TV",
    async () => {
      const tv = await browser.open(`${game}?${PATIENT}`, STILL_SCREENS.tv);
      const code = await codeOn(tv);
      const phones = await join(tv, code, "Ada", "Bob", "Cleo");
      const { truth, guessers } = await playToVote(phones);
      const [liar] = guessers;
      if (liar === undefined) throw new Error("Two guess.");
      await seesHeading(tv, "Spot the truth");

      // The door is locked, and the phone is offered to watch.
      const watcher = await browser.open(phonePage(code), STILL_SCREENS.phone);
      await seesHeading(watcher, "A game is on");
      await browser.keep(watcher, "phone-1-late");
      await button(watcher, "Watch and vote").tap();
      await seesHeading(watcher, "Which title is the real one?");
      await tv.getByText("0 of 1 watcher has voted too.").waitFor();
      const fib = fibOf(liar);
      const choice = watcher.locator(".choice").filter({ hasText: fib });
      await browser.keep(watcher, "phone-2-vote");
      await choice.tap();
      await watcher.getByText("Your vote is counted: one of 1.").waitFor();
      await tv.getByText("1 of 1 watcher has voted too.").waitFor();
      await choice.getByText("1 vote").waitFor();
      expect(await seriousFaults(watcher)).toEqual([]);
      await browser.keep(watcher, "phone-3-voted");
      await browser.keep(tv, "tv-1-vote");

      // Loaded again, it has voted; and another one is asked.
      await watcher.reload();
      await watcher.getByText("Your vote is counted: one of 1.").waitFor();
      expect(await watcher.locator(".choice:not(:disabled)").count()).toBe(0);
      const other = await browser.open(`${phonePage(code)}&watch`, {
        ...STILL_SCREENS.phone,
        viewport: { width: 320, height: 568 },
      });
      await other.locator(".choice").filter({ hasText: fib }).tap();
      await watcher.getByText("Your vote is counted: one of 2.").waitFor();
      await browser.keep(other, "phone-4-voted-320");

      // The stream sees how many have voted, and the TV's page goes on with it when it is loaded again.
      const shownOnOverlay = async (): Promise<unknown> => {
        const answer = await fetch(`${url}/overlay/${code}`, { headers: { Accept: "application/json" } });
        return Reflect.get(Object(await answer.json()), "shown");
      };
      expect(await shownOnOverlay()).toMatchObject({
        title: "Drawing 1 of 3",
        players: phones.map(({ me }) => expect.objectContaining({ name: me.name, away: false, score: 0 })),
        tally: { question: "Which title is the real one?", counts: [["votes so far", 2]] },
      });
      await tv.reload();
      await seesHeading(tv, "Spot the truth");
      await tv.getByText("2 of 2 watchers have voted too.").waitFor();

      for (const { me, told } of guessers) me.emit("vote", told?.options?.find(({ text }) => text === truth)?.option);
      await seesHeading(tv, "Nice try");
      await watcher.getByRole("img", { name: "Look up!" }).waitFor();
      // No player fell for it, and two watchers did.
      await tv.getByText("2 watchers fell for it").waitFor();
      await browser.keep(tv, "tv-2-reveal");
      phones[0]?.me.emit("skip");
      await seesHeading(tv, "The truth!");
      phones[0]?.me.emit("skip");
      await seesHeading(tv, "Scores");
      await watcher.getByText(`${liar.me.name} fooled you.`).waitFor();
      await watcher.getByText("0 of 2 watchers found it.").waitFor();
      await browser.keep(watcher, "phone-5-verdict");
      await eventually("the stream sees the votes under the titles", async () =>
        JSON.stringify(await shownOnOverlay()).includes(JSON.stringify([fib, 2])),
      );

      // Two go: the game ends, and honours who fooled the crowd.
      const [first, second] = phones;
      const stays = phones[2];
      first?.me.close();
      second?.me.close();
      await tv.getByText("The crowd’s favourite").waitFor();
      await watcher.getByText(`Most watchers fell for ${liar.me.name}.`).waitFor();
      await browser.keep(tv, "tv-3-podium");
      await browser.keep(watcher, "phone-6-podium");
      await stays?.sees("podium");
      await button(watcher, "Play the next game").tap();
      await watcher.getByLabel("Who are you?").waitFor();
      expect(new URL(watcher.url()).searchParams.has("watch")).toBe(false);
    },
    TIME_LIMIT_MS,
  );

  test(
    "a phone that finds the table full sees its place, and is in when a seat is free; or it watches",
    async () => {
      const tv = await browser.open(`${game}?${PATIENT}`, STILL_SCREENS.tv);
      const code = await codeOn(tv);
      const [first] = await join(tv, code, "Ada", "Bob", "Cleo", "Dan", "Eve", "Fay", "Gus", "Hal");
      const next = await browser.open(phonePage(code), STILL_SCREENS.phone);
      await seesHeading(next, "You are next in line");
      const last = await browser.open(phonePage(code), STILL_SCREENS.smallPhone);
      await seesHeading(last, "You are number 2 in line");
      expect(await seriousFaults(last)).toEqual([]);
      await browser.keep(last, "phone-line");
      await tv.getByText("2 wait for a seat.").waitFor();
      await browser.keep(tv, "tv-line");

      first?.me.close();
      await next.getByLabel("Who are you?").waitFor();
      await seesHeading(last, "You are next in line");
      await button(last, "Just watch").tap();
      await seesHeading(last, "You are watching");
      await button(last, "Wait for a seat").waitFor();
      await tv.getByText("1 is watching.").waitFor();
      expect(await seriousFaults(last)).toEqual([]);
      await browser.keep(last, "phone-watching");
      await browser.keep(tv, "tv-full");
      // A person who has a seat may give it up for a place to watch.
      await button(next, "Just watch").tap();
      await seesHeading(next, "You are watching");
      await button(next, "Play instead").waitFor();
      await tv.getByText("2 are watching.").waitFor();
    },
    TIME_LIMIT_MS,
  );
});

describe("issue 22.2: the demo game in a stream", () => {
  test(
    "the code is not on the TV until it is asked for, and the address keeps that",
    async () => {
      const tv = await browser.open(`${game}?streamer`, STILL_SCREENS.tv);
      await tv.getByText("The code is hidden").waitFor();
      await browser.keep(tv, "tv-streamer");
      await tv.keyboard.press("c");
      await tv.locator("[data-code]").waitFor();
      const code = await codeOn(tv);
      expect(code).toMatch(/^[A-Z]{4}$/);
      await tv.getByRole("img", { name: /^QR code/ }).waitFor();
      await browser.keep(tv, "tv-streamer-shown");
      await tv.keyboard.press("c");
      await tv.getByText("The code is hidden").waitFor();
      expect(await inPage(tv)).not.toContain(code);
      expect(await seriousFaults(tv)).toEqual([]);

      await tv.reload();
      await tv.getByText("The code is hidden").waitFor();
      expect(await inPage(tv)).not.toContain(code);

      // The button in the corner takes it away, and writes it into the address again.
      const corner = tv.getByRole("button", { name: "Hide the code, for a stream" });
      expect(await corner.getAttribute("aria-pressed")).toBe("true");
      await corner.click();
      await tv.locator(`[data-code=${code}]`).waitFor();
      await tv.reload();
      await tv.locator(`[data-code=${code}]`).waitFor();
      await corner.click();
      await tv.reload();
      await tv.getByText("The code is hidden").waitFor();
      expect(await inPage(tv)).not.toContain(code);
    },
    TIME_LIMIT_MS,
  );

  test(
    "a link that gives a seat away is not in the page until it is asked for, and the key shows no other code with it",
    async () => {
      // The file's own server tells of no absence while a test takes.
      const prompt = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0, awayMs: 100 });
      const at = `${(await prompt.listen()).url}/games/demo-game/`;
      onTestEnd(() => prompt.close());
      const tv = await browser.open(`${at}?streamer`, STILL_SCREENS.tv);
      await tv.getByText("The code is hidden").waitFor();
      await tv.keyboard.press("c");
      const code = await codeOn(tv);
      await tv.keyboard.press("c");
      const phone = await browser.open(phonePage(code, at), STILL_SCREENS.phone);
      await joinAs(phone, "Ada");
      await phone.context().close();
      await button(tv, "Help Ada, who is away").click();
      const panel = tv.getByRole("dialog", { name: "Rescue" });
      await panel.getByText("The code is hidden").waitFor();
      expect(await inPage(tv)).not.toContain("rescue=");
      await tv.keyboard.press("c");
      const link = panel.getByRole("img", { name: /^QR code: .*rescue=/ });
      await link.waitFor();
      expect(await tv.locator("[data-code]").count()).toBe(0);
      await browser.keep(tv, "tv-streamer-rescue");
      await tv.keyboard.press("c");
      await link.waitFor({ state: "hidden" });
      expect(await inPage(tv)).not.toContain("rescue=");
      // Without the panel the key is for the room's code again.
      await button(tv, "Close").click();
      await tv.keyboard.press("c");
      await tv.locator(`[data-code=${code}]`).waitFor();
    },
    TIME_LIMIT_MS,
  );

  test(
    "a rude name is shown nowhere: neither on the TV, nor on the phone that gave it, nor in the overlay",
    async () => {
      const tv = await browser.open(game, STILL_SCREENS.tv);
      const code = await codeOn(tv);
      const seen = tv.evaluate(
        () =>
          new Promise<string>((resolve) => {
            const names: string[] = [];
            new MutationObserver(() => {
              for (const { textContent } of document.querySelectorAll(".seats .name")) names.push(textContent ?? "");
              if (names.includes("Ada")) resolve(names.join());
            }).observe(document.body, { subtree: true, childList: true });
          }),
      );
      const phone = await browser.open(phonePage(code), STILL_SCREENS.phone);
      await phone.getByLabel("Who are you?").fill("Sh1thead");
      await button(phone, "Join the game").tap();
      const nice = "Brave Muffin"; // of the first player
      await seesHeading(phone, nice);
      await tv.getByText(nice, { exact: true }).waitFor();
      await phone.reload();
      await seesHeading(phone, nice);
      await join(tv, code, "Ada");
      expect(await seen).not.toContain("Sh1thead");
      expect(await tv.content()).not.toContain("Sh1thead");
      const overlay = await fetch(`${url}/overlay/${code}`, { headers: { Accept: "application/json" } });
      const text = await overlay.text();
      expect(text).not.toContain("Sh1thead");
      expect(text).toContain(nice);
      await browser.keep(tv, "tv-moderated");
    },
    TIME_LIMIT_MS,
  );
});
