/**
 * Tokens of members: JWTs (RFC 7519) that say who a peer is and which open room it may join (P6.1). They are signed with HS256 and nothing else: what a
 * token's own header asks for (`alg`, `kid`, `jku`) chooses no key and no algorithm.
 */
import { errors, jwtVerify, SignJWT, type JWTPayload, type JWTVerifyOptions } from "jose";
import { nanoid } from "nanoid";
import { problemOfDisplayName } from "../protocol/display-name.ts";
import { isOpenRoomName, MAX_OPEN_ROOM_NAME_BYTES } from "../protocol/open-room-name.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { parseTokenSecrets } from "../protocol/token-secrets.ts";

/** What a token says. */
export interface MemberClaims {
  /** The member's id, 1 to 128 bytes of UTF-8. */
  readonly sub: string;
  /** The name of the open room that the member may join, 1 to 128 bytes of UTF-8. */
  readonly room: string;
  /** Which of the member's sessions this is. @default made up */
  readonly session_id?: string;
  /** The display name. @default the id */
  readonly name?: string;
  /** @default "member" */
  readonly role?: "member" | "spectator";
}

/** A token that counts. */
export interface MemberToken extends Required<Pick<MemberClaims, "sub" | "room" | "session_id">> {
  readonly name: string | undefined;
  readonly role: "member" | "spectator" | undefined;
  /** Until when it counts, as it says itself: seconds since 1970. */
  readonly exp: number;
  /** Until when it counts, the leeway included, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Why a token does not count. */
export interface TokenRefusal {
  /** For people, and for a close reason. It quotes nothing of the token. */
  readonly reason: string;
  /** The token was not signed here: it may be a guess. */
  readonly isForged: boolean;
}

/** How tokens are signed and judged: the server's options `jwtSecret`, `jwtIssuer`, `jwtAudience` and `jwtLeeway`, to give the same ones. */
export interface TokenOptions {
  /** At least 32 bytes; several are separated by commas: the first signs, all verify. */
  readonly secret: string;
  /** What `iss` has to be, and what `sign` writes there. @default not looked at */
  readonly issuer?: string | undefined;
  /** What `aud` has to be or contain, and what `sign` writes there. @default not looked at */
  readonly audience?: string | undefined;
  /** Seconds that a token counts longer than it says. @default 0 */
  readonly leeway?: number | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** Signs tokens and judges them. */
export interface Tokens {
  /** A token that lets its bearer into the room until so many seconds from now. @param seconds @default 3600 */
  sign(claims: MemberClaims, seconds?: number): Promise<string>;
  verify(token: string): Promise<Result<MemberToken, TokenRefusal>>;
}

const ALGORITHM = "HS256";
const TOKEN_SECONDS = 3_600;
/** More would not fit into the head of a request, beside the rest of it. */
const MAX_TOKEN_LENGTH = 8_192;
/** The last moment that a `Date` knows. */
const LAST_MOMENT_MS = 8.64e15;

const utf8 = new TextEncoder();

/**
 * Signs tokens with which members join open rooms at `/ws?token=`, and judges them as a server with the same secret does. Throws `TypeError` where a secret is
 * too short.
 */
export function createTokens({ secret, issuer, audience, leeway = 0, now = Date.now }: TokenOptions): Tokens {
  const secrets = parseTokenSecrets(secret);
  if (!secrets.ok) throw new TypeError(secrets.failure);
  const keys = secrets.value.map((text) => utf8.encode(text));

  const payloadOf = async (token: string): Promise<Result<JWTPayload, TokenRefusal>> => {
    const terms: JWTVerifyOptions = {
      algorithms: [ALGORITHM],
      clockTolerance: leeway,
      currentDate: new Date(now()),
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    };
    let refusal: TokenRefusal = NOT_SIGNED_HERE;
    for (const key of keys) {
      try {
        return success((await jwtVerify(token, key, terms)).payload);
      } catch (error) {
        refusal = refusalOf(error);
      }
      if (refusal !== NOT_SIGNED_HERE) break;
    }
    return failure(refusal);
  };

  return {
    async sign({ session_id = nanoid(), ...claims }, seconds = TOKEN_SECONDS) {
      const issuedAt = Math.floor(now() / 1_000);
      const token = new SignJWT({ ...claims, session_id })
        .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + seconds);
      if (issuer !== undefined) token.setIssuer(issuer);
      if (audience !== undefined) token.setAudience(audience);
      const [key = new Uint8Array()] = keys;
      return token.sign(key);
    },

    async verify(token) {
      if (token === "") return failure({ reason: "Your token is empty.", isForged: false });
      if (token.length > MAX_TOKEN_LENGTH) {
        return failure({ reason: `Your token is longer than ${MAX_TOKEN_LENGTH} letters.`, isForged: true });
      }
      const payload = await payloadOf(token);
      if (!payload.ok) return payload;
      const claims = readClaims(payload.value, leeway);
      return claims.ok ? claims : failure({ reason: claims.failure, isForged: false });
    },
  };
}

const NOT_SIGNED_HERE: TokenRefusal = { reason: "Your token was not signed by this server.", isForged: true };

/** What is wrong, by the documented classes of `jose`. Every other exception is a bug. */
function refusalOf(error: unknown): TokenRefusal {
  if (error instanceof errors.JWSSignatureVerificationFailed) return NOT_SIGNED_HERE;
  if (error instanceof errors.JWTExpired) return { reason: "Your token has expired.", isForged: false };
  if (error instanceof errors.JWTClaimValidationFailed) {
    return { reason: CLAIM_PROBLEMS.get(error.claim) ?? "A claim of your token is wrong.", isForged: false };
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return { reason: `Your token has to be signed with ${ALGORITHM}.`, isForged: true };
  }
  if (error instanceof errors.JOSEError) return { reason: "Your token is no valid JWT.", isForged: true };
  throw error;
}

const CLAIM_PROBLEMS = new Map([
  ["exp", '"exp" in your token has to be seconds since 1970.'],
  ["iat", '"iat" in your token has to be seconds since 1970.'],
  ["nbf", "Your token is not valid yet."],
  ["iss", "Your token is from another issuer."],
  ["aud", "Your token is for another audience."],
]);

function readClaims(payload: JWTPayload, leeway: number): Result<MemberToken, string> {
  const { sub, room, session_id, exp } = payload;
  // Some languages write null for what is not there.
  const name: unknown = payload["name"] ?? undefined;
  const role: unknown = payload["role"] ?? undefined;
  if (exp === undefined) return failure('Your token has no "exp".');
  const texts = { sub, room, session_id };
  for (const [claim, value] of Object.entries(texts)) {
    const problem = problemOfText(claim, value);
    if (problem !== undefined) return failure(problem);
  }
  if (name !== undefined && typeof name !== "string") return failure('"name" in your token has to be a text.');
  const displayName = name?.trim();
  const tooLong = displayName === undefined ? undefined : problemOfDisplayName(displayName);
  if (tooLong !== undefined) return failure(`"name" in your token ${tooLong}`);
  if (role !== undefined && role !== "member" && role !== "spectator") {
    return failure('"role" in your token has to be member or spectator.');
  }
  return success({
    sub: String(sub),
    room: String(room),
    session_id: String(session_id),
    name: displayName === "" ? undefined : displayName,
    role,
    exp,
    expiresAt: Math.min((exp + leeway) * 1_000, LAST_MOMENT_MS),
  });
}

function problemOfText(claim: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return `Your token has no "${claim}".`;
  const isFine = typeof value === "string" && isOpenRoomName(value);
  return isFine ? undefined : `"${claim}" in your token has to be 1 to ${MAX_OPEN_ROOM_NAME_BYTES} bytes of UTF-8.`;
}
