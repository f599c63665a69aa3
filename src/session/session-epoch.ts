/** Names the life of a conversation that counts belong to (P5.5.8), of which each page that starts from nothing begins another; and tells stale attempts (P5.2.4). */
import type { ResumeRequest } from "../room/ports.ts";
import { StaleAttemptFilter } from "./stale-attempt-filter.ts";

export class SessionEpoch {
  readonly #roomEpoch: string;
  #epoch: string;
  #count = 0;
  /** Created for the first peer that says which of its connections this is. */
  #pages: StaleAttemptFilter | undefined;

  /** `epoch`: of the room, and of the seat in it. */
  constructor(epoch: string) {
    this.#roomEpoch = epoch;
    this.#epoch = epoch;
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** How many frames of this life the peer has got; `undefined` where it counts none of them. */
  countedBy({ received, epoch }: ResumeRequest): number | undefined {
    return epoch === this.#epoch ? received : undefined;
  }

  /** A page has begun to count from nothing. A page that still counts from before, such as one restored from the back/forward cache, has the old epoch and starts over. */
  begin(): void {
    this.#count += 1;
    if (this.#count > 1) this.#epoch = `${this.#roomEpoch}.${this.#count}`;
  }

  /** Whether a newer attempt is already connected, so that this one is stale. `now` is in milliseconds. */
  isStaleAttempt({ attempt }: ResumeRequest, now: number): boolean {
    return attempt !== undefined && (this.#pages?.isStaleAttempt(attempt, now) ?? false);
  }

  /** This connection is the current one. */
  turnTo({ attempt }: ResumeRequest, now: number): void {
    if (attempt !== undefined) this.#pages ??= new StaleAttemptFilter();
    this.#pages?.turnTo(attempt, now);
  }
}
