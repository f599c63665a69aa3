/** The time that a player is away from its seat: after a while the host is told, and after the grace the seat is given up (P5.4). */
import type { Cancel, Clock, DepartureReason } from "./ports.ts";

export interface ReconnectGraceOptions {
  /** How the player's connection ended. */
  readonly why: DepartureReason;
  readonly clock: Clock;
  /** Milliseconds before the host is told. */
  readonly awayMs: number;
  /** Milliseconds until the seat is given up; `undefined` where it is kept for good. */
  readonly graceMs: number | undefined;
  readonly tellHost: () => void;
  readonly giveUp: () => void;
}

export class ReconnectGrace {
  readonly at = "away";
  readonly #options: ReconnectGraceOptions;
  readonly #stopTelling: Cancel;
  #stopGrace: Cancel | undefined;
  #isHostTold = false;

  constructor(options: ReconnectGraceOptions) {
    this.#options = options;
    this.#stopTelling = options.clock.after(options.awayMs, () => {
      this.#isHostTold = true;
      options.tellHost();
    });
    this.setGrace(options.graceMs);
  }

  /** How the player's connection ended. */
  get why(): DepartureReason {
    return this.#options.why;
  }

  /** Whether the host was told, and so is told of the return as well. */
  get isHostTold(): boolean {
    return this.#isHostTold;
  }

  /** Keeps the seat for so many milliseconds from now; `undefined` is for good. */
  setGrace(graceMs: number | undefined): void {
    this.#stopGrace?.();
    this.#stopGrace = graceMs === undefined ? undefined : this.#options.clock.after(graceMs, this.#options.giveUp);
  }

  /** Stops both timers: the player is back, or the seat is gone. */
  end(): void {
    this.#stopTelling();
    this.#stopGrace?.();
  }
}

/** Whether the connection was not closed but went quiet or was jammed, so that it is unknown since when nothing arrived. */
export function isSilence(why: DepartureReason): boolean {
  return why === "timeout" || why === "slow_consumer";
}
