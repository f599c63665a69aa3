/** Lets what concerns one key happen one after the other, in the order in which it was asked for. */

export class KeyTurns {
  /** The end of the last step of each key that has one under way. */
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(key: string, step: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const turn = before === undefined ? step() : before.then(step);
    const end: Promise<void> = turn.then(
      () => this.#ended(key, end),
      () => this.#ended(key, end),
    );
    this.#last.set(key, end);
    return turn;
  }

  #ended(key: string, end: Promise<unknown>): void {
    if (this.#last.get(key) === end) this.#last.delete(key);
  }
}
