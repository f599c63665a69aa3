/** Time that passes only from one happening to the next. What promises cause is done before the next happening. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Random } from "../src/chaos/random.ts";
import type { Cancel, Clock } from "../src/room/ports.ts";

/** Everything happens at whole ticks: what happens in one tick waits for its promises together. */
const TICK_MS = 0.1;
/** What such a clock calls the time at which it begins. */
const BEGAN_MS = 1_800_000_000_000;

interface Alarm {
  readonly tick: number;
  /** Alarms of one tick happen in the order in which they were set. */
  readonly order: number;
  action: (() => void) | undefined;
}

export class VirtualClock implements Clock {
  #tick = 0;
  #order = 0;
  /** A binary heap: the next alarm is the first. */
  readonly #heap: Alarm[] = [];

  now(): number {
    return this.#tick * TICK_MS;
  }

  time(): number {
    return BEGAN_MS + this.now();
  }

  after(delayMs: number, action: () => void): Cancel {
    // Sums of delays may be a hair above a whole tick.
    const ticks = Math.max(0, Math.ceil(delayMs / TICK_MS - 1e-6));
    this.#order += 1;
    const alarm: Alarm = { tick: this.#tick + ticks, order: this.#order, action };
    this.#add(alarm);
    return () => {
      alarm.action = undefined;
    };
  }

  /** Does something again and again, at random times that are so far apart on average. */
  atRandomTimes(random: Random, meanMs: number, action: () => void): void {
    let at = this.now();
    const next = (): void => {
      at += -Math.log(1 - random.next()) * meanMs;
      this.after(at - this.now(), () => {
        action();
        next();
      });
    };
    next();
  }

  /** Lets so many milliseconds pass, or fewer: `isOver` is asked after each tick. */
  async pass(ms: number, isOver: () => boolean = () => false): Promise<void> {
    const end = this.#tick + Math.ceil(ms / TICK_MS);
    await nextTurn();
    for (;;) {
      const [first] = this.#heap;
      if (first === undefined || first.tick > end) break;
      this.#tick = first.tick;
      while (this.#heap[0]?.tick === this.#tick) this.#takeFirst()?.action?.();
      await nextTurn(); // all promises are settled by then
      if (isOver()) return;
    }
    this.#tick = end;
  }

  #add(alarm: Alarm): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(alarm);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, alarm)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = alarm;
  }

  #takeFirst(): Alarm | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || last === first) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      const right = heap[below + 1];
      if (child !== undefined && right !== undefined && isBefore(right, child)) {
        below += 1;
        child = right;
      }
      if (child === undefined || isBefore(last, child)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Alarm, other: Alarm): boolean {
  return one.tick < other.tick || (one.tick === other.tick && one.order < other.order);
}
