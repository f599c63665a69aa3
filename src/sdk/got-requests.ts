/**
 * The requests that a page has got from one side, by their numbers: a request may have waited at the server and be asked again, and is
 * answered once all the same.
 */

/** Requests whose listeners have not come to an answer. The other side has no more open than these. */
export const MAX_UNANSWERED = 1_000;
/** Answers that may still be on their way, in the order in which they were given: no more than the other side has open. */
const MAX_ANSWERED = 1_000;

export class GotRequests {
  readonly #unanswered = new Set<number>();
  readonly #answered = new Set<number>();

  has(id: number): boolean {
    return this.#unanswered.has(id) || this.#answered.has(id);
  }

  /** A new one; `false` where too many have no answer yet. */
  begin(id: number): boolean {
    if (this.#unanswered.size >= MAX_UNANSWERED) return false;
    this.#unanswered.add(id);
    return true;
  }

  answer(id: number): void {
    this.#unanswered.delete(id);
    this.#answered.add(id);
    for (const oldest of this.#answered) {
      if (this.#answered.size <= MAX_ANSWERED) return;
      this.#answered.delete(oldest);
    }
  }
}
