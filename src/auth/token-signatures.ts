/**
 * The signatures of tokens (RFC 7515): signs with the first secret, and judges what any of the secrets or a key of the identity provider has signed. The
 * algorithm decides which keys are looked at, so a public key is never taken for a secret; `kid` chooses among the keys of the provider and nothing else, and
 * what a token's header says of other places (`jku`, `x5u`, `jwk`) is not looked at.
 */
import {
  decodeProtectedHeader,
  errors,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JWTPayload,
  type JWTVerifyOptions,
} from "jose";
import { failure, success, type Result } from "../protocol/result.ts";
import { MAX_TOKEN_LENGTH } from "../protocol/token-limits.ts";
import { parseTokenSecrets } from "../protocol/token-secrets.ts";
import { JwksKeys, KeysUnavailable, type FetchDocument } from "./jwks-keys.ts";

/** Why a token does not count. */
export interface TokenRefusal {
  /** For people, and for a close reason. It quotes nothing of the token. */
  readonly reason: string;
  /** The token was not signed here: it may be a guess. */
  readonly isForged: boolean;
  /** The server could not judge it now: it may count in a moment. @default false */
  readonly isTemporary?: boolean;
}

/**
 * How tokens are signed and judged: the server's options `jwtSecret`, `jwksUrl`, `jwtIssuer`, `jwtAudience` and `jwtLeeway`, to give the same ones. With
 * both a secret and a JWKS URL the tokens of either count.
 */
export interface TokenOptions {
  /** At least 32 bytes; several are separated by commas: the first signs, all verify (HS256). @default none: nothing is signed here */
  readonly secret?: string | undefined;
  /** Where the public keys are (JWKS) of an identity provider that signs with RS, PS, ES or EdDSA. @default none */
  readonly jwksUrl?: string | undefined;
  /** What `iss` has to be, and what `sign` writes there. @default not looked at */
  readonly issuer?: string | undefined;
  /** What `aud` has to be or contain, and what `sign` writes there. @default not looked at */
  readonly audience?: string | undefined;
  /** Seconds that a token counts longer than it says. @default 0 */
  readonly leeway?: number | undefined;
  /** Seconds that a token counts which `sign` is told nothing else about. @default 3600 */
  readonly ttl?: number | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** Milliseconds of a clock that never goes back, by which the keys of `jwksUrl` age. @default performance.now */
  readonly monotonicNow?: () => number;
  /** Fetches the keys of `jwksUrl`. @default the global one */
  readonly fetch?: FetchDocument | undefined;
  /** Told why the keys could not be fetched; those that were fetched before go on counting. @default not told */
  readonly onKeysFailure?: ((error: unknown) => void) | undefined;
}

/** When a token begins and ends, in seconds since 1970. */
export interface TokenSpan {
  readonly iat: number;
  readonly exp: number;
}

/** Seconds that `iat` may be ahead of the clock here, beside the leeway. A token of later could not be told from one that was signed after a revocation. */
const MAX_AHEAD_SECONDS = 60;
/** Three parts of base64url. `jose` skips what stands behind them. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

const SECRET_ALGORITHM = "HS256";
/** Each with a kind of key of its own. `jose` refuses a key of another kind or curve, and RSA keys under 2048 bits. */
const KEY_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

export const TOKEN_TOO_LONG = `Your token is longer than ${MAX_TOKEN_LENGTH} letters.`;
const NOT_SIGNED_HERE: TokenRefusal = { reason: "Your token was not signed by this server.", isForged: true };
const FROM_THE_FUTURE: TokenRefusal = { reason: '"iat" in your token is in the future.', isForged: false };
const NOT_A_JWT: TokenRefusal = { reason: "Your token is no valid JWT.", isForged: true };
const UNKNOWN_KEY: TokenRefusal = {
  reason: "Your token was signed with a key that is not known here.",
  isForged: true,
};
const NO_KEYS: TokenRefusal = {
  reason: "The server cannot check your token right now. Come back in a moment.",
  isForged: false,
  isTemporary: true,
};

const utf8 = new TextEncoder();

export class TokenSignatures {
  readonly #secrets: readonly Uint8Array[];
  readonly #keys: JwksKeys | undefined;
  readonly #issuer: string | undefined;
  readonly #audience: string | undefined;
  readonly #now: () => number;
  /** Seconds that a token counts longer than it says. */
  readonly leeway: number;

  /** Throws `TypeError` where a secret is too short, or there is nothing that verifies. */
  constructor({
    secret,
    jwksUrl,
    issuer,
    audience,
    leeway = 0,
    now = Date.now,
    monotonicNow = () => performance.now(),
    fetch,
    onKeysFailure: onFailure,
  }: TokenOptions) {
    if (secret === undefined && jwksUrl === undefined)
      throw new TypeError("Tokens need a secret or the address of a JWKS document.");
    const secrets = secret === undefined ? { ok: true as const, value: [] } : parseTokenSecrets(secret);
    if (!secrets.ok) throw new TypeError(secrets.failure);
    this.#secrets = secrets.value.map((text) => utf8.encode(text));
    this.#keys =
      jwksUrl === undefined ? undefined : new JwksKeys({ url: jwksUrl, now: monotonicNow, fetch, onFailure });
    this.#issuer = issuer;
    this.#audience = audience;
    this.#now = now;
    this.leeway = leeway;
  }

  /** Whether there is a secret that signs. */
  get canSign(): boolean {
    return this.#secrets.length > 0;
  }

  /** Throws where no secret is there, or the token would be too long for a request. */
  async sign(payload: JWTPayload, { iat, exp }: TokenSpan): Promise<string> {
    const [key] = this.#secrets;
    if (key === undefined) throw new TypeError("Tokens are signed with a secret, and there is none.");
    const unsigned = new SignJWT(payload)
      .setProtectedHeader({ alg: SECRET_ALGORITHM, typ: "JWT" })
      .setIssuedAt(iat)
      .setExpirationTime(exp);
    if (this.#issuer !== undefined) unsigned.setIssuer(this.#issuer);
    if (this.#audience !== undefined) unsigned.setAudience(this.#audience);
    const token = await unsigned.sign(key);
    if (token.length > MAX_TOKEN_LENGTH)
      throw new TypeError(`These claims make a token longer than ${MAX_TOKEN_LENGTH} letters.`);
    return token;
  }

  /** What a token says that one of the secrets has signed, and no key of the identity provider. */
  async readOwn(token: string): Promise<Result<JWTPayload, TokenRefusal>> {
    const isOwn = token.length > MAX_TOKEN_LENGTH || algorithmOf(token) === SECRET_ALGORITHM;
    return isOwn ? this.read(token) : failure(NOT_SIGNED_HERE);
  }

  /** What a token says whose signature, `exp`, `nbf`, `iss` and `aud` are fine. */
  async read(token: string): Promise<Result<JWTPayload, TokenRefusal>> {
    if (token === "") return failure({ reason: "Your token is empty.", isForged: false });
    if (token.length > MAX_TOKEN_LENGTH) return failure({ reason: TOKEN_TOO_LONG, isForged: true });
    const algorithm = algorithmOf(token);
    if (algorithm === undefined || !JWT.test(token) || !isOneSpelling(token.slice(token.lastIndexOf(".") + 1)))
      return failure(NOT_A_JWT);
    if (this.#secrets.length > 0 && algorithm === SECRET_ALGORITHM)
      return this.#readWith(this.#secrets, token, [SECRET_ALGORITHM]);
    if (this.#keys !== undefined && KEY_ALGORITHMS.some((known) => known === algorithm))
      return this.#readWithKeys(this.#keys, token, algorithm);
    return failure({ reason: `Your token has to be signed with ${this.#algorithms}.`, isForged: true });
  }

  #isAhead({ iat }: JWTPayload): boolean {
    return iat !== undefined && iat > this.#now() / 1_000 + this.leeway + MAX_AHEAD_SECONDS;
  }

  /** For people. */
  get #algorithms(): string {
    const ofKeys = this.#keys === undefined ? [] : ["RS256, PS256, ES256 or EdDSA"];
    return [...(this.#secrets.length > 0 ? [SECRET_ALGORITHM] : []), ...ofKeys].join(", ");
  }

  async #readWithKeys(keys: JwksKeys, token: string, algorithm: string): Promise<Result<JWTPayload, TokenRefusal>> {
    const [header = "", payload = "", signature = ""] = token.split(".");
    let found: readonly CryptoKey[];
    try {
      found = await keys.find(decodeProtectedHeader(token), { protected: header, payload, signature });
    } catch (error) {
      if (error instanceof KeysUnavailable) return failure(NO_KEYS);
      // `jose` throws others than its own for a key that cannot be used, such as one that is too short: it is as good as none.
      return failure(UNKNOWN_KEY);
    }
    return this.#readWith(found, token, [algorithm]);
  }

  async #readWith(
    keys: readonly (Uint8Array | CryptoKey)[],
    token: string,
    algorithms: string[],
  ): Promise<Result<JWTPayload, TokenRefusal>> {
    const terms: JWTVerifyOptions = {
      algorithms,
      clockTolerance: this.leeway,
      currentDate: new Date(this.#now()),
      ...(this.#issuer !== undefined && { issuer: this.#issuer }),
      ...(this.#audience !== undefined && { audience: this.#audience }),
    };
    let refusal: TokenRefusal = NOT_SIGNED_HERE;
    for (const key of keys) {
      try {
        const { payload } = await jwtVerify(token, key, terms);
        return this.#isAhead(payload) ? failure(FROM_THE_FUTURE) : success(payload);
      } catch (error) {
        refusal = refusalOf(error, key instanceof Uint8Array);
      }
      if (refusal !== NOT_SIGNED_HERE) break;
    }
    return failure(refusal);
  }
}

/** The last letter of a signature may have bits that say nothing: one signature has one spelling. */
function isOneSpelling(signature: string): boolean {
  return Buffer.from(signature, "base64url").toString("base64url") === signature;
}

/** What the token's header asks for; `undefined` where it has no header that can be read. */
function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg ?? "";
  } catch {
    return undefined; // It is no JWT.
  }
}

/** What is wrong, by the documented classes of `jose`. Every other exception about a secret is a bug. */
function refusalOf(error: unknown, isSecret: boolean): TokenRefusal {
  if (error instanceof errors.JWSSignatureVerificationFailed) return NOT_SIGNED_HERE;
  if (error instanceof errors.JWTExpired) return { reason: "Your token has expired.", isForged: false };
  if (error instanceof errors.JWTClaimValidationFailed) {
    return { reason: CLAIM_PROBLEMS.get(error.claim) ?? "A claim of your token is wrong.", isForged: false };
  }
  if (error instanceof errors.JOSEError) return NOT_A_JWT;
  if (isSecret) throw error;
  return UNKNOWN_KEY; // a key of the provider that cannot be used, such as RSA of 1024 bits
}

const CLAIM_PROBLEMS = new Map([
  ["exp", '"exp" in your token has to be seconds since 1970.'],
  ["iat", '"iat" in your token has to be seconds since 1970.'],
  ["nbf", "Your token is not valid yet."],
  ["iss", "Your token is from another issuer."],
  ["aud", "Your token is for another audience."],
]);
