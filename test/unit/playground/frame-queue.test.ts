import { describe, expect, test } from "@jest/globals";
import { FrameQueue, MAX_HELD_BYTES, type NativeTimers } from "../../../src/playground/agent/frame-queue.ts";
import { NO_DELAY, type NetworkDelay } from "../../../src/playground/messages.ts";

interface Clock extends NativeTimers {
  /** Lets so many milliseconds pass. */
  pass(ms: number): void;
}

function createClock(): Clock {
  let now = 0;
  let due: { readonly at: number; readonly run: () => void }[] = [];
  return {
    now: () => now,
    after: (ms, run) => void due.push({ at: now + ms, run }),
    pass(ms) {
      const end = now + ms;
      for (;;) {
        const next = due.filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0];
        if (next === undefined) break;
        due = due.filter((timer) => timer !== next);
        now = next.at;
        next.run();
      }
      now = end;
    },
  };
}

function createQueue(delay: Partial<NetworkDelay> = {}): {
  readonly queue: FrameQueue;
  readonly clock: Clock;
  /** What was passed on, with the time. */
  readonly passed: (readonly [string, number])[];
  readonly full: number[];
  readonly add: (name: string, size?: number) => void;
} {
  const clock = createClock();
  const passed: (readonly [string, number])[] = [];
  const full: number[] = [];
  const queue = new FrameQueue(
    clock,
    () => ({ ...NO_DELAY, ...delay }),
    () => void full.push(clock.now()),
  );
  return {
    queue,
    clock,
    passed,
    full,
    add: (name, size = 1) => queue.add(size, () => passed.push([name, clock.now()])),
  };
}

describe("a simulated line", () => {
  test("passes frames on at once where nothing delays them", () => {
    const { add, passed } = createQueue();
    add("a");
    expect(passed).toEqual([["a", 0]]);
  });

  test("delays them, and keeps their order whatever the jitter", () => {
    const { add, clock, passed } = createQueue({ delayMs: 100, jitterMs: 500 });
    for (const name of ["a", "b", "c", "d"]) add(name);
    clock.pass(99);
    expect(passed).toEqual([]);
    clock.pass(501);
    expect(passed.map(([name]) => name)).toEqual(["a", "b", "c", "d"]);
  });

  test("takes as long as its rate asks for", () => {
    const { add, clock, passed } = createQueue({ bytesPerSecond: 1_000 });
    add("a", 500);
    add("b", 500);
    clock.pass(2_000);
    expect(passed).toEqual([
      ["a", 500],
      ["b", 1_000],
    ]);
  });

  test("holds frames and passes them on afterwards, in order", () => {
    const { queue, add, clock, passed } = createQueue();
    queue.hold();
    add("a");
    add("b");
    clock.pass(1_000);
    expect(passed).toEqual([]);
    queue.release();
    add("c");
    expect(passed.map(([name]) => name)).toEqual(["a", "b", "c"]);
  });

  test("drops what it holds at its end, and says when it is full", () => {
    const { queue, add, passed, full } = createQueue();
    queue.hold();
    add("a", MAX_HELD_BYTES);
    expect(full).toEqual([]);
    add("b");
    expect(full).toEqual([0]);
    queue.end();
    queue.release();
    add("c");
    expect(passed).toEqual([]);
  });
});
