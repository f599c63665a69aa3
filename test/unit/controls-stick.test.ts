import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { deflect, directionKeys, sumOf } from "../../src/sdk/controls/direction.ts";

const part = fc.double({ min: -10, max: 10, noNaN: true });
const deadZones = fc.double({ min: 0, max: 0.9, noNaN: true });

describe("the position of a stick", () => {
  test("is never longer than 1, points where the thumb is, and is nothing within the dead zone", () => {
    fc.assert(
      fc.property(part, part, deadZones, (x, y, deadZone) => {
        const position = deflect(x, y, deadZone);
        const length = Math.hypot(position.x, position.y);
        expect(length).toBeLessThanOrEqual(1.001);
        if (Math.hypot(x, y) <= deadZone) expect(position).toEqual({ x: 0, y: 0 });
        expect(position.x * x).toBeGreaterThanOrEqual(0);
        expect(position.y * y).toBeGreaterThanOrEqual(0);
        // JSON has no −0, and a comparison by `Object.is` would take it for a change.
        expect([Object.is(position.x, -0), Object.is(position.y, -0)]).toEqual([false, false]);
      }),
    );
  });

  test("grows from nothing at the edge of the dead zone to 1 at the edge of the stick", () => {
    expect(deflect(0.2, 0, 0.2)).toEqual({ x: 0, y: 0 });
    expect(deflect(0.201, 0, 0.2).x).toBeLessThan(0.01);
    expect(deflect(0.6, 0, 0.2)).toEqual({ x: 0.5, y: 0 });
    expect(deflect(0, -1, 0.2)).toEqual({ x: 0, y: -1 });
    expect(deflect(NaN, 0, 0.2)).toEqual({ x: 0, y: 0 });
  });
});

describe("the keys of a stick", () => {
  test("are arrows, WASD, both or none, as they are named", () => {
    expect([...directionKeys("arrows").keys()]).toEqual(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);
    expect([...directionKeys("wasd").keys()]).toEqual(["KeyW", "KeyS", "KeyA", "KeyD"]);
    expect(directionKeys("arrows wasd").size).toBe(8);
    expect(directionKeys("none").size).toBe(0);
  });

  test("cancel each other out, and the same way twice is that way", () => {
    expect(
      sumOf([
        [-1, 0],
        [1, 0],
      ]),
    ).toEqual({ x: 0, y: 0 });
    expect(
      sumOf([
        [0, 1],
        [0, 1],
        [1, 0],
      ]),
    ).toEqual({ x: 1, y: 1 });
    expect(sumOf([])).toEqual({ x: 0, y: 0 });
  });
});
