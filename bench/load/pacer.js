/** Independent senders: each has the same period and a phase of its own, so that no two are in step but by chance. */

const TICK_MS = 1;

/** A small generator of its own, so that every peer meets the same phases (mulberry32). @param {number} seed */
function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Calls `send` for each of `count` senders, so many times a second each, while it runs. Started again, it goes on where it
 * was: else only those whose phase comes first would ever send in samples that are shorter than a period.
 * @param {{ count: number, perSecond: number, seed: number, send: (sender: number) => void }} options
 */
export function createPacer({ count, perSecond, seed, send }) {
  const random = createRandom(seed);
  const periodMs = 1000 / perSecond;
  const turns = Array.from({ length: count }, (_, sender) => ({ sender, phase: random() * periodMs }));
  turns.sort((one, other) => one.phase - other.phase);

  let startedAt = 0;
  let ranMs = 0;
  let turn = 0;
  let cycle = 0;
  let worstDelayMs = 0;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  function sendWhatIsDue() {
    const now = performance.now() - startedAt;
    for (;;) {
      const due = turns[turn].phase + cycle * periodMs;
      if (due > now) break;
      worstDelayMs = Math.max(worstDelayMs, now - due);
      send(turns[turn].sender);
      turn += 1;
      if (turn < count) continue;
      turn = 0;
      cycle += 1;
    }
  }

  return {
    /** How late a frame was at worst since the last look: that much of a latency may be the load generator's own. */
    takeWorstDelayMs() {
      const worst = worstDelayMs;
      worstDelayMs = 0;
      return worst;
    },
    start() {
      startedAt = performance.now() - ranMs;
      timer = setInterval(sendWhatIsDue, TICK_MS);
    },
    stop() {
      clearInterval(timer);
      ranMs = performance.now() - startedAt;
    },
  };
}
