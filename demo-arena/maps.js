/** The arenas. Each is drawn once for one half; the other half is the same, turned by 180°, so that no corner is better than another. */

/** The arena's size in its own units; the page scales it to the screen. */
export const WIDTH = 1920;
export const HEIGHT = 960;

/** Walls as [x, y, width, height] of the left half. */
const HALVES = [
  {
    name: "The Yard",
    walls: [
      [300, 200, 40, 240],
      [300, 620, 240, 40],
      [620, 0, 40, 180],
      [560, 360, 180, 40],
      [760, 640, 40, 320],
    ],
    middle: [[900, 400, 120, 160]],
  },
  {
    name: "Crossroads",
    walls: [
      [220, 220, 260, 40],
      [220, 220, 40, 200],
      [220, 700, 260, 40],
      [220, 540, 40, 200],
      [680, 300, 40, 360],
    ],
    middle: [
      [860, 200, 200, 40],
      [860, 720, 200, 40],
    ],
  },
  {
    name: "Pinball",
    walls: [
      [260, 260, 90, 90],
      [260, 610, 90, 90],
      [520, 100, 40, 220],
      [520, 640, 40, 220],
      [720, 435, 90, 90],
    ],
    middle: [
      [940, 120, 40, 200],
      [940, 640, 40, 200],
    ],
  },
];

/** @typedef {{ x: number, y: number, width: number, height: number }} Wall */

const wall = ([x, y, width, height]) => ({ x, y, width, height });
const turned = ([x, y, width, height]) => wall([WIDTH - x - width, HEIGHT - y - height, width, height]);

/** @type {readonly { name: string, walls: readonly Wall[] }[]} */
export const MAPS = HALVES.map(({ name, walls, middle }) => ({
  name,
  walls: [...walls.map(wall), ...walls.map(turned), ...middle.map(wall)],
}));

/** Where tanks begin: all around, and looking to the middle. */
export const STARTS = [
  [130, 130],
  [1790, 830],
  [1790, 130],
  [130, 830],
  [960, 90],
  [960, 870],
  [110, 480],
  [1810, 480],
].map(([x, y]) => ({ x, y, angle: Math.atan2(HEIGHT / 2 - y, WIDTH / 2 - x) }));
