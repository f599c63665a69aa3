/**
 * One deadline and one ticking timer. A tick only compares the time with the deadline: a slowed-down tab ends a phase late,
 * and no old timer can end the next phase.
 */
const TICK_MS = 200;

/**
 * The action at the deadline is a word and not a function, so that the clock can be saved.
 * @param {{ tick: () => void, end: (next: string) => void, change: () => void }} listener `tick` is called a few times a second while time
 *   runs, `change` where the deadline becomes another one
 */
export function createClock({ tick, end, change }) {
  let deadline = 0;
  let total = 0;
  /** @type {string | null} */
  let next = null;
  let frozenWith = null;

  const left = () => (frozenWith ?? (next ? Math.max(0, deadline - performance.now()) : 0)) / 1000;

  setInterval(() => {
    if (!next || frozenWith !== null) return;
    if (performance.now() < deadline) return tick();
    const what = next;
    next = null;
    end(what);
  }, TICK_MS);

  return {
    /** Replaces the deadline. `of`: the whole length of the phase, if a part of it is over. */
    set(seconds, what, of = seconds) {
      total = of;
      deadline = performance.now() + seconds * 1000;
      next = what;
      if (frozenWith !== null) frozenWith = seconds * 1000;
      change();
    },
    stop() {
      next = null;
      if (frozenWith !== null) frozenWith = 0;
      change();
    },
    /** Stops the time while the TV is offline or all players are away. */
    freeze() {
      if (frozenWith !== null) return;
      frozenWith = left() * 1000;
      change();
    },
    thaw() {
      if (frozenWith === null) return;
      deadline = performance.now() + frozenWith;
      frozenWith = null;
      change();
    },
    /** What happens at the deadline, `null` where there is none. */
    get next() {
      return next;
    },
    get isFrozen() {
      return frozenWith !== null;
    },
    get secondsLeft() {
      return left();
    },
    /** From 1 (just begun) to 0. */
    get share() {
      return total > 0 ? left() / total : 0;
    },
    /** For `restore`: the time that is left, not the deadline, because time does not run while the TV is reloaded. */
    get state() {
      return next && { left: left(), of: total, next };
    },
    restore(state) {
      if (state) this.set(state.left, state.next, state.of);
    },
  };
}
