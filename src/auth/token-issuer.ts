/**
 * Gives out tokens with a refresh token each, which gets the next ones without widening anything (P9.7). A refresh token counts once: it is rotated, and one that
 * is shown again was stolen, from its owner or by its owner, so its whole family and the tokens of its session are revoked.
 */
import { nanoid } from "nanoid";
import type { BanCheck } from "../hub/bans.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { MAX_TOKEN_SECONDS } from "../protocol/token-limits.ts";
import { RefreshFamilies, type ClaimRotation, type Rotation } from "./refresh-families.ts";
import type { Revocations, RevocationTarget } from "./revocations.ts";
import { banKeysOf } from "./token-ban-keys.ts";
import { problemOfClaims, readClaims, type TokenClaims, type VerifiedToken } from "./token-claims.ts";
import type { TokenRefusal, TokenSignatures } from "./token-signatures.ts";
import { DEFAULT_TOKEN_SECONDS, REFRESH_USE } from "./tokens.ts";

/** What a token is to say, and for how long it is to count. */
export interface TokenRequest extends TokenClaims {
  /** Seconds that the token counts. @default the option `tokenTtl` */
  readonly ttl?: number | undefined;
}

/** As the HTTP API answers it. */
export interface IssuedTokens {
  readonly token: string;
  /** Gets the next pair, once. */
  readonly refresh_token: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly session_id: string;
}

export interface TokenIssuerOptions {
  readonly signatures: TokenSignatures;
  readonly revocations: Revocations;
  /** Whose bearers get no new tokens. @default there are no bans */
  readonly bans?: BanCheck | undefined;
  /** Seconds that a token counts where nothing else is asked for. @default 3600 */
  readonly ttl?: number | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** Families of refresh tokens that are remembered. @default 100000 */
  readonly maxFamilies?: number;
}

const MAX_FAMILIES = 100_000;

const NO_REFRESH_TOKEN: TokenRefusal = { reason: "This is no refresh token.", isForged: false };
const USED_AGAIN: TokenRefusal = {
  reason: "This refresh token was used before. All tokens of its session are revoked.",
  isForged: false,
};
const UNDECIDED: TokenRefusal = {
  reason: "The server cannot tell now whether this refresh token was used before. Come back in a moment.",
  isForged: false,
  isTemporary: true,
};
const FORGOTTEN: TokenRefusal = { reason: "This refresh token is too old. Ask for a new token.", isForged: false };
const REVOKED: TokenRefusal = { reason: "This refresh token has been revoked.", isForged: false };

/** A refresh token's own claims. */
interface RefreshClaims extends Rotation {
  readonly ttl: number;
}

/** Gives out tokens, refreshes them, and takes them back. */
export class TokenIssuer {
  readonly #signatures: TokenSignatures;
  readonly #revocations: Revocations;
  readonly #bans: BanCheck | undefined;
  readonly #ttl: number;
  readonly #now: () => number;
  readonly families: RefreshFamilies;

  constructor({
    signatures,
    revocations,
    bans,
    ttl = DEFAULT_TOKEN_SECONDS,
    now = Date.now,
    maxFamilies = MAX_FAMILIES,
  }: TokenIssuerOptions) {
    this.#signatures = signatures;
    this.#revocations = revocations;
    this.#bans = bans;
    this.#ttl = ttl;
    this.#now = now;
    this.families = new RefreshFamilies(maxFamilies);
  }

  /** Whether there is a secret that signs. Without one nothing is given out, and what others gave out can be revoked all the same. */
  get canIssue(): boolean {
    return this.#signatures.canSign;
  }

  /** Rejects with `TypeError` where a claim is wrong, there are so many that the token would be too long, or no secret signs. */
  async issue({ ttl = this.#ttl, session_id = nanoid(), ...claims }: TokenRequest): Promise<IssuedTokens> {
    const whole = { ...claims, session_id };
    const problem = problemOfClaims(whole);
    if (problem !== undefined) throw new TypeError(problem);
    if (!Number.isInteger(ttl) || ttl < 1 || ttl > MAX_TOKEN_SECONDS)
      throw new TypeError(`"ttl" has to be a whole number of seconds from 1 to ${MAX_TOKEN_SECONDS}.`);
    const iat = this.#moment(whole);
    const rotation = { family: nanoid(), turn: nanoid(), step: 0, ttl };
    return this.#pair(whole, rotation, iat, this.#seconds() + MAX_TOKEN_SECONDS);
  }

  /** The next pair, with the claims of the first. A family ends when it is as old as a token may be, however often it is rotated. An access token is no refresh token. */
  async refresh(refreshToken: string): Promise<Result<IssuedTokens, TokenRefusal>> {
    const payload = await this.#signatures.readOwn(refreshToken);
    if (!payload.ok) return payload;
    const rotation = rotationOf(payload.value);
    const claims = readClaims(payload.value, 0);
    if (rotation === undefined || !claims.ok) return failure(NO_REFRESH_TOKEN);
    const token = claims.value;
    if (this.#revocations.isRevoked(token)) return failure(REVOKED);
    const ban = this.#bans?.reasonFor(banKeysOf(token));
    if (ban !== undefined) return failure({ reason: ban, isForged: false });
    let refused = this.#refusalOf(rotation, token);
    const { claim } = this.families;
    if (refused === undefined && claim !== undefined) refused = await this.#claimed(claim, rotation, token);
    if (refused !== undefined) return failure(refused);
    const { family, step, ttl } = rotation;
    const next = { family, turn: nanoid(), step: step + 1, ttl };
    const iat = this.#moment(token);
    this.families.rotate({ family, turn: next.turn, step: next.step, iat });
    return success(await this.#pair(claimsOf(token), next, iat, token.exp));
  }

  #refusalOf(rotation: Rotation, token: VerifiedToken): TokenRefusal | undefined {
    const state = this.families.stateOf(rotation, token.iat);
    switch (state) {
      case "newest":
        return undefined;
      case "forgotten":
        return FORGOTTEN;
      case "used":
        return this.#usedAgain(rotation, token);
      default:
        return state satisfies never;
    }
  }

  /** Another node may be asked for the same at this moment. */
  async #claimed(claim: ClaimRotation, rotation: Rotation, token: VerifiedToken): Promise<TokenRefusal | undefined> {
    const claimed = await claim(rotation);
    switch (claimed) {
      case "given": // and what happened meanwhile counts
        return this.#revocations.isRevoked(token) ? REVOKED : this.#refusalOf(rotation, token);
      case "taken":
        return this.#usedAgain(rotation, token);
      case "away":
        return UNDECIDED;
      default:
        return claimed satisfies never;
    }
  }

  #usedAgain({ family }: Rotation, token: VerifiedToken): TokenRefusal {
    this.families.forget(family);
    this.#revocations.revoke({ session_id: token.session_id ?? "" });
    return USED_AGAIN;
  }

  /** Ends what this user or session was given: tokens, refresh tokens, and what is open by them. */
  revoke(target: RevocationTarget): void {
    this.#revocations.revoke(target);
  }

  async #pair(
    claims: TokenClaims & { readonly session_id: string },
    rotation: RefreshClaims,
    iat: number,
    familyEnd: number,
  ): Promise<IssuedTokens> {
    const { ttl } = rotation;
    const exp = this.#seconds() + ttl;
    const token = await this.#signatures.sign({ ...claims }, { iat, exp });
    const refresh_token = await this.#signatures.sign(
      { ...claims, token_use: REFRESH_USE, ...rotation },
      { iat, exp: familyEnd },
    );
    return { token, refresh_token, expires_in: ttl, session_id: claims.session_id };
  }

  /** Now, in seconds since 1970: a whole number, but for a token that has to be newer than a revocation of this second. */
  #moment({ sub, session_id }: Pick<TokenClaims, "sub" | "session_id">): number {
    const seconds = this.#seconds();
    const revokedAt = this.#revocations.lastRevoked({ sub, session_id });
    return seconds * 1_000 > revokedAt ? seconds : (revokedAt + 1) / 1_000;
  }

  /** Whole seconds since 1970. */
  #seconds(): number {
    return Math.floor(this.#now() / 1_000);
  }
}

/** A token of an earlier version says no step: it is as old as those of its family that say none either. */
function rotationOf(payload: Readonly<Record<string, unknown>>): RefreshClaims | undefined {
  const { token_use, family, turn, step = 0, ttl } = payload;
  if (token_use !== REFRESH_USE || typeof family !== "string" || typeof turn !== "string") return undefined;
  return typeof ttl === "number" && typeof step === "number" ? { family, turn, step, ttl } : undefined;
}

/** The claims that the first token of the family had. */
function claimsOf({ sub, room, role, session_id = "", name, channels, publish }: VerifiedToken) {
  return {
    sub,
    session_id,
    ...(room !== undefined && { room }),
    ...(role !== undefined && { role }),
    ...(name !== undefined && { name }),
    ...(channels.length > 0 && { channels }),
    ...(publish.length > 0 && { publish }),
  };
}
