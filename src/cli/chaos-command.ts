/** `couchwire chaos`: parses the command line into a plan, and prints its `--help`. */
import { randomInt } from "node:crypto";
import { MAX_SEED } from "../chaos/random.ts";
import type { ChaosPlan } from "../chaos/plan.ts";
import { parseRoomCode } from "../protocol/room-code.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { readFlags, seeHelpOf } from "./flags.ts";

export type ChaosCommand = { readonly run: "chaos"; readonly plan: ChaosPlan } | { readonly run: "chaos-help" };

const FLAGS = ["phones", "minutes", "seed", "server", "send", "pin"] as const;
type Flag = (typeof FLAGS)[number];

const DEFAULT_SERVER = "http://localhost:8081";
const DEFAULT_PHONES = 8;
const DEFAULT_MINUTES = 1;
const MAX_PHONES = 100;
const MAX_MINUTES = 60;

export const CHAOS_HELP = `Usage: couchwire chaos CODE|URL [options]

Sends phones that misbehave to a game: they lock their screens, lose their
connections, open a second tab, switch networks, reload, and flood. The command
ends by itself and reports whether all frames arrived exactly once and in order.

  couchwire chaos http://localhost:8081        opens a room of its own there and
                                               checks every frame, both ways
  couchwire chaos BCDF                         joins the game with that code
  couchwire chaos https://example.org/BCDF     the same on another server

In a game that others host, the phones send nothing unless --send is given, and
the command checks what it can see from outside: lost frames and closes.

  -h, --help       Shows this text.
  --phones N       How many phones, 1 to ${MAX_PHONES}. (default: ${DEFAULT_PHONES})
  --minutes N      For how long, 0.05 to ${MAX_MINUTES}. (default: ${DEFAULT_MINUTES})
  --seed N         Repeats the actions of a run that printed this seed, as far
                   as the network allows. (default: a new one each time)
  --server URL     The server of the room CODE. (default: ${DEFAULT_SERVER})
  --send TEXT      The text that the phones send each second to the game CODE.
  --pin TEXT       The PIN of the game CODE, if it has one.

Exit codes: 0 if all checks passed, 1 if one failed or no server answers, 2 if
the command is wrong, 130 after Ctrl-C, which prints the results so far.
`;

/** Parses the arguments after `chaos`. */
export function parseChaosCommand(words: readonly string[]): Result<ChaosCommand, string> {
  const read = readFlags(words, { command: "chaos", values: FLAGS });
  if (!read.ok) return read;
  return read.value === "help" ? success({ run: "chaos-help" }) : makePlan(read.value.words, read.value.values);
}

function makePlan(targets: readonly string[], typed: Partial<Record<Flag, string>>): Result<ChaosCommand, string> {
  const [target, ...others] = targets;
  if (target === undefined) return failure(`Which game? Give a room code, or the address of a server. ${SEE_HELP}`);
  if (others.length > 0) return failure(`One game can be visited at a time, not ${targets.length}. ${SEE_HELP}`);
  const place = readTarget(target, typed.server);
  if (!place.ok) return place;
  const { server, code } = place.value;
  if (typed.send !== undefined && code === undefined) {
    return failure("--send needs the room code of a game. In its own room the command sends numbered frames.");
  }
  if (typed.pin !== undefined && code === undefined) {
    return failure("--pin needs the room code of a game. The command's own room has no PIN.");
  }

  const phones = readNumber(typed.phones, DEFAULT_PHONES, /^\d+$/, 1, MAX_PHONES);
  if (phones === undefined) return failure(`--phones has to be a whole number from 1 to ${MAX_PHONES}.`);
  const minutes = readNumber(typed.minutes, DEFAULT_MINUTES, /^\d*\.?\d+$/, 0.05, MAX_MINUTES);
  if (minutes === undefined) return failure(`--minutes has to be a number from 0.05 to ${MAX_MINUTES}.`);
  const seed = readNumber(typed.seed, randomInt(MAX_SEED), /^\d+$/, 0, MAX_SEED);
  if (seed === undefined) return failure(`--seed has to be a whole number from 0 to ${MAX_SEED}.`);
  return success({ run: "chaos", plan: { server, code, phones, minutes, seed, send: typed.send, pin: typed.pin } });
}

interface Place {
  readonly server: string;
  readonly code: string | undefined;
}

/** Parses a room code, a server's address, or an address that ends in a room code. */
function readTarget(target: string, server: string | undefined): Result<Place, string> {
  const code = parseRoomCode(target);
  if (code !== undefined) {
    const place = readAddress(server ?? DEFAULT_SERVER);
    return place?.code === undefined && place !== undefined
      ? success({ ...place, code })
      : failure(`--server has to be an address such as ${DEFAULT_SERVER}.`);
  }
  const place = readAddress(target);
  if (place === undefined) {
    return failure(
      `${JSON.stringify(target)} is neither a room code such as BCDF nor an address such as ${DEFAULT_SERVER}.`,
    );
  }
  return server === undefined
    ? success(place)
    : failure("The server is given twice: as the address, and with --server.");
}

function readAddress(text: string): Place | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(?:https?|wss?):$/.test(url.protocol)) return undefined;
  const path = url.pathname.replace(/\/+$/, "");
  const [, folder = "", last = ""] = /^(.*)\/([^/]*)$/.exec(path) ?? [];
  const code = parseRoomCode(last);
  const protocol = url.protocol.replace("ws", "http");
  return { server: `${protocol}//${url.host}${code === undefined ? path : folder}`, code };
}

function readNumber(
  text: string | undefined,
  unset: number,
  form: RegExp,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return unset;
  const value = Number(text);
  return form.test(text) && value >= least && value <= most ? value : undefined;
}

const SEE_HELP = seeHelpOf("chaos");
