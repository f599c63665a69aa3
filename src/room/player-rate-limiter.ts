/** How much a player may say: a token bucket for frames and one for bytes. */
import { TokenBucket } from "../protocol/token-bucket.ts";

export interface PlayerRateLimits {
  /** Frames a second, and how many may come at once after a quiet time; a rate of 0 means no limit. */
  readonly playerRate: number;
  readonly playerBurst: number;
  /** Bytes a second, and at once; 0 means no limit. */
  readonly playerBytes: number;
}

/** More than this of a silence is not made up for. */
const MAX_MADE_UP_SECONDS = 60;

export class PlayerRateLimiter {
  readonly #frames: TokenBucket | undefined;
  readonly #bytes: TokenBucket | undefined;

  constructor({ playerRate, playerBurst, playerBytes }: PlayerRateLimits, now: number) {
    this.#frames = playerRate === 0 ? undefined : new TokenBucket({ perSecond: playerRate, size: playerBurst }, now);
    this.#bytes = playerBytes === 0 ? undefined : new TokenBucket({ perSecond: playerBytes, size: playerBytes }, now);
  }

  /**
   * A player who was cut off, and counts its frames, is back: it may say at once what it could have said in the time
   * that it was not heard, and is not taken for a flooder because it kept its frames meanwhile.
   */
  makeUp(now: number): void {
    this.#frames?.makeUp(MAX_MADE_UP_SECONDS, now);
    this.#bytes?.makeUp(MAX_MADE_UP_SECONDS, now);
  }

  /** The player is not read from, from now on. */
  pause(now: number): void {
    this.#frames?.refill(now);
    this.#bytes?.refill(now);
  }

  /**
   * It is read from again. What it was free to say meanwhile has waited in its network and comes all at once: that is as
   * much as the pause was long, and may take several more pauses to be read.
   */
  resume(now: number): void {
    this.#frames?.catchUp(now);
    this.#bytes?.catchUp(now);
  }

  /** Takes one frame of so many bytes out of the buckets; `false` where they do not hold it. `now` is in milliseconds. */
  take(bytes: number, now: number): boolean {
    if (this.#frames !== undefined && !this.#frames.take(1, now)) return false;
    // A full bucket lets even a frame larger than itself pass, and is then in debt: or that frame could never be sent.
    return this.#bytes === undefined || this.#bytes.takeOnCredit(bytes, now);
  }
}
