/** What tokens say: the claims that Couchwire knows, as a program writes them and as they are read (P6.1, P8.1, P9.7). */
import type { JWTPayload } from "jose";
import { isChannelName, MAX_CHANNEL_NAME_BYTES } from "../protocol/channels/channel-name.ts";
import { parseDisplayName } from "../protocol/display-name.ts";
import { isOpenRoomName, MAX_OPEN_ROOM_NAME_BYTES } from "../protocol/open-room-name.ts";
import { failure, success, type Result } from "../protocol/result.ts";

/** What the bearer of a token may be. */
export const TOKEN_ROLES = ["host", "player", "audience", "member", "spectator", "admin"] as const;

/**
 * What the bearer of a token may be: the host of a room, a player or a member with a seat, a watcher (`audience`, `spectator`), or one who uses the HTTP API
 * (`admin`). A token without a role is a player's or a member's, never a host's.
 */
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** What a token says. */
export interface TokenClaims {
  /** Who the bearer is, 1 to 128 bytes of UTF-8. Seats and bans go by it. */
  readonly sub: string;
  /** The room that the token is for: a code, or the name of an open room, 1 to 128 bytes of UTF-8. @default any room */
  readonly room?: string | undefined;
  /** @default a player or a member */
  readonly role?: TokenRole | undefined;
  /** Which of the bearer's sessions this is. @default made up */
  readonly session_id?: string | undefined;
  /** The display name. @default the one that the peer gives, or its id */
  readonly name?: string | undefined;
  /** Channels that may be subscribed: names, beginnings such as `chat:*`, or `*` for all. @default none */
  readonly channels?: readonly string[] | undefined;
  /** Channels that may be published to, in the same manner. @default none */
  readonly publish?: readonly string[] | undefined;
}

/** A token that counts. */
export interface VerifiedToken {
  readonly sub: string;
  /** `undefined`: any room. */
  readonly room: string | undefined;
  readonly role: TokenRole | undefined;
  readonly session_id: string | undefined;
  readonly name: string | undefined;
  readonly channels: readonly string[];
  readonly publish: readonly string[];
  /** Until when it counts, as it says itself: seconds since 1970. */
  readonly exp: number;
  /** Until when it counts, the leeway included, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** When it was signed, in seconds since 1970, where it says so. */
  readonly iat: number | undefined;
}

/** The last moment that a `Date` knows. */
export const LAST_MOMENT_MS = 8.64e15;
const LISTS = ["channels", "publish"] as const;

/** Reads the claims of a token whose signature, `exp` and `nbf` are fine; the failure is a sentence that quotes nothing of the token. */
export function readClaims(payload: JWTPayload, leeway: number): Result<VerifiedToken, string> {
  if (payload.exp === undefined) return failure('Your token has no "exp".');
  if (payload.sub === undefined || payload.sub === null) return failure('Your token has no "sub".');
  // Some languages write null for what is not there.
  const given: Record<string, unknown> = {};
  for (const [claim, value] of Object.entries(payload)) if (value !== null) given[claim] = value;
  const problem = problemOfClaims(given, " in your token");
  if (problem !== undefined) return failure(problem);
  const { sub, room, session_id, name, role, exp, iat } = given;
  if (!(Number(exp) <= Number.MAX_SAFE_INTEGER)) return failure('"exp" in your token has to be seconds since 1970.');
  const displayName = parseDisplayName(typeof name === "string" ? name : "");
  return success({
    sub: String(sub),
    room: typeof room === "string" ? room : undefined,
    role: TOKEN_ROLES.find((known) => known === role),
    session_id: typeof session_id === "string" ? session_id : undefined,
    name: displayName.ok ? displayName.value : undefined,
    channels: listOf(given["channels"]),
    publish: listOf(given["publish"]),
    exp: Number(exp),
    expiresAt: Math.min((Number(exp) + leeway) * 1_000, LAST_MOMENT_MS),
    iat: typeof iat === "number" ? iat : undefined,
  });
}

/** What is wrong with these claims, as a sentence; `undefined` where a token may say them. `where`: where they stand, beginning with a space. */
export function problemOfClaims(
  claims: { readonly [Claim in keyof TokenClaims]?: unknown },
  where = "",
): string | undefined {
  const { sub, room, session_id, name, role } = claims;
  const texts = { sub, room, session_id };
  for (const [claim, value] of Object.entries(texts)) {
    if (value === undefined && claim !== "sub") continue;
    if (typeof value !== "string" || !isOpenRoomName(value))
      return `"${claim}"${where} has to be 1 to ${MAX_OPEN_ROOM_NAME_BYTES} bytes of UTF-8.`;
  }
  if (name !== undefined && typeof name !== "string") return `"name"${where} has to be a text.`;
  const displayName = parseDisplayName(name ?? "");
  if (!displayName.ok) return `"name"${where} ${displayName.failure}`;
  if (role !== undefined && !TOKEN_ROLES.some((known) => known === role))
    return `"role"${where} has to be ${TOKEN_ROLES.slice(0, -1).join(", ")} or ${TOKEN_ROLES.at(-1)}.`;
  for (const claim of LISTS) {
    const value = claims[claim];
    if (value !== undefined && !isPatternList(value))
      return `"${claim}"${where} has to be a list of channels, each 1 to ${MAX_CHANNEL_NAME_BYTES} bytes of UTF-8.`;
  }
  return undefined;
}

/** A pattern has the form of a channel's name. */
function isPatternList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((pattern) => typeof pattern === "string" && isChannelName(pattern));
}

function listOf(value: unknown): readonly string[] {
  return isPatternList(value) ? value : [];
}
