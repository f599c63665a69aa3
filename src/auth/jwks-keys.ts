/**
 * The public keys of an identity provider, fetched from its JWKS document (RFC 7517). The address of the document is the operator's: no token says where keys
 * are. What was fetched last stays until a newer document is there, however long the provider is away.
 */
import { createLocalJWKSet, errors, type CryptoKey, type FlattenedJWSInput, type JWSHeaderParameters } from "jose";
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

/** The keys are not known: they never could be fetched. It says nothing about the token. */
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
   * `KeysUnavailable`, and with the errors of `jose` where no key fits.
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<readonly CryptoKey[]> {
    if (this.#keys === undefined) await this.#fetch();
    else if (this.#options.now() - this.#fetchedAt > FRESH_MS) void this.#fetch();
    try {
      return await this.#among(this.#keys, header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const before = this.#keys;
      await this.#fetch();
      if (this.#keys === before) throw error;
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
      this.#keys = createLocalJWKSet(JSON.parse(await textOf(response)));
      this.#fetchedAt = now();
    } catch (error) {
      onFailure?.(error);
    }
  }
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
