/** Temporary bans of visitors that exceeded their rate limit. Reconnecting does not lift a ban. */

export interface TemporaryBansOptions {
  /** Length of a ban in milliseconds. */
  readonly banMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Bans at one time. Past them the earliest is lifted. */
const MAX_VISITORS = 50_000;

export class TemporaryBans {
  readonly #options: TemporaryBansOptions;
  /** The end of each ban. Bans are equally long, so the map is in order of expiry. */
  readonly #until = new Map<string, number>();

  constructor(options: TemporaryBansOptions) {
    this.#options = options;
  }

  /** Bans a visitor. Returns the sentence that says for how long. */
  add(visitor: string): string {
    const { banMs, now } = this.#options;
    this.#until.delete(visitor);
    this.#until.set(visitor, now() + banMs);
    const [earliest] = this.#until.keys();
    if (earliest !== undefined && this.#until.size > MAX_VISITORS) this.#until.delete(earliest);
    return sentence(banMs);
  }

  /** The sentence for a banned visitor, or `undefined`. */
  reasonFor(visitor: string): string | undefined {
    if (this.#until.size === 0) return undefined;
    const now = this.#options.now();
    for (const [other, until] of this.#until) {
      if (until > now) break;
      this.#until.delete(other);
    }
    const until = this.#until.get(visitor);
    return until === undefined ? undefined : sentence(until - now);
  }
}

function sentence(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return `Too much at once. Come back in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`;
}
