/**
 * The options of one server. The schema below is the only place that knows them: types, defaults, errors, `--help`
 * and the table in the README come from it. Nothing here reads the environment by itself; `cli.ts` hands it in.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { compile as compileTrust } from "proxy-addr";
import { z } from "zod";
import { nearestName } from "./nearest-name.ts";
import { failure, success } from "./protocol/result.ts";
import type { Result } from "./protocol/result.ts";

/** The game a newcomer plays first; it comes with the package, wherever that is installed. */
const DEMO_GAME = fileURLToPath(new URL("../demo-game", import.meta.url));

const MAX_PORT = 65_535;
/** Far above every sensible limit, far below what one array or one timer of Node can hold. */
const MAX_COUNT = 1_000_000;
const MAX_BYTES = 2 ** 30;
const MAX_WAIT_MS = 86_400_000;
/** A shorter interval would busy the server with nothing but pings. */
const MIN_INTERVAL_MS = 10;

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

interface Documentation {
  /** What the option does, its unit, and advice where there is some. */
  readonly meaning: string;
  /** Completes the sentence "… has to be …". */
  readonly allowed: string;
  /** What the tables show as the default, where the value itself says little. */
  readonly defaultText?: string;
}

const documentation = z.registry<Documentation>();

function wholeNumber(minimum: number, maximum: number, unset: number, meaning: string) {
  const allowed = `a whole number from ${minimum} to ${maximum}`;
  return z.int().min(minimum).max(maximum).default(unset).register(documentation, { meaning, allowed });
}

function oneOf<const Choice extends string>(choices: readonly Choice[], unset: NoInfer<Choice>, meaning: string) {
  const allowed = `one of ${choices.join(", ")}`;
  return z.enum(choices).default(unset).register(documentation, { meaning, allowed });
}

/** An address that a room code can be appended to: `http://…/party/` and `http://…/party` are the same. */
function parsePublicUrl(text: string, context: z.RefinementCtx): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  if (!isWeb || url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "") {
    context.addIssue({ code: "custom" });
    return z.NEVER;
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function isProxyList(text: string): boolean {
  try {
    compileTrust(splitList(text));
    return true;
  } catch {
    return false; // its way of saying that one of them is no address
  }
}

/** The parts of an option that is a list. */
export function splitList(text: string): string[] {
  return text.split(",").map((part) => part.trim());
}

const SCHEMA = z.strictObject({
  port: wholeNumber(0, MAX_PORT, 8081, "TCP port to listen on. 0 takes any free one."),
  host: z
    .string()
    .regex(/^[^\s/]+$/)
    .default("0.0.0.0")
    .register(documentation, {
      meaning: "Address to listen on. 127.0.0.1 keeps the server to this machine; then no phone can join.",
      allowed: "a host name or an IP address, without port",
    }),
  logLevel: oneOf(LOG_LEVELS, "info", "The least important log lines that are still written."),
  publicUrl: z.string().transform(parsePublicUrl).optional().register(documentation, {
    meaning: "What the QR code and the join links say. Set it when people come through a domain or a proxy.",
    allowed: "an http:// or https:// address without user, query and fragment",
    defaultText: "the LAN address",
  }),
  games: z
    .string()
    .min(1)
    .transform((path) => resolve(path))
    .default(DEMO_GAME)
    .register(documentation, {
      meaning: "A game's folder (index.html for the TV, player.html for the phones), or a folder of such folders.",
      allowed: "the path of a folder",
      defaultText: "demo-game",
    }),
  maxConnections: wholeNumber(1, MAX_COUNT, 10_000, "WebSockets at the same time. Past it: closed with 1013."),
  maxRooms: wholeNumber(1, MAX_COUNT, 1000, "Rooms at the same time. Past it: the host is told room_limit."),
  maxPlayers: wholeNumber(1, MAX_COUNT, 250, "Players in one room; a host that asks for more gets this many."),
  maxPayload: wholeNumber(1, MAX_BYTES, 1_048_576, "Bytes in one frame of a player. Over it: closed with 1009."),
  maxHostPayload: wholeNumber(1, MAX_BYTES, 4_194_304, "Bytes in one frame of a host. Over it: closed with 1009."),
  bytes: oneOf(
    ["array", "string"],
    "array",
    "How a host that asked for nothing gets binary data: an array of integers, which old hosts know, or a CBOR byte string.",
  ),
  sendQueue: wholeNumber(
    1,
    MAX_BYTES,
    1_048_576,
    "Bytes that may wait for one slow player before it is closed with 4031. It is memory: times the players.",
  ),
  pingMs: wholeNumber(
    MIN_INTERVAL_MS,
    MAX_WAIT_MS,
    13_000,
    "Milliseconds between pings. Keep it well under the idle limit of a proxy, which is often 55 or 60 seconds.",
  ),
  idleMs: wholeNumber(
    MIN_INTERVAL_MS,
    MAX_WAIT_MS,
    31_000,
    "Milliseconds of silence, pongs too, before a connection is closed with 4008. More than between two pings.",
  ),
  playerRate: wholeNumber(
    0,
    MAX_COUNT,
    100,
    "Frames a second that one player may send. Past it: closed with 4029. 0 means no limit.",
  ),
  playerBurst: wholeNumber(1, MAX_COUNT, 200, "Frames that one player may send at once after a quiet time."),
  playerBytes: wholeNumber(
    0,
    MAX_BYTES,
    2_097_152,
    "Bytes a second that one player may send. Past it: closed with 4029. 0 means no limit.",
  ),
  banMs: wholeNumber(
    0,
    MAX_WAIT_MS,
    60_000,
    "Milliseconds that somebody who sent too much stays out, reconnecting or not.",
  ),
  guessLimit: wholeNumber(
    0,
    MAX_COUNT,
    60,
    "Wrong codes a minute from one address before it is refused with 4029, right codes included. 0 means no limit.",
  ),
  seatGraceMs: wholeNumber(
    0,
    MAX_WAIT_MS,
    120_000,
    "Milliseconds that an away player's seat is kept before the game has started.",
  ),
  hostGraceMs: wholeNumber(0, MAX_WAIT_MS, 120_000, "Milliseconds that the room of an away host is kept."),
  awayMs: wholeNumber(
    0,
    MAX_WAIT_MS,
    3_000,
    "Milliseconds before the host is told that a player is away. A reload takes about one second.",
  ),
  seatBuffer: wholeNumber(
    1,
    MAX_BYTES,
    1_048_576,
    "Bytes kept for a player who may come back; past them the oldest frames go. It is memory: times the players.",
  ),
  hostBuffer: wholeNumber(
    1,
    MAX_BYTES,
    8_388_608,
    "Bytes kept for a host who may come back; past them its players are held back.",
  ),
  codeCooldownMs: wholeNumber(
    0,
    MAX_WAIT_MS,
    60_000,
    "Milliseconds before the code of a closed room is given to another, so that late phones do not end in a strange room.",
  ),
  trustProxy: z.string().refine(isProxyList).optional().register(documentation, {
    meaning:
      "Proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas; or loopback, linklocal, uniquelocal.",
    allowed: "a list of addresses or networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal",
    defaultText: "nobody",
  }),
});

/** Every option set. */
export type Options = z.output<typeof SCHEMA>;

/** What a user of the library gives: any of the options. */
export type OptionsInput = z.input<typeof SCHEMA>;

export type OptionName = keyof Options;

export const OPTION_NAMES: readonly OptionName[] = SCHEMA.keyof().options;

export interface OptionEntry {
  readonly field: OptionName;
  readonly env: string;
  readonly flag: string;
  readonly default: string;
  readonly meaning: string;
  readonly allowed: string;
}

/** Every option as the documents and `--help` show it, in their order. */
export const OPTION_TABLE: readonly OptionEntry[] = OPTION_NAMES.map((field) => {
  const { meaning, allowed, defaultText } = documentationOf(field);
  return {
    field,
    env: environmentName(field),
    flag: `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    default: defaultText ?? String(SCHEMA.shape[field].parse(undefined)),
    meaning,
    allowed,
  };
});

/** A wrong or contradictory option; the message is a sentence for the person who wrote it. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
}

/**
 * All options, or what is wrong with the given ones. `nameOf` says how the user wrote an option (as a field, an
 * environment variable, a flag), so that the sentence speaks of what stands in front of them.
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
  /** Not checked yet: for `parseOptions`. */
  readonly options: Readonly<Partial<Record<OptionName, string | number>>>;
  /** `COUCHWIRE_…` variables that are no option, and the option that was probably meant. */
  readonly unknown: readonly { readonly name: string; readonly near: string | undefined }[];
}

/** The options among environment variables. A variable that is empty counts as not set, as in a compose file. */
export function optionsFromEnvironment(environment: Readonly<Record<string, string | undefined>>): EnvironmentOptions {
  const options: Partial<Record<OptionName, string | number>> = {};
  for (const { field, env } of OPTION_TABLE) {
    const text = environment[env]?.trim() ?? "";
    if (text !== "") options[field] = optionValue(field, text);
  }
  const names = OPTION_TABLE.map(({ env }) => env);
  const unknown = Object.keys(environment)
    .filter((name) => name.startsWith("COUCHWIRE_") && !names.includes(name))
    .map((name) => ({ name, near: nearestName(name, names) }));
  return { options, unknown };
}

/** The value of an option that was written as text: a number where the option is one and the text reads as one. */
export function optionValue(field: OptionName, text: string): string | number {
  const isNumber = typeof SCHEMA.shape[field].parse(undefined) === "number";
  return isNumber && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function environmentName(field: OptionName): string {
  const name = field.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return field === "port" || field === "host" ? name : `COUCHWIRE_${name}`;
}

function documentationOf(field: OptionName): Documentation {
  const found = documentation.get(SCHEMA.shape[field]);
  if (found === undefined) throw new Error(`The option ${field} has no documentation.`);
  return found;
}

function describeIssue(issue: z.core.$ZodIssue, nameOf: (field: OptionName) => string): string {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => describeUnknownOption(key, OPTION_NAMES)).join(" ");
  }
  const field = OPTION_NAMES.find((name) => name === issue.path[0]);
  if (field === undefined) return `The options have to be an object; this is ${show(issue.input)}.`;
  return `${nameOf(field)} is ${show(issue.input)}, but has to be ${documentationOf(field).allowed}.`;
}

/** The sentence for an option that does not exist. */
export function describeUnknownOption(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? `There is no option ${name}.` : `There is no option ${name}; did you mean ${near}?`;
}

function describeContradiction(options: Options, nameOf: (field: OptionName) => string): string | undefined {
  const { pingMs, idleMs } = options;
  if (idleMs > pingMs) return undefined;
  return `${nameOf("idleMs")} (${idleMs}) has to be larger than ${nameOf("pingMs")} (${pingMs}), or everybody who says nothing is cut off before being asked.`;
}

function show(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value)
    : inspect(value, { depth: 0, breakLength: Infinity, maxArrayLength: 3 });
}
