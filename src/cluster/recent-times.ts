/** When something last happened to a name, for as many names as happened last: of the others it is as if it never had. */

const MAX_NAMES = 100_000;

export class RecentTimes {
  readonly #times = new Map<string, number>();

  /** `at`: by `performance.now()`. */
  set(name: string, at: number): void {
    this.#times.delete(name);
    this.#times.set(name, at);
    if (this.#times.size <= MAX_NAMES) return;
    const [oldest = name] = this.#times.keys();
    this.#times.delete(oldest);
  }

  delete(name: string): void {
    this.#times.delete(name);
  }

  /** Whether it happened less than so many milliseconds ago. */
  isWithin(name: string, ms: number): boolean {
    const at = this.#times.get(name);
    return at !== undefined && performance.now() - at < ms;
  }
}
