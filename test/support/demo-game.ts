/** Hands for the demo game: what a player does on a phone, done by a test. */
import type { Locator, Page } from "playwright-core";
import { eventually } from "./inbox.ts";

type Point = readonly [number, number];
export type Stroke = readonly [tool: string, color: string, points: readonly Point[]];

const arc = (cx: number, cy: number, rx: number, ry: number, from = 0, to = 1): Point[] =>
  Array.from({ length: 25 }, (_, index) => {
    const angle = (from + (index / 24) * (to - from)) * 2 * Math.PI;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
const eyes = (cx: number, cy: number, apart: number): Stroke[] =>
  [cx - apart, cx + apart].map((x) => [
    "Brush",
    "Ink",
    [
      [x, cy],
      [x, cy + 0.01],
    ],
  ]);

/** What the three of them draw, in parts of the pad: a fish, a cat, a snail. */
export const SKETCHES: readonly (readonly Stroke[])[] = [
  [
    ["Brush", "Blue", arc(0.45, 0.5, 0.28, 0.2)],
    [
      "Brush",
      "Blue",
      [
        [0.72, 0.5],
        [0.9, 0.34],
        [0.9, 0.66],
        [0.72, 0.5],
      ],
    ],
    ["Pen", "Red", arc(0.3, 0.56, 0.08, 0.05, 0.05, 0.4)],
    ...eyes(0.34, 0.44, 0.05),
    [
      "Pen",
      "Green",
      [
        [0.1, 0.95],
        [0.14, 0.85],
        [0.08, 0.76],
        [0.13, 0.68],
      ],
    ],
    ["Pen", "Ink", arc(0.14, 0.3, 0.03, 0.03)],
    ["Pen", "Ink", arc(0.19, 0.18, 0.045, 0.045)],
  ],
  [
    ["Brush", "Yellow", arc(0.5, 0.55, 0.27, 0.25)],
    [
      "Brush",
      "Yellow",
      [
        [0.28, 0.4],
        [0.27, 0.18],
        [0.42, 0.32],
      ],
    ],
    [
      "Brush",
      "Yellow",
      [
        [0.58, 0.32],
        [0.73, 0.18],
        [0.72, 0.4],
      ],
    ],
    ...eyes(0.5, 0.5, 0.1),
    [
      "Pen",
      "Pink",
      [
        [0.47, 0.6],
        [0.53, 0.6],
        [0.5, 0.64],
        [0.47, 0.6],
      ],
    ],
    ["Pen", "Ink", arc(0.45, 0.66, 0.05, 0.04, 0, 0.5)],
    ["Pen", "Ink", arc(0.55, 0.66, 0.05, 0.04, 0, 0.5)],
    [
      "Fine pen",
      "Ink",
      [
        [0.2, 0.58],
        [0.38, 0.61],
      ],
    ],
    [
      "Fine pen",
      "Ink",
      [
        [0.2, 0.68],
        [0.38, 0.65],
      ],
    ],
    [
      "Fine pen",
      "Ink",
      [
        [0.8, 0.58],
        [0.62, 0.61],
      ],
    ],
    [
      "Fine pen",
      "Ink",
      [
        [0.8, 0.68],
        [0.62, 0.65],
      ],
    ],
  ],
  [
    ["Brush", "Brown", arc(0.55, 0.48, 0.24, 0.22)],
    ["Brush", "Pink", arc(0.55, 0.48, 0.13, 0.12, 0.1, 0.95)],
    [
      "Brush",
      "Green",
      [
        [0.12, 0.72],
        [0.9, 0.72],
      ],
    ],
    [
      "Brush",
      "Green",
      [
        [0.2, 0.72],
        [0.2, 0.45],
      ],
    ],
    [
      "Pen",
      "Ink",
      [
        [0.2, 0.45],
        [0.14, 0.32],
      ],
    ],
    [
      "Pen",
      "Ink",
      [
        [0.2, 0.45],
        [0.27, 0.33],
      ],
    ],
    ...eyes(0.205, 0.3, 0.065),
    ["Pen", "Red", arc(0.21, 0.56, 0.06, 0.04, 0.05, 0.4)],
  ],
];

/** In the order of the sheet's tools. */
const PENS = ["Fine pen", "Pen", "Brush"];
const COLORS = ["Ink", "Red", "Yellow", "Green", "Blue", "Pink", "Brown"];

/** What is drawn upon. */
export const padOn = (phone: Page): Locator => phone.getByRole("application", { name: /^Your drawing/ });

/** Draws with the mouse, as a hand would: tool, colour, stroke. */
export async function scribble(phone: Page, sketch: readonly Stroke[] = SKETCHES[0] ?? []): Promise<void> {
  const pad = await padOn(phone).boundingBox();
  if (pad === null) throw new Error("There is no pad to draw on.");
  const { x, y, width, height } = pad;
  for (const [tool, color, points] of sketch) {
    await phone.getByRole("radio", { name: `Pen ${PENS.indexOf(tool) + 1}`, exact: true }).click();
    await phone.getByRole("radio", { name: `Colour ${COLORS.indexOf(color) + 1}`, exact: true }).click();
    for (const [index, [across, down]] of points.entries()) {
      await phone.mouse.move(x + across * width, y + down * height);
      if (index === 0) await phone.mouse.down();
    }
    await phone.mouse.up();
  }
}

export const button = (page: Page, name: string): Locator => page.getByRole("button", { name, exact: true });

export const seesHeading = (page: Page, name: string): Promise<void> =>
  page.getByRole("heading", { name }).first().waitFor();

/** Picks a name and joins; waits for the TV's welcome. */
export async function joinAs(phone: Page, name: string): Promise<void> {
  await phone.getByLabel("Who are you?").fill(name);
  await button(phone, "Join the game").click();
  await button(phone, "Change name or face").waitFor();
}

/** The code that the TV shows in the lobby. */
export async function codeOn(tv: Page): Promise<string> {
  return (await tv.locator("[data-code]").getAttribute("data-code")) ?? "";
}

export const titleField = (phone: Page): Locator => phone.getByLabel("What could");

/** Whether this phone shows that the drawing is its own, in the phase in which the others write. */
const isArtist = (phone: Page): Promise<boolean> =>
  phone.locator("html[data-mood=title]").getByRole("img", { name: "That's yours!" }).isVisible();

/**
 * The phones of those who do not own the drawing on show. A phone may still show what was before, so it waits until one phone is
 * its artist's and all others ask for a title.
 */
export async function guessersAmong(phones: readonly Page[]): Promise<Page[]> {
  let guessers: Page[] = [];
  await eventually("one has drawn, and the others are asked for titles", async () => {
    const areArtists = await Promise.all(phones.map(isArtist));
    const areAsked = await Promise.all(phones.map((phone) => titleField(phone).isVisible()));
    guessers = phones.filter((_phone, index) => areAsked[index]);
    return areArtists.filter(Boolean).length === 1 && guessers.length === phones.length - 1;
  });
  return guessers;
}
