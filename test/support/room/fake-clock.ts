/** Time that stands still until a test moves it. */
import type { Cancel, Clock } from "../../../src/room/ports.ts";

interface Alarm {
  readonly at: number;
  readonly action: () => void;
}

/** What a clock of a test calls the time at which it begins to count. */
export const FAKE_EPOCH_MS = 1_800_000_000_000;

export class FakeClock implements Clock {
  #now = 1_000;
  readonly #alarms = new Set<Alarm>();

  now(): number {
    return this.#now;
  }

  time(): number {
    return FAKE_EPOCH_MS + this.#now;
  }

  after(delayMs: number, action: () => void): Cancel {
    const alarm = { at: this.#now + delayMs, action };
    this.#alarms.add(alarm);
    return () => void this.#alarms.delete(alarm);
  }

  /** What is scheduled and has not happened. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** Lets so many milliseconds go by; what was scheduled happens at its time, in order. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      let next: Alarm | undefined;
      for (const alarm of this.#alarms) if (alarm.at <= end && (next === undefined || alarm.at < next.at)) next = alarm;
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
    }
    this.#now = end;
  }
}
