/**
 * The keys of the HTTP API. A key is compared by its digest and in constant time, so that neither its length nor its letters show in how long the answer
 * takes. Wrong keys are counted by network: past the limit the right one is refused there as well, so that an answer tells a guesser nothing.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { SharedTries } from "../hub/shared-tries.ts";
import { WrongTries } from "./wrong-tries.ts";

export interface ApiKeysOptions {
  /** All of them count. */
  readonly keys: readonly string[];
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Whose key it is: the first key is 1. */
export type KeyVerdict =
  | { readonly is: "right"; readonly number: number }
  | { readonly is: "wrong" }
  /** `retryMs`: until keys from there are looked at again. */
  | { readonly is: "too_many"; readonly retryMs: number };

/** Wrong keys a minute and network. */
const WRONG_KEYS = 60;

/** Judges the keys that requests show. */
export class ApiKeys {
  readonly #digests: readonly Buffer[];
  readonly #wrong: WrongTries;

  constructor({ keys, now }: ApiKeysOptions) {
    this.#digests = keys.map(digestOf);
    this.#wrong = new WrongTries({ limit: WRONG_KEYS, now });
  }

  /** Wrong keys, which all nodes of a cluster count. */
  get wrongTries(): SharedTries {
    return this.#wrong;
  }

  /** Whether this is a key. Counts nothing. */
  has(key: string): boolean {
    return this.#numberOf(key) !== undefined;
  }

  /** Judges a key that came from this address, and counts it where it is wrong. */
  judge(key: string, address: string): KeyVerdict {
    const retryMs = this.#wrong.waitFor(address);
    if (retryMs > 0) return { is: "too_many", retryMs };
    const number = this.#numberOf(key);
    if (number !== undefined) return { is: "right", number };
    this.#wrong.count(address);
    return { is: "wrong" };
  }

  /** Compares with every key, whichever is found. */
  #numberOf(key: string): number | undefined {
    const digest = digestOf(key);
    let found: number | undefined;
    for (const [index, own] of this.#digests.entries()) if (timingSafeEqual(own, digest)) found ??= index + 1;
    return found;
  }
}

function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
