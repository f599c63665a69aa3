/**
 * Answers to requests with an `Idempotency-Key`, kept for a day: a client that does not know whether its request arrived sends it again, and what it asked
 * for happens once. A request that comes while the first one is under way waits for the answer to that. Where there are other nodes, a claim decides which of
 * them does it; the others ask that one, and all are told the answer.
 */
import { createHash } from "node:crypto";
import type { Calls } from "../../cluster/spread/calls.ts";
import type { Once } from "../../cluster/spread/once.ts";
import { isText, type Fact, type SharedFacts } from "../../cluster/spread/shared-facts.ts";
import type { Eventually } from "../../protocol/eventually.ts";
import type { MemoryAccount, MemoryBudget } from "../../room/memory-budget.ts";
import { RoomUnreachableError } from "../all-rooms/room-unreachable.ts";
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

/** The other nodes. */
export interface OtherAnswers {
  readonly once: Pick<Once, "claim" | "giveBack" | "holderOf">;
  readonly calls: Pick<Calls, "handle" | "call">;
}

interface KeptAnswer {
  readonly fingerprint: string;
  readonly until: number;
  bytes: number;
  readonly answer: Promise<ApiAnswer>;
  /** Its status and its body as JSON, where other nodes know them. */
  told: readonly [status: number, body: string] | undefined;
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

const UNKNOWN = refusal(
  503,
  "overloaded",
  "A request with this Idempotency-Key came to a node that does not answer now. Come back in a moment with the same key.",
  { "Retry-After": "1" },
);
const CANNOT_TELL = refusal(
  503,
  "overloaded",
  "Whether this Idempotency-Key was used before cannot be known now. Come back in a moment with the same key.",
  { "Retry-After": "1" },
);
const REPLAYED = { "Idempotency-Replayed": "true" };

const ANSWER_CALL = "answers.of";
/** Milliseconds for which an answer of another node is waited for: longer than a route may take. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Times that a request which failed at another node is tried here. */
const MAX_TRIES = 3;
/** Characters of a body that other nodes are told. One that is longer is asked for. */
const MAX_TOLD_BODY = 16_384;
const MAX_NAME_LENGTH = 64;

export class IdempotentAnswers implements SharedFacts {
  readonly name = "answers";
  readonly #options: IdempotencyOptions;
  /** The oldest first. */
  readonly #kept = new Map<string, KeptAnswer>();
  readonly #account: MemoryAccount;
  #others: OtherAnswers | undefined;
  #tell: ((fact: Fact) => void) | undefined;

  constructor(options: IdempotencyOptions) {
    this.#options = options;
    this.#account = options.budget.open({ cut: () => this.#cut() });
  }

  /**
   * Does something once for this principal and key. `fingerprint` tells one request from another. What is refused or fails is forgotten, so that a retry
   * may do better; what may have been done at another node is not, since a retry would do it twice.
   */
  async once(
    principal: string,
    key: string,
    fingerprint: string,
    action: () => Eventually<ApiAnswer>,
  ): Promise<ApiAnswer> {
    this.#dropExpired();
    const name = createHash("sha256").update(`${principal}\n${key}`).digest("base64url");
    const known = this.#kept.get(name);
    if (known !== undefined) return known.fingerprint === fingerprint ? replayed(await known.answer) : CONFLICT;
    const others = this.#others;
    const answer = Promise.resolve().then(
      others === undefined ? action : () => this.#onceOverNodes(others, name, fingerprint, action),
    );
    const entry: KeptAnswer = { fingerprint, until: this.#options.now() + KEPT_MS, bytes: 0, answer, told: undefined };
    this.#keep(name, entry);
    try {
      const { status, body } = await answer;
      if (status >= 400) this.#forget(name, entry);
      else if (body !== undefined) this.#count(name, entry, bytesOf(body));
    } catch (error) {
      if (!mayBeDone(error)) this.#forget(name, entry);
      throw error;
    }
    return answer;
  }

  /** From now on what is done once is done once by all nodes together. */
  shareWith(others: OtherAnswers): void {
    this.#others = others;
    others.calls.handle(ANSWER_CALL, (body) => this.#answerOf(body));
  }

  onNew(tell: (fact: Fact) => void): void {
    this.#tell = tell;
  }

  /** `[name, fingerprint, status, body, milliseconds that it is kept]` */
  *all(): Iterable<Fact> {
    const now = this.#options.now();
    for (const [name, { fingerprint, told, until }] of this.#kept)
      if (told !== undefined && until > now) yield [name, fingerprint, ...told, until - now];
  }

  take(fact: unknown): boolean {
    if (!Array.isArray(fact) || fact.length !== 5) return false;
    const [name, fingerprint, status, body, ms]: readonly unknown[] = fact;
    if (!isText(name, MAX_NAME_LENGTH) || !isText(fingerprint, MAX_NAME_LENGTH)) return false;
    if (typeof status !== "number" || !(status >= 200 && status < 400)) return false;
    if (!isText(body, MAX_TOLD_BODY) || typeof ms !== "number" || !(ms > 0 && ms <= KEPT_MS)) return false;
    if (this.#kept.has(name)) return true;
    const read = bodyOf(body);
    if (read === undefined) return false;
    this.#keep(name, {
      fingerprint,
      until: this.#options.now() + ms,
      bytes: 0,
      answer: Promise.resolve({ status, body: read.value }),
      told: [status, body],
    });
    return true;
  }

  close(): void {
    this.#kept.clear();
    this.#account.close();
  }

  /** Does it here, or learns from another node what came of it. */
  async #onceOverNodes(
    { once, calls }: OtherAnswers,
    name: string,
    fingerprint: string,
    action: () => Eventually<ApiAnswer>,
  ): Promise<ApiAnswer> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const claimed = await once.claim(name);
      if (claimed === "away") return CANNOT_TELL;
      if (claimed === "given") return this.#doAndTell(once, name, fingerprint, action);
      const holder = await once.holderOf(name);
      // It was done here, and the answer was dropped since: as without other nodes it is done again.
      if (holder?.isSelf === true) return this.#doAndTell(once, name, fingerprint, action);
      const asked =
        holder === undefined
          ? undefined
          : await calls.call(holder.node, ANSWER_CALL, { name, fingerprint }, ANSWER_TIMEOUT_MS);
      const there = asked?.ok === true ? membersOf(asked.value) : undefined;
      if (there?.["is"] === "other") return CONFLICT;
      const { status, body } = there ?? {};
      if (there?.["is"] === "done" && typeof status === "number") return replayed({ status, body });
      if (there?.["is"] !== "none") return UNKNOWN;
    }
    return UNKNOWN;
  }

  async #doAndTell(
    once: OtherAnswers["once"],
    name: string,
    fingerprint: string,
    action: () => Eventually<ApiAnswer>,
  ): Promise<ApiAnswer> {
    try {
      const answer = await action();
      if (answer.status >= 400) await once.giveBack(name);
      else this.#tellOf(name, fingerprint, answer);
      return answer;
    } catch (error) {
      if (!mayBeDone(error)) await once.giveBack(name);
      throw error;
    }
  }

  #tellOf(name: string, fingerprint: string, { status, body = null }: ApiAnswer): void {
    const json = JSON.stringify(body);
    const entry = this.#kept.get(name);
    if (json.length > MAX_TOLD_BODY || entry === undefined) return;
    entry.told = [status, json];
    this.#tell?.([name, fingerprint, status, json, KEPT_MS]);
  }

  /** What came of a request, for another node that was sent it too. */
  async #answerOf(asked: unknown): Promise<object> {
    const { name, fingerprint } = membersOf(asked);
    const known = this.#kept.get(String(name));
    if (known === undefined) return { is: "none" };
    if (known.fingerprint !== fingerprint) return { is: "other" };
    const { status, body = null } = await known.answer;
    return status >= 400 ? { is: "none" } : { is: "done", status, body };
  }

  #keep(name: string, entry: KeptAnswer): void {
    this.#kept.set(name, entry);
    this.#count(
      name,
      entry,
      ANSWER_BYTES + 2 * (name.length + entry.fingerprint.length) + 2 * (entry.told?.[1].length ?? 0),
    );
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

function mayBeDone(error: unknown): boolean {
  return error instanceof RoomUnreachableError && error.why === "unanswered";
}

function replayed({ headers, ...answer }: ApiAnswer): ApiAnswer {
  return { ...answer, headers: { ...headers, ...REPLAYED } };
}

function bodyOf(json: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return { value: value ?? undefined };
  } catch {
    return undefined;
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Memory of a body that is kept as the object which it is. */
function bytesOf(body: unknown): number {
  return BODY_FACTOR * JSON.stringify(body).length;
}
