/** The twelve colours of players. */
import { describe, expect, test } from "@jest/globals";
import { colorOf, PLAYER_COLORS, usualColor } from "../../src/sdk/player-colors.ts";

type Rgb = readonly [red: number, green: number, blue: number];

/** In linear light. */
function lightOf(color: string): Rgb {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return [red, green, blue];
}

const times = (matrix: readonly Rgb[], [red, green, blue]: Rgb): Rgb => {
  const [one = 0, two = 0, three = 0] = matrix.map(([a, b, c]) => a * red + b * green + c * blue);
  return [one, two, three];
};

const luminance = ([red, green, blue]: Rgb): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

/** OKLab, in which distances are as people see them. */
function labOf(light: Rgb): Rgb {
  const [long, middle, short] = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    light,
  );
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    [Math.cbrt(Math.max(0, long)), Math.cbrt(Math.max(0, middle)), Math.cbrt(Math.max(0, short))],
  );
}

/** What eyes without one sort of cones see (Machado, Oliveira and Fernandes, 2009). */
const EYES: Readonly<Record<string, readonly Rgb[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

describe("the twelve colours", () => {
  test("are twelve, and white text can be read on each; each is seen on black and on white", () => {
    expect(new Set(PLAYER_COLORS).size).toBe(12);
    for (const color of PLAYER_COLORS) {
      expect(color).toMatch(/^#[0-9a-f]{6}$/);
      const light = luminance(lightOf(color));
      expect(1.05 / (light + 0.05)).toBeGreaterThanOrEqual(4.5);
      expect((light + 0.05) / 0.05).toBeGreaterThanOrEqual(2);
    }
  });

  test.each(Object.entries(EYES))("are told apart by %s eyes", (_eyes, matrix) => {
    const seen = PLAYER_COLORS.map((color) => {
      const [red, green, blue] = times(matrix, lightOf(color)).map((part) => Math.min(1, Math.max(0, part)));
      return labOf([red ?? 0, green ?? 0, blue ?? 0]);
    });
    const distances = seen.flatMap((one, index) =>
      seen.slice(index + 1).map((other) => Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2])),
    );
    expect(Math.min(...distances)).toBeGreaterThan(0.06);
  });

  test("go round by the id, and a newcomer whose colour is taken has the first that is free", () => {
    expect([1, 2, 12, 13].map(usualColor)).toEqual([0, 1, 11, 0].map((index) => PLAYER_COLORS[index]));
    const taken = new Set(PLAYER_COLORS.slice(0, 3));
    expect(colorOf(13, (color) => taken.has(color))).toBe(PLAYER_COLORS[3]);
    expect(colorOf(16, (color) => taken.has(color))).toBe(PLAYER_COLORS[3]);
    expect(colorOf(14, () => true)).toBe(PLAYER_COLORS[1]);
  });
});
