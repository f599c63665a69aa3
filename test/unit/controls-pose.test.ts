import { describe, expect, test } from "@jest/globals";
import { tiltBetween, tiltOf } from "../../src/sdk/controls/pose.ts";

/** From a pose in which the phone leans back by 45 degrees, with the screen turned by `angle`. */
function tilt(angle: number, from: readonly [number, number], to: readonly [number, number]) {
  const { x, y } = tiltBetween(tiltOf(...from, angle), tiltOf(...to, angle));
  return { x: Math.round(x), y: Math.round(y) };
}

describe("a phone that is tilted", () => {
  test.each([
    ["towards the player", [60, 0], { x: 0, y: 15 }],
    ["away from the player", [30, 0], { x: 0, y: -15 }],
  ] as const)("upright: %s", (_, to, moved) => expect(tilt(0, [45, 0], to)).toEqual(moved));

  test("upright: to the right and to the left", () => {
    expect(tilt(0, [0, 0], [0, 20])).toEqual({ x: 20, y: 0 });
    expect(tilt(0, [0, 0], [0, -20])).toEqual({ x: -20, y: 0 });
  });

  // Turned to the left, the device's top points left: its right edge is the screen's top.
  test("lying on its left side: right is where its bottom is", () => {
    expect(tilt(90, [0, 0], [20, 0])).toEqual({ x: 20, y: 0 });
    expect(tilt(90, [0, -30], [0, -50])).toEqual({ x: 0, y: 20 });
  });

  test("lying on its right side: the other way round", () => {
    expect(tilt(270, [0, 0], [20, 0])).toEqual({ x: -20, y: 0 });
    expect(tilt(270, [0, 30], [0, 50])).toEqual({ x: 0, y: 20 });
  });

  test("past upright does not jump", () => {
    expect(tilt(0, [85, 0], [95, 0])).toEqual({ x: 0, y: 10 });
  });

  test("over the back goes the short way round", () => {
    expect(tiltBetween({ roll: 0, pitch: 170 }, { roll: 0, pitch: -170 })).toEqual({ x: 0, y: 20 });
  });
});
