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
  /** The end of each ban. Those that began here are equally long, so the map is in order of expiry but for a few. */
  readonly #until = new Map<string, number>();
  #tell: ((visitor: string, ms: number) => void) | undefined;

  constructor(options: TemporaryBansOptions) {
    this.#options = options;
  }

  /** Bans a visitor. Returns the sentence that says for how long. */
  add(visitor: string): string {
    const { banMs } = this.#options;
    this.#put(visitor, banMs);
    this.#tell?.(visitor, banMs);
    return sentence(banMs);
  }

  /** Calls `tell` with each visitor that is banned here, and for how long. */
  onAdded(tell: (visitor: string, ms: number) => void): void {
    this.#tell = tell;
  }

  /** Bans a visitor that another node has banned: for so many milliseconds more, but no longer than bans last here. */
  adopt(visitor: string, ms: number): void {
    const left = Math.min(ms, this.#options.banMs);
    const until = this.#until.get(visitor);
    if (until === undefined || until < this.#options.now() + left) this.#put(visitor, left);
  }

  /** Who is banned, and the milliseconds that are left. */
  *list(): Iterable<readonly [visitor: string, ms: number]> {
    const now = this.#options.now();
    for (const [visitor, until] of this.#until) if (until > now) yield [visitor, until - now];
  }

  #put(visitor: string, ms: number): void {
    this.#until.delete(visitor);
    this.#until.set(visitor, this.#options.now() + ms);
    const [earliest] = this.#until.keys();
    if (earliest !== undefined && this.#until.size > MAX_VISITORS) this.#until.delete(earliest);
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
    // One of another node may be over before those that stand in front of it.
    return until === undefined || until <= now ? undefined : sentence(until - now);
  }
}

function sentence(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return `Too much at once. Come back in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`;
}
