/** Warns when a phone comes near the server's rate limit for players (P5.8), past which the phone is closed with 4029 and banned for a while. */
import { TokenBucket } from "../protocol/token-bucket.ts";
import type { Frame } from "./outbox.ts";

/** The server's defaults: `COUCHWIRE_PLAYER_RATE`, `COUCHWIRE_PLAYER_BURST`, `COUCHWIRE_PLAYER_BYTES`. */
export const PLAYER_RATE = 100;
export const PLAYER_BURST = 200;
export const PLAYER_BYTES = 2_097_152;
/** The share of the bucket below which it warns. */
const NEAR = 0.2;

export class SendRate {
  readonly #warn: (sentence: string) => void;
  readonly #frames = new TokenBucket({ perSecond: PLAYER_RATE, size: PLAYER_BURST }, performance.now());
  readonly #bytes = new TokenBucket({ perSecond: PLAYER_BYTES, size: PLAYER_BYTES }, performance.now());
  #hasWarned = false;

  constructor(warn: (sentence: string) => void) {
    this.#warn = warn;
  }

  /** Counts a frame that is sent. Warns at most once. */
  count(frame: Frame): void {
    if (this.#hasWarned) return;
    const now = performance.now();
    const isTooOften = this.#frames.spend(1, now) < PLAYER_BURST * NEAR;
    const isTooMuch = this.#bytes.spend(frame.length, now) < PLAYER_BYTES * NEAR;
    if (!isTooOften && !isTooMuch) return;
    this.#hasWarned = true;
    const limit = isTooOften
      ? `${PLAYER_RATE} frames a second: send what only the newest counts of with { volatile: true }, which is paced`
      : `${PLAYER_BYTES} bytes a second: send less, or less often`;
    this.#warn(
      `Couchwire: this phone is about to be closed with 4029 and kept out for a minute. A server takes ${limit}.`,
    );
  }
}
