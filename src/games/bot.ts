/** Bots: members of a room that a program plays. To the room a bot is a member like any other, and it is told nothing more. */
import { parseDisplayName } from "../protocol/display-name.ts";
import type { Json } from "./game-room.ts";

/** A bot in its room. */
export interface BotSelf {
  /** Its id, as the other members see it. */
  readonly id: string;
  readonly name: string;
  /** Says something, as a member's message: bytes as a binary frame, everything else as JSON. After the bot has left it does nothing. */
  send(data: Json, options?: { readonly to?: readonly string[] }): void;
  /** Gives the seat back. */
  leave(): void;
}

/**
 * What a bot does. A bot thinks before it reacts to a message, and thinks about several at once: its functions are never called in the stack of what caused
 * them, one after another, and no message waits for the thoughts about those before it. A function that throws is logged, and the bot
 * plays on.
 */
export interface BotOptions {
  readonly name: string;
  /** Milliseconds that the bot thinks before it reacts, drawn evenly. @default [700, 1500] */
  readonly thinkMs?: readonly [least: number, most: number];
  /** The bot has its seat. */
  readonly onJoin?: (me: BotSelf) => void | Promise<void>;
  /** What it is told by a member, or by the room (`from` is `""`); bytes come as a `Uint8Array`. What was said before it came is not told. */
  readonly onMessage?: (me: BotSelf, data: Json, from: string) => void | Promise<void>;
  /** It is no longer in the room. Called at once, without a thought. */
  readonly onLeave?: (me: BotSelf) => void | Promise<void>;
}

/** A bot, as `defineBot` returns it. One may play in many rooms; state of one game belongs in a `WeakMap` or a closure, keyed by `me`. */
export type Bot = Readonly<BotOptions>;

/** A bot that plays for each member that is away for long. */
export interface StandIn {
  readonly bot: Bot;
  /** Milliseconds from when the others are told that the member is away. */
  readonly afterMs: number;
}

export const DEFAULT_THINK_MS = [700, 1_500] as const;
const MAX_THINK_MS = 3_600_000;

const HANDLERS = ["onJoin", "onMessage", "onLeave"] as const;
const KNOWN: readonly string[] = ["name", "thinkMs", ...HANDLERS];

/** Checks the options of a bot. Throws `TypeError` with a sentence where one is wrong. */
export function defineBot(options: BotOptions): Bot {
  const problem = problemOf(options);
  if (problem !== undefined) throw new TypeError(problem);
  const name = parseDisplayName(options.name);
  return Object.freeze({ ...options, ...(name.ok && name.value !== undefined && { name: name.value }) });
}

function problemOf(options: unknown): string | undefined {
  if (typeof options !== "object" || options === null) return "defineBot takes an object with the options of a bot.";
  const given = new Map<string, unknown>(Object.entries(options));
  for (const key of given.keys()) {
    if (!KNOWN.includes(key)) return `A bot has no option ${key}. It has ${KNOWN.join(", ")}.`;
  }
  const name = given.get("name");
  const parsed = parseDisplayName(typeof name === "string" ? name : "");
  if (!parsed.ok) return `The name of a bot ${parsed.failure}`;
  if (parsed.value === undefined) return "The name of a bot has to be text that is not empty.";
  for (const key of HANDLERS) {
    const handler = given.get(key);
    if (handler !== undefined && typeof handler !== "function") {
      return `${key} of a bot has to be a function, not ${typeof handler}.`;
    }
  }
  return problemOfThinking(given.get("thinkMs"));
}

function problemOfThinking(thinkMs: unknown): string | undefined {
  if (thinkMs === undefined) return undefined;
  const [least, most, ...rest]: readonly unknown[] = Array.isArray(thinkMs) ? thinkMs : [];
  const isFine =
    typeof least === "number" &&
    typeof most === "number" &&
    rest.length === 0 &&
    least >= 0 &&
    least <= most &&
    most <= MAX_THINK_MS;
  return isFine
    ? undefined
    : `thinkMs of a bot has to be two numbers of milliseconds from 0 to ${MAX_THINK_MS}, the smaller one first, such as [700, 1500].`;
}
