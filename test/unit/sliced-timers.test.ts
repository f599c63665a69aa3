/** The timers of all rooms: many that are due at once leave turns to sockets. */
import { describe, expect, test } from "@jest/globals";
import { createSlicedTimers } from "../../src/sliced-timers.ts";

/** Timers on a clock and an event loop that the test turns. */
function fakeTimers() {
  const [log, bugs, turns]: [unknown[], unknown[], (() => void)[]] = [[], [], []];
  let time = 0;
  const after = createSlicedTimers({
    onBug: (error) => bugs.push(error),
    now: () => time,
    later: (action) => turns.push(action),
  });
  return {
    log,
    bugs,
    /** A timer that is due at once, and works for so many milliseconds. */
    work: (name: unknown, ms: number) =>
      after(0, () => {
        log.push(name);
        time += ms;
      }),
    after,
    /** All timers that are due have fired. */
    due: () => new Promise((resolve) => setTimeout(resolve, 0)),
    /** The next turn of the event loop, with what sockets do in between. */
    turn: () => {
      log.push("sockets");
      turns.shift()?.();
    },
  };
}

describe("the timers of all rooms", () => {
  test("row 59 run in order, and those that do not fit into a slice wait for the next turn", async () => {
    const { log, work, due, turn } = fakeTimers();
    for (let number = 1; number <= 7; number++) work(number, 2);
    await due();
    expect(log).toEqual([1, 2, 3]);
    turn();
    expect(log).toEqual([1, 2, 3, "sockets", 4, 5, 6]);
    work(8, 0);
    await due();
    turn();
    turn();
    expect(log).toEqual([1, 2, 3, "sockets", 4, 5, 6, "sockets", 7, 8, "sockets"]);
  });

  test("a new turn has a slice of its own", async () => {
    const { log, work, due, turn } = fakeTimers();
    work(1, 100);
    await due();
    turn();
    work(2, 100);
    await due();
    expect(log).toEqual([1, "sockets", 2]);
  });

  test("one that is cancelled does not run, not even where it waits for its turn", async () => {
    const { log, work, due, turn } = fakeTimers();
    work(1, 10);
    const cancel = [work(2, 0), work(3, 0)];
    await due();
    cancel[0]?.();
    turn();
    cancel[1]?.();
    expect(log).toEqual([1, "sockets", 3]);
  });

  test("one that throws is reported, and the others run", async () => {
    const { log, bugs, work, after, due } = fakeTimers();
    after(0, () => {
      throw new Error("a bug");
    });
    work(2, 0);
    await due();
    expect([bugs, log]).toEqual([[new Error("a bug")], [2]]);
  });
});
