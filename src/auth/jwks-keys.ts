/**
 * The public keys of an identity provider, fetched from its JWKS document (RFC 7517). The address of the document is the operator's: no token says where keys
 * are. What was fetched last stays until a newer document is there, however long the provider is away.
 */
import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from "jose";
import { TokenBucket } from "../protocol/token-bucket.ts";

/** The part of the global `fetch` that is needed. */
export type FetchDocument = (url: string, init: RequestInit) => Promise<Response>;

export interface JwksKeysOptions {
  readonly url: string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** @default the global one */
  readonly fetch?: FetchDocument | undefined;
  /** Told why a document could not be had. The keys that were fetched before go on counting. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/** The keys that count now are not known: they could not be fetched, or were asked for too often. It says nothing about the token. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** Finds the keys that may have signed a token, as `jose` asks for them. */
type KeySet = ReturnType<typeof createLocalJWKSet>;

/** How long a document is used before the next one is fetched, meanwhile and beside it. */
const FRESH_MS = 600_000;
/** How long the provider may take to answer: less than an admission may take. */
const FETCH_TIMEOUT_MS = 4_000;
const MAX_DOCUMENT_BYTES = 262_144;
/** Fetches at once, and in the long run: one for each key that is not known would be the provider's flood. */
const FETCHES = { size: 5, perSecond: 0.1 };

export class JwksKeys {
  readonly #options: JwksKeysOptions;
  readonly #fetches: TokenBucket;
  #keys: KeySet | undefined;
  #fetchedAt = 0;
  #underWay: Promise<void> | undefined;

  constructor(options: JwksKeysOptions) {
    this.#options = options;
    this.#fetches = new TokenBucket(FETCHES, options.now());
  }

  /**
   * The keys that fit the header of this token. A key that is not known is looked for once more at the provider, which may have a new one. Rejects with
   * `KeysUnavailable` where that cannot be done now, and with the errors of `jose` where the newest document has no key that fits.
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<readonly CryptoKey[]> {
    if (this.#keys === undefined) await this.#fetch();
    else if (this.#options.now() - this.#fetchedAt > FRESH_MS) void this.#fetch();
    const before = this.#keys;
    try {
      return await this.#among(before, header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (this.#keys === before) await this.#fetch();
      if (this.#keys === before) throw new KeysUnavailable("The provider may have a new key, and cannot be asked now.");
      return await this.#among(this.#keys, header, token);
    }
  }

  async #among(
    keys: KeySet | undefined,
    header: JWSHeaderParameters,
    token: FlattenedJWSInput,
  ): Promise<readonly CryptoKey[]> {
    if (keys === undefined) throw new KeysUnavailable("The keys that sign tokens could not be fetched.");
    try {
      return [await keys(header, token)];
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      const several: CryptoKey[] = [];
      for await (const key of error) several.push(key);
      return several;
    }
  }

  /** One fetch at a time, and none where there were too many. Never rejects. */
  #fetch(): Promise<void> {
    if (this.#underWay !== undefined) return this.#underWay;
    if (!this.#fetches.take(1, this.#options.now())) return Promise.resolve();
    this.#underWay = this.#replaceKeys().finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  async #replaceKeys(): Promise<void> {
    const { url, now, fetch = globalThis.fetch, onFailure } = this.#options;
    try {
      const response = await fetch(url, {
        headers: { accept: "application/json" },
        redirect: "error",
        signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      });
      if (!response.ok) throw new Error(`The answer is ${response.status}.`);
      this.#keys = keySetOf(await textOf(response));
      this.#fetchedAt = now();
    } catch (error) {
      onFailure?.(error);
    }
  }
}

/** Throws where the document is none. One without keys is a mistake of the provider, and no reason to refuse every token. */
function keySetOf(text: string): KeySet {
  const document: JSONWebKeySet = JSON.parse(text);
  const keys = createLocalJWKSet(document);
  if (document.keys.length === 0) throw new Error("The document has no keys.");
  return keys;
}

/** The body, if it is not longer than a document of keys may be. The time-out of the fetch bounds the reading too. */
async function textOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_DOCUMENT_BYTES) throw new Error(`The document has more than ${MAX_DOCUMENT_BYTES} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
