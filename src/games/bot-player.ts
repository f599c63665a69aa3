/**
 * Plays one seat as its bot says: keeps what the seat is told, thinks, and then reacts to it, one message after another. The seat is the bot's own, or that
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
  readonly clock: Pick<Clock, "now" | "after">;
  /** From 0 up to 1, without 1. */
  readonly random: () => number;
  /** Counts bytes that the bot keeps; a negative number gives them back. @default they count nowhere */
  readonly count?: (bytes: number) => void;
}

/** The seat that a bot plays. */
export interface BotSeat {
  readonly id: string;
  readonly name: string;
  /** Says something, to all or to these. Throws where it cannot be said, or too much waits to be handled. */
  send(data: Json, to: readonly string[] | undefined): void;
  leave(): void;
}

/** What a bot was told and has not reacted to. Past it, the oldest goes, and the room reports that. */
const MAX_WAITING = 1_000;
/** Bytes of the frames that they came in. */
const MAX_WAITING_BYTES = 4 * 2 ** 20;

interface Told {
  readonly data: Json;
  readonly from: string;
  readonly bytes: number;
  /** When the bot reacts to it, as soon as that is known. */
  due: number;
}

export class BotPlayer {
  readonly #bot: Bot;
  readonly #environment: BotEnvironment;
  readonly #me: BotSelf;
  readonly #told: Told[] = [];
  #toldBytes = 0;
  #joinDue: number | undefined;
  /** When the newest thought is over. */
  #lastDue = -Infinity;
  #hasJoined = false;
  /** It has lost messages since it last reacted. */
  #isOverfull = false;
  #isReacting = false;
  #isOver = false;
  #stopThinking: Cancel | undefined;

  constructor(bot: Bot, seat: BotSeat, environment: BotEnvironment) {
    this.#bot = bot;
    this.#environment = environment;
    this.#me = {
      get id() {
        return seat.id; // from outside it is known once the bot is in the room
      },
      name: seat.name,
      send: (data, { to } = {}) => {
        if (!this.#isOver) seat.send(data, to);
      },
      leave: () => {
        if (!this.#isOver) seat.leave();
      },
    };
  }

  /** The bot has its seat. */
  join(): void {
    this.#joinDue = this.#draw();
    this.#think();
  }

  /** The seat is told something by a member, or by the room (`from` is `""`). `bytes`: of the frame that it came in. */
  tell(data: Json, from: string, bytes = 0): void {
    if (this.#isOver || this.#bot.onMessage === undefined) return;
    this.#told.push({ data, from, bytes, due: this.#isReacting ? Infinity : this.#draw() });
    this.#count(bytes);
    // The newest is kept in any case.
    while (this.#told.length > MAX_WAITING || (this.#toldBytes > MAX_WAITING_BYTES && this.#told.length > 1)) {
      this.#take(1);
      if (!this.#isOverfull) this.#report("onMessage", "is told more than it takes: the oldest messages are lost.");
      this.#isOverfull = true;
    }
    this.#think();
  }

  /** The room has refused what the bot said. */
  refuse(code: string, message: string): void {
    this.#report("send", `was refused what it said (${code}): ${message}`);
  }

  /** The seat is no longer the bot's. Safe twice. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#take(this.#told.length);
    this.#stopThinking?.();
    const { clock } = this.#environment;
    if (this.#hasJoined) clock.after(0, () => void this.#call("onLeave", () => this.#bot.onLeave?.(this.#me)));
  }

  /**
   * When a thought that begins now is over. The bot reacts to several messages after one thought, but to none before it has thought for the least time: people
   * see each move before the bot answers it.
   */
  #draw(): number {
    const [least, most] = this.#bot.thinkMs ?? DEFAULT_THINK_MS;
    const { clock, random } = this.#environment;
    const now = clock.now();
    if (this.#lastDue - now < least) this.#lastDue = Math.max(this.#lastDue, now + least + random() * (most - least));
    return this.#lastDue;
  }

  /** Waits until its next thought is over, unless it does already. */
  #think(): void {
    if (this.#isOver || this.#isReacting || this.#stopThinking !== undefined) return;
    const due = this.#joinDue ?? this.#told[0]?.due;
    if (due === undefined) return;
    const { clock } = this.#environment;
    this.#stopThinking = clock.after(Math.max(0, due - clock.now()), () => {
      this.#stopThinking = undefined;
      void this.#react(Math.max(due, clock.now()));
    });
  }

  /** Reacts to all that was due until then. Never rejects. */
  async #react(until: number): Promise<void> {
    this.#isReacting = true;
    this.#isOverfull = false;
    const later = this.#told.findIndex(({ due }) => due > until);
    const told = this.#take(later < 0 ? this.#told.length : later);
    if (this.#joinDue !== undefined) {
      this.#joinDue = undefined;
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
    // What it was told meanwhile it thinks about from now on.
    for (const waiting of this.#told) if (waiting.due === Infinity) waiting.due = this.#draw();
    this.#think();
  }

  /** The oldest of what it was told waits no more. */
  #take(count: number): readonly Told[] {
    const taken = this.#told.splice(0, count);
    this.#count(-taken.reduce((sum, { bytes }) => sum + bytes, 0));
    return taken;
  }

  #count(bytes: number): void {
    this.#toldBytes += bytes;
    this.#environment.count?.(bytes);
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
