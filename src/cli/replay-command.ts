/** `couchwire replay`: parses the command line into a plan, and prints its `--help`. */
import { parseRoomCode } from "../protocol/room-code.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { readFlags, seeHelpOf } from "./flags.ts";
import { parseServer } from "./record-command.ts";

/** What of a recording is played where. */
export interface ReplayPlan {
  /** The path of the recording. */
  readonly file: string;
  readonly part:
    | { readonly is: "players"; readonly code: string; readonly pin: string | undefined }
    | { readonly is: "host" }
    /** Says what is in it, and plays nothing. */
    | { readonly is: "none" };
  readonly server: string;
  readonly speed: number;
  readonly patienceMs: number;
  readonly stays: boolean;
}

export type ReplayCommand = { readonly run: "replay"; readonly plan: ReplayPlan } | { readonly run: "replay-help" };

const DEFAULT_PATIENCE_S = 15;
const MAX_PATIENCE_S = 3_600;
const MIN_SPEED = 0.01;
const MAX_SPEED = 1_000;

export const REPLAY_HELP = `Usage: couchwire replay FILE CODE [options]
       couchwire replay FILE --as host [options]
       couchwire replay FILE

Plays a recording of couchwire record again: its players into the room CODE of
a host build, or its host to phones that join the room that the command opens.
Without a room it says what is in the file.

  couchwire replay party.cwrec BCDF --speed 20
  couchwire replay party.cwrec --as host

Order is kept over all players, and a player says something only after the host
has shown it what it had shown it in the recording. So a host with clocks of its
own takes its time at any speed. A damaged end of the file is left out.

  -h, --help        Shows this text.
  --server URL      The server of the room. (default: http://localhost:8081)
  --speed N         So many times as fast, ${MIN_SPEED} to ${MAX_SPEED}. (default: 1)
  --as PART         players or host. (default: players)
  --pin TEXT        The PIN of the room CODE, if it has one.
  --patience S      Seconds that the other side may take longer than in the
                    recording, before it is not waited for. (default: ${DEFAULT_PATIENCE_S})
  --stay            Stays at the end until Ctrl-C. Otherwise the players are
                    away then, with their seats, and a room that was opened
                    ends.

Exit codes: 0 when all was played, 1 if something could not be said, 2 if the
command is wrong or the file is no recording, 130 after Ctrl-C.
`;

/** Parses the arguments after `replay`. */
export function parseReplayCommand(words: readonly string[]): Result<ReplayCommand, string> {
  const read = readFlags(words, {
    command: "replay",
    values: ["server", "speed", "as", "pin", "patience"],
    switches: ["stay"],
  });
  if (!read.ok) return read;
  if (read.value === "help") return success({ run: "replay-help" });
  const {
    values: typed,
    switches,
    words: [file, target, ...others],
  } = read.value;
  if (file === undefined) return failure(`Which recording? Give its file. ${SEE_HELP}`);
  if (others.length > 0) return failure(`A recording is played into one room, not ${others.length + 1}. ${SEE_HELP}`);
  const part = partOf(target, typed.as, typed.pin);
  if (!part.ok) return part;
  const server = parseServer(typed.server);
  if (!server.ok) return server;
  const speed = numberIn(typed.speed ?? "1", MIN_SPEED, MAX_SPEED);
  if (speed === undefined) return failure(`--speed has to be a number from ${MIN_SPEED} to ${MAX_SPEED}, such as 20.`);
  const patience = numberIn(typed.patience ?? String(DEFAULT_PATIENCE_S), 0, MAX_PATIENCE_S);
  if (patience === undefined) return failure(`--patience has to be seconds from 0 to ${MAX_PATIENCE_S}.`);
  return success({
    run: "replay",
    plan: {
      file,
      part: part.value,
      server: server.value,
      speed,
      patienceMs: 1_000 * patience,
      stays: switches.has("stay"),
    },
  });
}

function partOf(
  target: string | undefined,
  as: string | undefined,
  pin: string | undefined,
): Result<ReplayPlan["part"], string> {
  if (as !== undefined && as !== "players" && as !== "host") return failure("--as has to be players or host.");
  if (as === "host") {
    if (target !== undefined) return failure(`The host's room is a new one: --as host takes no code. ${SEE_HELP}`);
    return pin === undefined ? success({ is: "host" }) : failure("--pin is for the room of a code alone.");
  }
  if (target === undefined) {
    return as === undefined && pin === undefined
      ? success({ is: "none" })
      : failure(`Into which room? Give its code behind the file. ${SEE_HELP}`);
  }
  const code = parseRoomCode(target);
  if (code === undefined) return failure(`${JSON.stringify(target)} is no room code such as BCDF.`);
  return success({ is: "players", code, pin });
}

function numberIn(text: string, least: number, most: number): number | undefined {
  const value = Number(text);
  return /^\d{1,6}(?:\.\d{1,6})?$/.test(text) && value >= least && value <= most ? value : undefined;
}

const SEE_HELP = seeHelpOf("replay");
