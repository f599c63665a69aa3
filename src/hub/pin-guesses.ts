/**
 * Limits wrong PINs of one room. A PIN is short, so a limit per network is not enough: a guesser with many networks would
 * find it. All networks share one bucket. When it is empty, networks that have guessed wrong before have to wait; a phone
 * from any other network still gets in with the right PIN.
 */
import { TokenBucket } from "../protocol/token-bucket.ts";
import { siteOf } from "./ip-prefix.ts";
import { NetworkRateLimiter } from "./network-rate-limiter.ts";

/** The room's limit as a multiple of one network's, so that one guesser cannot use it up. */
const ROOM_FACTOR = 2;
/** How long a network stays suspect after a wrong PIN. */
const SUSPECT_MS = 600_000;
/** Suspect networks that are remembered. Past them the earliest is forgotten. */
const MAX_SUSPECTS = 1_024;

const MINUTE_MS = 60_000;
/** The host is told after this many wrong PINs in a minute. */
const TOLD_FROM = 10;
/** The largest count that the host is told. */
const MAX_RECENT = 1_000;

export class PinGuesses {
  readonly #now: () => number;
  readonly #perNetwork: NetworkRateLimiter;
  /** The room's bucket. `undefined`: no limit. */
  readonly #all: TokenBucket | undefined;
  /** The time of the last wrong PIN by network (`siteOf`). */
  readonly #suspects = new Map<string, number>();
  /** The times of the last minute's wrong PINs. */
  #recent: number[] = [];
  #toldAt = -MINUTE_MS;

  /** `guessLimit`: wrong PINs per minute and network, 0 for no limit. `now`: milliseconds of a monotonic clock. */
  constructor(guessLimit: number, now: () => number) {
    this.#now = now;
    const perSecond = guessLimit / 60;
    this.#perNetwork = new NetworkRateLimiter({ size: guessLimit, perSecond, maxNetworks: MAX_SUSPECTS, now });
    const all = { size: ROOM_FACTOR * guessLimit, perSecond };
    if (guessLimit > 0) this.#all = new TokenBucket(all, now());
  }

  /** Whether a PIN from this address is checked now. */
  mayTry(address: string): boolean {
    if (this.#perNetwork.isOver(address)) return false;
    const isUsedUp = this.#all !== undefined && !this.#all.holds(1, this.#now());
    return !isUsedUp || !this.#isSuspect(address);
  }

  /** Records a wrong PIN from this address. Returns the count of the last minute if the host is to be told. */
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
