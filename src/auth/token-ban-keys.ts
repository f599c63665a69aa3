/** By which bans apply to the bearer of a token: its user, and the session that the token names. */
import { hashSecret } from "../hub/hash-secret.ts";
import type { VerifiedToken } from "./token-claims.ts";

export interface TokenBanKeys {
  readonly user: string;
  readonly tokenSessionHash: string | undefined;
}

export function banKeysOf(token: Pick<VerifiedToken, "sub" | "session_id">): TokenBanKeys {
  return { user: token.sub, tokenSessionHash: tokenSessionHashOf(token) };
}

/** The hash of the `session_id` of a token. */
export function tokenSessionHashOf({ session_id }: Pick<VerifiedToken, "session_id">): string | undefined {
  return session_id === undefined ? undefined : hashSecret(session_id);
}
