/** `couchwire record`: parses the command line into a plan, and prints its `--help`. */
import { parseRoomCode } from "../protocol/room-code.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { readFlags, seeHelpOf } from "./flags.ts";

/** What is recorded where. */
export interface RecordPlan {
  /** The address of the server, without a slash at the end. */
  readonly server: string;
  readonly code: string;
  /** `undefined` where neither the command nor the environment has one. */
  readonly key: string | undefined;
  /** The path of the file, which is not there yet. */
  readonly file: string;
  /** Bytes that the file may have. */
  readonly maxBytes: number;
}

export type RecordCommand = { readonly run: "record"; readonly plan: RecordPlan } | { readonly run: "record-help" };

const DEFAULT_SERVER = "http://localhost:8081";
const KEY_VARIABLE = "COUCHWIRE_API_KEY";
const MIB = 1_048_576;
const DEFAULT_MAX_MIB = 256;
/** What `couchwire replay` reads. */
const MAX_MIB = 1_024;
/** What the command says where it has no key. */
export const NO_RECORDING_KEY = `The key of the server's API is missing: set ${KEY_VARIABLE}, or give it with --key.`;

export const RECORD_HELP = `Usage: couchwire record CODE --out FILE [options]

Writes what players and host of the room CODE say into a file, with times, until
the room is over or Ctrl-C. couchwire replay plays it again; docs/RECORDING.md
describes the file. It has the names and words of the players: tell them. It has
no session, token or PIN.

  couchwire record BCDF --out party.cwrec
  couchwire record BCDF --server https://example.org --out party.cwrec

The server has to have an API key. The command reads it from ${KEY_VARIABLE},
of several the first, where other users of this machine do not see it.

  -h, --help       Shows this text.
  --out FILE       The file. It must not be there yet.
  --server URL     The server of the room. (default: ${DEFAULT_SERVER})
  --key KEY        The key of the server's API.
  --max-mib N      MiB after which the recording ends, 1 to ${MAX_MIB}. (default: ${DEFAULT_MAX_MIB})

Exit codes: 0 when the room is over or after Ctrl-C, 1 if the server refused, or
the recording ended sooner for another reason, 2 if the command is wrong.
`;

/** Parses the arguments after `record`. */
export function parseRecordCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Result<RecordCommand, string> {
  const read = readFlags(words, { command: "record", values: ["out", "server", "key", "max-mib"] });
  if (!read.ok) return read;
  if (read.value === "help") return success({ run: "record-help" });
  const {
    values: typed,
    words: [target, ...others],
  } = read.value;
  if (target === undefined) return failure(`Which room? Give its code. ${SEE_HELP}`);
  if (others.length > 0) return failure(`One room is recorded at a time, not ${others.length + 1}. ${SEE_HELP}`);
  const code = parseRoomCode(target);
  if (code === undefined) return failure(`${JSON.stringify(target)} is no room code such as BCDF.`);
  const { out, "max-mib": mib = String(DEFAULT_MAX_MIB) } = typed;
  if (out === undefined || out === "") return failure(`Where to? Give a file with --out FILE. ${SEE_HELP}`);
  if (!/^\d{1,4}$/.test(mib) || Number(mib) < 1 || Number(mib) > MAX_MIB) {
    return failure(`--max-mib has to be a whole number from 1 to ${MAX_MIB}.`);
  }
  const server = parseServer(typed.server);
  if (!server.ok) return server;
  const key = typed.key ?? environment[KEY_VARIABLE]?.split(",")[0]?.trim() ?? "";
  return success({
    run: "record",
    plan: {
      server: server.value,
      code,
      key: key === "" ? undefined : key,
      file: out,
      maxBytes: Number(mib) * MIB,
    },
  });
}

/** The address of a server as `fetch` takes it, without a slash at the end. */
export function parseServer(typed: string = DEFAULT_SERVER): Result<string, string> {
  if (!URL.canParse(typed) || !/^(?:https?|wss?):$/.test(new URL(typed).protocol)) {
    return failure(`--server has to be an address such as ${DEFAULT_SERVER}.`);
  }
  return success(typed.replace(/^ws/, "http").replace(/\/+$/, ""));
}

const SEE_HELP = seeHelpOf("record");
