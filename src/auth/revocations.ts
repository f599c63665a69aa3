/** Which tokens count no more although they have not expired: those of a user or a session that were signed before it was revoked (P9.7). */
import type { VerifiedToken } from "./token-claims.ts";

/** Whose tokens are revoked. */
export type RevocationTarget = { readonly sub: string } | { readonly session_id: string };

/** What is looked at of a token. */
export type RevocableToken = Pick<VerifiedToken, "sub" | "session_id" | "iat">;

/** What one node tells another of a revocation. */
export interface Revoked {
  /** `sub` or `session` with a space and its name; "": every user, where the oldest entries were forgotten. */
  readonly key: string;
  /** Tokens as old as this count no more; in milliseconds since 1970. */
  readonly at: number;
}

export interface RevocationsOptions {
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** Users and sessions that are remembered. @default 10000 */
  readonly maxTargets?: number;
}

const MAX_TARGETS = 10_000;
/** The key of what is revoked for every user. */
const EVERYONE = "";
/** Users and sessions whose newest token is ahead of the clock. */
const MAX_AHEAD = 10_000;

/**
 * Revoked are the tokens that a user or a session was given before. A token that does not say when it was signed cannot show that it is newer, so it never counts
 * again for that user. Past the limit the oldest entry is forgotten, and all tokens that are as old as it count no more, of every user: what is forgotten
 * lets no token in again.
 */
export class Revocations {
  readonly #now: () => number;
  readonly #maxTargets: number;
  /** When each was revoked, in milliseconds since 1970; in that order. */
  readonly #revokedAt = new Map<string, number>();
  /** Tokens as old as this count no more. */
  #floor = -Infinity;
  /** When the newest token was signed that was seen of a user or a session, in milliseconds since 1970, where the clock here has not got there yet. */
  readonly #ahead = new Map<string, number>();
  readonly #listeners = new Set<() => void>();
  #tell: ((revoked: Revoked) => void) | undefined;

  constructor({ now = Date.now, maxTargets = MAX_TARGETS }: RevocationsOptions = {}) {
    this.#now = now;
    this.#maxTargets = maxTargets;
  }

  isRevoked({ sub, session_id, iat }: RevocableToken): boolean {
    const revokedAt = this.lastRevoked({ sub, session_id });
    if (revokedAt === -Infinity) return false;
    return iat === undefined || iat * 1_000 <= revokedAt;
  }

  /** When tokens of this user and session were revoked last, in milliseconds since 1970: only newer ones count. */
  lastRevoked({ sub, session_id }: Pick<RevocableToken, "sub" | "session_id">): number {
    const ofSession = session_id === undefined ? undefined : this.#revokedAt.get(keyOf({ session_id }));
    return Math.max(this.#floor, this.#revokedAt.get(keyOf({ sub })) ?? -Infinity, ofSession ?? -Infinity);
  }

  /** Notes a token that counts. One that was signed by a clock ahead of this one is as old as what it opens: a revocation has to reach it. */
  see({ sub, session_id, iat = 0 }: RevocableToken): void {
    const now = this.#now();
    for (const [key, signedAt] of this.#ahead) {
      if (signedAt > now && this.#ahead.size < MAX_AHEAD) break;
      this.#ahead.delete(key);
    }
    if (iat * 1_000 <= now) return;
    const keys = [keyOf({ sub }), ...(session_id === undefined ? [] : [keyOf({ session_id })])];
    for (const key of keys) {
      const signedAt = Math.max(iat * 1_000, this.#ahead.get(key) ?? 0);
      this.#ahead.delete(key);
      this.#ahead.set(key, signedAt);
    }
  }

  /** From now on no token counts that this user or session was given before. What is open by one is closed. */
  revoke(target: RevocationTarget): void {
    this.#set(keyOf(target), this.#now());
  }

  /** Calls `tell` with each revocation that begins here, or reaches further here than at the node that told of it. */
  onNew(tell: (revoked: Revoked) => void): void {
    this.#tell = tell;
  }

  /** Takes over a revocation of another node. One that is known already, or older, changes nothing. */
  adopt({ key, at }: Revoked): void {
    if (key !== EVERYONE) {
      if (at > Math.max(this.#floor, this.#revokedAt.get(key) ?? -Infinity)) this.#set(key, at, at);
      return;
    }
    if (at <= this.#floor) return;
    this.#floor = at;
    for (const listener of this.#listeners) listener();
  }

  /** All that another node has to know. */
  *list(): Iterable<Revoked> {
    if (this.#floor > -Infinity) yield { key: EVERYONE, at: this.#floor };
    for (const [key, at] of this.#revokedAt) if (at > this.#floor) yield { key, at };
  }

  /** `told`: what another node has said of it. */
  #set(key: string, at: number, told?: number): void {
    const revokedAt = Math.max(at, this.#ahead.get(key) ?? 0);
    this.#revokedAt.delete(key);
    this.#revokedAt.set(key, revokedAt);
    for (const [oldest, since] of this.#revokedAt) {
      if (this.#revokedAt.size <= this.#maxTargets) break;
      this.#revokedAt.delete(oldest);
      this.#floor = Math.max(this.#floor, since);
    }
    for (const listener of this.#listeners) listener();
    if (revokedAt !== told) this.#tell?.({ key, at: revokedAt });
  }

  /** Calls `listener` after each revocation. Returns what ends that. */
  onRevoke(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

function keyOf(target: RevocationTarget): string {
  return "sub" in target ? `sub ${target.sub}` : `session ${target.session_id}`;
}
