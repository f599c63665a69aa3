/**
 * Answers to requests with an `Idempotency-Key`, kept for a day: a client that does not know whether its request arrived sends it again, and what it asked
 * for happens once. A request that comes while the first one is under way waits for the answer to that.
 */
import type { Eventually } from "../../protocol/eventually.ts";
import type { MemoryAccount, MemoryBudget } from "../../room/memory-budget.ts";
import { refusal, type ApiAnswer } from "./route.ts";

export interface IdempotencyOptions {
  readonly budget: MemoryBudget;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** @default 10000 */
  readonly maxAnswers?: number;
  /** Bytes that all of them may take. @default 64 MiB */
  readonly maxBytes?: number;
}

interface KeptAnswer {
  readonly fingerprint: string;
  readonly until: number;
  bytes: number;
  readonly answer: Promise<ApiAnswer>;
}

export const MAX_IDEMPOTENCY_KEY_LENGTH = 255;
const KEPT_MS = 86_400_000;
const MAX_ANSWERS = 10_000;
/** Memory of an answer that is kept, beside its texts and its body: measured, then rounded up. */
const ANSWER_BYTES = 1_024;
/** Bytes of memory for each character of a body's JSON: small objects take the most. */
const BODY_FACTOR = 8;
const MAX_KEPT_BYTES = 64 * 2 ** 20;

const CONFLICT = refusal(
  409,
  "idempotency_conflict",
  "This Idempotency-Key came with another request before. Use a new one for each request.",
);

export class IdempotentAnswers {
  readonly #options: IdempotencyOptions;
  /** The oldest first. */
  readonly #kept = new Map<string, KeptAnswer>();
  readonly #account: MemoryAccount;

  constructor(options: IdempotencyOptions) {
    this.#options = options;
    this.#account = options.budget.open({ cut: () => this.#cut() });
  }

  /**
   * Does something once for this principal and key. `fingerprint` tells one request from another. What is refused or fails is forgotten, so that a retry
   * may do better.
   */
  async once(
    principal: string,
    key: string,
    fingerprint: string,
    action: () => Eventually<ApiAnswer>,
  ): Promise<ApiAnswer> {
    this.#dropExpired();
    const name = `${principal}\n${key}`;
    const known = this.#kept.get(name);
    if (known !== undefined) {
      if (known.fingerprint !== fingerprint) return CONFLICT;
      const { headers, ...answer } = await known.answer;
      return { ...answer, headers: { ...headers, "Idempotency-Replayed": "true" } };
    }
    const answer = Promise.resolve().then(action);
    const bytes = ANSWER_BYTES + 2 * (name.length + fingerprint.length);
    const entry: KeptAnswer = { fingerprint, until: this.#options.now() + KEPT_MS, bytes: 0, answer };
    this.#kept.set(name, entry);
    this.#count(name, entry, bytes);
    try {
      const { status, body } = await answer;
      if (status >= 400) this.#forget(name, entry);
      else if (body !== undefined) this.#count(name, entry, bytesOf(body));
    } catch (error) {
      this.#forget(name, entry);
      throw error;
    }
    return answer;
  }

  close(): void {
    this.#kept.clear();
    this.#account.close();
  }

  /** Counts so many more bytes of an answer that is kept, and drops the oldest ones where there is too much now. */
  #count(name: string, entry: KeptAnswer, bytes: number): void {
    if (this.#kept.get(name) !== entry) return; // dropped while it was under way
    entry.bytes += bytes;
    this.#account.add(bytes);
    const { maxAnswers = MAX_ANSWERS, maxBytes = MAX_KEPT_BYTES } = this.#options;
    for (const [oldest, each] of this.#kept) {
      if (this.#kept.size <= maxAnswers && this.#account.bytes <= maxBytes) break;
      this.#forget(oldest, each);
    }
  }

  #dropExpired(): void {
    const now = this.#options.now();
    for (const [name, entry] of this.#kept) {
      if (entry.until > now) break;
      this.#forget(name, entry);
    }
  }

  #dropOldest(count: number): void {
    let left = count;
    for (const [name, entry] of this.#kept) {
      if (left <= 0) break;
      left -= 1;
      this.#forget(name, entry);
    }
  }

  #forget(name: string, entry: KeptAnswer): void {
    if (this.#kept.get(name) !== entry) return;
    this.#kept.delete(name);
    this.#account.add(-entry.bytes);
  }

  /** The memory of the process is used up: the older half goes. */
  #cut(): "stays" {
    this.#dropOldest(Math.ceil(this.#kept.size / 2));
    return "stays";
  }
}

/** Memory of a body that is kept as the object which it is. */
function bytesOf(body: unknown): number {
  return BODY_FACTOR * JSON.stringify(body).length;
}
