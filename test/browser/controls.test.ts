/** The controls on a phone in a real browser: fingers, keys, and what must not stay pressed. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { CONTROLS_PAGE, openControls, showControls, type SentEvent } from "../support/controls-page.ts";
import { eventually } from "../support/inbox.ts";
import { startServer } from "../support/server.ts";
import { placeIn } from "../support/touch-screen.ts";

const { phone } = SCREEN_SIZES;
const CENTER = { x: 0, y: 0 };
/** Of a stick of full length, with three decimals. */
const DIAGONAL = Math.round(Math.SQRT1_2 * 1_000) / 1_000;

/** An address that is no secure context, as a phone's is in a living room; it leads to `plainHttp`. */
const PLAIN_HTTP = "http://living-room.test";
let plainHttp = "";
let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("controls", async (context) => {
    await context.route(`${PLAIN_HTTP}/**`, async (route) => {
      await route.fulfill({
        response: await route.fetch({ url: route.request().url().replace(PLAIN_HTTP, plainHttp) }),
      });
    });
  });
}, 60_000);

afterAll(() => browser.close());

afterEach(() => expect(browser.problems).toEqual([]));

const last = (sent: readonly SentEvent[]): SentEvent | undefined => sent[sent.length - 1];
const isData = (event: SentEvent | undefined, data: unknown): boolean =>
  JSON.stringify(event?.data) === JSON.stringify(data);

const pieces = (all: readonly SentEvent[]): readonly Record<string, unknown>[] => all.map(({ data }) => Object(data));
/** Without the pieces that others of the same stroke follow: a slow finger sends a dot in two. */
const deeds = (all: readonly SentEvent[]): readonly Record<string, unknown>[] =>
  pieces(all).filter(({ end, undo, clear }) => end ?? undo ?? clear);
/** How many pixels of the picture are this dark or darker, and its size. */
const pictureOf = (page: Page) =>
  page.evaluate(async () => {
    const blob = await document.querySelector("cw-draw")?.toBlob({ width: 200 });
    if (blob === undefined) throw new Error("There is no picture.");
    const bitmap = await createImageBitmap(blob);
    const canvas = document.createElement("canvas");
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    const context = canvas.getContext("2d");
    context?.drawImage(bitmap, 0, 0);
    const bytes = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [];
    let inked = 0;
    for (let at = 0; at < bytes.length; at += 4) if ((bytes[at] ?? 255) < 128) inked++;
    return { inked, width: bitmap.width, height: bitmap.height, type: blob.type };
  });

const modeOf = (page: Page) => page.evaluate(() => document.querySelector("cw-tilt")?.mode);
const poser = async (page: Page) => {
  const session = await page.context().newCDPSession(page);
  return (beta: number, gamma: number) =>
    session.send("DeviceOrientation.setDeviceOrientationOverride", { alpha: 0, beta, gamma });
};

describe("<cw-joystick>", () => {
  test("follows a finger, also outside of it, and tells that it is lifted in a frame that is not volatile", async () => {
    const { page, touch, sent, expectSent } = await openControls(
      browser,
      phone,
      '<cw-joystick data-event="move"></cw-joystick>',
    );
    const middle = await placeIn(page, "cw-joystick");
    await touch.press(1, middle);
    await touch.move(1, { x: middle.x + 40, y: middle.y });
    await expectSent("it points right", (all) => {
      const { x, y } = Object(last(all)?.data);
      return x > 0.3 && y === 0;
    });
    await touch.move(1, { x: middle.x, y: middle.y + 400 });
    await expectSent("it points down as far as it goes", (all) => isData(last(all), { x: 0, y: 1 }));
    await touch.lift(1);
    await expectSent("it is in the middle", (all) => isData(last(all), CENTER));
    const all = await sent();
    expect(all.every(({ name }) => name === "move")).toBe(true);
    expect(all.slice(0, -1).every((event) => event.volatile)).toBe(true);
    expect(last(all)?.volatile).toBe(false);
  });

  test("does not count what is near the middle", async () => {
    const { page, touch, sent } = await openControls(
      browser,
      phone,
      '<cw-joystick data-event="move" dead-zone="0.5"></cw-joystick>',
    );
    const middle = await placeIn(page, "cw-joystick");
    await touch.press(1, middle);
    await touch.move(1, { x: middle.x + 20, y: middle.y });
    await touch.lift(1);
    expect(await sent()).toEqual([]);
  });

  test("`floating` stands where the thumb comes down, `axis` leaves it one way", async () => {
    const { page, touch, expectSent } = await openControls(
      browser,
      phone,
      '<cw-joystick data-event="move" floating axis="x"></cw-joystick>',
    );
    const corner = await placeIn(page, "cw-joystick", 0.1, 0.9);
    await touch.press(1, corner);
    await touch.move(1, { x: corner.x - 300, y: corner.y - 300 });
    await expectSent("it points left and not up", (all) => isData(last(all), { x: -1, y: 0 }));
    await touch.lift(1);
    await expectSent("it is in the middle", (all) => isData(last(all), CENTER));
  });

  test("is played by arrow keys and WASD from anywhere in the page, but for where text is typed", async () => {
    const { page, sent, expectSent } = await openControls(
      browser,
      phone,
      '<cw-joystick data-event="move"></cw-joystick><input id="name" />',
    );
    await page.keyboard.down("ArrowRight");
    await page.keyboard.down("KeyW");
    await page.keyboard.up("KeyW");
    await page.keyboard.up("ArrowRight");
    await expectSent("it is in the middle", (all) => isData(last(all), CENTER));
    expect((await sent()).map(({ data }) => data)).toEqual([
      { x: 1, y: 0 },
      { x: DIAGONAL, y: -DIAGONAL },
      { x: 1, y: 0 },
      CENTER,
    ]);
    await page.locator("#name").pressSequentially("wasd");
    expect(await page.locator("#name").inputValue()).toBe("wasd");
    expect(await sent()).toHaveLength(4);
  });

  for (const [how, take] of Object.entries({
    "the system takes the finger away": "cancel",
    "the window loses the keyboard": "blur",
    "the page is hidden": "hide",
    "it is switched off": "disable",
    "it is taken out of the page": "remove",
    "it is bound to something else": "bind",
  } as const)) {
    test(`is let go where ${how}`, async () => {
      const { page, touch, sent, expectSent } = await openControls(
        browser,
        phone,
        '<cw-joystick data-event="move"></cw-joystick>',
      );
      const middle = await placeIn(page, "cw-joystick");
      await touch.press(1, { x: middle.x + 50, y: middle.y });
      await expectSent("it points right", (all) => all.length === 1);
      if (take === "cancel") await touch.cancel();
      else {
        await page.evaluate((way) => {
          const stick = document.querySelector("cw-joystick");
          if (stick === null) throw new Error("There is no joystick.");
          if (way === "blur") window.dispatchEvent(new Event("blur"));
          else if (way === "disable") stick.disabled = true;
          else if (way === "remove") stick.remove();
          else if (way === "bind") stick.bind({ emit: () => true }, "other");
          else {
            Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
          }
        }, take);
      }
      await expectSent("it is in the middle", (all) => all.length === 2);
      expect(last(await sent())).toEqual({ name: "move", data: CENTER, volatile: false });
    });
  }
});

describe("two sticks on one page", () => {
  test("each have keys of their own, where they say which", async () => {
    const { page, sent, expectSent } = await openControls(
      browser,
      phone,
      '<cw-joystick data-event="left" keys="wasd"></cw-joystick><cw-dpad data-event="right" keys="arrows"></cw-dpad>',
    );
    await page.keyboard.press("KeyD");
    await page.keyboard.press("ArrowUp");
    await expectSent("both were played", (all) => all.length === 4);
    expect((await sent()).map(({ name, data }) => [name, data])).toEqual([
      ["left", { x: 1, y: 0 }],
      ["left", CENTER],
      ["right", { x: 0, y: -1 }],
      ["right", CENTER],
    ]);
  });
});

describe("vibration", () => {
  test("answers a touch, and is switched off by the player for good, or by the page for a control", async () => {
    const markup =
      '<cw-button data-event="a">A</cw-button><div vibrate="off"><cw-button data-event="b">B</cw-button></div>';
    const { page, touch } = await openControls(browser, phone, markup);
    const listen = () =>
      page.evaluate(() => {
        Reflect.set(window, "vibrated", []);
        navigator.vibrate = (pattern) => Reflect.get(window, "vibrated").push(pattern) > 0;
      });
    const vibrated = () => page.evaluate((): unknown => Reflect.get(window, "vibrated"));
    const tap = async (event: string): Promise<void> => {
      await touch.press(1, await placeIn(page, `[data-event=${event}]`));
      await touch.lift(1);
    };
    await listen();
    await tap("b"); // before the first touch is over, browsers refuse
    expect(await vibrated()).toEqual([]);
    await tap("a");
    await tap("b");
    expect(await vibrated()).toEqual([[10]]);
    await page.evaluate(() => {
      const { vibrate, setVibration } = Reflect.get(window, "controls");
      vibrate([50, 20, 50]);
      setVibration(false);
      vibrate(100);
    });
    await tap("a");
    expect(await vibrated()).toEqual([[10], [50, 20, 50]]);
    await page.reload();
    await showControls(page, markup);
    await listen();
    await tap("a");
    await tap("a");
    expect(await vibrated()).toEqual([]);
  });
});

describe("two controls at once", () => {
  const MARKUP =
    '<cw-joystick data-event="move" style="width: 50%; float: left"></cw-joystick><cw-button data-event="fire" style="width: 40%; float: right">Fire</cw-button>';

  test("are played by two fingers, and the page neither scrolls nor zooms", async () => {
    const { page, touch, sent, expectSent } = await openControls(browser, phone, MARKUP);
    const stick = await placeIn(page, "cw-joystick");
    const button = await placeIn(page, "cw-button");
    await touch.press(1, stick);
    await touch.press(2, button);
    await expectSent("the button is down", (all) => isData(last(all), { down: true }));
    for (const step of [20, 60, 120]) {
      await touch.move(1, { x: stick.x, y: stick.y - step });
      await touch.move(2, { x: button.x, y: button.y + step });
    }
    await expectSent("the stick points up", (all) => all.some((event) => isData(event, { x: 0, y: -1 })));
    await touch.lift(2);
    await expectSent("the button is up", (all) => isData(last(all), { down: false }));
    await touch.lift(1);
    await expectSent("the stick is in the middle", (all) => isData(last(all), CENTER));
    expect((await sent()).filter(({ name }) => name === "fire").map(({ data }) => data)).toEqual([
      { down: true },
      { down: false },
    ]);
    expect(await page.evaluate(() => [window.scrollY, window.visualViewport?.scale])).toEqual([0, 1]);
  });

  test("leave pulling to reload and zooming by two taps to no accident", async () => {
    const { page } = await openControls(browser, phone, MARKUP);
    const style = () =>
      page.evaluate(() => {
        const { overscrollBehaviorY, touchAction } = getComputedStyle(document.documentElement);
        return { overscrollBehaviorY, touchAction };
      });
    expect(await style()).toEqual({ overscrollBehaviorY: "none", touchAction: "manipulation" });
    await page.evaluate(() => document.querySelector("cw-joystick")?.remove());
    expect((await style()).touchAction).toBe("manipulation");
    await page.evaluate(() => document.querySelector("cw-button")?.remove());
    expect(await style()).toEqual({ overscrollBehaviorY: "auto", touchAction: "auto" });
  });

  test("hear a second finger on the same control no more than it", async () => {
    const { page, touch, sent, expectSent } = await openControls(browser, phone, MARKUP);
    const stick = await placeIn(page, "cw-joystick");
    await touch.press(1, { x: stick.x + 60, y: stick.y });
    await touch.press(2, { x: stick.x - 60, y: stick.y });
    await touch.lift(2);
    await touch.lift(1);
    await expectSent("the stick is in the middle", (all) => isData(last(all), CENTER));
    expect((await sent()).every(({ data }) => Object(data).x >= 0)).toBe(true);
  });
});

describe("<cw-button>", () => {
  test("tells that it is pressed and released, by finger and by Space", async () => {
    const { page, touch, sent, expectSent } = await openControls(
      browser,
      phone,
      '<cw-button data-event="fire">Fire</cw-button><cw-button data-event="jump" key="KeyJ">Jump</cw-button>',
    );
    await touch.press(1, await placeIn(page, "[data-event=fire]"));
    await touch.lift(1);
    await expectSent("it is up", (all) => all.length === 2);
    await page.keyboard.press("Space");
    await page.keyboard.press("j");
    await expectSent("both are up", (all) => all.length === 6);
    const { length } = await sent();
    expect(length).toBe(6);
    expect((await sent()).map(({ name, data }) => [name, data])).toEqual([
      ["fire", { down: true }],
      ["fire", { down: false }],
      ["fire", { down: true }],
      ["fire", { down: false }],
      ["jump", { down: true }],
      ["jump", { down: false }],
    ]);
    expect((await sent()).some((event) => event.volatile)).toBe(false);
  });

  test("is pressed and released by a click of a screen reader", async () => {
    const { page, sent, expectSent } = await openControls(
      browser,
      phone,
      '<cw-button data-event="fire">Fire</cw-button>',
    );
    await page.evaluate(() => document.querySelector("cw-button")?.shadowRoot?.querySelector("button")?.click());
    await expectSent("it is up", (all) => all.length === 2);
    expect((await sent()).map(({ data }) => data)).toEqual([{ down: true }, { down: false }]);
  });

  test("row 19.4 tells `click` of finger, mouse, key and screen reader, and not of a finger that slides away", async () => {
    const markup = "<cw-button plain>Next</cw-button><cw-button round>Fire</cw-button>";
    const { page, touch } = await openControls(browser, phone, markup);
    await page.evaluate(() => {
      const clicks = Object.assign(window, { clicks: "" });
      for (const button of document.querySelectorAll("cw-button")) {
        button.addEventListener("click", () => void (clicks.clicks += button.textContent));
      }
    });
    const clicks = (): Promise<unknown> => page.evaluate(() => Reflect.get(window, "clicks"));
    const next = await placeIn(page, "[plain]");
    await touch.press(1, next);
    await touch.lift(1);
    await eventually("a tap clicks", async () => (await clicks()) === "Next");
    await touch.press(1, next);
    await touch.move(1, { x: next.x, y: next.y + 300 });
    await touch.lift(1);
    await page.locator("[plain]").click();
    expect(await clicks()).toBe("NextNext");
    await page.evaluate(() => document.querySelector<HTMLElement>("[plain]")?.focus());
    await page.keyboard.press("Enter");
    expect(await clicks()).toBe("NextNextNext");
    await page.evaluate(() => document.querySelector("[plain]")?.shadowRoot?.querySelector("button")?.click());
    expect(await clicks()).toBe("NextNextNextNext");
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    await page.keyboard.press("Space"); // a plain button has no key of its own
    expect(await clicks()).toBe("NextNextNextNextFire");
  });

  test("row 19.4 `plain` is as large as its words, and hidden where the page says so", async () => {
    const markup = "<p>Done? <cw-button plain>Play again</cw-button> <cw-button plain hidden>No</cw-button></p>";
    const { page } = await openControls(browser, phone, markup);
    const { width = 0, height = 0 } = (await page.getByRole("button", { name: "Play again" }).boundingBox()) ?? {};
    expect(width).toBeGreaterThan(80);
    expect(width).toBeLessThan(250);
    expect(height).toBeGreaterThanOrEqual(44);
    expect(height).toBeLessThan(70);
    expect(await page.getByText("No", { exact: true }).isVisible()).toBe(false);
    await browser.keep(page, "button-plain");
  });
});

describe("<cw-dpad>", () => {
  test("follows a thumb from arrow to arrow and over the diagonals", async () => {
    const { page, touch, sent, expectSent } = await openControls(
      browser,
      phone,
      '<cw-dpad data-event="walk"></cw-dpad>',
    );
    const middle = await placeIn(page, "cw-dpad");
    await touch.press(1, { x: middle.x, y: middle.y - 60 });
    await touch.move(1, { x: middle.x + 50, y: middle.y - 50 });
    await touch.move(1, { x: middle.x + 60, y: middle.y });
    await touch.lift(1);
    await expectSent("it is let go", (all) => isData(last(all), CENTER));
    expect((await sent()).map(({ data }) => data)).toEqual([{ x: 0, y: -1 }, { x: 1, y: -1 }, { x: 1, y: 0 }, CENTER]);
    expect((await sent()).map((event) => event.volatile)).toEqual([true, true, true, false]);
  });

  test("`four` has no diagonals", async () => {
    const { page, touch, sent, expectSent } = await openControls(
      browser,
      phone,
      '<cw-dpad data-event="walk" four></cw-dpad>',
    );
    const middle = await placeIn(page, "cw-dpad");
    await touch.press(1, { x: middle.x + 60, y: middle.y - 50 });
    await touch.lift(1);
    await expectSent("it is let go", (all) => isData(last(all), CENTER));
    await page.keyboard.down("ArrowUp");
    await page.keyboard.down("ArrowLeft");
    await page.keyboard.up("ArrowUp");
    await page.keyboard.up("ArrowLeft");
    await expectSent("it is let go again", (all) => all.filter((event) => isData(event, CENTER)).length === 2);
    expect((await sent()).map(({ data }) => data)).toEqual([
      { x: 1, y: 0 },
      CENTER,
      { x: 0, y: -1 },
      { x: -1, y: 0 },
      CENTER,
    ]);
  });
});

describe("<cw-choice>", () => {
  const options = [{ label: "Cat", value: 1 }, { label: "Dog", value: 2 }, "Cow", { label: "Bee", disabled: true }];
  const open = async (markup = '<cw-choice data-event="vote"></cw-choice>') => {
    const opened = await openControls(browser, phone, markup);
    await opened.page.evaluate((list) => {
      const choice = document.querySelector("cw-choice");
      if (choice !== null) choice.options = list;
    }, options);
    return opened;
  };

  test("sends the value that is touched, shows it, and may be changed", async () => {
    const { page, sent, expectSent } = await open();
    await page.getByRole("radio", { name: "Dog" }).tap();
    await expectSent("Dog was sent", (all) => all.length === 1);
    expect(await page.getByRole("radio", { checked: true }).innerText()).toContain("Dog");
    await page.getByRole("radio", { name: "Dog" }).tap();
    await page.getByRole("radio", { name: "Bee" }).tap({ force: true });
    await page.getByRole("radio", { name: "Cow" }).tap();
    await expectSent("Cow was sent", (all) => isData(last(all), "Cow"));
    expect(await sent()).toEqual([
      { name: "vote", data: 2, volatile: false },
      { name: "vote", data: "Cow", volatile: false },
    ]);
    expect(await page.evaluate(() => document.querySelector("cw-choice")?.value)).toBe("Cow");
    await page.evaluate(() => document.querySelector("cw-choice")?.reset());
    expect(await page.getByRole("radio", { checked: true }).count()).toBe(0);
    expect(await sent()).toHaveLength(2);
  });

  test("`once` holds the first choice", async () => {
    const { page, sent, expectSent } = await open('<cw-choice data-event="vote" once></cw-choice>');
    await page.getByRole("radio", { name: "Dog" }).tap();
    await expectSent("Dog was sent", (all) => all.length === 1);
    await page.getByRole("radio", { name: "Cat" }).tap({ force: true });
    expect(await sent()).toHaveLength(1);
  });

  test("is chosen by number, and by arrow keys and Space", async () => {
    const { page, sent, expectSent } = await open();
    await page.keyboard.press("3");
    await expectSent("Cow was sent", (all) => all.length === 1);
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowUp");
    expect(await sent()).toHaveLength(1);
    await page.keyboard.press("Space");
    await expectSent("Dog was sent", (all) => isData(last(all), 2));
  });

  test("options that are set again, as at each change of a state, disturb no press and no focus; other ones end a press", async () => {
    const { page, sent, expectSent } = await open();
    const set = (list: typeof options): Promise<void> =>
      page.evaluate((values) => {
        const choice = document.querySelector("cw-choice");
        if (choice !== null) Object.assign(choice, { options: values, value: undefined });
      }, list);
    const { x = NaN, y = NaN } = (await page.getByRole("radio", { name: "Dog" }).boundingBox()) ?? {};
    await page.mouse.move(x + 20, y + 20);
    await page.mouse.down();
    await set(options);
    await page.mouse.up();
    await expectSent("Dog was sent", (all) => isData(last(all), 2));
    await set(options);
    await page.keyboard.press("ArrowDown");
    await set(options);
    await page.keyboard.down("Space");
    await set(options);
    await page.keyboard.up("Space");
    await expectSent("Cow was sent", (all) => isData(last(all), "Cow"));
    await page.mouse.down();
    await set(["Ant", "Owl", "Elk", "Yak"]);
    await page.mouse.up();
    expect(await page.getByRole("radio", { checked: true }).count()).toBe(0);
    expect(await sent()).toHaveLength(2);
  });

  test("an option may have a colour of its own, on which its number is read", async () => {
    const { page } = await openControls(
      browser,
      phone,
      `<cw-choice data-event="vote"><option data-color="#1971c2">Sea</option><option data-color="#ffe066">Sun</option>
        <option data-color="wet; top: 0">Fog</option></cw-choice>`,
    );
    const look = (name: string) =>
      page.getByRole("radio", { name }).evaluate((button) => {
        const { borderTopColor: border, backgroundColor: ground, color: text } = getComputedStyle(button);
        const { backgroundColor: mark, color: number } = getComputedStyle(button.querySelector(".mark") ?? button);
        return { border, ground, text, mark, number };
      });
    const [blue, yellow, white, dark] = [
      "rgb(25, 113, 194)",
      "rgb(255, 224, 102)",
      "rgb(255, 255, 255)",
      "rgb(26, 15, 12)",
    ];
    const plain = await look("Fog");
    expect(plain.mark).toBe("rgba(0, 0, 0, 0)");
    expect(await look("Sea")).toEqual({ ...plain, border: blue, mark: blue, number: white });
    expect(await look("Sun")).toEqual({ ...plain, border: yellow, mark: yellow, number: dark });
    await page.getByRole("radio", { name: "Sun" }).tap();
    expect(await look("Sun")).toMatchObject({ border: yellow, ground: yellow, text: dark, number: dark });
  });

  test("takes its options from <option> elements too", async () => {
    const { page, expectSent } = await openControls(
      browser,
      phone,
      '<cw-choice data-event="vote"><option value="a">Ant</option><option>Owl</option></cw-choice>',
    );
    await page.getByRole("radio", { name: "Ant" }).tap();
    await expectSent("a was sent", (all) => isData(last(all), "a"));
    await page.getByRole("radio", { name: "Owl" }).tap();
    await expectSent("Owl was sent", (all) => isData(last(all), "Owl"));
  });
});

describe("<cw-text>", () => {
  test("sends what is handed in, once, and not what is blank", async () => {
    const { page, sent, expectSent } = await openControls(browser, phone, '<cw-text data-event="answer"></cw-text>');
    const field = page.getByRole("textbox");
    await field.press("Enter");
    await field.fill("  a duck ");
    await page.getByRole("button", { name: "Send" }).tap();
    await expectSent("it was sent", (all) => all.length === 1);
    expect(await field.inputValue()).toBe("");
    expect(await page.getByText("Sent").count()).toBe(1);
    await field.press("Enter");
    expect(await sent()).toEqual([{ name: "answer", data: "a duck", volatile: false }]);
  });

  test("takes as many characters as `maxlength` says, as people count them", async () => {
    const { page, expectSent } = await openControls(
      browser,
      phone,
      '<cw-text data-event="answer" maxlength="5"></cw-text>',
    );
    await page.getByRole("textbox").fill("🦆🦆🦆🦆🦆🦆🦆");
    expect(await page.locator("cw-text .count").innerText()).toBe("0");
    await page.getByRole("textbox").press("Enter");
    await expectSent("five ducks were sent", (all) => isData(last(all), "🦆🦆🦆🦆🦆"));
  });

  test("tells the page of each change while it is typed in, and not of what the page sets", async () => {
    const { page } = await openControls(browser, phone, "<cw-text maxlength=3></cw-text>");
    await page.evaluate(() => {
      const text = document.querySelector("cw-text");
      const typed: string[] = [];
      Object.assign(window, { typed });
      document.addEventListener("input", ({ target }) => typed.push(target === text ? (text?.value ?? "") : "another"));
    });
    await page.locator("cw-text .field").pressSequentially("abcd");
    await page.evaluate(() => Object.assign(document.querySelector("cw-text") ?? {}, { value: "x" }));
    expect(await page.evaluate((): unknown => Reflect.get(window, "typed"))).toEqual(["a", "ab", "abc", "abc"]);
  });

  test("keeps an unsent text over a reload, and neither a sent one nor one of a view that is gone", async () => {
    const markup = '<cw-text data-event="answer"></cw-text>';
    const { page } = await openControls(browser, phone, markup);
    const field = page.getByRole("textbox");
    const reload = async (): Promise<void> => {
      await page.reload();
      await showControls(page, markup);
    };
    await field.fill("half a th");
    await reload();
    expect(await field.inputValue()).toBe("half a th");
    await field.press("Enter");
    await reload();
    expect(await field.inputValue()).toBe("");
    await field.fill("too late");
    await showControls(page, markup);
    expect(await field.inputValue()).toBe("");
  });

  test("keeps a text that could not be sent, and says so", async () => {
    const { page } = await openControls(browser, phone, '<cw-text data-event="answer"></cw-text>');
    await page.evaluate(() => {
      window.addEventListener("error", (event) => event.preventDefault());
      const full = { emit: () => false };
      document.querySelector("cw-text")?.bind(full, "answer");
    });
    await page.getByRole("textbox").fill("a duck");
    await page.getByRole("textbox").press("Enter");
    await eventually("it says so", () => page.getByText("Could not be sent").isVisible());
    expect(await page.getByRole("textbox").inputValue()).toBe("a duck");
  });

  test("`multiline` takes lines, `once` one text alone", async () => {
    const { page, sent, expectSent } = await openControls(
      browser,
      phone,
      '<cw-text data-event="answer" multiline once></cw-text>',
    );
    const field = page.getByRole("textbox");
    await field.fill("one");
    await field.press("Enter");
    await field.pressSequentially("two");
    expect(await sent()).toEqual([]);
    await field.press("Control+Enter");
    await expectSent("both lines were sent", (all) => isData(last(all), "one\ntwo"));
    expect(await field.isEditable()).toBe(false);
    expect(await field.inputValue()).toBe("one\ntwo");
    await page.evaluate(() => document.querySelector("cw-text")?.reset());
    expect(await field.isEditable()).toBe(true);
    expect(await field.inputValue()).toBe("");
  });

  test("row 19.4 keeps what `accept` refuses, says why, and sends what it lets go", async () => {
    const markup = '<cw-text data-event="word"></cw-text>';
    const { page, sent, expectSent } = await openControls(browser, phone, markup);
    await page.evaluate(() => {
      const text = document.querySelector("cw-text");
      if (text === null) throw new Error("There is no text.");
      text.accept = (word) => (word.length < 4 ? Promise.resolve("Four letters at least.") : true);
    });
    const field = page.getByRole("textbox");
    await field.fill(" cat ");
    await page.getByRole("button", { name: "Send" }).tap();
    await page.getByText("Four letters at least.").waitFor();
    expect(await field.inputValue()).toBe(" cat ");
    expect(await sent()).toEqual([]);
    await browser.keep(page, "text-refused");
    await field.pressSequentially("s"); // it has the focus again
    expect(await page.getByText("Four letters at least.").count()).toBe(0);
    await field.fill("cats");
    await field.press("Enter");
    await expectSent("it was sent", (all) => isData(last(all), "cats"));
    await page.getByText("Sent").waitFor();
    expect(await field.inputValue()).toBe("");
  });

  test("row 19.4 is closed while `accept` decides, and an answer after `reset` counts no more", async () => {
    const { page, sent } = await openControls(browser, phone, '<cw-text data-event="word"></cw-text>');
    await page.evaluate(() => {
      const text = document.querySelector("cw-text");
      if (text === null) throw new Error("There is no text.");
      text.accept = () => new Promise((resolve) => Object.assign(window, { decide: resolve }));
    });
    const field = page.getByRole("textbox");
    await field.fill("cats");
    await field.press("Enter");
    await page.waitForFunction(() => "decide" in window);
    expect(await field.isEditable()).toBe(false);
    await page.evaluate(() => document.querySelector("cw-text")?.reset());
    await field.fill("dogs");
    await page.evaluate(() => Reflect.get(window, "decide")("No cats."));
    expect([await field.inputValue(), await field.isEditable()]).toEqual(["dogs", true]);
    expect(await page.getByText("No cats.").count()).toBe(0);
    expect(await sent()).toEqual([]);
  });

  test("row 19.4 keeps the text where `accept` fails, and says so", async () => {
    const { page } = await openControls(browser, phone, '<cw-text data-event="word"></cw-text>');
    const warning = page.waitForEvent("console");
    await page.evaluate(() => {
      const text = document.querySelector("cw-text");
      if (text !== null) text.accept = () => Promise.reject(new Error("timeout"));
    });
    await page.getByRole("textbox").fill("cats");
    await page.getByRole("textbox").press("Enter");
    await page.getByText("Could not be sent").waitFor();
    expect(await page.getByRole("textbox").inputValue()).toBe("cats");
    expect((await warning).text()).toContain("timeout");
  });
});

describe("<cw-swipe>", () => {
  test("tells the way that a finger goes, once, and a tap", async () => {
    const { page, touch, sent, expectSent } = await openControls(
      browser,
      phone,
      '<cw-swipe data-event="turn"></cw-swipe>',
    );
    const { x, y } = await placeIn(page, "cw-swipe");
    for (const [dx, dy] of [
      [-80, 10],
      [80, -10],
      [5, -90],
      [0, 90],
      [0, 0],
    ] as const) {
      await touch.press(1, { x, y });
      await touch.move(1, { x: x + dx / 2, y: y + dy / 2 });
      await touch.move(1, { x: x + dx, y: y + dy });
      await touch.lift(1);
    }
    await expectSent("all were sent", (all) => all.length === 5);
    expect((await sent()).map(({ data }) => data)).toEqual(["left", "right", "up", "down", "tap"]);
    expect((await sent()).some((event) => event.volatile)).toBe(false);
  });

  test("is played by keys, and a finger that the system takes away is no tap", async () => {
    const { page, touch, sent, expectSent } = await openControls(
      browser,
      phone,
      '<cw-swipe data-event="turn"></cw-swipe>',
    );
    await touch.press(1, await placeIn(page, "cw-swipe"));
    await touch.cancel();
    for (const key of ["ArrowLeft", "KeyW", "Space"]) await page.keyboard.press(key);
    await expectSent("all were sent", (all) => all.length === 3);
    expect((await sent()).map(({ data }) => data)).toEqual(["left", "up", "tap"]);
  });
});

describe("<cw-draw>", () => {
  const MARKUP = '<cw-draw data-event="ink"></cw-draw>';
  test("sends a stroke in pieces while it is drawn, with places from 0 to 1, and its end", async () => {
    const { page, touch, sent, expectSent } = await openControls(browser, phone, MARKUP);
    await touch.press(1, await placeIn(page, "cw-draw .sheet", 0.25, 0.5));
    await touch.move(1, await placeIn(page, "cw-draw .sheet", 0.5, 0.5));
    await expectSent("a piece was sent before the finger is lifted", (all) => all.length > 0);
    await touch.move(1, await placeIn(page, "cw-draw .sheet", 0.75, 0.5));
    await touch.lift(1);
    await expectSent("its end was sent", (all) => Object(last(all)?.data).end === true);
    const all = await sent();
    expect(all.some((event) => event.volatile)).toBe(false);
    expect(new Set(pieces(all).map(({ id }) => id)).size).toBe(1);
    const points = pieces(all).flatMap((piece): number[] => (Array.isArray(piece.points) ? piece.points : []));
    expect(points).toHaveLength(6);
    for (const [index, part] of [0.25, 0.5, 0.5, 0.5, 0.75, 0.5].entries()) expect(points[index]).toBeCloseTo(part, 1);
    expect(pieces(all)[0]).toMatchObject({ color: "#1d2330", width: 0.02 });
    const { inked, ...picture } = await pictureOf(page);
    expect(picture).toEqual({ width: 200, height: 200, type: "image/png" });
    expect(inked).toBeGreaterThan(200);
  });

  test("undoes, empties, and undoes the emptying; colours and pens are chosen", async () => {
    const { page, touch, sent, expectSent } = await openControls(browser, phone, MARKUP);
    const dot = async (x: number): Promise<void> => {
      await touch.press(1, await placeIn(page, "cw-draw .sheet", x, 0.5));
      await touch.lift(1);
    };
    await dot(0.2);
    await page.getByRole("radio", { name: "Colour 5" }).tap();
    await page.getByRole("radio", { name: "Pen 3" }).tap();
    await dot(0.7);
    const { inked } = await pictureOf(page);
    await page.getByRole("button", { name: "Undo" }).tap();
    expect((await pictureOf(page)).inked).toBeLessThan(inked);
    await page.getByRole("button", { name: "Clear" }).tap();
    expect((await pictureOf(page)).inked).toBe(0);
    await page.getByRole("button", { name: "Undo" }).tap();
    expect((await pictureOf(page)).inked).toBeGreaterThan(0);
    await expectSent("all were sent", (all) => deeds(all).length === 5);
    const [first, second, undone, emptied, restored] = deeds(await sent());
    expect(second).toMatchObject({ color: "#2f6fed", width: 0.05, end: true });
    expect(undone).toMatchObject({ id: second?.id, undo: true, points: [] });
    expect(emptied).toMatchObject({ clear: true, points: [] });
    expect(restored).toMatchObject({ id: emptied?.id, undo: true });
    expect(first?.id).not.toBe(second?.id);
  });

  test("is sharp on fine screens, and keeps the drawing when its size changes", async () => {
    const { page, touch } = await openControls(browser, phone, MARKUP);
    await touch.press(1, await placeIn(page, "cw-draw .sheet", 0.2, 0.2));
    await touch.move(1, await placeIn(page, "cw-draw .sheet", 0.8, 0.8));
    await touch.lift(1);
    /** Of the canvas: its width in pixels, and the share of pixels with ink on them. */
    const canvas = () =>
      page.evaluate(() => {
        const shown = document.querySelector("cw-draw")?.shadowRoot?.querySelector("canvas");
        const data = shown?.getContext("2d")?.getImageData(0, 0, shown.width, shown.height).data ?? [];
        let inked = 0;
        for (let at = 3; at < data.length; at += 4) if ((data[at] ?? 0) > 128) inked++;
        return { width: shown?.width, box: shown?.clientWidth, share: inked / (data.length / 4) };
      });
    await eventually("it is painted", async () => (await canvas()).share > 0.01);
    const before = await canvas();
    expect(before.width).toBe((before.box ?? 0) * 2);
    await page.setViewportSize({ width: 320, height: 640 });
    await eventually("it is painted again", async () => {
      const { width, box = 0, share } = await canvas();
      return box !== before.box && width === box * 2 && share > 0.01;
    });
    const after = await canvas();
    expect(after.share).toBeCloseTo(before.share, 2);
  });

  test("is shown on the TV as it is drawn on the phone, whatever else comes", async () => {
    const { page, touch, sent, expectSent } = await openControls(browser, phone, MARKUP);
    await touch.press(1, await placeIn(page, "cw-draw .sheet", 0.2, 0.2));
    await touch.move(1, await placeIn(page, "cw-draw .sheet", 0.8, 0.6));
    await touch.lift(1);
    await expectSent("its end was sent", (all) => Object(last(all)?.data).end === true);
    const drawn = await pictureOf(page);
    await showControls(page, "<cw-draw readonly></cw-draw>");
    const added = await page.evaluate(
      (all) => all.map((piece) => document.querySelector("cw-draw")?.add(piece)),
      [
        ...pieces(await sent()),
        null,
        "ink",
        { id: 1 },
        { id: 1, points: [0.1], color: "red", width: 0.1 },
        { id: 1, points: [0.1, "x"], color: "red", width: 0.1 },
        { id: 1, points: [], color: "red", width: 40 },
      ],
    );
    expect(added.slice(-6)).toEqual([false, false, false, false, false, false]);
    expect(await pictureOf(page)).toEqual(drawn);
    await page.evaluate(() => {
      const sheet = document.querySelector("cw-draw");
      if (sheet !== null) sheet.strokes = JSON.parse(JSON.stringify(sheet.strokes));
    });
    expect(await pictureOf(page)).toEqual(drawn);
    expect(await page.getByRole("button").count()).toBe(0);
  });

  test("is kept over a reload, until `reset`", async () => {
    const { page, touch } = await openControls(browser, phone, MARKUP);
    await touch.press(1, await placeIn(page, "cw-draw .sheet"));
    await touch.lift(1);
    await page.reload();
    await showControls(page, MARKUP);
    expect(await page.evaluate(() => document.querySelector("cw-draw")?.isEmpty)).toBe(false);
    await page.evaluate(() => document.querySelector("cw-draw")?.reset());
    await page.reload();
    await showControls(page, MARKUP);
    expect(await page.evaluate(() => document.querySelector("cw-draw")?.isEmpty)).toBe(true);
  });

  test("draws by keys: arrows move the pen, Space sets it down and lifts it", async () => {
    const { page, sent, expectSent } = await openControls(browser, phone, MARKUP);
    await page.locator("cw-draw .sheet").focus();
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    await expectSent("its end was sent", (all) => Object(last(all)?.data).end === true);
    const points = pieces(await sent()).flatMap((piece): unknown[] =>
      Array.isArray(piece.points) ? piece.points : [],
    );
    expect(points).toEqual([0.48, 0.5, 0.5, 0.5, 0.5, 0.52]);
    await page.keyboard.press("Control+z");
    await expectSent("it was taken back", (all) => Object(last(all)?.data).undo === true);
  });
});

describe("<cw-tilt>", () => {
  const MARKUP = '<cw-tilt data-event="steer"></cw-tilt>';
  /** Sensors are for secure contexts, and of plain http that is this machine alone. */
  const open = async () => {
    const server = await startServer({ games: CONTROLS_PAGE });
    return openControls(browser, phone, MARKUP, `http://localhost:${server.port}`);
  };

  test("takes the first pose as the middle, and sends how it is tilted from there", async () => {
    const { page, sent, expectSent } = await open();
    const hold = await poser(page);
    await hold(45, 0);
    await eventually("it is tilting", async () => (await modeOf(page)) === "tilting");
    await hold(70, 0);
    await expectSent("it is tilted towards the player", (all) => isData(last(all), { x: 0, y: 1 }));
    await hold(20, 0);
    await expectSent("it is tilted away", (all) => isData(last(all), { x: 0, y: -1 }));
    await hold(45, 40);
    await expectSent("it is tilted to the right", (all) => Object(last(all)?.data).x > 0.5);
    await page.getByRole("button", { name: "Centre here" }).tap();
    await expectSent("that is the middle now", (all) => isData(last(all), CENTER));
    expect(last(await sent())?.volatile).toBe(false);
  });

  test("asks by a button where the browser wants a tap, and is a joystick where that is refused", async () => {
    for (const [answer, mode] of [
      ["granted", "tilting"],
      ["denied", "thumb"],
    ] as const) {
      const server = await startServer({ games: CONTROLS_PAGE });
      const { page, expectSent } = await openControls(browser, phone, "", `http://localhost:${server.port}`);
      await page.evaluate((given) => {
        // As on iOS: without a tap it rejects.
        let isTapped = false;
        window.addEventListener("click", () => (isTapped = true), true);
        Reflect.set(DeviceOrientationEvent, "requestPermission", async () => {
          if (!isTapped) throw new DOMException("It needs a tap.", "NotAllowedError");
          return given;
        });
      }, answer);
      await showControls(page, MARKUP);
      const hold = await poser(page);
      await hold(30, 0);
      await page.getByRole("button", { name: "Play by tilting" }).tap();
      await eventually(`it is ${mode}`, async () => (await modeOf(page)) === mode);
      if (mode === "tilting") {
        await hold(60, 0);
        await expectSent("it is tilted towards the player", (all) => isData(last(all), { x: 0, y: 1 }));
      } else expect(await page.getByRole("status").innerText()).toContain("not allowed");
    }
  });

  test("is a joystick that says why, where the address is plain http", async () => {
    plainHttp = (await startServer({ games: CONTROLS_PAGE })).url;
    const { page, touch, expectSent } = await openControls(browser, phone, MARKUP, PLAIN_HTTP);
    expect(await modeOf(page)).toBe("thumb");
    expect(await page.getByRole("status").innerText()).toContain("https");
    const middle = await placeIn(page, "cw-tilt .pad");
    await touch.press(1, middle);
    await touch.move(1, { x: middle.x + 200, y: middle.y });
    await expectSent("it points right", (all) => isData(last(all), { x: 1, y: 0 }));
    await touch.lift(1);
    await expectSent("it is in the middle", (all) => isData(last(all), CENTER));
  });
});
