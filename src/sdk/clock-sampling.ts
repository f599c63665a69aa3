/** Asks the server what time it is (P5.9.3): a few times when the connection is up, then now and then. */
import type { RoomClock } from "./room-clock.ts";

export const SAMPLES_AT_ONCE = 4;
export const BETWEEN_SAMPLES_MS = 200;
export const SAMPLE_EVERY_MS = 60_000;

export class ClockSampling {
  readonly #clock: RoomClock;
  readonly #ask: () => void;
  #askedAt: number | undefined;
  #left = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `ask` sends the question; its answer comes to `heard`. */
  constructor(clock: RoomClock, ask: () => void) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** The connection is up, or the page woke up: samples anew. */
  start(): void {
    this.stop();
    this.#left = SAMPLES_AT_ONCE;
    this.sample();
  }

  /** The server's answer. */
  heard(now: number): void {
    if (this.#askedAt === undefined) return;
    this.#clock.add({ askedAt: this.#askedAt, heardAt: performance.now(), now });
    this.#askedAt = undefined;
  }

  /** The connection is down: what was asked is not answered any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#askedAt = undefined;
  }

  private sample(): void {
    this.#left--;
    this.#askedAt = performance.now();
    this.#ask();
    this.#timer = setTimeout(() => this.sample(), this.#left > 0 ? BETWEEN_SAMPLES_MS : SAMPLE_EVERY_MS);
  }
}
