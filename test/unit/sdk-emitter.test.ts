import { describe, expect, test } from "@jest/globals";
import { CouchwireError } from "../../src/sdk/couchwire-error.ts";
import { Emitter } from "../../src/sdk/emitter.ts";
import { catchReports } from "../support/reported-errors.ts";

interface Events {
  tick: [count: number, label: string];
  stop: [];
}

class Clock extends Emitter<Events> {
  constructor() {
    super({ tick: [], stop: [] });
  }
  tick(count: number): void {
    this.tell("tick", count, `no. ${count}`);
  }
  hears(event: keyof Events): boolean {
    return this.hasListeners(event);
  }
}

describe("events", () => {
  test.each([undefined, null, 5, "listener"])("a listener that is %s is refused where it is added", (listener) => {
    const clock = new Clock();
    for (const add of ["on", "once"]) {
      const subscribe = (): unknown => Reflect.apply(Reflect.get(clock, add), clock, ["tick", listener]);
      expect(subscribe).toThrow('The listener of "tick" has to be a function');
    }
    expect(clock.hears("tick")).toBe(false);
  });

  test("listeners are called in the order of subscription, with all values", () => {
    const clock = new Clock();
    const heard: unknown[] = [];
    clock.on("tick", (count, label) => heard.push(["first", count, label]));
    clock.on("tick", (count) => heard.push(["second", count]));
    clock.tick(1);
    expect(heard).toEqual([
      ["first", 1, "no. 1"],
      ["second", 1],
    ]);
  });

  test("the function that `on` returns ends that subscription and no other", () => {
    const clock = new Clock();
    const heard: string[] = [];
    const listener = (): void => void heard.push("twice");
    const end = clock.on("tick", listener);
    clock.on("tick", listener);
    end();
    end();
    clock.tick(1);
    expect(heard).toEqual(["twice"]);
  });

  test("`off` ends every subscription of a listener, `once` ones too", () => {
    const clock = new Clock();
    const heard: number[] = [];
    const listener = (count: number): void => void heard.push(count);
    clock.on("tick", listener);
    clock.once("tick", listener);
    clock.off("tick", listener);
    clock.tick(1);
    expect(heard).toEqual([]);
    expect(clock.hears("tick")).toBe(false);
  });

  test("`once` is called once, even if its listener causes the event again", () => {
    const clock = new Clock();
    const heard: number[] = [];
    clock.once("tick", (count) => {
      heard.push(count);
      clock.tick(count + 1);
    });
    clock.tick(1);
    clock.tick(9);
    expect(heard).toEqual([1]);
  });

  test("a listener that comes while an event is told hears the next one", () => {
    const clock = new Clock();
    const heard: number[] = [];
    clock.once("tick", () => clock.on("tick", (count) => heard.push(count)));
    clock.tick(1);
    clock.tick(2);
    expect(heard).toEqual([2]);
  });

  test("a listener that throws is reported, and the others are called", () => {
    const clock = new Clock();
    const heard: number[] = [];
    const bug = new Error("a bug in the game");
    clock.on("tick", () => {
      throw bug;
    });
    clock.on("tick", (count) => heard.push(count));
    const reported = catchReports();
    clock.tick(1);
    expect(reported).toEqual([bug]);
    expect(heard).toEqual([1]);
  });

  test("a listener whose promise is rejected is reported, as if it had thrown", async () => {
    const clock = new Clock();
    const bug = new Error("a bug in the game");
    const reported = catchReports();
    clock.on("tick", (): unknown => Promise.reject(bug));
    clock.tick(1);
    expect(reported).toEqual([]);
    await Promise.resolve();
    expect(reported).toEqual([bug]);
  });

  test.each(["tock", "__proto__", "toString"])(
    "a name that is no event is an error that lists the events: %s",
    (name) => {
      const clock = new Clock();
      // @ts-expect-error TypeScript would have said so.
      const subscribe = (): void => void clock.on(name, () => undefined);
      expect(subscribe).toThrow(CouchwireError);
      expect(subscribe).toThrow(`There is no event "${name}"; there are tick, stop.`);
    },
  );
});
