/**
 * The room's clock as this page knows it (P5.9.3): the server's time, from answers whose way took some time too. It knows neither sockets
 * nor timers. All times are in milliseconds; `at` is of this page's own clock, which only ever goes on.
 */

/** What the server said its clock showed. */
export interface ClockSample {
  /** When the page asked; when it did not ask, as for the first word of a connection, `undefined`. */
  readonly askedAt: number | undefined;
  readonly heardAt: number;
  readonly now: number;
}

/** A way and back of this length, of an answer that was not asked for, is never the best. */
const UNKNOWN_ROUND_TRIP_MS = 10_000;
/** What clocks may be off that say whole milliseconds. */
const ROUNDING_MS = 2;
/** What clocks may run apart: an old sample gets worse by so much of its age. */
const DRIFT = 0.0005;
/** The clock is put right by so much of the time that passes, so that no second is skipped or held. */
const SLEW = 0.1;
/** A clock that is too slow by more is put right at once: the page slept. */
const JUMP_AHEAD_MS = 1_000;

export class RoomClock {
  /** The best sample: the room's time less the page's, and how far off it may be. */
  #best: { readonly offset: number; readonly roundTrip: number; readonly at: number } | undefined;
  /** What was shown last, and when. */
  #shown: { readonly now: number; readonly at: number } | undefined;

  /** Whether the server has said what time it is. */
  get isSet(): boolean {
    return this.#best !== undefined;
  }

  /** Takes a sample in, where it is better than the best one of before has become, or shows that this page's clock stood still meanwhile. */
  add({ askedAt, heardAt, now }: ClockSample): void {
    const roundTrip = askedAt === undefined ? UNKNOWN_ROUND_TRIP_MS : heardAt - askedAt;
    const offset = now + (askedAt === undefined ? 0 : roundTrip / 2) - heardAt;
    const best = this.#best;
    if (best !== undefined) {
      const drift = (heardAt - best.at) * DRIFT;
      const isBetter = roundTrip <= best.roundTrip + drift;
      const canBothBeRight = Math.abs(offset - best.offset) <= (roundTrip + best.roundTrip) / 2 + drift + ROUNDING_MS;
      if (!isBetter && canBothBeRight) return;
    }
    this.#best = { offset, roundTrip, at: heardAt };
  }

  /** The room's time; until the server has said it, `fallback`. From then on it never goes back. */
  now(at: number, fallback: number): number {
    const best = this.#best;
    if (best === undefined) return fallback;
    const meant = at + best.offset;
    const shown = this.#shown;
    const now = shown === undefined ? meant : towards(meant, shown.now, at - shown.at);
    this.#shown = { now, at };
    return now;
  }
}

/** From what was shown before `elapsed` towards what should be shown now. */
function towards(meant: number, shown: number, elapsed: number): number {
  const gone = shown + elapsed;
  const wrong = meant - gone;
  if (wrong > JUMP_AHEAD_MS) return meant;
  const most = elapsed * SLEW;
  return gone + Math.max(-most, Math.min(most, wrong));
}
