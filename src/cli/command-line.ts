/** Parses flags and environment variables into one command. Flags win. */
import { parseArgs } from "node:util";
import { nearestName } from "../nearest-name.ts";
import { OPTION_TABLE, describeUnknownOption, optionValue, optionsFromEnvironment, parseOptions } from "../config.ts";
import type { EnvironmentOptions, OptionName, Options } from "../config.ts";
import { failure, success } from "../protocol/result.ts";
import type { Result } from "../protocol/result.ts";
import { RECORDING_ENDING } from "../recording/recording-items.ts";
import { parseBotsCommand, type BotsCommand } from "./bots-command.ts";
import { parseChaosCommand, type ChaosCommand } from "./chaos-command.ts";
import { parseConformanceCommand, type ConformanceCommand } from "./conformance-command.ts";
import { sayTwice } from "./flags.ts";
import { parseRecordCommand, type RecordCommand } from "./record-command.ts";
import { parseReplayCommand, type ReplayCommand } from "./replay-command.ts";
import { parseRoomCommand, type RoomCommandLine } from "./room-command.ts";
import { parseNewCommand, type NewCommand } from "./new-command.ts";
import { parseTokenCommand, type TokenCommand } from "./token-command.ts";

export type Command =
  | { readonly run: "help" }
  | { readonly run: "version" }
  | ServeCommand
  | BotsCommand
  | ChaosCommand
  | ConformanceCommand
  | NewCommand
  | RecordCommand
  | ReplayCommand
  | RoomCommandLine
  | TokenCommand;

export interface ServeCommand extends Pick<EnvironmentOptions, "ignoredHost"> {
  readonly run: "serve";
  readonly options: Options;
  readonly unknownVariables: EnvironmentOptions["unknown"];
  /** The name of an option as the user wrote it or could write it: a flag or a variable. */
  readonly nameOf: (field: OptionName) => string;
  /** Whether to open the playground in this machine's browser: `couchwire dev` without `--no-open`. */
  readonly opensBrowser: boolean;
  /** Whether to speak https with a certificate that this machine signs itself. */
  readonly isSelfSigned: boolean;
  /** What `couchwire dev --record` writes: each room, into this file or into one that is named for it. @default nothing */
  readonly recordings: { readonly file: string | undefined } | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;
type ParseCommand = (words: readonly string[], environment: Environment) => Result<Command, string>;

/** The commands that have options of their own. */
const PARSERS = new Map<string, ParseCommand>([
  ["new", parseNewCommand],
  ["bots", parseBotsCommand],
  ["chaos", parseChaosCommand],
  ["record", parseRecordCommand],
  ["replay", parseReplayCommand],
  ["conformance", parseConformanceCommand],
  ["room", parseRoomCommand],
  ["token", parseTokenCommand],
]);

/** The commands that start a server; the first is what no command means. */
const SERVERS = ["serve", "dev"] as const;

const COMMANDS: readonly string[] = [...SERVERS, ...PARSERS.keys(), "help"];

/** Flags that print something and exit. They take no value. */
const INFORMATION = { help: "h", version: "v" } as const;

/** A flag of `couchwire dev`, without a value. */
const NO_OPEN = "--no-open";
/** A flag of `couchwire dev`, with a file or without. */
const RECORD = "--record";
/** A flag of `couchwire serve` and `couchwire dev`, without a value. */
const TLS_SELF_SIGNED = "--tls-self-signed";

const RECORD_ELSEWHERE = `${RECORD} is an option of couchwire dev alone. couchwire record CODE --out FILE records a room of any server.`;
const NO_RECORDING_FILE = `${RECORD} takes a file whose name ends in ${RECORDING_ENDING}, or nothing.`;

interface Typed {
  readonly options: Partial<Record<OptionName, string | number>>;
  /** The name under which each option was given. */
  readonly names: Partial<Record<OptionName, string>>;
  isDev: boolean;
  hasNoOpen: boolean;
  isSelfSigned: boolean;
  recordings: ServeCommand["recordings"];
}

export function parseCommandLine(words: readonly string[], environment: Environment): Result<Command, string> {
  const [command = "serve", ...rest] = words;
  const parse = PARSERS.get(command);
  if (parse !== undefined) return parse(rest, environment);
  if (command === "help") return parseHelp(rest, environment);
  // Before its options are: a misspelt command has other options than a server.
  if (!command.startsWith("-") && !isServer(command)) return failure(unknownCommand(command));
  const { tokens } = parseArgs({
    args: [...words],
    // Not strict: this function writes the error sentences.
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: {
      ...Object.fromEntries(OPTION_TABLE.map(({ flag }) => [flag.slice("--".length), { type: "string" } as const])),
      ...Object.fromEntries(
        Object.entries(INFORMATION).map(([name, short]) => [name, { type: "boolean", short } as const]),
      ),
      [NO_OPEN.slice("--".length)]: { type: "boolean" },
      [RECORD.slice("--".length)]: { type: "boolean" }, // or it would take the folder for its file
      [TLS_SELF_SIGNED.slice("--".length)]: { type: "boolean" },
    },
  });

  const typed: Typed = {
    options: {},
    names: {},
    isDev: false,
    hasNoOpen: false,
    isSelfSigned: false,
    recordings: undefined,
  };
  const positionals: string[] = [];
  for (const [place, token] of tokens.entries()) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      const before = tokens[place - 1];
      const mayBeFile = before?.kind === "option" && before.rawName === RECORD && before.value === undefined;
      if (mayBeFile && token.value.endsWith(RECORDING_ENDING)) typed.recordings = { file: token.value };
      else positionals.push(token.value);
      continue;
    }
    if (token.name === "help" || token.name === "version") {
      if (token.value === undefined) return success({ run: token.name });
      return failure(`--${token.name} takes no value.`);
    }
    const problem = takeFlag(typed, token.rawName, token.value);
    if (problem !== undefined) return failure(problem);
  }

  const problem = takePositionals(typed, positionals);
  if (problem !== undefined) return failure(problem);
  if (typed.hasNoOpen && !typed.isDev) return failure(`${NO_OPEN} is an option of couchwire dev alone.`);
  if (typed.recordings !== undefined && !typed.isDev) return failure(RECORD_ELSEWHERE);
  return serveCommand(typed, optionsFromEnvironment(environment));
}

/** `couchwire help new` is `couchwire new --help`. */
function parseHelp([command]: readonly string[], environment: Environment): Result<Command, string> {
  return command === undefined ? success({ run: "help" }) : parseCommandLine([command, "--help"], environment);
}

function takeFlag(typed: Typed, rawName: string, value: string | undefined): string | undefined {
  if (rawName === NO_OPEN) {
    if (typed.hasNoOpen) return sayTwice(NO_OPEN);
    typed.hasNoOpen = true;
    return value === undefined ? undefined : `${NO_OPEN} takes no value.`;
  }
  if (rawName === RECORD) {
    if (typed.recordings !== undefined) return sayTwice(RECORD);
    typed.recordings = { file: value };
    return value === undefined || value.endsWith(RECORDING_ENDING) ? undefined : NO_RECORDING_FILE;
  }
  if (rawName === TLS_SELF_SIGNED) {
    typed.isSelfSigned = true;
    return value === undefined ? undefined : `${TLS_SELF_SIGNED} takes no value.`;
  }
  const entry = OPTION_TABLE.find(({ flag }) => flag === rawName);
  if (entry === undefined) {
    const information = Object.keys(INFORMATION).map((name) => `--${name}`);
    const known = [...OPTION_TABLE.map(({ flag }) => flag), ...information, NO_OPEN, RECORD, TLS_SELF_SIGNED];
    return `${describeUnknownOption(rawName, known)} couchwire --help lists them.`;
  }
  if (value === undefined) return `${entry.flag} needs a value: ${entry.allowed}.`;
  const before = typed.options[entry.field];
  if (before !== undefined && !entry.isList) return sayTwice(entry.flag);
  typed.options[entry.field] = before === undefined ? optionValue(entry.field, value) : `${before},${value}`;
  typed.names[entry.field] = entry.flag;
  return undefined;
}

function takePositionals(typed: Typed, [command, folder, ...rest]: readonly string[]): string | undefined {
  if (command === undefined) return undefined;
  if (!isServer(command)) return unknownCommand(command);
  typed.isDev = command === "dev";
  if (rest.length > 0) return `One folder can be served, not ${rest.length + 1}; put the games into one folder.`;
  if (folder === undefined) return undefined;
  if (typed.options.games !== undefined) return `The folder is given twice: after ${command}, and with --games.`;
  typed.options.games = folder;
  typed.names.games = "The folder";
  return undefined;
}

function isServer(command: string): boolean {
  return SERVERS.some((name) => name === command);
}

function unknownCommand(command: string): string {
  const near = nearestName(command, COMMANDS);
  const serve = `To serve a folder, write: couchwire serve ${command}`;
  const shown = JSON.stringify(command);
  return near === undefined
    ? `There is no command ${shown}. ${serve}`
    : `There is no command ${shown}; did you mean couchwire ${near}? ${serve}`;
}

function serveCommand(typed: Typed, environment: EnvironmentOptions): Result<Command, string> {
  const nameOf = (field: OptionName): string => {
    const flag = OPTION_TABLE.find((entry) => entry.field === field)?.flag ?? field;
    return typed.names[field] ?? environment.names[field] ?? flag;
  };
  const { isDev, hasNoOpen, isSelfSigned, recordings } = typed;
  const forDev = { games: environment.options.games ?? ".", dev: "on" };
  const given = { ...environment.options, ...(isDev && forDev), ...typed.options };
  const parsed = parseOptions(given, nameOf);
  if (!parsed.ok) return parsed;
  const pair = (["tlsCert", "tlsKey"] as const).find((field) => parsed.value[field] !== undefined);
  if (isSelfSigned && pair !== undefined)
    return failure(`${TLS_SELF_SIGNED} makes a certificate, and ${nameOf(pair)} names one: choose one of them.`);
  const ignoredHost = typed.options.host === undefined ? environment.ignoredHost : undefined;
  return success({
    run: "serve",
    options: parsed.value,
    unknownVariables: environment.unknown,
    ignoredHost,
    nameOf,
    opensBrowser: isDev && !hasNoOpen,
    isSelfSigned,
    recordings,
  });
}
