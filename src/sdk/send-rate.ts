/** Warns when a phone comes near the server's rate limit for players (P5.8), past which the phone is closed with 4029 and banned for a while. */
import type { Frame } from "./outbox.ts";
import { TokenBucket } from "./token-bucket.ts";

/** The server's defaults: `COUCHWIRE_PLAYER_RATE`, `COUCHWIRE_PLAYER_BURST`, `COUCHWIRE_PLAYER_BYTES`. */
export const PLAYER_RATE = 100;
export const PLAYER_BURST = 200;
export const PLAYER_BYTES = 2_097_152;
/** The share of the bucket below which it warns. */
const NEAR = 0.2;

export class SendRate {
  readonly #warn: (sentence: string) => void;
  readonly #frames = new TokenBucket(PLAYER_RATE, PLAYER_BURST);
  readonly #bytes = new TokenBucket(PLAYER_BYTES, PLAYER_BYTES);
  #hasWarned = false;

  constructor(warn: (sentence: string) => void) {
    this.#warn = warn;
  }

  /** Counts a frame that is sent. Warns at most once. */
  count(frame: Frame): void {
    this.#frames.take(1);
    this.#bytes.take(frame.length);
    if (this.#hasWarned) return;
    const isTooOften = this.#frames.left < PLAYER_BURST * NEAR;
    if (!isTooOften && this.#bytes.left >= PLAYER_BYTES * NEAR) return;
    this.#hasWarned = true;
    const limit = isTooOften
      ? `${PLAYER_RATE} frames a second: send what only the newest counts of with { volatile: true }, which is paced`
      : `${PLAYER_BYTES} bytes a second: send less, or less often`;
    this.#warn(
      `Couchwire: this phone is about to be closed with 4029 and kept out for a minute. A server takes ${limit}.`,
    );
  }
}
