import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { ASK_AFTER_QUIET_MS, ASK_AFTER_SEND_MS, LivenessMonitor } from "../../src/sdk/liveness-monitor.ts";

const PONG_TIMEOUT_MS = 5_000;

function createWatch({ isVisible = true } = {}) {
  const told = { asked: 0, dead: 0 };
  const watch = new LivenessMonitor({
    ask: () => void (told.asked += 1),
    onDead: () => void (told.dead += 1),
    pongTimeoutMs: PONG_TIMEOUT_MS,
    isVisible: () => isVisible,
  });
  watch.start();
  return { watch, told };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe("a line that is silent", () => {
  test("is asked after something was sent to which nothing at all came back", () => {
    const { watch, told } = createWatch();
    watch.sent();
    jest.advanceTimersByTime(ASK_AFTER_SEND_MS - 1);
    watch.sent(); // what is sent later does not put it off
    expect(told).toEqual({ asked: 0, dead: 0 });
    jest.advanceTimersByTime(1);
    expect(told).toEqual({ asked: 1, dead: 0 });
  });

  test("is asked after a long quiet on a page that is looked at, and on no other", () => {
    const { told } = createWatch();
    const hidden = createWatch({ isVisible: false });
    jest.advanceTimersByTime(ASK_AFTER_QUIET_MS);
    expect(told.asked).toBe(1);
    jest.advanceTimersByTime(10 * ASK_AFTER_QUIET_MS);
    expect(hidden.told).toEqual({ asked: 0, dead: 0 });
    hidden.watch.sent();
    jest.advanceTimersByTime(ASK_AFTER_SEND_MS);
    expect(hidden.told.asked).toBe(1);
  });

  test("is asked at once when the page wakes up", () => {
    const { watch, told } = createWatch();
    watch.wake();
    expect(told.asked).toBe(1);
  });

  test("is dead when no answer comes in time", () => {
    const { watch, told } = createWatch();
    watch.wake();
    jest.advanceTimersByTime(PONG_TIMEOUT_MS - 1);
    expect(told.dead).toBe(0);
    jest.advanceTimersByTime(1);
    expect(told).toEqual({ asked: 1, dead: 1 });
    expect(jest.getTimerCount()).toBe(0);
  });

  test("lives when anything is heard, and is asked again only after another silence", () => {
    const { watch, told } = createWatch();
    watch.wake();
    watch.heard();
    jest.advanceTimersByTime(ASK_AFTER_QUIET_MS - 1);
    expect(told).toEqual({ asked: 1, dead: 0 });
    jest.advanceTimersByTime(1);
    expect(told).toEqual({ asked: 2, dead: 0 });
  });

  test("is given more time the next time, for a server may hold back whoever sends to a slow game", () => {
    const { watch, told } = createWatch();
    for (const patience of [1, 2, 4, 8, 8]) {
      watch.start();
      watch.wake();
      jest.advanceTimersByTime(patience * PONG_TIMEOUT_MS - 1);
      const before = told.dead;
      jest.advanceTimersByTime(1);
      expect(told.dead).toBe(before + 1);
    }
    watch.start();
    watch.wake();
    watch.heard();
    watch.wake();
    jest.advanceTimersByTime(PONG_TIMEOUT_MS);
    expect(told.dead).toBe(6);
  });

  test("is asked again, not given up, by a page that was frozen while it waited for the answer", () => {
    const { watch, told } = createWatch();
    watch.wake();
    const now = performance.now();
    const clock = jest.spyOn(performance, "now").mockReturnValue(now + 3_600_000);
    jest.advanceTimersByTime(PONG_TIMEOUT_MS);
    clock.mockRestore();
    expect(told).toEqual({ asked: 2, dead: 0 });
  });
});

describe("a line that talks", () => {
  test("is asked nothing, and costs one timer every few seconds", () => {
    const { watch, told } = createWatch();
    for (let frame = 0; frame < 1_000; frame++) {
      watch.sent();
      jest.advanceTimersByTime(50);
      watch.heard();
    }
    expect(told).toEqual({ asked: 0, dead: 0 });
    expect(jest.getTimerCount()).toBe(1);
  });

  test("is not watched any more when it is down", () => {
    const { watch, told } = createWatch();
    watch.stop();
    watch.stop();
    watch.sent();
    watch.heard();
    watch.wake();
    expect(jest.getTimerCount()).toBe(0);
    expect(told).toEqual({ asked: 0, dead: 0 });
  });
});
