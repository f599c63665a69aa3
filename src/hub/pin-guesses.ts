/**
 * The wrong PINs of one room. A PIN is short, so it is not enough to count each network's guesses: a guesser with many networks
 * would find it. All of them share one bucket; when that is empty, networks that have been wrong before have to wait, and a
 * phone that comes from anywhere else still gets in with the right PIN.
 */
import { TokenBucket } from "../protocol/token-bucket.ts";
import { siteOf } from "./ip-prefix.ts";
import { NetworkRateLimiter } from "./network-rate-limiter.ts";

/** What all networks together may guess, as a multiple of what one may: a guesser alone does not use it up. */
const ROOM_FACTOR = 2;
/** How long a network counts as one that has been wrong. */
const SUSPECT_MS = 600_000;
/** Networks that are remembered for that; past them the earliest is forgotten. */
const MAX_SUSPECTS = 1_024;

const MINUTE_MS = 60_000;
/** The host is told after so many in a minute. */
const TOLD_FROM = 10;
/** The most that it is told of. */
const MAX_RECENT = 1_000;

export class PinGuesses {
  readonly #now: () => number;
  readonly #perNetwork: NetworkRateLimiter;
  /** `undefined`: no limit. */
  readonly #all: TokenBucket | undefined;
  /** Networks (of IPv6 the largest, `siteOf`), and when one of their addresses was wrong last. */
  readonly #suspects = new Map<string, number>();
  /** When the wrong PINs of the last minute came. */
  #recent: number[] = [];
  #toldAt = -MINUTE_MS;

  /** `guessLimit` is in wrong PINs a minute and network, 0 for no limit; `now` in milliseconds of a clock that never goes back. */
  constructor(guessLimit: number, now: () => number) {
    this.#now = now;
    const perSecond = guessLimit / 60;
    this.#perNetwork = new NetworkRateLimiter({ size: guessLimit, perSecond, maxNetworks: MAX_SUSPECTS, now });
    const all = { size: ROOM_FACTOR * guessLimit, perSecond };
    if (guessLimit > 0) this.#all = new TokenBucket(all, now());
  }

  /** Whether a PIN from this address is looked at now. */
  mayTry(address: string): boolean {
    if (this.#perNetwork.isOver(address)) return false;
    const isUsedUp = this.#all !== undefined && !this.#all.holds(1, this.#now());
    return !isUsedUp || !this.#isSuspect(address);
  }

  /** A PIN from this address was wrong. Returns how many were in the last minute, when the host is to be told of it. */
  countWrong(address: string): number | undefined {
    const now = this.#now();
    this.#perNetwork.count(address);
    this.#all?.takeOnCredit(1, now);
    const site = siteOf(address);
    this.#suspects.delete(site);
    this.#suspects.set(site, now);
    const [earliest] = this.#suspects.keys();
    if (earliest !== undefined && this.#suspects.size > MAX_SUSPECTS) this.#suspects.delete(earliest);
    return this.#reportAt(now);
  }

  #isSuspect(address: string): boolean {
    const wrongAt = this.#suspects.get(siteOf(address));
    return wrongAt !== undefined && this.#now() - wrongAt < SUSPECT_MS;
  }

  #reportAt(now: number): number | undefined {
    this.#recent = [...this.#recent.filter((at) => now - at < MINUTE_MS), now].slice(-MAX_RECENT);
    if (this.#recent.length < TOLD_FROM || now - this.#toldAt < MINUTE_MS) return undefined;
    this.#toldAt = now;
    return this.#recent.length;
  }
}
