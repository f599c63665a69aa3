/**
 * One deadline and a tick. The tick only looks at the time, so a throttled tab ends a phase late but never wrongly, and
 * there is never a second timer that could fire into the next phase.
 */
const TICK_MS = 200;

/** @param {() => void} onTick called a few times a second while time runs */
export function createClock(onTick) {
  let deadline = 0;
  let total = 0;
  let onEnd = null;
  let frozenWith = null;

  const left = () => (frozenWith ?? (onEnd ? Math.max(0, deadline - performance.now()) : 0)) / 1000;

  const timer = setInterval(() => {
    if (!onEnd || frozenWith !== null) return;
    if (performance.now() < deadline) return onTick();
    const end = onEnd;
    onEnd = null;
    end();
  }, TICK_MS);

  return {
    /** Forgets the old deadline and sets a new one. `of`: how long it was in all, where some of it is over. */
    set(seconds, end, of = seconds) {
      total = of;
      deadline = performance.now() + seconds * 1000;
      onEnd = end;
      if (frozenWith !== null) frozenWith = seconds * 1000;
    },
    stop() {
      onEnd = null;
      if (frozenWith !== null) frozenWith = 0;
    },
    /** While the TV is cut off, or everybody is away, nobody's time runs out. */
    freeze() {
      frozenWith ??= left() * 1000;
    },
    thaw() {
      if (frozenWith === null) return;
      deadline = performance.now() + frozenWith;
      frozenWith = null;
    },
    get isRunning() {
      return onEnd !== null;
    },
    get secondsLeft() {
      return left();
    },
    get seconds() {
      return total;
    },
    /** From 1 (just begun) to 0. */
    get share() {
      return total > 0 ? left() / total : 0;
    },
    close() {
      clearInterval(timer);
    },
  };
}
