/** The demo game when pages are loaded anew and phones die in the midst of it: it goes on, and nobody loses a point. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { STILL_SCREENS, startBrowser, type TestBrowser } from "../support/browser.ts";
import { eventually } from "../support/inbox.ts";
import {
  SKETCHES,
  button,
  codeOn,
  guessersAmong,
  joinAs,
  padOn,
  scribble,
  seesHeading,
  titleField,
} from "../support/demo-game.ts";

const PATIENT = "draw=300&title=300&vote=300&reveal=300&scores=300";
/** As the rules say them. */
const POINTS = { found: 1000, recognised: 500, fooled: 500 };

let server: CouchwireServer;
let browser: TestBrowser;
let game = "";

beforeAll(async () => {
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0 });
  const { url } = await server.listen();
  game = `${url}/games/demo-game/`;
  browser = await startBrowser("demo-game-sessions");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.close();
}, 60_000);

/** One person, whatever phone they hold just now. */
interface Player {
  readonly name: string;
  readonly fib: string;
  phone: Page;
  prompt: string;
  score: number;
}

function playerOf(players: readonly Player[], phone: Page): Player {
  const player = players.find((other) => other.phone === phone);
  if (player === undefined) throw new Error("Nobody has this phone.");
  return player;
}

const face = (phone: Page): Promise<string> => phone.locator(".me .avatar").innerHTML();
const choice = (phone: Page, title: string) => phone.getByRole("button", { name: title, exact: true });

async function handIn(player: Player, sketch: number): Promise<void> {
  player.prompt = (await player.phone.locator(".secret strong").textContent()) ?? "";
  await scribble(player.phone, SKETCHES[sketch]);
  await button(player.phone, "Done").click();
}

async function writeFib({ phone, fib }: Player): Promise<void> {
  await titleField(phone).fill(fib);
  await button(phone, "Send").click();
}

describe("a TV and three phones", () => {
  test("end on the podium with the right scores, though phones and TV are loaded anew and one phone dies", async () => {
    const tv = await browser.open(`${game}?${PATIENT}`, STILL_SCREENS.tv);
    const phonePage = `${game}player.html?room=${await codeOn(tv)}`;
    const players: Player[] = [];
    for (const [name, fib] of Object.entries({
      Ada: "a nervous teapot",
      Bob: "my neighbour",
      Cleo: "the last potato",
    })) {
      const phone = await browser.open(phonePage, STILL_SCREENS.phone);
      await joinAs(phone, name);
      players.push({ name, fib, phone, prompt: "", score: 0 });
    }
    const [ada, bob, cleo] = players;
    if (!ada || !bob || !cleo) throw new Error("Three are needed to play.");
    await button(ada.phone, "Start the game").click();
    await seesHeading(tv, "Draw!");

    // A phone is loaded anew in the midst of a drawing: same secret, and not a stroke is lost.
    await scribble(ada.phone, SKETCHES[0]);
    const strokes = await pixels(ada.phone);
    const prompt = await ada.phone.locator(".secret strong").textContent();
    await ada.phone.reload();
    await padOn(ada.phone).waitFor();
    expect(await ada.phone.locator(".secret strong").textContent()).toBe(prompt);
    await eventually("not a stroke is lost", async () => (await pixels(ada.phone)) === strokes);
    ada.prompt = prompt ?? "";
    await button(ada.phone, "Done").click();
    await seesHeading(ada.phone, "Got it!");

    // The TV is loaded anew while they draw: same phase, same time, and what was handed in is there.
    await tv.reload();
    await seesHeading(tv, "Draw!");
    await tv.locator(".easel.is-done").getByText("Ada").waitFor();
    expect(await tv.locator(".easel.is-done").count()).toBe(1);
    await handIn(bob, 1);
    await seesHeading(bob.phone, "Got it!");

    // A phone that has handed in is loaded anew; and what another sends while the TV is gone arrives when it is back.
    await bob.phone.reload();
    await seesHeading(bob.phone, "Got it!");
    await tv.goto("about:blank");
    await handIn(cleo, 2);
    await tv.goto(`${game}?${PATIENT}`);

    for (let round = 1; round <= 3; round++) {
      await seesHeading(tv, "What is it?");
      const guessers = await guessersAmong(players.map(({ phone }) => phone));
      const [one, other] = guessers.map((phone) => playerOf(players, phone));
      const artist = players.find(({ phone }) => !guessers.includes(phone));
      if (!artist || !one || !other) throw new Error("One draws and two guess.");
      // While another is asked as well: where loading takes long the player is away, and the phase waits for none who is.
      if (round === 1) {
        await other.phone.reload();
        await titleField(other.phone).waitFor();
        await other.phone.locator("img.picture").waitFor();
      }
      await writeFib(one);
      await seesHeading(one.phone, "Nice fib!");
      await writeFib(other);
      await seesHeading(tv, "Spot the truth");

      if (round === 2) {
        const looks = await face(other.phone);
        await other.phone.context().close();
        await button(tv, `Help ${other.name}, who is away`).waitFor();
        await browser.keep(tv, "tv-away");
        await tv.keyboard.press("r");
        const code = tv.getByRole("img", { name: /^QR code: / });
        const link = ((await code.getAttribute("aria-label")) ?? "").replace("QR code: ", "");
        await browser.keep(tv, "tv-rescue");
        other.phone = await browser.open(link, STILL_SCREENS.phone);
        await choice(other.phone, artist.prompt).waitFor();
        expect(await face(other.phone)).toBe(looks);
        expect(await other.phone.locator(".me-name").textContent()).toBe(other.name);
        await browser.keep(other.phone, "phone-rescued");
        await code.waitFor({ state: "hidden" });
        await button(tv, `Help ${other.name}, who is away`).waitFor({ state: "hidden" });
        // The link is good once.
        const thief = await browser.open(link, STILL_SCREENS.phone);
        await thief.getByRole("heading", { name: "A game is on" }).waitFor();
        await thief.context().close();
      }

      if (round === 1) {
        await other.phone.reload();
        await choice(other.phone, artist.prompt).waitFor();
        await browser.keep(other.phone, "phone-vote-after-reload");
      }
      // One falls for the other's fib, and the other finds the truth.
      await choice(one.phone, other.fib).click();
      await seesHeading(one.phone, "Vote is in!");
      other.score += POINTS.fooled;
      if (round === 1) {
        const options = await tv.locator(".options").textContent();
        await tv.reload();
        await seesHeading(tv, "Spot the truth");
        expect(await tv.locator(".options").textContent()).toBe(options);
        expect(await tv.locator(".badge:not(:empty)").count()).toBe(1);
        await tv.locator(".exhibit img.picture").waitFor();
        await browser.keep(tv, "tv-vote-after-reload");
      }
      await choice(other.phone, artist.prompt).click();
      other.score += POINTS.found;
      artist.score += POINTS.recognised;

      await seesHeading(tv, "Nice try");
      for (const step of ["Who fell for it?", "The truth!", "Scores"]) {
        await button(ada.phone, "Skip ahead").click();
        await seesHeading(tv, step);
      }
      if (round === 3) {
        await tv.reload();
        await seesHeading(tv, "Scores");
      }
      await button(ada.phone, "Skip ahead").click();
    }

    await seesHeading(tv, "We have a winner!");
    for (const { name, score, phone } of players) {
      await phone.getByText(`${score.toLocaleString("en")} points, 3 players.`).waitFor();
      const place = tv.locator(".place").filter({ hasText: name });
      expect(await place.locator(".place-score").textContent()).toBe(score.toLocaleString("en"));
    }
    expect(await tv.locator(".wall img").count()).toBe(3);
    await browser.keep(tv, "tv-podium");
    expect(browser.problems).toEqual([]);
  }, 420_000);
});

/** What is on the pad, as one text. Strokes are painted in the frame that follows them. */
const pixels = (phone: Page): Promise<string> =>
  phone
    .locator("cw-draw canvas")
    .first()
    .evaluate(async (canvas) => {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      return canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : "";
    });
