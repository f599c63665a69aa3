/** `couchwire bots`: parses the command line into a plan, and prints its `--help`. */
import { parseRoomCode } from "../protocol/room-code.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { readFlags, seeHelpOf } from "./flags.ts";

/** Which bots go where. */
export interface BotsPlan {
  readonly server: string;
  readonly code: string;
  readonly count: number;
  /** The path of a module. */
  readonly script: string;
  readonly pin: string | undefined;
}

export type BotsCommand = { readonly run: "bots"; readonly plan: BotsPlan } | { readonly run: "bots-help" };

const FLAGS = ["count", "script", "server", "pin"] as const;
type Flag = (typeof FLAGS)[number];

const DEFAULT_SERVER = "http://localhost:8081";
const MAX_COUNT = 200;

export const BOTS_HELP = `Usage: couchwire bots CODE --script FILE [options]

Lets bots join the room CODE from outside: as phones of a game on a TV, or as
members of an open room. They play what the script says, until the room is over
or Ctrl-C.

  couchwire bots BCDF --count 8 --script my-bot.js

The script is a module. It exports a bot, or a function that makes the bot of
the number it is given (1, 2, …), as its default or as "bot":

  export default {
    name: "Botty",             // with --count above 1: Botty 1, Botty 2, …
    thinkMs: [700, 1500],      // how long it thinks before it reacts
    onJoin(me) {},
    onMessage(me, data, from) { me.send({ answer: 4 }); },
    onLeave(me) {},
  };

JSON comes as objects and lists, other text as text, bytes as a Uint8Array.

  -h, --help       Shows this text.
  --script FILE    The script. It runs with all your rights, like any program.
  --count N        How many bots, 1 to ${MAX_COUNT}. (default: 1)
  --server URL     The server of the room. (default: ${DEFAULT_SERVER})
  --pin TEXT       The PIN of the room, if it has one.

Exit codes: 0 when the room is over, 1 if no bot got in or no server answers,
2 if the command or the script is wrong, 130 after Ctrl-C.
`;

/** Parses the arguments after `bots`. */
export function parseBotsCommand(words: readonly string[]): Result<BotsCommand, string> {
  const read = readFlags(words, { command: "bots", values: FLAGS });
  if (!read.ok) return read;
  return read.value === "help" ? success({ run: "bots-help" }) : makePlan(read.value.words, read.value.values);
}

function makePlan(
  [target, ...others]: readonly string[],
  typed: Partial<Record<Flag, string>>,
): Result<BotsCommand, string> {
  const { script, pin } = typed;
  if (target === undefined) return failure(`Which room? Give its code. ${SEE_HELP}`);
  if (others.length > 0) return failure(`Bots go to one room at a time, not to ${others.length + 1}. ${SEE_HELP}`);
  const code = parseRoomCode(target);
  if (code === undefined) return failure(`${JSON.stringify(target)} is no room code such as BCDF.`);
  if (script === undefined) return failure(`What do the bots do? Give a module with --script FILE. ${SEE_HELP}`);
  const count = Number(typed.count ?? "1");
  if (!/^\d+$/.test(typed.count ?? "1") || count < 1 || count > MAX_COUNT) {
    return failure(`--count has to be a whole number from 1 to ${MAX_COUNT}.`);
  }
  const server = typed.server ?? DEFAULT_SERVER;
  if (!URL.canParse(server) || !/^(?:https?|wss?):$/.test(new URL(server).protocol)) {
    return failure(`--server has to be an address such as ${DEFAULT_SERVER}.`);
  }
  const address = server.replace(/^ws/, "http").replace(/\/+$/, "");
  return success({ run: "bots", plan: { server: address, code, count, script, pin } });
}

const SEE_HELP = seeHelpOf("bots");
