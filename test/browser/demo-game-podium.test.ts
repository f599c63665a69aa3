/** The podium of the demo game as its own page draws it, for results that a party seldom has. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", drainMs: 0 });
  ({ url } = await server.listen());
  browser = await startBrowser("demo-game-podium");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.close();
}, 60_000);

/** A TV that is loaded anew at the end of a game with these points: another page of the game has opened the room and left its checkpoint. */
async function podiumOf(scores: readonly number[], names: readonly string[] = []): Promise<Page> {
  const tv = await browser.open(`${url}/games/demo-game/player.html`, SCREEN_SIZES.tv);
  await tv.evaluate(
    async ({ scores: points, names: said }) => {
      const modules = ["/sdk/couchwire.js", "tv/checkpoint.js", "tv/people.js", "rules.js"];
      const loaded = await Promise.all(modules.map((name) => import(new URL(name, location.href).href)));
      const [{ createRoom }, { checkpointOf }, { People }, { Game }] = loaded;
      const people = new People(() => false);
      for (const index of points.keys()) people.welcome(index + 1, { name: said[index] ?? `Player ${index + 1}` });
      const deck = { rest: [], deal: (count: number) => Array.from({ length: count }, () => "a secret") };
      const game = new Game({ players: [...points.keys()].map((index) => index + 1), deck });
      const state = { ...game.state, phase: "podium" };
      for (const [index, player] of state.players.entries()) {
        player.score = points[index];
        player.image = `player ${player.id}`;
      }
      const room = await createRoom();
      const rest = { step: 0, scoresBefore: new Map(), endedEarly: false, clock: { state: null } };
      room.save(checkpointOf({ people, game: { state }, deck, ...rest }));
      // The answer to a question that follows says that the checkpoint has arrived.
      await room.rescue(1).catch(() => {});
    },
    { scores, names },
  );
  await tv.goto(`${url}/games/demo-game/`);
  await tv.getByText("Same people, new secrets").or(tv.getByText("The next game needs")).waitFor();
  return tv;
}

interface Step {
  readonly rank: string;
  readonly name: string;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
}

/** The steps of the podium from left to right. */
async function stepsOf(tv: Page): Promise<Step[]> {
  const steps = await tv
    .getByRole("list", { name: "Podium" })
    .getByRole("listitem")
    .evaluateAll((items) =>
      items.map((item) => {
        const block = item.querySelector(".block")?.getBoundingClientRect();
        const face = item.querySelector(".avatar")?.getBoundingClientRect();
        const text = (selector: string): string => item.querySelector(selector)?.textContent ?? "";
        return {
          rank: text(".place-rank"),
          name: text(".name"),
          height: Math.round(block?.height ?? 0),
          left: Math.round(block?.left ?? 0),
          right: Math.round(block?.right ?? 0),
          top: Math.round(face?.top ?? 0),
        };
      }),
    );
  return steps.toSorted((one, other) => one.left - other.left);
}

/** Nothing of the podium is cut off or covers its neighbour. */
function expectInPicture(steps: readonly Step[]): void {
  for (const [index, { left, right, top }] of steps.entries()) {
    expect(left).toBeGreaterThanOrEqual(steps[index - 1]?.right ?? 0);
    expect(right).toBeLessThanOrEqual(SCREEN_SIZES.tv.viewport.width);
    expect(top).toBeGreaterThan(200);
  }
}

describe("the podium", () => {
  test("has the best in the middle, and the steps fall with the rank", async () => {
    const tv = await podiumOf([1000, 3000, 2000, 500]);
    const steps = await stepsOf(tv);
    expect(steps.map(({ rank, name }) => [rank, name])).toEqual([
      ["2", "Player 3"],
      ["1", "Player 2"],
      ["3", "Player 1"],
    ]);
    const [second, first, third] = steps.map(({ height }) => height);
    expect(first).toBeGreaterThan(second ?? 0);
    expect(second).toBeGreaterThan(third ?? 0);
    await browser.keep(tv, "ranks");
    expectInPicture(steps);
  }, 120_000);

  test("shows names of twelve letters whole", async () => {
    const tv = await podiumOf([1000, 3000, 2000], ["Grandmother", "Alexanderina", "Bartholomew"]);
    const cut = await tv
      .locator(".place .name")
      .evaluateAll((names) =>
        names.filter((name) => name.scrollWidth > name.clientWidth).map((name) => name.textContent),
      );
    await browser.keep(tv, "long-names");
    expect(cut).toEqual([]);
  }, 120_000);

  test("has equal steps for equal ranks", async () => {
    const tv = await podiumOf([3000, 3000, 1000]);
    const steps = await stepsOf(tv);
    expect(steps.map(({ rank }) => rank)).toEqual(["1", "1", "3"]);
    const [one, other, third] = steps.map(({ height }) => height);
    expect(one).toBe(other);
    expect(one).toBeGreaterThan(third ?? 0);
    await tv.getByText("Player 1 and Player 2 share the crown.").waitFor();
    await browser.keep(tv, "two-winners");
    expectInPicture(steps);
  }, 120_000);

  test("has room for all who share a rank", async () => {
    const tv = await podiumOf([1500, 1500, 1500, 1500, 1500, 1500, 1500, 1500]);
    const steps = await stepsOf(tv);
    expect(new Set(steps.map(({ rank, height }) => `${rank} ${height}`)).size).toBe(1);
    expect(steps).toHaveLength(8);
    await browser.keep(tv, "eight-winners");
    expectInPicture(steps);
  }, 120_000);

  test("is not there where no player scored", async () => {
    const tv = await podiumOf([0, 0, 0]);
    await tv.getByText("Nobody scored. We blame the pens.").waitFor();
    expect(await tv.getByRole("list", { name: "Podium" }).count()).toBe(0);
    expect(await tv.locator(".other").count()).toBe(3);
    await browser.keep(tv, "nobody");
  }, 120_000);

  test("has no step for those without a point", async () => {
    const tv = await podiumOf([2000, 0, 0, 0]);
    const steps = await stepsOf(tv);
    expect(steps.map(({ name }) => name)).toEqual(["Player 1"]);
    expect(await tv.locator(".other").count()).toBe(3);
    await browser.keep(tv, "one-winner");
    expectInPicture(steps);
  }, 120_000);
});
