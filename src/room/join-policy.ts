/**
 * Decides which newcomers get a seat: the room may be locked or full, may ask for a PIN, may have banned them, and takes only so many at once,
 * from one network and from all.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import { JoinRateLimiter } from "./join-rate-limiter.ts";
import { isSameSecret } from "./same-secret.ts";

/** Judges a PIN that is not known as it was given, in a time that says nothing about how much of it was right. */
export interface PinCheck {
  isRight(shown: string): boolean;
}

export interface JoinPolicyOptions {
  readonly maxPlayers: number;
  /** Spectators at one time. @default none */
  readonly maxSpectators?: number | undefined;
  /** Watchers at one time of a room with a host page: they are spectators, and count as seats where newcomers are limited (P5.8.6). @default none */
  readonly audience?: number | undefined;
  readonly pin: string | PinCheck | undefined;
}

/** What a phone shows that has no seat yet. */
export interface Newcomer {
  readonly sessionHash?: string | undefined;
  /** The hash of the session as it shows it, where its token makes another of it. */
  readonly shownSessionHash?: string | undefined;
  /** Whom its token names. A ban applies to the user as well as to the session. */
  readonly user?: string | undefined;
  readonly pin?: string | undefined;
  /** It need not show a PIN: a token says that it may come in. @default false */
  readonly needsNoPin?: boolean | undefined;
  /** It wants to watch: it takes no seat of the players, and comes in where the room is locked. */
  readonly isSpectator?: boolean | undefined;
  /** The network it comes from. Newcomers are limited per network, so that one network cannot keep out the phones of another. */
  readonly network?: string | undefined;
}

/** Sessions and users that are banned from one room at a time. */
const MAX_BANS = 1_024;

export class JoinPolicy {
  maxPlayers: number;
  readonly #maxSpectators: number;
  readonly pin: string | PinCheck | undefined;
  /** In the order in which they were banned. */
  readonly #banned = new Set<string>();
  readonly #newcomers: JoinRateLimiter;
  isLocked = false;

  /** `now`, here and below, is in milliseconds. */
  constructor({ maxPlayers, maxSpectators = 0, audience = 0, pin }: JoinPolicyOptions, now: number) {
    this.maxPlayers = maxPlayers;
    this.#maxSpectators = maxSpectators + audience;
    this.pin = pin;
    this.#newcomers = new JoinRateLimiter(maxPlayers + audience, now);
  }

  /** Lets a newcomer in, with so many places of its kind taken, or says why not. A player that returns to its seat is not asked. */
  admit(newcomer: Newcomer, taken: number, now: number): CloseName | undefined {
    const refusal = this.refusalFor(newcomer, taken);
    if (refusal !== undefined) return refusal;
    return this.count(newcomer, now) ? undefined : "rate_limited";
  }

  /** Counts a newcomer; `false` where there are too many of them. */
  count({ network = "" }: Newcomer, now: number): boolean {
    return this.#newcomers.take(network, now);
  }

  /** As `admit`, whatever the rates say. Counts nothing. */
  refusalFor(newcomer: Newcomer, taken: number): CloseName | undefined {
    const { pin, needsNoPin = false, isSpectator = false } = newcomer;
    if (this.isBanned(newcomer)) return "kicked";
    if (!needsNoPin && !this.#isRight(pin ?? "")) return "unauthorized";
    if (this.isLocked && !isSpectator) return "room_locked";
    return taken >= (isSpectator ? this.#maxSpectators : this.maxPlayers) ? "room_full" : undefined;
  }

  /** Whether the room takes new players now (P2.8). */
  acceptsNewcomers(seatsTaken: number): boolean {
    return !this.isLocked && seatsTaken < this.maxPlayers;
  }

  get needsPin(): boolean {
    return this.pin !== undefined;
  }

  /** What is banned, the earliest first. */
  get bans(): readonly string[] {
    return [...this.#banned];
  }

  /** Bans what `bans` gave in another life of the room. */
  banAgain(bans: readonly string[]): void {
    for (const key of bans) this.#ban(key);
  }

  /** This session may not return. Of too many bans the earliest is lifted. */
  ban(sessionHash: string): void {
    this.#ban(sessionHash);
  }

  /** This user may not return, with whatever session. */
  banUser(user: string): void {
    this.#ban(userKey(user));
  }

  isBanned({
    sessionHash,
    shownSessionHash,
    user,
  }: Pick<Newcomer, "sessionHash" | "shownSessionHash" | "user">): boolean {
    if (this.#banned.size === 0) return false;
    return (
      (sessionHash !== undefined && this.#banned.has(sessionHash)) ||
      (shownSessionHash !== undefined && this.#banned.has(shownSessionHash)) ||
      (user !== undefined && this.#banned.has(userKey(user)))
    );
  }

  #isRight(shown: string): boolean {
    const { pin } = this;
    if (pin === undefined) return true;
    return typeof pin === "string" ? isSameSecret(shown, pin) : pin.isRight(shown);
  }

  #ban(key: string): void {
    this.#banned.delete(key);
    this.#banned.add(key);
    const [earliest] = this.#banned;
    if (earliest !== undefined && this.#banned.size > MAX_BANS) this.#banned.delete(earliest);
  }
}

/** A session's hash has no space in it, so no user's key is one. */
function userKey(user: string): string {
  return `user ${user}`;
}
