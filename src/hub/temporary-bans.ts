/** Visitors who sent too much and stay out for a while, reconnecting or not. */

export interface TemporaryBansOptions {
  /** How long, in milliseconds. */
  readonly banMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Visitors that are barred at one time; past them the earliest may come again. */
const MAX_VISITORS = 50_000;

export class TemporaryBans {
  readonly #options: TemporaryBansOptions;
  /** Until when. All stay out equally long, so the order of entry is the order of leaving. */
  readonly #until = new Map<string, number>();

  constructor(options: TemporaryBansOptions) {
    this.#options = options;
  }

  /** Bars a visitor from now on, and says for how long. */
  add(visitor: string): string {
    const { banMs, now } = this.#options;
    this.#until.delete(visitor);
    this.#until.set(visitor, now() + banMs);
    const [earliest] = this.#until.keys();
    if (earliest !== undefined && this.#until.size > MAX_VISITORS) this.#until.delete(earliest);
    return sentence(banMs);
  }

  /** The sentence for a visitor who is still barred, or `undefined`. */
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
