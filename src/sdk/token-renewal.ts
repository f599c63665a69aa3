/** Renews the token of an open connection in time, without a cut: asks the program for a newer one and shows it to the server. */
import type { TokenAnswer } from "../protocol/reliable/control-frames.ts";
import { withToken, type TokenSource } from "./token-source.ts";

/** The last part of a token's time in which a newer one is asked for, and the most that it is. What fails is tried again in the same part of what is left. */
const LAST_PART = 0.25;
const MAX_LEAD_MS = 60_000;
/** With less left, the server ends the connection sooner than an answer would come; then the page connects again, with a new token. */
const TOO_LATE_MS = 100;
/** A timer takes no more. A token that counts longer is renewed sooner than it has to be. */
const LONGEST_MS = 2 ** 31 - 1;

export class TokenRenewal {
  readonly #source: TokenSource | undefined;
  readonly #show: (token: string) => void;
  readonly #warn: (sentence: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** By the clock of `performance.now()`. */
  #expiresAt = 0;

  /** `show` tells the server a newer token, whose answer comes to `answered`. */
  constructor(source: TokenSource | undefined, show: (token: string) => void, warn: (sentence: string) => void) {
    this.#source = source;
    this.#show = show;
    this.#warn = warn;
  }

  /** The token of the connection counts for so long; `undefined`: it came without one, or the server does not say. A token that is text has no successor. */
  start(leftMs: number | undefined): void {
    this.stop();
    if (leftMs === undefined || typeof this.#source !== "function") return;
    this.#expiresAt = performance.now() + leftMs;
    const waitMs = Math.max(leftMs * (1 - LAST_PART), leftMs - MAX_LEAD_MS);
    this.#timer = setTimeout(() => void this.#renew(), Math.min(waitMs, LONGEST_MS));
  }

  answered(answer: TokenAnswer): void {
    if ("exp" in answer) return this.start(answer.expires_ms);
    this.#warn(`The server does not take the new token: ${answer.error}`);
    this.#again();
  }

  /** The connection is down. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #renew(): Promise<void> {
    const timer = this.#timer;
    try {
      const token = await withToken(this.#source, (told = "") => told);
      if (this.#timer === timer) this.#show(token);
    } catch {
      if (this.#timer === timer) this.#again(); // the next attempt to connect tells the program's mistake
    }
  }

  #again(): void {
    const leftMs = this.#expiresAt - performance.now();
    if (leftMs > TOO_LATE_MS) this.start(leftMs);
  }
}
