import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { combineObservers, type CompleteObserver, type ServerObserver } from "../../src/server-observer.ts";

/** What the log and these observers are told, and what is said of those that fail. */
function combine(...observers: readonly ServerObserver[]) {
  const logged: unknown[] = [];
  const bugs: unknown[] = [];
  const log: Partial<CompleteObserver> = {
    playerJoined: ({ player }) => void logged.push(player),
    hostAway: ({ room }) => void logged.push(room),
  };
  const all = combineObservers({ log, observers, onBug: (error) => void bugs.push(error) });
  return { all, logged, bugs };
}

describe("several observers", () => {
  test("are told in order, of what they listen to, with their own `this`", async () => {
    class Counter implements ServerObserver {
      readonly joined: unknown[] = [];
      playerJoined(event: unknown): void {
        this.joined.push(event);
      }
    }
    const [first, second] = [new Counter(), new Counter()];
    const rooms: string[] = [];
    const { all, logged } = combine(first, {}, second, { hostAway: ({ room }) => void rooms.push(room) });
    all.playerJoined({ room: "BCDF", player: 1 });
    all.hostAway({ room: "BCDF" });
    all.playerJoined({ room: "BCDF", player: 2 });
    all.memoryCut({ bytes: 1, limit: 2 });
    expect([logged, first.joined, rooms]).toEqual([[1, "BCDF", 2], [], []]);
    await setImmediate();
    expect(first.joined).toEqual([
      { room: "BCDF", player: 1 },
      { room: "BCDF", player: 2 },
    ]);
    expect(second.joined).toEqual(first.joined);
    expect(rooms).toEqual(["BCDF"]);
  });

  test("may call back, since the room has finished by then", async () => {
    const order: string[] = [];
    const { all } = combine({
      hostAway() {
        order.push("away");
        all.hostBack({ room: "BCDF", missed: 0 });
        order.push("away is over");
      },
      hostBack: () => void order.push("back"),
    });
    all.hostAway({ room: "BCDF" });
    order.push("the room has finished");
    await setImmediate();
    expect(order).toEqual(["the room has finished", "away", "away is over", "back"]);
  });

  test("go on where one of them throws or rejects, and its first error is told once", async () => {
    const heard: number[] = [];
    const thrown = new Error("thrown");
    const rejected = new Error("rejected");
    const { all, bugs, logged } = combine(
      {
        playerJoined() {
          throw thrown;
        },
      },
      { playerJoined: async () => Promise.reject(rejected) },
      { playerJoined: ({ player }) => void heard.push(player) },
    );
    for (const player of [1, 2, 3]) all.playerJoined({ room: "BCDF", player });
    await setImmediate();
    expect(heard).toEqual([1, 2, 3]);
    expect(logged).toEqual([1, 2, 3]);
    expect(bugs).toEqual([thrown, rejected]);
  });

  test("are refused by name where they are none", () => {
    const whole: ServerObserver = {};
    // @ts-expect-error One observer is no array.
    expect(() => combineObservers({ log: {}, observers: whole, onBug() {} })).toThrow(
      "observers is {}, but has to be an array of objects.",
    );
    // @ts-expect-error A function is no observer.
    expect(() => combine({}, String)).toThrow(
      "observers[1] is function String() { [native code] }, but has to be an object with functions such as playerJoined.",
    );
    // @ts-expect-error The event's name has a text.
    expect(() => combine({}, { playerJoined: "Ada" })).toThrow("playerJoined of observers[1] has to be a function.");
  });
});
