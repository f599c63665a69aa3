/**
 * Decides which newcomers get a seat: the room may be locked or full, may ask for a PIN, may have banned them, and takes only so many at once,
 * from one network and from all.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import { JoinRateLimiter } from "./join-rate-limiter.ts";
import { isSameSecret } from "./same-secret.ts";

export interface JoinPolicyOptions {
  readonly maxPlayers: number;
  readonly pin: string | undefined;
}

/** What a phone shows that has no seat yet. */
export interface Newcomer {
  readonly sessionHash?: string | undefined;
  readonly pin?: string | undefined;
  /** The network it comes from. Newcomers are limited per network, so that one network cannot keep out the phones of another. */
  readonly network?: string | undefined;
}

/** Sessions that are banned from one room at a time. */
const MAX_BANS = 1_024;

export class JoinPolicy {
  readonly maxPlayers: number;
  readonly #pin: string | undefined;
  /** In the order in which they were banned. */
  readonly #banned = new Set<string>();
  readonly #newcomers: JoinRateLimiter;
  isLocked = false;

  /** `now`, here and below, is in milliseconds. */
  constructor({ maxPlayers, pin }: JoinPolicyOptions, now: number) {
    this.maxPlayers = maxPlayers;
    this.#pin = pin;
    this.#newcomers = new JoinRateLimiter(maxPlayers, now);
  }

  /** Lets a newcomer in, with so many seats taken, or says why not. A player that returns to its seat is not asked. */
  admit({ sessionHash, pin, network = "" }: Newcomer, seatsTaken: number, now: number): CloseName | undefined {
    if (this.isBanned(sessionHash)) return "kicked";
    if (this.#pin !== undefined && !isSameSecret(pin ?? "", this.#pin)) return "unauthorized";
    if (this.isLocked) return "room_locked";
    if (seatsTaken >= this.maxPlayers) return "room_full";
    return this.#newcomers.take(network, now) ? undefined : "rate_limited";
  }

  /** Whether the room takes new players now (P2.8). */
  acceptsNewcomers(seatsTaken: number): boolean {
    return !this.isLocked && seatsTaken < this.maxPlayers;
  }

  get needsPin(): boolean {
    return this.#pin !== undefined;
  }

  /** This session may not return. Of too many bans the earliest is lifted. */
  ban(sessionHash: string): void {
    this.#banned.delete(sessionHash);
    this.#banned.add(sessionHash);
    const [earliest] = this.#banned;
    if (earliest !== undefined && this.#banned.size > MAX_BANS) this.#banned.delete(earliest);
  }

  isBanned(sessionHash: string | undefined): boolean {
    return sessionHash !== undefined && this.#banned.has(sessionHash);
  }
}
