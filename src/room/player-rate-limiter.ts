/** Limits how much a player may send: a token bucket for frames and one for bytes. */
import { TokenBucket } from "../protocol/token-bucket.ts";

export interface PlayerRateLimits {
  /** Frames a second, and how many may come at once after a quiet time; a rate of 0 means no limit. */
  readonly playerRate: number;
  readonly playerBurst: number;
  /** Bytes a second, and at once; 0 means no limit. */
  readonly playerBytes: number;
}

/** At most so much of a time without a connection is credited. */
const MAX_MADE_UP_SECONDS = 60;

export class PlayerRateLimiter {
  readonly #frames: TokenBucket | undefined;
  readonly #bytes: TokenBucket | undefined;

  constructor({ playerRate, playerBurst, playerBytes }: PlayerRateLimits, now: number) {
    this.#frames = playerRate === 0 ? undefined : new TokenBucket({ perSecond: playerRate, size: playerBurst }, now);
    this.#bytes = playerBytes === 0 ? undefined : new TokenBucket({ perSecond: playerBytes, size: playerBytes }, now);
  }

  /**
   * Credits the time without a connection to a player that numbers its frames and is back: the frames that its page kept meanwhile arrive at
   * once, and are no flood.
   */
  makeUp(now: number): void {
    this.#frames?.makeUp(MAX_MADE_UP_SECONDS, now);
    this.#bytes?.makeUp(MAX_MADE_UP_SECONDS, now);
  }

  /** The player is no longer read from. */
  pause(now: number): void {
    this.#frames?.refill(now);
    this.#bytes?.refill(now);
  }

  /**
   * The player is read from again. Frames that it sent during the pause arrive in a burst: credits the whole pause, which may take several more
   * pauses to be used.
   */
  resume(now: number): void {
    this.#frames?.catchUp(now);
    this.#bytes?.catchUp(now);
  }

  /** Takes one frame of so many bytes out of the buckets; `false` where they do not hold it. `now` is in milliseconds. */
  take(bytes: number, now: number): boolean {
    if (this.#frames !== undefined && !this.#frames.take(1, now)) return false;
    // A full bucket lets a frame pass that is larger than the bucket, and is then in debt. Otherwise that frame could never be sent.
    return this.#bytes === undefined || this.#bytes.takeOnCredit(bytes, now);
  }
}
