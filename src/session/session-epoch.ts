/** Names the life of a conversation that counts belong to (P5.5.8). Each page that starts from nothing begins another life. */
import type { ResumeRequest } from "../room/ports.ts";

export class SessionEpoch {
  readonly #roomEpoch: string;
  #epoch: string;
  #count = 0;

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
}
