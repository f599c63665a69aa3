/**
 * Plays one seat as its bot says: keeps what the seat is told, thinks, and then reacts to all of it, one after another. The seat is the bot's own, or that
 * of a member that is away.
 */
import { isLater, type Eventually } from "../protocol/eventually.ts";
import type { Cancel, Clock } from "../room/ports.ts";
import { DEFAULT_THINK_MS, type Bot, type BotSelf } from "./bot.ts";
import type { Json } from "./game-room.ts";
import type { HandlerCalls } from "./handler-calls.ts";

/** What a bot needs beside its seat. */
export interface BotEnvironment {
  readonly calls: HandlerCalls;
  readonly clock: Pick<Clock, "after">;
  /** From 0 up to 1, without 1. */
  readonly random: () => number;
}

/** The seat that a bot plays. */
export interface BotSeat {
  readonly id: string;
  readonly name: string;
  /** Says one frame, as a member's connection would bring it. Throws where too much waits to be handled. */
  say(frame: Uint8Array, isText: boolean): void;
  leave(): void;
}

/** What a bot was told and has not reacted to. Past it, the oldest goes, and the room reports that. */
const MAX_WAITING = 1_000;

/** A frame of P6, as far as a bot reads it. */
interface Heard {
  readonly event?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly from?: string;
  readonly data?: Json;
  /** It was said before the bot came. */
  readonly seq?: number;
}

interface Told {
  readonly data: Json;
  readonly from: string;
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

export class BotPlayer {
  readonly #bot: Bot;
  readonly #seat: BotSeat;
  readonly #environment: BotEnvironment;
  readonly #me: BotSelf;
  #told: Told[] = [];
  #hasToJoin = false;
  #hasJoined = false;
  /** It has lost messages since it last reacted. */
  #isOverfull = false;
  #isReacting = false;
  #isOver = false;
  #stopThinking: Cancel | undefined;

  constructor(bot: Bot, seat: BotSeat, environment: BotEnvironment) {
    this.#bot = bot;
    this.#seat = seat;
    this.#environment = environment;
    this.#me = {
      id: seat.id,
      name: seat.name,
      send: (data, { to } = {}) => this.#send(data, to),
      leave: () => {
        if (!this.#isOver) seat.leave();
      },
    };
  }

  /** The bot has its seat. */
  join(): void {
    this.#hasToJoin = true;
    this.#think();
  }

  /** One frame that its seat is told (P6.3, P6.5, P6.6). The bytes may be a view. */
  hear(frame: Uint8Array, isText: boolean): void {
    if (this.#isOver) return;
    if (!isText) return this.#keep({ data: frame.slice(), from: "" });
    const news: Heard = JSON.parse(fromUtf8.decode(frame));
    if (news.event === "joined") this.join();
    else if (news.error !== undefined) this.refuse(news.error.code, news.error.message);
    else if (news.from !== undefined && news.seq === undefined) this.#keep({ data: news.data, from: news.from });
  }

  /** The room has refused what the bot said. */
  refuse(code: string, message: string): void {
    this.#report("send", `was refused what it said (${code}): ${message}`);
  }

  /** The seat is no longer the bot's. Safe twice. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#told = [];
    this.#stopThinking?.();
    const { clock } = this.#environment;
    if (this.#hasJoined) clock.after(0, () => void this.#call("onLeave", () => this.#bot.onLeave?.(this.#me)));
  }

  #keep(told: Told): void {
    if (this.#bot.onMessage === undefined) return;
    this.#told.push(told);
    if (this.#told.length > MAX_WAITING) {
      this.#told.shift();
      if (!this.#isOverfull) this.#report("onMessage", "is told more than it takes: the oldest messages are lost.");
      this.#isOverfull = true;
    }
    this.#think();
  }

  /** Thinks before it reacts, unless it does already. */
  #think(): void {
    if (this.#isOver || this.#isReacting || this.#stopThinking !== undefined) return;
    if (!this.#hasToJoin && this.#told.length === 0) return;
    const [least, most] = this.#bot.thinkMs ?? DEFAULT_THINK_MS;
    const { clock, random } = this.#environment;
    this.#stopThinking = clock.after(least + random() * (most - least), () => {
      this.#stopThinking = undefined;
      void this.#react();
    });
  }

  /** Reacts to all that it has been told by now. Never rejects. */
  async #react(): Promise<void> {
    this.#isReacting = true;
    this.#isOverfull = false;
    const told = this.#told;
    this.#told = [];
    if (this.#hasToJoin) {
      this.#hasToJoin = false;
      this.#hasJoined = true;
      const done = this.#call("onJoin", () => this.#bot.onJoin?.(this.#me));
      if (isLater(done)) await done;
    }
    for (const { data, from } of told) {
      if (this.#isOver) break;
      const done = this.#call("onMessage", () => this.#bot.onMessage?.(this.#me, data, from));
      if (isLater(done)) await done;
    }
    this.#isReacting = false;
    this.#think();
  }

  #send(data: Json, to: readonly string[] | undefined): void {
    if (this.#isOver) return;
    if (data instanceof Uint8Array) {
      if (to !== undefined) throw new TypeError("Bytes go to all: a binary frame has no `to`.");
      this.#seat.say(data.slice(), false);
      return;
    }
    const json: string | undefined = JSON.stringify(data);
    if (json === undefined) throw new TypeError(`A bot says what JSON can carry, not ${typeof data}.`);
    const ending = to === undefined ? "}" : `,"to":${JSON.stringify(to)}}`;
    this.#seat.say(utf8.encode(`{"data":${json}${ending}`), true);
  }

  #call(handler: string, run: () => Eventually<unknown>): Eventually<unknown> {
    return this.#environment.calls.call(this.#label(handler), run);
  }

  #report(handler: string, what: string): void {
    this.#environment.calls.report(this.#label(handler), new Error(`The bot ${this.#bot.name} ${what}`));
  }

  #label(handler: string): string {
    return `${handler} of the bot ${this.#bot.name}`;
  }
}
