/** How hooks are called: at once or later, with five seconds at most, and what becomes of one that fails. */
import { describe, expect, test } from "@jest/globals";
import { HookRunner, readHookRefusal } from "../../../src/games/hook-runner.ts";
import type { Hooks } from "../../../src/games/hooks.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";

const ROOM = { kind: "host", code: "BCDF", name: "quiz" };

function setUp(hooks: Hooks = {}) {
  const clock = new FakeClock();
  const failures: unknown[] = [];
  const onFailure = (error: unknown, failure: object): void => void failures.push({ ...failure, said: String(error) });
  const runner = new HookRunner({ hooks, clock, onFailure });
  const ask = (call: () => unknown) => runner.ask("onJoin", ROOM, call, (answer) => readHookRefusal("onJoin", answer));
  return { clock, failures, runner, ask };
}

function thrower(): never {
  throw new Error("thrown");
}

function never(): Promise<void> {
  return new Promise(() => {});
}

describe("a hook", () => {
  test("that answers at once is followed in the same call", () => {
    const { ask, clock } = setUp();
    expect(ask(() => {})).toEqual({ ok: true, value: undefined });
    expect(ask(() => true)).toEqual({ ok: true, value: undefined });
    expect(ask(() => "no cheats")).toEqual({ ok: true, value: "no cheats" });
    expect(ask(() => false)).toEqual({ ok: true, value: "" });
    expect(clock.pending).toBe(0);
  });

  test("that answers later is waited for, and its timer ends", async () => {
    const { ask, clock } = setUp();
    const answer = ask(async () => "no cheats");
    expect(clock.pending).toBe(1);
    expect(await answer).toEqual({ ok: true, value: "no cheats" });
    expect(clock.pending).toBe(0);
  });

  test("row 54: that throws, rejects or answers nonsense has failed, and is logged with its name and the room", async () => {
    const { ask, failures } = setUp();
    expect(ask(thrower)).toMatchObject({ ok: false });
    expect(await ask(async () => thrower())).toMatchObject({ ok: false });
    expect(await ask(async () => ({ secret: "of mine" }))).toMatchObject({ ok: false });
    const at = { hook: "onJoin", room: "BCDF" };
    expect(failures).toEqual([
      { ...at, said: "Error: thrown" },
      { ...at, said: "Error: thrown" },
      {
        ...at,
        said: "TypeError: onJoin has to return nothing, or a sentence that refuses; it returned an object with the fields secret.",
      },
    ]);
  });

  test("row 54: that does not settle has failed after five seconds, and what it says later counts no more", async () => {
    const { ask, clock, failures } = setUp();
    const rejecters: ((error: Error) => void)[] = [];
    const answer = ask(() => new Promise((_, reject) => void rejecters.push(reject)));
    clock.pass(4_999);
    expect(failures).toEqual([]);
    clock.pass(1);
    expect(await answer).toMatchObject({ ok: false });
    rejecters[0]?.(new Error("too late"));
    await Promise.resolve();
    expect(failures).toEqual([{ hook: "onJoin", room: "BCDF", said: "Error: onJoin took longer than 5 seconds." }]);
  });

  test("that is told of the server's end is waited for, five seconds at most", async () => {
    let isTold = false;
    const { runner, clock, failures } = setUp({
      onShutdown: () => {
        isTold = true;
        return never();
      },
    });
    const over = runner.shutDown();
    expect(isTold).toBe(true);
    clock.pass(5_000);
    await over;
    expect(failures).toMatchObject([{ hook: "onShutdown" }]);
    await setUp().runner.shutDown();
  });
});
