/** The named timers of a room. They end with it. */
import { afterLong } from "../room/after-long.ts";
import type { Cancel, Clock } from "../room/ports.ts";

/** Timers in one room. */
const MAX_TIMERS = 1_024;

export class RoomTimers {
  readonly #clock: Clock;
  readonly #timers = new Map<string, Cancel>();
  readonly #run: (name: string, action: () => unknown) => void;
  #isClosed = false;

  /** `run` calls an action of a timer, and never throws. */
  constructor(clock: Clock, run: (name: string, action: () => unknown) => void) {
    this.#clock = clock;
    this.#run = run;
  }

  after(name: string, ms: number, action: () => unknown): void {
    check(name, ms, action, 0);
    this.#set(name, ms, () => {
      this.#timers.delete(name);
      this.#run(name, action);
    });
  }

  every(name: string, ms: number, action: () => unknown): void {
    check(name, ms, action, 1);
    let due = this.#clock.now() + ms;
    const tick = (): void => {
      // Counted from the beginning, so that the ticks do not drift. After a standstill those that were missed are left out.
      due = Math.max(due + ms, this.#clock.now());
      this.#set(name, due - this.#clock.now(), tick);
      this.#run(name, action);
    };
    this.#set(name, ms, tick);
  }

  cancel(name: string): void {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }

  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #set(name: string, ms: number, action: () => void): void {
    if (this.#isClosed) return;
    this.cancel(name);
    if (this.#timers.size >= MAX_TIMERS) throw new RangeError(`A room has at most ${MAX_TIMERS} timers at one time.`);
    this.#timers.set(name, afterLong(this.#clock, ms, action));
  }
}

function check(name: unknown, ms: unknown, action: unknown, least: number): void {
  if (typeof name !== "string") throw new TypeError(`The name of a timer has to be text, not ${typeof name}.`);
  if (typeof action !== "function") throw new TypeError(`The timer "${name}" needs a function, not ${typeof action}.`);
  if (typeof ms === "number" && ms >= least) return;
  throw new RangeError(`The timer "${name}" has to take ${least} milliseconds or more, not ${String(ms)}.`);
}
