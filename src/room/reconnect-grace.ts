/** A player's being away from its seat: after a while the host hears of it, and after the grace the seat is given up (P5.4). */
import type { Cancel, Clock, DepartureReason } from "./ports.ts";

export interface ReconnectGraceOptions {
  readonly clock: Clock;
  /** Milliseconds before the host hears of it. */
  readonly awayMs: number;
  /** Milliseconds until the seat is given up; `undefined` where it is kept for good. */
  readonly graceMs: number | undefined;
  readonly tellHost: () => void;
  readonly giveUp: () => void;
}

export class ReconnectGrace {
  readonly at = "away";
  /** Milliseconds of the clock. */
  readonly since: number;
  readonly #options: ReconnectGraceOptions;
  readonly #stopTelling: Cancel;
  #stopGrace: Cancel | undefined;
  #isHostTold = false;

  constructor(options: ReconnectGraceOptions) {
    this.#options = options;
    this.since = options.clock.now();
    this.#stopTelling = options.clock.after(options.awayMs, () => {
      this.#isHostTold = true;
      options.tellHost();
    });
    this.setGrace(options.graceMs);
  }

  /** Whether the host knows, and so has to hear of the player's return. */
  get isHostTold(): boolean {
    return this.#isHostTold;
  }

  /** From now on the seat is kept for so many milliseconds; `undefined` is for good. */
  setGrace(graceMs: number | undefined): void {
    this.#stopGrace?.();
    this.#stopGrace = graceMs === undefined ? undefined : this.#options.clock.after(graceMs, this.#options.giveUp);
  }

  /** The player is back, or the seat is gone: nothing more comes of this absence. */
  end(): void {
    this.#stopTelling();
    this.#stopGrace?.();
  }
}

/** Whether it is unknown since when nothing arrived: the line was not closed, it went quiet or was jammed. */
export function isSilence(why: DepartureReason): boolean {
  return why === "timeout" || why === "slow_consumer";
}
