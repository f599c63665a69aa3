/** `couchwire conformance`: parses the command line into a plan, and prints its `--help`. */
import { failure, success, type Result } from "../protocol/result.ts";
import { CONFORMANCE_PARTS, type ConformancePart } from "../testing/conformance/conformance-parts.ts";
import { parseServerUrl } from "../testing/conformance/server-url.ts";
import { readFlags, seeHelpOf } from "./flags.ts";

/** Which server is checked, and how. */
export interface ConformancePlan {
  readonly url: string;
  readonly parts: readonly ConformancePart[];
  /** Failures that WMBP's own server is known for are expected. */
  readonly isWmbp: boolean;
  readonly isJson: boolean;
  readonly timeoutMs: number;
  readonly secret: string | undefined;
  readonly token: string | undefined;
}

export type ConformanceCommand =
  | { readonly run: "conformance"; readonly plan: ConformancePlan }
  | { readonly run: "conformance-help" };

const FLAGS = ["part", "token", "secret", "timeout"] as const;
type Flag = (typeof FLAGS)[number];

const DEFAULT_PARTS: readonly ConformancePart[] = ["wmbp", "sessions", "reliable"];
const WITH_TOKENS: ReadonlySet<ConformancePart> = new Set(["open", "channels"]);
const DEFAULT_SECONDS = 10;
const MAX_SECONDS = 600;
const SECRET_VARIABLE = "COUCHWIRE_JWT_SECRET";

export const CONFORMANCE_HELP = `Usage: couchwire conformance URL [options]

Checks from outside whether a server keeps the rules of the wire, rule by rule,
and prints the results as TAP. docs/CONFORMANCE.md says what is checked.

  couchwire conformance ws://localhost:8081
  couchwire conformance wss://play.example.org/party --part wmbp --json

  -h, --help         Shows this text.
  --part LIST        Of ${CONFORMANCE_PARTS.join(", ")}.
                     (default: ${DEFAULT_PARTS.join(",")}; with --wmbp: wmbp)
  --wmbp             What WMBP's own server does otherwise is expected (TODO).
  --json             Prints one JSON object instead of TAP.
  --timeout SECONDS  The time of one check, 1 to ${MAX_SECONDS}. (default: ${DEFAULT_SECONDS})
  --secret TEXT      Signs the tokens of open and channels.
                     (default: ${SECRET_VARIABLE}, of several the first)
  --token JWT        A token that the server takes, in place of a secret. What
                     needs more than one is skipped.

Exit codes: 0, 1 if a rule fails, 2 if nothing answers or the command is wrong.
`;

/** Parses the arguments after `conformance`. The failure quotes no secret. */
export function parseConformanceCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<ConformanceCommand, string> {
  const read = readFlags(words, {
    command: "conformance",
    values: FLAGS,
    switches: ["json", "wmbp"],
    advice: { part: `Give some of ${CONFORMANCE_PARTS.join(", ")}.` },
  });
  if (!read.ok) return read;
  if (read.value === "help") return success({ run: "conformance-help" });
  const { values, switches, words: positionals } = read.value;
  const isWmbp = switches.has("wmbp");
  const url = serverOf(positionals);
  if (!url.ok) return url;
  const parts = partsOf(values, isWmbp);
  if (!parts.ok) return parts;
  const seconds = Number(values.timeout ?? DEFAULT_SECONDS);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_SECONDS)
    return failure(`--timeout has to be a whole number of seconds from 1 to ${MAX_SECONDS}.`);
  const { token } = values;
  const ofEnvironment = environment[SECRET_VARIABLE]?.split(",")[0]?.trim();
  const secret = values.secret ?? (token === undefined && ofEnvironment !== "" ? ofEnvironment : undefined);
  const needing = parts.value.find((part) => WITH_TOKENS.has(part));
  if (needing !== undefined && secret === undefined && token === undefined)
    return failure(`The part ${needing} needs tokens: give --secret or --token, or set ${SECRET_VARIABLE}.`);
  const isJson = switches.has("json");
  const plan = { url: url.value, parts: parts.value, isWmbp, isJson, timeoutMs: seconds * 1_000, secret, token };
  return success({ run: "conformance", plan });
}

function serverOf([url, ...others]: readonly string[]): Result<string, string> {
  const seeHelp = seeHelpOf("conformance");
  if (url === undefined) return failure(`Which server? Give its address, such as ws://localhost:8081. ${seeHelp}`);
  if (others.length > 0) return failure(`One server is checked at a time, not ${others.length + 1}. ${seeHelp}`);
  if (parseServerUrl(url) !== undefined) return success(url);
  return failure(`${JSON.stringify(url)} is no address of a server, such as ws://localhost:8081.`);
}

function partsOf({ part }: Partial<Record<Flag, string>>, isWmbp: boolean): Result<readonly ConformancePart[], string> {
  if (part === undefined) return success(isWmbp ? ["wmbp"] : DEFAULT_PARTS);
  const named = part.split(",").map((name) => name.trim());
  const unknown = named.find((name) => !CONFORMANCE_PARTS.some((known) => known === name));
  if (unknown !== undefined)
    return failure(`There is no part ${JSON.stringify(unknown)}. There are ${CONFORMANCE_PARTS.join(", ")}.`);
  return success(CONFORMANCE_PARTS.filter((known) => named.includes(known)));
}
