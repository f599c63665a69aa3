/** Which page is at the other end of a conversation, and which were before it: so that one that was overtaken is known (P5.2.4). */
import type { Attempt } from "../protocol/peer-query.ts";

/** Pages that are remembered as replaced: a request is not under way for longer than it takes to load so many. */
const MAX_FORMER_PAGES = 16;
/** And for how long: what comes later was not under way all the time, but is an old tab that a person has opened again. */
const FORMER_PAGE_MS = 60_000;

export class StaleAttemptFilter {
  #attempt: Attempt | undefined;
  /** The pages whose place another has taken, and when. Made for the first: most phones stay with their page. */
  #former: Map<string, number> | undefined;

  /** Whether a later connection of the same page has been here already, or another page that took its place a moment ago. `now` is in milliseconds. */
  isStaleAttempt({ page, number }: Attempt, now: number): boolean {
    if (page === this.#attempt?.page) return number < this.#attempt.number;
    const replacedAt = this.#former?.get(page);
    return replacedAt !== undefined && now - replacedAt < FORMER_PAGE_MS;
  }

  /** This connection is the one from now on; it may be one that does not say which it is. */
  turnTo(attempt: Attempt | undefined, now: number): void {
    const former = this.#attempt?.page;
    this.#attempt = attempt;
    if (former === undefined || former === attempt?.page) return;
    const pages = (this.#former ??= new Map<string, number>());
    pages.delete(former); // so that the order of the map is that of the replacements
    pages.set(former, now);
    const [oldest] = pages.keys();
    if (oldest !== undefined && pages.size > MAX_FORMER_PAGES) pages.delete(oldest);
  }
}
