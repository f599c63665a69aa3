/** Tokens over HTTP: issued, refreshed and revoked (P9.7), and as Tapaculo's clients ask for them (P9.8). */
import { z } from "zod";
import { TOKEN_ROLES } from "../../auth/token-claims.ts";
import type { IssuedTokens, TokenIssuer, TokenRequest } from "../../auth/token-issuer.ts";
import type { WrongTries } from "../../auth/wrong-tries.ts";
import { NetworkRateLimiter } from "../../hub/network-rate-limiter.ts";
import { MAX_OPEN_ROOM_NAME_BYTES } from "../../protocol/open-room-name.ts";
import { MAX_TOKEN_SECONDS } from "../../protocol/token-limits.ts";
import type { Principal } from "./access.ts";
import { defineRoute, NOTHING, refusal, type ApiAnswer, type ApiRoute } from "./route.ts";
import { textOf } from "./schemas.ts";

/** Issues tokens. */
export type TokenDesk = Pick<TokenIssuer, "canIssue" | "issue" | "refresh" | "revoke">;

export interface TokenRoutesOptions {
  readonly desk: TokenDesk;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Counts refresh tokens that do not count. */
  readonly wrong: WrongTries;
}

const TAG = "tokens";
const MAX_PATTERNS = 256;
const MAX_PATTERN_BYTES = 256;
/** Refreshes of one network at once, and a second in the long run: the phones of a party may come together. */
const REFRESH_BURST = 100;
const REFRESHES_PER_SECOND = 10;
/** Refresh tokens a minute and network that do not count. */
export const WRONG_REFRESHES = 60;

const ID = (description: string) => textOf(MAX_OPEN_ROOM_NAME_BYTES, description);
const PATTERNS = z.array(textOf(MAX_PATTERN_BYTES, "A channel, a prefix with *, or * for all.")).max(MAX_PATTERNS);

const WISH = z.strictObject({
  sub: ID("Whom the token names."),
  room: ID("A room code or the name of an open room. Any room if left out.").optional(),
  role: z.enum(TOKEN_ROLES).optional(),
  session_id: ID("Which of the user's sessions this is. Made up if left out.").optional(),
  name: textOf(1_024, "The display name.").optional(),
  channels: PATTERNS.optional(),
  publish: PATTERNS.optional(),
  ttl: z.int().min(1).max(MAX_TOKEN_SECONDS).optional().meta({ description: "Seconds that it counts." }),
});

const PAIR = z
  .object({ token: z.string(), refresh_token: z.string(), expires_in: z.int(), session_id: z.string() })
  .meta({ id: "Tokens" });

/** A token that is much too long gets the same answer as any other that does not count. */
const REFRESH_BODY_BYTES = 131_072;
const REFRESH = z.strictObject({ refresh_token: textOf(REFRESH_BODY_BYTES, "The one that came last.") });
const REVOKE = z.union([
  z.strictObject({ sub: ID("A user: all its tokens.") }),
  z.strictObject({ session_id: ID("One session of a user.") }),
]);
/** Tapaculo's server takes unknown fields and skips them. */
const TAPACULO = z.object({
  user_id: ID("The member's id."),
  room_id: ID("The name of the room."),
  session_id: ID("Which of the user's sessions this is. Made up if left out.").optional(),
});

const EXAMPLE_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl";
const TOO_MANY = (retrySeconds: number): ApiAnswer =>
  refusal(
    429,
    "rate_limited",
    `Too many tokens were refreshed from your network. Come back in ${retrySeconds} seconds.`,
    {
      "Retry-After": String(retrySeconds),
    },
  );

/** Without a secret that signs, tokens are only revoked. */
export function tokenRoutes({ desk, now, wrong }: TokenRoutesOptions): readonly ApiRoute[] {
  return [...(desk.canIssue ? issuingRoutes({ desk, now, wrong }) : []), revokingRoute(desk)];
}

function issuingRoutes({ desk, now, wrong }: TokenRoutesOptions): readonly ApiRoute[] {
  const refreshes = new NetworkRateLimiter({ size: REFRESH_BURST, perSecond: REFRESHES_PER_SECOND, now });
  return [
    defineRoute({
      id: "issueToken",
      method: "post",
      path: "/api/token",
      tag: TAG,
      summary: "Issues a token for a user",
      body: WISH,
      query: NOTHING,
      answers: {
        200: { description: "The token, and one to refresh it with.", schema: PAIR },
        422: { description: "A claim is not allowed." },
      },
      examples: [
        {
          name: "member",
          summary: "For a member of the room lobby",
          body: { sub: "ann", room: "lobby", role: "member", name: "Ann", session_id: "s1", ttl: 600 },
          status: 200,
          answer: { token: EXAMPLE_TOKEN, refresh_token: EXAMPLE_TOKEN, expires_in: 600, session_id: "s1" },
        },
        { name: "noSub", summary: "Without a user", body: { room: "lobby" }, status: 400 },
      ],
      handle: ({ body, principal }) => issue(desk, body, principal),
    }),
    defineRoute({
      id: "refreshToken",
      method: "post",
      path: "/api/token/refresh",
      isPublic: true,
      tag: TAG,
      summary: "Gives a new token, and a new refresh token, for a refresh token",
      body: REFRESH,
      maxBodyBytes: REFRESH_BODY_BYTES,
      query: NOTHING,
      answers: {
        200: { description: "The tokens. The refresh token that was shown counts no more.", schema: PAIR },
        401: { description: "The refresh token does not count." },
        503: { description: "Whether it was used before cannot be known now, since what joins the nodes is away." },
      },
      examples: [
        {
          name: "wrong",
          summary: "A token that was not issued here",
          body: { refresh_token: EXAMPLE_TOKEN },
          status: 401,
        },
      ],
      async handle({ body, address }) {
        const waitMs = wrong.waitFor(address);
        if (waitMs > 0) return TOO_MANY(Math.ceil(waitMs / 1_000));
        if (refreshes.isOver(address)) return TOO_MANY(1);
        refreshes.count(address);
        const refreshed = await desk.refresh(body.refresh_token);
        if (refreshed.ok) return { status: 200, body: pairOf(refreshed.value) };
        // Many that are shown at once are no more tries than those that are shown one after another.
        const lateMs = wrong.waitFor(address);
        if (lateMs > 0) return TOO_MANY(Math.ceil(lateMs / 1_000));
        if (refreshed.failure.isForged) wrong.count(address);
        if (refreshed.failure.isTemporary === true) return notNow(refreshed.failure.reason);
        return refusal(401, "unauthorized", refreshed.failure.reason);
      },
    }),
  ];
}

function notNow(message: string): ApiAnswer {
  return refusal(503, "overloaded", message, { "Retry-After": "1" });
}

function revokingRoute(desk: Pick<TokenDesk, "revoke">): ApiRoute {
  return defineRoute({
    id: "revokeTokens",
    method: "post",
    path: "/api/token/revoke",
    tag: TAG,
    summary: "Refuses the tokens that a user or a session has, and closes what they have open with 4501",
    body: REVOKE,
    query: NOTHING,
    answers: { 204: { description: "They count no more." } },
    examples: [{ name: "user", summary: "All tokens of a user", body: { sub: "mallory" }, status: 204 }],
    handle({ body }) {
      desk.revoke(body);
      return { status: 204 };
    },
  });
}

/** `POST /token`, as Tapaculo's clients ask for it (P9.8). */
export function tapaculoRoutes({ desk }: Pick<TokenRoutesOptions, "desk">): readonly ApiRoute[] {
  if (!desk.canIssue) return [];
  return [
    defineRoute({
      id: "issueMemberToken",
      method: "post",
      path: "/token",
      tag: TAG,
      summary: "A token for a member of an open room, as Tapaculo's clients ask for it",
      body: TAPACULO,
      wrongBodyStatus: 422,
      query: NOTHING,
      answers: {
        200: { description: "The token.", schema: z.object({ token: z.string() }) },
        422: { description: "A field is missing or wrong." },
      },
      examples: [
        {
          name: "member",
          summary: "For ann in the room lobby",
          body: { user_id: "ann", room_id: "lobby" },
          status: 200,
          answer: { token: EXAMPLE_TOKEN },
        },
        { name: "noRoom", summary: "Without a room", body: { user_id: "ann" }, status: 422 },
      ],
      async handle({ body: { user_id, room_id, session_id } }) {
        return issued(desk, { sub: user_id, room: room_id, session_id }, ({ token }) => ({ token }));
      },
    }),
  ];
}

function issue(desk: TokenDesk, wish: z.output<typeof WISH>, principal: Principal | undefined) {
  // A token that could make another of its kind would never end.
  if (wish.role === "admin" && principal?.mayMint !== true) {
    return refusal(403, "forbidden", "Tokens of an admin are issued to the bearer of a key alone.");
  }
  return issued(desk, wish, pairOf);
}

async function issued(desk: TokenDesk, wish: TokenRequest, shown: (pair: IssuedTokens) => object): Promise<ApiAnswer> {
  try {
    return { status: 200, body: shown(await desk.issue(wish)) };
  } catch (error) {
    if (error instanceof TypeError) return refusal(422, "unprocessable", error.message);
    throw error;
  }
}

function pairOf({ token, refresh_token, expires_in, session_id }: IssuedTokens): IssuedTokens {
  return { token, refresh_token, expires_in, session_id };
}
