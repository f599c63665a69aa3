/** Who is logged in on the admin page: bounded in number and time. What a cookie holds is a secret, so only its digest is kept. */
import { hash, timingSafeEqual } from "node:crypto";
import { nanoid } from "nanoid";
import { hashSecret } from "../../hub/hash-secret.ts";

export interface AdminSessionsOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Past it the session that was used longest ago ends. */
export const MAX_ADMIN_SESSIONS = 100;
/** How long a session lasts, however much it is used: a working day. */
export const ADMIN_SESSION_MS = 12 * 3_600_000;
/** How long a session lasts that is not used; a page that is open uses it. */
export const ADMIN_IDLE_MS = 2 * 3_600_000;
/** 32 letters of nanoid have 192 bits. */
const SECRET_LENGTH = 32;

interface AdminSession {
  readonly endsAt: number;
  usedAt: number;
}

export class AdminSessions {
  readonly #now: () => number;
  /** By the digest of the secret; the one that was used longest ago first. */
  readonly #sessions = new Map<string, AdminSession>();

  constructor({ now }: AdminSessionsOptions) {
    this.#now = now;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Begins a session. Returns its secret, which is for the cookie alone. */
  open(): string {
    this.#dropEnded();
    const secret = nanoid(SECRET_LENGTH);
    const now = this.#now();
    for (const digest of this.#sessions.keys()) {
      if (this.#sessions.size < MAX_ADMIN_SESSIONS) break;
      this.#sessions.delete(digest);
    }
    this.#sessions.set(hashSecret(secret), { endsAt: now + ADMIN_SESSION_MS, usedAt: now });
    return secret;
  }

  /** Whether there is a session with this secret, which is used by that. */
  use(secret: string): boolean {
    const digest = hashSecret(secret);
    const session = this.#sessions.get(digest);
    if (session === undefined) return false;
    this.#sessions.delete(digest);
    if (this.#isOver(session)) return false;
    session.usedAt = this.#now();
    this.#sessions.set(digest, session);
    return true;
  }

  /** Ends a session. Safe twice. */
  close(secret: string): void {
    this.#sessions.delete(hashSecret(secret));
  }

  #dropEnded(): void {
    for (const [digest, session] of this.#sessions) if (this.#isOver(session)) this.#sessions.delete(digest);
  }

  #isOver({ endsAt, usedAt }: AdminSession): boolean {
    const now = this.#now();
    return now >= endsAt || now - usedAt >= ADMIN_IDLE_MS;
  }
}

/**
 * What the pages of a session show and their scripts send back with each change. It follows from the session's secret, which no script can read, so it
 * is not kept.
 */
export function csrfTokenOf(secret: string): string {
  return hash("sha256", `couchwire csrf ${secret}`, "base64url");
}

/** Whether a request shows the token of its session. */
export function isCsrfToken(shown: string | undefined, secret: string): boolean {
  if (shown === undefined) return false;
  return timingSafeEqual(digestOf(shown), digestOf(csrfTokenOf(secret)));
}

/** All are as long, so how long the comparison takes says nothing about the text. */
function digestOf(text: string): Buffer {
  return Buffer.from(hashSecret(text));
}
