import { describe, expect, test } from "@jest/globals";
import { FRAME_KINDS } from "../../../src/playground/page/decode-frame.ts";
import { RateMeter } from "../../../src/playground/page/rate-meter.ts";
import {
  MAX_LOGGED_BYTES,
  MAX_LOGGED_FRAMES,
  passes,
  WireLog,
  type LoggedFrame,
} from "../../../src/playground/page/wire-log.ts";

const FRAME: Omit<LoggedFrame, "number"> = {
  at: 0,
  frame: 1,
  role: "player",
  direction: "up",
  kind: "text",
  summary: "Hello",
  data: "Hello",
  size: 5,
};

describe("the log of frames", () => {
  test("keeps the newest within its bounds", () => {
    const log = new WireLog();
    for (let count = 0; count < MAX_LOGGED_FRAMES * 2; count++) log.add(FRAME);
    expect(log.frames.length).toBeLessThanOrEqual(MAX_LOGGED_FRAMES + 500);
    expect(log.frames[log.frames.length - 1]?.number).toBe(MAX_LOGGED_FRAMES * 2);
    const data = new Uint8Array(65_536);
    for (let count = 0; count < 1_000; count++) log.add({ ...FRAME, data, size: data.length });
    const bytes = log.frames.reduce((sum, frame) => sum + frame.data.length, 0);
    expect(bytes).toBeLessThanOrEqual(MAX_LOGGED_BYTES);
    expect(bytes).toBeGreaterThan(MAX_LOGGED_BYTES / 2);
  });

  test("keeps nothing while it is paused, and counts", () => {
    const log = new WireLog();
    log.add(FRAME);
    log.isPaused = true;
    log.add(FRAME);
    expect([log.frames.length, log.skipped]).toEqual([1, 1]);
    log.clear();
    expect([log.frames.length, log.skipped]).toEqual([0, 0]);
  });

  test("is narrowed by frame, direction, kind and text", () => {
    const all = { frame: undefined, direction: undefined, kinds: new Set(FRAME_KINDS), text: "" };
    const frame = { ...FRAME, number: 1 };
    expect(passes(all, frame)).toBe(true);
    expect(passes({ ...all, text: "hELL" }, frame)).toBe(true);
    expect(passes({ ...all, frame: 2 }, frame)).toBe(false);
    expect(passes({ ...all, direction: "down" }, frame)).toBe(false);
    expect(passes({ ...all, kinds: new Set(["json"] as const) }, frame)).toBe(false);
    expect(passes({ ...all, text: "bye" }, frame)).toBe(false);
  });
});

test("the meter tells frames and bytes of the last second", () => {
  const meter = new RateMeter();
  meter.count(10, 0);
  meter.count(20, 950);
  expect(meter.lastSecond(990)).toEqual({ frames: 2, bytes: 30 });
  expect(meter.lastSecond(1_500)).toEqual({ frames: 1, bytes: 20 });
  expect(meter.lastSecond(3_000)).toEqual({ frames: 0, bytes: 0 });
  expect([meter.frames, meter.bytes]).toEqual([2, 30]);
});
