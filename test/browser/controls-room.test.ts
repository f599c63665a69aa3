/** Controls in a real room: what a phone's thumb does arrives at the TV, and gamepads at the TV play as phones do. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { BrowserContext, Page } from "playwright-core";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { CONTROLS_PAGE } from "../support/controls-page.ts";
import { cutLine } from "../support/cut-line.ts";
import { eventually } from "../support/inbox.ts";
import { startServer } from "../support/server.ts";
import { placeIn, touchScreenOf } from "../support/touch-screen.ts";

const CENTER = { x: 0, y: 0 };
/** What the browser says when a line is cut. */
const A_CUT_LINE = /ERR_|Failed to load resource|WebSocket/;

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("controls", playWithFakeGamepads);
}, 60_000);

afterAll(() => browser.close());

afterEach(() => expect(browser.problems.filter((problem) => !A_CUT_LINE.test(problem))).toEqual([]));

/** The DevTools protocol has no gamepads: these stand in for the browser's. */
async function playWithFakeGamepads(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const plugged = new Map<number, object>();
    Reflect.set(navigator, "getGamepads", () => [0, 1, 2, 3].map((index) => plugged.get(index) ?? null));
    Reflect.set(window, "hold", (index: number, axes: number[], down: number[]) => {
      const buttons = Array.from({ length: 17 }, (_, at) => ({ pressed: down.includes(at), value: 0 }));
      const vibrationActuator = {
        async playEffect(_kind: string, { duration }: { duration: number }) {
          Reflect.set(window, "rumbled", [...(Reflect.get(window, "rumbled") ?? []), [index, duration]]);
        },
      };
      const how = { connected: true, mapping: "standard", axes, buttons, vibrationActuator };
      plugged.set(index, { index, id: "Fake pad", ...how });
    });
    Reflect.set(window, "unplug", (index: number) => {
      const gamepad = plugged.get(index);
      plugged.delete(index);
      window.dispatchEvent(Object.assign(new Event("gamepaddisconnected"), { gamepad }));
    });
  });
}

type Heard = readonly [name: string, player: string, data?: unknown];

const heardOn = (tv: Page): Promise<Heard[]> => tv.evaluate(() => Reflect.get(window, "heard"));
const hold = (tv: Page, index: number, axes: readonly number[], down: readonly number[]) =>
  tv.evaluate(([at, ...how]) => Reflect.get(window, "hold")(at, ...how), [index, axes, down] as const);
const unplug = (tv: Page, index: number) => tv.evaluate((at) => Reflect.get(window, "unplug")(at), index);

async function expectHeard(tv: Page, what: string, isRight: (heard: readonly Heard[]) => boolean): Promise<void> {
  await eventually(what, async () => isRight(await heardOn(tv)));
}

async function openTv(gamepads: object = {}): Promise<{ tv: Page; url: string; code: string }> {
  const { url } = await startServer({ games: CONTROLS_PAGE });
  const query = new URLSearchParams({ gamepads: JSON.stringify(gamepads) });
  const tv = await browser.open(`${url}/games/controls-page/?${query}`, SCREEN_SIZES.smallTv);
  await tv.waitForFunction(() => Reflect.get(window, "room") !== undefined);
  return { tv, url, code: await tv.evaluate(() => Reflect.get(window, "room").code) };
}

const of = (heard: readonly Heard[], name: string): readonly unknown[] =>
  heard.filter(([event]) => event === name).map(([, , data]) => data);

test("what a thumb does on a phone arrives at the TV, and that it is lifted arrives last", async () => {
  const { tv, url, code } = await openTv();
  const phone = await browser.open(`${url}/games/controls-page/player.html?room=${code}`, SCREEN_SIZES.phone);
  await phone.waitForFunction(() => Reflect.get(window, "controls") !== undefined);
  await phone.evaluate(async () => {
    const path = "/sdk/couchwire.js";
    const { joinRoom } = await import(path);
    const me = joinRoom({ name: "Ada" });
    document.body.innerHTML = "<cw-joystick></cw-joystick><cw-button>Fire</cw-button>";
    document.querySelector("cw-joystick")?.bind(me, "move");
    document.querySelector("cw-button")?.bind(me, "fire");
  });
  await expectHeard(tv, "Ada is in", (heard) => heard.some(([name, player]) => name === "join" && player === "Ada"));
  const touch = await touchScreenOf(phone);
  const stick = await placeIn(phone, "cw-joystick");
  await touch.press(1, stick);
  for (let step = 1; step <= 60; step++) await touch.move(1, { x: stick.x + step, y: stick.y });
  await touch.press(2, await placeIn(phone, "cw-button"));
  await touch.lift(2);
  await touch.lift(1);
  await expectHeard(tv, "all of it", (heard) => {
    const moves = of(heard, "move");
    return of(heard, "fire").length === 2 && JSON.stringify(moves[moves.length - 1]) === JSON.stringify(CENTER);
  });
  const heard = await heardOn(tv);
  expect(of(heard, "fire")).toEqual([{ down: true }, { down: false }]);
  const rights = of(heard, "move").map((move) => Number(Object(move).x));
  expect(rights[rights.length - 2]).toBeGreaterThan(0.5);
  expect(rights.slice(0, -1)).toEqual(rights.slice(0, -1).toSorted((one, other) => one - other));
});

/** A phone whose player holds the stick and the button. `at` is the address by which it reaches the server. */
async function holdBoth(at: string, code: string): Promise<Page> {
  const phone = await browser.open(`${at}/games/controls-page/player.html?room=${code}`, SCREEN_SIZES.phone);
  await phone.waitForFunction(() => Reflect.get(window, "controls") !== undefined);
  await phone.evaluate(async () => {
    const path = "/sdk/couchwire.js";
    const { joinRoom } = await import(path);
    const me = joinRoom({ name: "Ada" });
    document.body.innerHTML = "<cw-joystick></cw-joystick><cw-button>Fire</cw-button>";
    document.querySelector("cw-joystick")?.bind(me, "move");
    document.querySelector("cw-button")?.bind(me, "fire");
  });
  const touch = await touchScreenOf(phone);
  const stick = await placeIn(phone, "cw-joystick");
  await touch.press(1, stick);
  await touch.move(1, { x: stick.x + 200, y: stick.y });
  await touch.press(2, await placeIn(phone, "cw-button"));
  return phone;
}

const RIGHT = { x: 1, y: 0 };
const isRight = (move: unknown): boolean => JSON.stringify(move) === JSON.stringify(RIGHT);

test("row 19.4 a TV that is loaded again hears where the stick is held and that the button is down", async () => {
  const { tv, url, code } = await openTv();
  await holdBoth(url, code);
  await expectHeard(tv, "both", (heard) => of(heard, "move").some(isRight) && of(heard, "fire").length === 1);
  await tv.evaluate(async () => {
    const room = Reflect.get(window, "room");
    room.state.set("all", "heard"); // what was said until now is not said again
    await Promise.resolve();
    await room.rescue(1); // the server has read it
  });
  await tv.reload();
  await tv.waitForFunction(() => Reflect.get(window, "room")?.isRestored === true);
  await expectHeard(tv, "both again", (heard) => of(heard, "move").some(isRight) && of(heard, "fire").length > 0);
  const heard = await heardOn(tv);
  expect([of(heard, "move"), of(heard, "fire")]).toEqual([[RIGHT], [{ down: true }]]);
});

test("row 19.4 a phone that was away says where its stick is held, and presses nothing anew", async () => {
  const { tv, url, code } = await openTv();
  const line = await cutLine(url);
  await holdBoth(line.url, code);
  await expectHeard(tv, "both", (heard) => of(heard, "move").some(isRight) && of(heard, "fire").length === 1);
  const before = of(await heardOn(tv), "move").length;
  line.cut();
  await expectHeard(tv, "Ada is away", (heard) => heard.some(([name]) => name === "away"));
  line.mend();
  await expectHeard(tv, "the stick again", (heard) => of(heard, "move").length > before);
  const heard = await heardOn(tv);
  expect([of(heard, "move").slice(before), of(heard, "fire")]).toEqual([[RIGHT], [{ down: true }]]);
});

test("a phone that is loaded again while its stick is held lets go of it", async () => {
  const { tv, url, code } = await openTv();
  const phone = await holdBoth(url, code);
  await expectHeard(tv, "both", (heard) => of(heard, "move").some(isRight) && of(heard, "fire").length === 1);
  await phone.reload();
  await expectHeard(tv, "both are let go", (heard) => of(heard, "fire").length === 2);
  const heard = await heardOn(tv);
  expect(of(heard, "move").at(-1)).toEqual(CENTER);
  expect(of(heard, "fire")).toEqual([{ down: true }, { down: false }]);
});

describe("gamepads at the TV", () => {
  test("are players of their own, with names, sticks and buttons", async () => {
    const { tv } = await openTv();
    await hold(tv, 0, [0, 0], [0]);
    await expectHeard(tv, "the first plays", (heard) => of(heard, "button").length === 1);
    await hold(tv, 0, [0.05, 0.1], []);
    await hold(tv, 1, [0, 0], [9]);
    await expectHeard(tv, "the second plays", (heard) => of(heard, "button").length === 3);
    await hold(tv, 1, [1, 0], []);
    await expectHeard(tv, "its stick points right", (heard) => of(heard, "stick").length === 1);
    await hold(tv, 1, [0, 0], []);
    await expectHeard(tv, "its stick is in the middle", (heard) => of(heard, "stick").length === 2);
    await hold(tv, 0, [0, 0], [12]);
    await expectHeard(tv, "the arrows are its stick too", (heard) => of(heard, "stick").length === 3);
    const heard = await heardOn(tv);
    expect(heard.filter(([, player]) => player === "Gamepad 1")).toEqual([
      ["join", "Gamepad 1", undefined],
      ["button", "Gamepad 1", { down: true, index: 0 }],
      ["button", "Gamepad 1", { down: false, index: 0 }],
      ["stick", "Gamepad 1", { x: 0, y: -1 }],
    ]);
    expect(
      heard.filter(([name, player]) => player === "Gamepad 2" && name === "stick").map(([, , data]) => data),
    ).toEqual([{ x: 1, y: 0 }, CENTER]);
  });

  test("send the events of the game's controls, where it says which", async () => {
    const { tv } = await openTv({ stick: "move", button: { 2: "fire" } });
    await hold(tv, 0, [0, -1], [2, 3]);
    await expectHeard(
      tv,
      "it moves and fires",
      (heard) => of(heard, "move").length === 1 && of(heard, "fire").length === 1,
    );
    const heard = await heardOn(tv);
    expect(of(heard, "move")).toEqual([{ x: 0, y: -1 }]);
    expect(of(heard, "fire")).toEqual([{ down: true, index: 2 }]);
  });

  test("are away when they are unplugged, let go of everything, and get their seat back", async () => {
    const { tv } = await openTv();
    await hold(tv, 0, [1, 0], [0]);
    await expectHeard(tv, "it plays", (heard) => of(heard, "stick").length === 1 && of(heard, "button").length === 1);
    await unplug(tv, 0);
    await expectHeard(tv, "it is away", (heard) => heard.some(([name]) => name === "away"));
    expect(of(await heardOn(tv), "stick")).toEqual([{ x: 1, y: 0 }, CENTER]);
    expect(of(await heardOn(tv), "button")).toEqual([
      { down: true, index: 0 },
      { down: false, index: 0 },
    ]);
    await hold(tv, 0, [0, 0], [1]);
    await expectHeard(
      tv,
      "it is back",
      (heard) => heard.some(([name]) => name === "back") && of(heard, "button").length === 3,
    );
    expect((await heardOn(tv)).filter(([name]) => name === "join")).toHaveLength(1);
  });

  test("leave when they stay away, and join anew after that", async () => {
    const { tv } = await openTv({ leaveAfterMs: 50 });
    await hold(tv, 0, [0, 0], [0]);
    await expectHeard(tv, "it plays", (heard) => of(heard, "button").length === 1);
    await unplug(tv, 0);
    await expectHeard(tv, "it leaves", (heard) => heard.some(([name]) => name === "leave"));
    await hold(tv, 0, [0, 0], [0]);
    await expectHeard(tv, "it plays again", (heard) => of(heard, "button").length === 3);
    expect((await heardOn(tv)).filter(([name]) => name === "join")).toHaveLength(2);
  });

  test("find their seats on a TV that is loaded again", async () => {
    const { tv } = await openTv();
    await hold(tv, 0, [0, 0], [0]);
    await expectHeard(tv, "it plays", (heard) => of(heard, "button").length === 1);
    await tv.reload();
    await tv.waitForFunction(() => Reflect.get(window, "room") !== undefined);
    await hold(tv, 0, [0, 0], [1]);
    await expectHeard(tv, "it plays again", (heard) => {
      const presses = of(heard, "button");
      return JSON.stringify(presses[presses.length - 1]) === JSON.stringify({ down: true, index: 1 });
    });
    const names = await tv.evaluate(() => Array.from(Reflect.get(window, "room").players, (player) => String(player)));
    expect(names).toEqual(["1"]);
  });

  test("rumble when the TV says so, and tell a second stick where it is asked for", async () => {
    const { tv } = await openTv({ aim: "move" });
    await hold(tv, 0, [0, 0, 0, 1], [0]);
    await expectHeard(tv, "it aims", (heard) => of(heard, "move").length === 1);
    expect(of(await heardOn(tv), "move")).toEqual([{ x: 0, y: 1 }]);
    await tv.evaluate(() => Reflect.get(window, "room").player(1).emit("vibrate", 200));
    await eventually("it rumbles", async () => {
      const rumbled = await tv.evaluate((): unknown => Reflect.get(window, "rumbled"));
      return JSON.stringify(rumbled) === "[[0,200]]";
    });
  });

  test("try once a press at a room that is locked, and join when it is open", async () => {
    const { tv } = await openTv();
    await tv.evaluate(() => Reflect.get(window, "room").lock());
    const lines = { tried: 0, refused: 0 };
    tv.on("websocket", (line) => {
      lines.tried++;
      line.on("close", () => lines.refused++);
    });
    const tries = () => tv.evaluate((): number => Reflect.get(window, "gamepads").players.size);
    await hold(tv, 0, [0, 0], [0]);
    await eventually("it is refused", async () => lines.refused === 1 && (await tries()) === 0);
    await tv.evaluate(() => Reflect.get(window, "room").open());
    await eventually("the room is open", () => tv.evaluate(() => Reflect.get(window, "room").isOpen));
    expect(await tries()).toBe(0);
    expect(lines).toEqual({ tried: 1, refused: 1 });
    await hold(tv, 0, [0, 0], []);
    await tv.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await hold(tv, 0, [0, 0], [0]);
    await expectHeard(tv, "it plays", (heard) => of(heard, "button").length === 1);
  });
});
