/** Tokens: JWTs (RFC 7519) that say who a peer is, what it may be, and in which room (P6.1). */
import { nanoid } from "nanoid";
import { failure, type Result } from "../protocol/result.ts";
import { problemOfClaims, readClaims, type TokenClaims, type VerifiedToken } from "./token-claims.ts";
import { TokenSignatures, type TokenOptions, type TokenRefusal } from "./token-signatures.ts";

/** Signs tokens and judges them. */
export interface Tokens {
  /**
   * A token that counts from now on for so many seconds. Rejects with `TypeError` where there is no secret, or a claim is wrong.
   * @param seconds @default `ttl` of the options
   */
  sign(claims: TokenClaims, seconds?: number): Promise<string>;
  /** What a token says, where it counts. One that is there to be refreshed does not. */
  verify(token: string): Promise<Result<VerifiedToken, TokenRefusal>>;
}

export const DEFAULT_TOKEN_SECONDS = 3_600;

/** Marks a token that gets other tokens and opens nothing (`TokenIssuer`). */
export const REFRESH_USE = "refresh";
const IS_REFRESH = "This is a refresh token: it gets new tokens, and opens nothing.";

/**
 * Signs tokens that a server with the same secret takes, and judges them as it does. Throws `TypeError` where a secret is too short, or where there is neither
 * a secret nor a JWKS URL.
 */
export function createTokens(options: TokenOptions): Tokens {
  return tokensOf(new TokenSignatures(options), options);
}

/** As `createTokens`, of signatures that others use too. */
export function tokensOf(
  signatures: TokenSignatures,
  { ttl = DEFAULT_TOKEN_SECONDS, now = Date.now }: Pick<TokenOptions, "ttl" | "now"> = {},
): Tokens {
  return {
    async sign({ session_id = nanoid(), ...claims }, seconds = ttl) {
      const problem = problemOfClaims({ ...claims, session_id });
      if (problem !== undefined) throw new TypeError(problem);
      const iat = Math.floor(now() / 1_000);
      return signatures.sign({ ...claims, session_id }, { iat, exp: iat + seconds });
    },

    async verify(token) {
      const payload = await signatures.read(token);
      if (!payload.ok) return payload;
      if (payload.value["token_use"] === REFRESH_USE) return failure({ reason: IS_REFRESH, isForged: false });
      const claims = readClaims(payload.value, signatures.leeway);
      return claims.ok ? claims : failure({ reason: claims.failure, isForged: false });
    },
  };
}
