/**
 * Parses the options of one server. They are declared in `config/schema.ts` alone: types, defaults, errors, `--help` and the
 * table in the README derive from it. The environment is passed in by `cli.ts`.
 */
import { isIP } from "node:net";
import { inspect } from "node:util";
import type { z } from "zod";
import { documentationOf, OPTION_NAMES, SCHEMA, type OptionName, type Options } from "./config/schema.ts";
import { nearestName } from "./nearest-name.ts";
import { failure, success } from "./protocol/result.ts";
import type { Result } from "./protocol/result.ts";

export {
  OPTION_NAMES,
  parseStandingRooms,
  splitList,
  type OptionName,
  type Options,
  type OptionsInput,
} from "./config/schema.ts";

export interface OptionEntry {
  readonly field: OptionName;
  readonly env: string;
  readonly flag: string;
  readonly default: string;
  readonly meaning: string;
  readonly allowed: string;
  /** Its value has parts, separated by commas. */
  readonly isList: boolean;
}

/** Every option as the documents and `--help` show it, in their order. */
export const OPTION_TABLE: readonly OptionEntry[] = OPTION_NAMES.map((field) => {
  const { meaning, allowed, defaultText, isList = false } = documentationOf(field);
  return {
    field,
    env: environmentName(field),
    flag: `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    default: defaultText ?? String(SCHEMA.shape[field].parse(undefined)),
    meaning,
    allowed,
    isList,
  };
});

/** A wrong or contradictory option. The message is a sentence that names the option and what is allowed. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
}

/**
 * Parses and completes options, or returns a sentence that says what is wrong. `nameOf` gives the name under which an option was written (a field, an
 * environment variable, a flag), for the error's sentence.
 */
export function parseOptions(
  input: unknown,
  nameOf: (field: OptionName) => string = (field) => field,
): Result<Options, string> {
  const parsed = SCHEMA.safeParse(input, { reportInput: true });
  if (!parsed.success) {
    const sentences = parsed.error.issues.map((issue) => describeIssue(issue, nameOf));
    return failure([...new Set(sentences)].join(" "));
  }
  const contradiction = describeContradiction(parsed.data, nameOf);
  return contradiction === undefined ? success(parsed.data) : failure(contradiction);
}

export interface EnvironmentOptions {
  /** Unchecked, for `parseOptions`. */
  readonly options: Readonly<Partial<Record<OptionName, string | number>>>;
  /** The variable that each option comes from. */
  readonly names: Readonly<Partial<Record<OptionName, string>>>;
  /** The value of `HOST` if it was ignored and no other variable sets the option. */
  readonly ignoredHost: string | undefined;
  /** Unknown `COUCHWIRE_…` variables, each with the option that was probably meant. */
  readonly unknown: readonly { readonly name: string; readonly near: string | undefined }[];
}

/** Reads options from environment variables. Empty variables count as unset, as in compose files. */
export function optionsFromEnvironment(environment: Readonly<Record<string, string | undefined>>): EnvironmentOptions {
  const options: Partial<Record<OptionName, string | number>> = {};
  const names: Partial<Record<OptionName, string>> = {};
  const take = (field: OptionName, name: string): void => {
    const text = environment[name]?.trim() ?? "";
    if (text === "") return;
    options[field] = optionValue(field, text);
    names[field] = name;
  };
  const commonHost = environment[COMMON_HOST]?.trim() ?? "";
  if (isListenAddress(commonHost)) take("host", COMMON_HOST);
  for (const { field, env } of OPTION_TABLE) take(field, env);

  const known = OPTION_TABLE.map(({ env }) => env);
  const unknown = Object.keys(environment)
    .filter((name) => name.startsWith("COUCHWIRE_") && !known.includes(name))
    .map((name) => ({ name, near: withoutPrefix(name, known) ?? nearestName(name, known) }));
  const ignoredHost = commonHost === "" || names.host !== undefined ? undefined : commonHost;
  return { options, names, ignoredHost, unknown };
}

/** The option's variable that has no prefix, as in `COUCHWIRE_PORT` for `PORT`. */
function withoutPrefix(name: string, known: readonly string[]): string | undefined {
  const bare = name.slice("COUCHWIRE_".length);
  return known.includes(bare) ? bare : undefined;
}

/** A variable that many servers read. It counts if `COUCHWIRE_HOST` is not set. */
const COMMON_HOST = "HOST";

/**
 * Whether `HOST` is a listen address. csh and conda set it to the machine's name or type (`x86_64-conda-linux-gnu`), so only IP addresses and
 * `localhost` count.
 */
function isListenAddress(text: string): boolean {
  return isIP(text) !== 0 || text.toLowerCase() === "localhost";
}

/** Converts an option's text to a number if the option is numeric and the text is a number. */
export function optionValue(field: OptionName, text: string): string | number {
  const { shape } = SCHEMA;
  // An option that is off has no default to tell by: it is numeric if it accepts a number.
  const isNumber = typeof shape[field].parse(undefined) === "number" || shape[field].safeParse(1).success;
  return isNumber && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function environmentName(field: OptionName): string {
  const name = field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return field === "port" ? name : `COUCHWIRE_${name}`;
}

function describeIssue(issue: z.core.$ZodIssue, nameOf: (field: OptionName) => string): string {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => describeUnknownOption(key, OPTION_NAMES)).join(" ");
  }
  const field = OPTION_NAMES.find((name) => name === issue.path[0]);
  if (field === undefined) return `The options have to be an object; this is ${show(issue.input)}.`;
  const { allowed, isSecret } = documentationOf(field);
  if (isSecret === true) return `${nameOf(field)} is wrong: it has to be ${allowed}.`;
  return `${nameOf(field)} is ${show(issue.input)}, but has to be ${allowed}.`;
}

/** The sentence for an option that does not exist. */
export function describeUnknownOption(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? `There is no option ${name}.` : `There is no option ${name}; did you mean ${near}?`;
}

function describeContradiction(options: Options, nameOf: (field: OptionName) => string): string | undefined {
  const { pingMs, idleMs, jwtSecret, jwksUrl } = options;
  const ofTokens = (["jwtIssuer", "jwtAudience", "requireToken"] as const).find(
    (field) => options[field] !== undefined && options[field] !== "none",
  );
  if (ofTokens !== undefined && jwtSecret === undefined && jwksUrl === undefined) {
    return `${nameOf(ofTokens)} needs COUCHWIRE_JWT_SECRET (jwtSecret) or COUCHWIRE_JWKS_URL (jwksUrl), or no token can count.`;
  }
  if (options.tlsCert !== undefined && options.tlsKey === undefined)
    return `${nameOf("tlsCert")} needs COUCHWIRE_TLS_KEY (tlsKey), the file with the key of that certificate.`;
  if (options.tlsKey !== undefined && options.tlsCert === undefined)
    return `${nameOf("tlsKey")} needs COUCHWIRE_TLS_CERT (tlsCert), the file with the certificate of that key.`;
  if (options.stateFile !== undefined && options.bus !== "memory")
    return `${nameOf("stateFile")} is for one node by itself: with COUCHWIRE_BUS (bus) the directory of the cluster keeps the rooms.`;
  if (options.stateFile !== undefined && options.workers !== 1)
    return `${nameOf("stateFile")} is for one process: with COUCHWIRE_WORKERS (workers) the primary process keeps the rooms of a worker that crashes.`;
  const { port, adminPort } = options;
  if (adminPort !== undefined && options.apiKey === undefined) {
    return `${nameOf("adminPort")} needs COUCHWIRE_API_KEY (apiKey), with which people log in at the admin page.`;
  }
  if (adminPort !== undefined && adminPort !== 0 && adminPort === port) {
    return `${nameOf("adminPort")} is ${adminPort}, as ${nameOf("port")} is, but the admin page needs a port of its own.`;
  }
  if (idleMs > pingMs) return undefined;
  return `${nameOf("idleMs")} (${idleMs}) has to be larger than ${nameOf("pingMs")} (${pingMs}), or a silent connection is closed before it is pinged.`;
}

function show(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value)
    : inspect(value, { depth: 0, breakLength: Infinity, maxArrayLength: 3 });
}
