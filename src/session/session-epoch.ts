/** One conversation's lives, which counts belong to (P5.5.8): each page that starts from nothing begins another. And which page it is (P5.2.4). */
import type { ResumeRequest } from "../room/ports.ts";
import { StaleAttemptFilter } from "./stale-attempt-filter.ts";

export class SessionEpoch {
  readonly #roomEpoch: string;
  #epoch: string;
  #count = 0;
  /** Of peers that say which of their connections this is. */
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

  /** A page has begun to count from nothing: one that still counts from before, such as a page gone back to, is told so. */
  begin(): void {
    this.#count += 1;
    if (this.#count > 1) this.#epoch = `${this.#roomEpoch}.${this.#count}`;
  }

  /** Whether a later connection has taken the place of this one already. `now` is in milliseconds. */
  isStaleAttempt({ attempt }: ResumeRequest, now: number): boolean {
    return attempt !== undefined && (this.#pages?.isStaleAttempt(attempt, now) ?? false);
  }

  /** This connection is the one from now on. */
  turnTo({ attempt }: ResumeRequest, now: number): void {
    if (attempt !== undefined) this.#pages ??= new StaleAttemptFilter();
    this.#pages?.turnTo(attempt, now);
  }
}
