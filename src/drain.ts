/** The time between the order to stop and the end: rooms that are being played may go on for a while. */
import type { Cancel, Clock } from "./room/ports.ts";

export interface DrainOptions {
  readonly clock: Clock;
  /** Rooms that are being played. */
  readonly runningRooms: () => number;
}

/** How often the rooms are counted while they are waited for. */
const LOOK_MS = 100;

export class Drain {
  readonly #options: DrainOptions;
  #hasBegun = false;
  #endsAt = Infinity;
  readonly #waiting = new Set<() => void>();
  #stopLooking: Cancel | undefined;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  /** Whether the server has been told to stop. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * Gives the rooms so many milliseconds from now. Where a drain is under way, the earlier end counts. Resolves when no room is being played any more, or the
   * time is over.
   */
  async wait(ms: number): Promise<void> {
    this.#hasBegun = true;
    this.#endsAt = Math.min(this.#endsAt, this.#options.clock.now() + ms);
    const isOver = new Promise<void>((resolve) => this.#waiting.add(resolve));
    this.#look();
    await isOver;
  }

  #look(): void {
    const { clock, runningRooms } = this.#options;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
    const leftMs = this.#endsAt - clock.now();
    if (leftMs > 0 && runningRooms() > 0) {
      this.#stopLooking = clock.after(Math.min(LOOK_MS, leftMs), () => this.#look());
      return;
    }
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
