/** Remembers which page is at the other end of a conversation and which it replaced, to tell an attempt that a newer one overtook (P5.2.4). */
import type { Attempt } from "../protocol/peer-query.ts";

/** Replaced pages that are remembered: no request is under way for longer than it takes to load so many pages. */
const MAX_FORMER_PAGES = 16;
/** How long they are remembered. A later request was not under way all that time: it is an old tab that a person uses again. */
const FORMER_PAGE_MS = 60_000;

export class StaleAttemptFilter {
  #attempt: Attempt | undefined;
  /** When each page was replaced. Created for the first: most phones stay with their page. */
  #former: Map<string, number> | undefined;

  /** Whether a newer attempt of the same page connected before, or a page that replaced it a moment ago. `now` is in milliseconds. */
  isStale(attempt: Attempt | undefined, now: number): boolean {
    if (attempt === undefined) return false;
    if (attempt.page === this.#attempt?.page) return attempt.number < this.#attempt.number;
    const replacedAt = this.#former?.get(attempt.page);
    return replacedAt !== undefined && now - replacedAt < FORMER_PAGE_MS;
  }

  /** This connection is the current one; `undefined` where it does not say which attempt it is. */
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
