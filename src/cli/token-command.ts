/** `couchwire token`: parses the command line into what a token is to say, and prints its `--help`. */
import { problemOfClaims, TOKEN_ROLES, type TokenClaims } from "../auth/token-claims.ts";
import { optionsFromEnvironment, parseOptions, type Options } from "../config.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { MAX_TOKEN_SECONDS } from "../protocol/token-limits.ts";
import { readFlags, seeHelpOf } from "./flags.ts";

/** A token that is to be signed. */
export interface TokenPlan {
  readonly claims: TokenClaims;
  readonly seconds: number;
  /** Of the environment. */
  readonly options: Pick<Options, "jwtSecret" | "jwtIssuer" | "jwtAudience">;
}

export type TokenCommand = { readonly run: "token"; readonly plan: TokenPlan } | { readonly run: "token-help" };

const FLAGS = ["sub", "role", "room", "name", "session", "channels", "publish", "ttl"] as const;
type Flag = (typeof FLAGS)[number];

export const TOKEN_HELP = `Usage: couchwire token --sub ID [options]

Prints a token (a JWT), signed with the first secret of COUCHWIRE_JWT_SECRET,
which has to be that of the server. docs/TOKENS.md says who needs which.

  couchwire token --sub tv --role host
  couchwire token --sub ann --room BCDF --ttl 600
  couchwire token --sub overlay --channels 'room:BCDF:*'

  -h, --help         Shows this text.
  --sub ID           Who the bearer is. Seats and bans go by it.
  --role R           One of ${TOKEN_ROLES.join(", ")}.
                     (default: none: a player or a member)
  --room ROOM        A code, or the name of an open room. (default: any room)
  --name TEXT        The display name.
  --session TEXT     Its session_id. (default: made up)
  --channels LIST    Channels that may be subscribed, separated by commas:
                     names, beginnings such as 'chat:*', or '*'. (default: none)
  --publish LIST     Channels that may be published to. (default: none)
  --ttl SECONDS      How long it counts, 1 to ${MAX_TOKEN_SECONDS}.
                     (default: COUCHWIRE_TOKEN_TTL, or 3600)

COUCHWIRE_JWT_ISSUER and COUCHWIRE_JWT_AUDIENCE are written into it, too.
Exit codes: 0, or 2 if the command or the secret is wrong.
`;

/** Parses the arguments after `token`. The failure quotes no secret. */
export function parseTokenCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<TokenCommand, string> {
  const read = readFlags(words, { command: "token", values: FLAGS });
  if (!read.ok) return read;
  if (read.value === "help") return success({ run: "token-help" });
  const [word] = read.value.words;
  if (word !== undefined) return failure(`${JSON.stringify(word)} is no option. ${seeHelpOf("token")}`);
  const options = optionsOf(environment);
  return options.ok ? makePlan(read.value.values, options.value) : options;
}

/** What the environment says of tokens: what it says of the rest is the server's business. */
function optionsOf(environment: Readonly<Record<string, string | undefined>>): Result<Options, string> {
  const { options, names } = optionsFromEnvironment(environment);
  const { jwtSecret, jwtIssuer, jwtAudience, tokenTtl } = options;
  if (jwtSecret === undefined) return failure("COUCHWIRE_JWT_SECRET is not set: tokens are signed with it.");
  const ofTokens = Object.entries({ jwtSecret, jwtIssuer, jwtAudience, tokenTtl });
  const given = Object.fromEntries(ofTokens.filter(([, value]) => value !== undefined));
  return parseOptions(given, (field) => names[field] ?? field);
}

function makePlan(typed: Partial<Record<Flag, string>>, options: Options): Result<TokenCommand, string> {
  const { sub, room, name, session, channels, publish, ttl = String(options.tokenTtl) } = typed;
  if (sub === undefined) return failure(`Whose token? Give an id with --sub ID. ${seeHelpOf("token")}`);
  const role = TOKEN_ROLES.find((known) => known === typed.role);
  if (typed.role !== undefined && role === undefined)
    return failure(`--role has to be one of ${TOKEN_ROLES.join(", ")}; this is ${JSON.stringify(typed.role)}.`);
  const seconds = Number(ttl);
  if (!/^\d+$/.test(ttl) || seconds < 1 || seconds > MAX_TOKEN_SECONDS)
    return failure(`--ttl has to be a whole number of seconds from 1 to ${MAX_TOKEN_SECONDS}.`);
  const claims: TokenClaims = {
    sub,
    ...(role !== undefined && { role }),
    ...(room !== undefined && { room }),
    ...(name !== undefined && { name }),
    ...(session !== undefined && { session_id: session }),
    ...(channels !== undefined && { channels: listOf(channels) }),
    ...(publish !== undefined && { publish: listOf(publish) }),
  };
  const problem = problemOfClaims(claims);
  if (problem !== undefined) return failure(problem);
  const { jwtSecret, jwtIssuer, jwtAudience } = options;
  return success({ run: "token", plan: { claims, seconds, options: { jwtSecret, jwtIssuer, jwtAudience } } });
}

function listOf(text: string): readonly string[] {
  return text === "" ? [] : text.split(",").map((part) => part.trim());
}
