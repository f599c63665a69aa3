/** Bots: members of a room that a program plays. To the room a bot is a member like any other, and it is told nothing more. */
import type { Json } from "./game-room.ts";

/** A bot in its room. */
export interface BotSelf {
  /** Its id, as the other members see it. */
  readonly id: string;
  readonly name: string;
  /** Says something, as a member's message. */
  send(data: Json, options?: { readonly to?: readonly string[] }): void;
  /** Gives the seat back. */
  leave(): void;
}

/** What a bot does. Each function is called after the bot has thought, never in the stack of who caused it, and one after another. */
export interface BotOptions {
  readonly name: string;
  /** Milliseconds that the bot thinks before it reacts, drawn evenly. @default [700, 1500] */
  readonly thinkMs?: readonly [least: number, most: number];
  readonly onJoin?: (me: BotSelf) => void | Promise<void>;
  readonly onMessage?: (me: BotSelf, data: Json, from: string) => void | Promise<void>;
  readonly onLeave?: (me: BotSelf) => void | Promise<void>;
}

/** A bot, as `defineBot` returns it. One may play in many rooms; state of one game belongs in a closure of `onJoin`, keyed by `me`. */
export type Bot = Readonly<BotOptions>;

/** Checks the options of a bot. Throws `TypeError` with a sentence where one is wrong. */
export function defineBot(options: BotOptions): Bot {
  return Object.freeze({ ...options });
}
