/** `couchwire room`: parses the command line into a plan, and prints its `--help`. */
import { failure, success, type Result } from "../protocol/result.ts";
import { readFlags, seeHelpOf } from "./flags.ts";

/** What is asked of a server's API. */
export interface RoomPlan {
  /** The address of the server, without a slash at the end. */
  readonly url: string;
  /** `undefined` where the environment has none. */
  readonly key: string | undefined;
  /** Prints what the server answers, in JSON, instead of sentences. */
  readonly isJson: boolean;
  readonly action: RoomAction;
}

export type RoomAction =
  | { readonly is: "list" }
  | { readonly is: "close"; readonly id: string }
  | { readonly is: "create"; readonly room: NewRoomWish };

/** As `POST /api/rooms` takes it. */
export interface NewRoomWish {
  readonly kind: string;
  readonly name?: string;
  readonly maxPlayers?: number;
  readonly pin?: string;
  readonly meta?: unknown;
}

export type RoomCommandLine = { readonly run: "room"; readonly plan: RoomPlan } | { readonly run: "room-help" };

const FLAGS = ["url", "name", "max-players", "pin", "meta"] as const;
type Flag = (typeof FLAGS)[number];
/** Flags of `create` alone. */
const OF_CREATE: readonly Flag[] = ["name", "max-players", "pin", "meta"];
const ACTIONS = ["create", "list", "close"] as const;

const DEFAULT_URL = "http://localhost:8081";
/** What the command says where it has no key. */
export const NO_KEY = "The key of the server's API is missing: set COUCHWIRE_API_KEY.";
const KEY_VARIABLE = "COUCHWIRE_API_KEY";

export const ROOM_HELP = `Usage: couchwire room create KIND [options]
       couchwire room list [options]
       couchwire room close ID [options]

Opens, lists and ends rooms of a running server, over its HTTP API. The key is
read from ${KEY_VARIABLE}, of several the first.

  couchwire room create relay --name lobby
  couchwire room list
  couchwire room close BCDF
  couchwire room close name:lobby

  -h, --help        Shows this text.
  --url URL         The address of the server. (default: ${DEFAULT_URL})
  --json            Prints the server's answer, for programs.

Of create alone:
  --name NAME       By which tokens and the API find the room.
  --max-players N   Seats in the room.
  --pin TEXT        What phones that join by the code have to show.
  --meta JSON       Anything worth knowing about the room.

Exit codes: 0, 1 if the server refused or did not answer, 2 if the command is
wrong.
`;

/** Parses the arguments after `room`. */
export function parseRoomCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<RoomCommandLine, string> {
  const read = readFlags(words, { command: "room", values: FLAGS, switches: ["json"] });
  if (!read.ok) return read;
  if (read.value === "help") return success({ run: "room-help" });
  const { values: typed, switches, words: positionals } = read.value;
  const action = actionOf(positionals, typed);
  if (!action.ok) return action;
  const url = typed.url ?? DEFAULT_URL;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    return failure(`--url has to be an address such as ${DEFAULT_URL}.`);
  }
  const key = environment[KEY_VARIABLE]?.split(",")[0]?.trim() ?? "";
  return success({
    run: "room",
    plan: {
      url: url.replace(/\/+$/, ""),
      key: key === "" ? undefined : key,
      isJson: switches.has("json"),
      action: action.value,
    },
  });
}

function actionOf(
  [name, target, ...others]: readonly string[],
  typed: Partial<Record<Flag, string>>,
): Result<RoomAction, string> {
  const action = ACTIONS.find((known) => known === name);
  if (action === undefined) {
    const said = name === undefined ? "What about rooms?" : `couchwire room knows no ${JSON.stringify(name)}.`;
    return failure(`${said} There are ${ACTIONS.join(", ")}. ${SEE_HELP}`);
  }
  const foreign = action === "create" ? undefined : OF_CREATE.find((flag) => typed[flag] !== undefined);
  if (foreign !== undefined) return failure(`--${foreign} is an option of couchwire room create alone.`);
  switch (action) {
    case "list":
      return target === undefined
        ? success({ is: "list" })
        : failure(`couchwire room list takes no ${JSON.stringify(target)}. ${SEE_HELP}`);
    case "close":
      if (target === undefined) return failure(`Which room? Give its code, or name: and its name. ${SEE_HELP}`);
      if (others.length > 0) return failure(`One room is closed at a time. ${SEE_HELP}`);
      return success({ is: "close", id: target });
    case "create":
      if (target === undefined) return failure(`Which kind of room? Give one, such as relay. ${SEE_HELP}`);
      if (others.length > 0) return failure(`One room is opened at a time; a name is given with --name. ${SEE_HELP}`);
      return newRoom(target, typed);
    default:
      return action satisfies never;
  }
}

function newRoom(kind: string, { name, pin, meta, "max-players": seats }: Partial<Record<Flag, string>>) {
  if (seats !== undefined && !/^[1-9]\d{0,6}$/.test(seats)) {
    return failure("--max-players has to be a whole number from 1 on.");
  }
  const described = meta === undefined ? success(undefined) : jsonOf(meta);
  if (!described.ok) return described;
  return success({
    is: "create" as const,
    room: {
      kind,
      ...(name !== undefined && { name }),
      ...(seats !== undefined && { maxPlayers: Number(seats) }),
      ...(pin !== undefined && { pin }),
      ...(meta !== undefined && { meta: described.value }),
    },
  });
}

function jsonOf(text: string): Result<unknown, string> {
  try {
    return success(JSON.parse(text));
  } catch {
    return failure("--meta has to be JSON."); // JSON.parse throws for nothing else
  }
}

const SEE_HELP = seeHelpOf("room");
