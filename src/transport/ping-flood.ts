/** Finds a peer that sends far more pings, or pongs that were not asked for, than any keepalive does. */

/** A peer may send more than this for `SECONDS - 1` seconds in a row. No keepalive does. */
const PINGS_A_SECOND = 100;
const SECONDS = 5;
const SECOND_MS = 1_000;

/** Counts the pings of a peer, and its pongs that were not asked for: a WebSocket may have those as a keepalive (RFC 6455, 5.5.3). */
export class PingFlood {
  /** Milliseconds of a clock that never goes back. */
  readonly #now: () => number;
  #secondAt: number;
  #pings = 0;
  /** Seconds in a row that had too many. */
  #seconds = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#secondAt = now();
  }

  /** One more has come. Returns whether it is one too many. */
  add(): boolean {
    const passed = this.#now() - this.#secondAt;
    if (passed >= SECOND_MS) {
      const isInARow = passed < 2 * SECOND_MS && this.#pings > PINGS_A_SECOND;
      this.#seconds = isInARow ? this.#seconds + 1 : 0;
      this.#secondAt += passed;
      this.#pings = 0;
    }
    this.#pings += 1;
    return this.#seconds >= SECONDS;
  }
}
