/**
 * The tokens that every way into the server is tried with, and what has to become of each. An entry of the table knows how a token is shown there, for which room
 * and in which role it has to be, and what a peer is told that is refused. For an HTTP route: `show` answers the status as `code`.
 */
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { exportJWK, SignJWT } from "jose";
import type { OptionsInput } from "../../src/config.ts";
import { onTestEnd } from "./clean-up.ts";
import { listen } from "./listen.ts";
import { handmadeToken } from "./member-client.ts";

export const SECRETS = ["the first secret has more than 32 bytes", "the second secret has more than 32 bytes"] as const;
const ISSUER = "https://id.example";
const AUDIENCE = "couchwire";

/** What became of a peer. */
export interface Seen {
  /** A close code or the status of HTTP. */
  readonly code: number;
  readonly reason: string;
}

/** A way into the server. */
export interface AccessEntry {
  readonly name: string;
  /** The role that a token needs here; `undefined`: none is needed. */
  readonly role: string | undefined;
  /** A role that is refused here. @default every role is taken */
  readonly wrongRole?: string;
  /** Whether a token for another room is refused here. */
  readonly isForRoom: boolean;
  /** What a peer is told that is let in: `"in"`, or a status. */
  readonly welcome: number;
  /** What it is told without a token, and with one that does not count. */
  readonly refusal: number;
  /** Tries the token, or comes without one. */
  show(token: string | undefined): Promise<Seen>;
}

/** A peer that is let in over a WebSocket or TCP has no code. */
export const LET_IN: Seen = { code: 0, reason: "" };

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const PEM = publicKey.export({ type: "spki", format: "pem" }).toString();

/** An identity provider that has one key. */
async function startProvider(): Promise<string> {
  const document = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "one" }] });
  const server = createServer((_request, response) => void response.end(document));
  const port = await listen(server);
  onTestEnd(() => new Promise((resolve) => void server.close(resolve)));
  return `http://127.0.0.1:${port}/keys`;
}

/** The options of a server on which all rows of the table hold. */
export async function accessOptions(): Promise<OptionsInput> {
  return {
    jwtSecret: SECRETS.join(","),
    jwksUrl: await startProvider(),
    jwtIssuer: ISSUER,
    jwtAudience: AUDIENCE,
    requireToken: "both",
    guessLimit: 0,
  };
}

export interface AccessCase {
  readonly name: string;
  /** Which entries this case concerns. @default all */
  readonly concerns?: (entry: AccessEntry) => boolean;
  /** `undefined`: the peer comes without a token. */
  readonly token: (good: Readonly<Record<string, unknown>>, entry: AccessEntry) => string | undefined | Promise<string>;
  /** Why it is refused; `undefined`: it is let in. */
  readonly reason?: RegExp;
}

const NOW_S = Math.floor(Date.now() / 1_000);
const LONG_AGO_S = NOW_S - 3_600;
const [FIRST, SECOND] = SECRETS;
const signed = (claims: unknown, secret: string = FIRST, header: object = { alg: "HS256", typ: "JWT" }): string =>
  handmadeToken(claims, { secret, header });

/** The claims of a token that is good here. */
export function goodClaims({ role }: AccessEntry, room: string): Readonly<Record<string, unknown>> {
  return {
    sub: "ann",
    room,
    session_id: "s1",
    iss: ISSUER,
    aud: AUDIENCE,
    iat: NOW_S,
    exp: NOW_S + 3_600,
    ...(role !== undefined && { role }),
  };
}

export const ACCESS_CASES: readonly AccessCase[] = [
  { name: "no token", token: () => undefined, reason: /token/i },
  { name: "a good one", token: (good) => signed(good) },
  { name: "one of the second secret", token: (good) => signed(good, SECOND) },
  {
    name: "one of the identity provider",
    token: (good) => new SignJWT({ ...good }).setProtectedHeader({ alg: "RS256", kid: "one" }).sign(privateKey),
  },
  { name: "one of another secret", token: (good) => signed(good, "x".repeat(40)), reason: /not signed by this server/ },
  { name: "an expired one", token: (good) => signed({ ...good, exp: LONG_AGO_S }), reason: /expired/ },
  {
    name: "one for another room",
    concerns: ({ isForRoom }) => isForRoom,
    token: (good) => signed({ ...good, room: "another room" }),
    reason: /room/,
  },
  {
    name: "one of a wrong role",
    concerns: ({ wrongRole }) => wrongRole !== undefined,
    token: (good, { wrongRole }) => signed({ ...good, role: wrongRole }),
    reason: /role|may not/i,
  },
  { name: "one of another audience", token: (good) => signed({ ...good, aud: "elsewhere" }), reason: /audience/ },
  { name: "one without an audience", token: (good) => signed({ ...good, aud: undefined }), reason: /audience/ },
  { name: "one of another issuer", token: (good) => signed({ ...good, iss: "elsewhere" }), reason: /issuer/ },
  { name: "alg none", token: (good) => signed(good, FIRST, { alg: "none" }), reason: /has to be signed/ },
  {
    name: "alg none without a signature",
    token: (good) => signed(good, FIRST, { alg: "none" }).replace(/[^.]*$/, ""),
    reason: /has to be signed/,
  },
  {
    name: "the public key as a secret",
    token: (good) => signed(good, PEM, { alg: "HS256", kid: "one" }),
    reason: /not signed by this server/,
  },
  { name: "one of the future", token: (good) => signed({ ...good, nbf: NOW_S + 3_600 }), reason: /not valid yet/ },
  { name: "no exp", token: (good) => signed({ ...good, exp: undefined }), reason: /no "exp"/ },
  { name: "a dot behind it", token: (good) => `${signed(good)}.`, reason: /no valid JWT/ },
  { name: "no JWT", token: () => "secret", reason: /no valid JWT/ },
  {
    name: "a refresh token",
    token: (good) => signed({ ...good, token_use: "refresh", family: "f", turn: "t", ttl: 60 }),
    reason: /refresh token/,
  },
  { name: "9 KiB", token: (good) => signed({ ...good, more: "x".repeat(9_000) }), reason: /longer than 8192/ },
];

/** Longer than the head of a request may be. Told by 401 before anything is upgraded, or by the code of the entry. */
export const HUGE_TOKEN = signed({ sub: "ann", more: "x".repeat(65_536) });
