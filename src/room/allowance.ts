/** How much a player may say: a token bucket for frames and one for bytes. */

export interface AllowanceLimits {
  /** Frames a second, and how many may come at once after a quiet time; a rate of 0 means no limit. */
  readonly playerRate: number;
  readonly playerBurst: number;
  /** Bytes a second, and at once; 0 means no limit. */
  readonly playerBytes: number;
}

/** More than this of a silence is not made up for. */
const MAX_MADE_UP_SECONDS = 60;

export class Allowance {
  readonly #limits: AllowanceLimits;
  #frames: number;
  #bytes: number;
  #countedAt: number;

  constructor(limits: AllowanceLimits, now: number) {
    this.#limits = limits;
    this.#frames = limits.playerBurst;
    this.#bytes = limits.playerBytes;
    this.#countedAt = now;
  }

  /**
   * A player who was cut off, and counts its frames, is back: it may say at once what it could have said in the time
   * that it was not heard, and is not taken for a flooder because it kept its frames meanwhile.
   */
  makeUp(now: number): void {
    const { playerRate, playerBurst, playerBytes } = this.#limits;
    const seconds = Math.min((now - this.#countedAt) / 1_000, MAX_MADE_UP_SECONDS);
    this.#countedAt = now;
    this.#frames = Math.min(playerBurst, this.#frames) + seconds * playerRate;
    this.#bytes = Math.min(playerBytes, this.#bytes) + seconds * playerBytes;
  }

  /** The player is not read from, from now on. */
  pause(now: number): void {
    this.#refill(now);
  }

  /**
   * It is read from again. What it was free to say meanwhile has waited in its network and comes all at once: that is as
   * much as the pause was long, and may take several more pauses to be read.
   */
  resume(now: number): void {
    const { playerRate, playerBytes } = this.#limits;
    const seconds = (now - this.#countedAt) / 1_000;
    this.#countedAt = now;
    this.#frames += seconds * playerRate;
    this.#bytes += seconds * playerBytes;
  }

  /** Takes one frame of so many bytes out of the buckets; `false` where they do not hold it. `now` is in milliseconds. */
  take(bytes: number, now: number): boolean {
    const { playerRate, playerBytes } = this.#limits;
    this.#refill(now);
    if (playerRate > 0) {
      this.#frames -= 1;
      if (this.#frames < 0) return false;
    }
    if (playerBytes > 0) {
      // A full bucket lets even a frame larger than itself pass, and is then in debt: or that frame could never be sent.
      if (this.#bytes <= 0) return false;
      this.#bytes -= bytes;
    }
    return true;
  }

  #refill(now: number): void {
    const { playerRate, playerBurst, playerBytes } = this.#limits;
    const seconds = (now - this.#countedAt) / 1_000;
    this.#countedAt = now;
    this.#frames = refilled(this.#frames, seconds * playerRate, playerBurst);
    this.#bytes = refilled(this.#bytes, seconds * playerBytes, playerBytes);
  }
}

/** A bucket after a while: never fuller than full, unless it was before. */
function refilled(bucket: number, drops: number, full: number): number {
  return Math.max(bucket, Math.min(full, bucket + drops));
}
