/** All about tokens of one server, from its options: what judges, signs and revokes them. */
import { Revocations } from "../auth/revocations.ts";
import { TokenIssuer } from "../auth/token-issuer.ts";
import { TokenSignatures } from "../auth/token-signatures.ts";
import { tokensOf } from "../auth/tokens.ts";
import type { BanCheck } from "../hub/bans.ts";
import { TokenGate } from "./token-gate.ts";

export interface TokenAccessOptions {
  readonly jwtSecret?: string | undefined;
  readonly jwksUrl?: string | undefined;
  readonly jwtIssuer?: string | undefined;
  readonly jwtAudience?: string | undefined;
  readonly jwtLeeway: number;
  readonly tokenTtl: number;
  /** Tokens a minute and network that were not signed here. */
  readonly guessLimit: number;
}

export interface TokenAccess {
  readonly gate: TokenGate;
  readonly issuer: TokenIssuer;
  readonly revocations: Revocations;
}

export interface TokenAccessPorts {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly bans: BanCheck;
  /** Told why the keys of the identity provider could not be fetched. */
  readonly onKeysFailure: (error: unknown) => void;
}

/** `undefined` where the options know neither a secret nor a JWKS URL: then tokens are not looked at. */
export function createTokenAccess(
  { jwtSecret, jwksUrl, jwtIssuer, jwtAudience, jwtLeeway, tokenTtl, guessLimit }: TokenAccessOptions,
  { now, bans, onKeysFailure }: TokenAccessPorts,
): TokenAccess | undefined {
  if (jwtSecret === undefined && jwksUrl === undefined) return undefined;
  const signatures = new TokenSignatures({
    secret: jwtSecret,
    jwksUrl,
    issuer: jwtIssuer,
    audience: jwtAudience,
    leeway: jwtLeeway,
    monotonicNow: now,
    onKeysFailure,
  });
  const revocations = new Revocations();
  const gate = new TokenGate({ tokens: tokensOf(signatures, { ttl: tokenTtl }), revocations, guessLimit, now });
  const issuer = new TokenIssuer({ signatures, revocations, bans, ttl: tokenTtl });
  return { gate, issuer, revocations };
}
