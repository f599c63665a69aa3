/**
 * The hook `onMessage` in a room with a host page: stands between the players and the host. While the hook thinks about one message of a player, the
 * player's next ones wait here in order; past a number of them the player is not read from. Other players are not held up.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import { fitCloseReason } from "../protocol/close-codes.ts";
import type { PlayerId } from "../protocol/commands.ts";
import type { RoomEvent } from "../protocol/events.ts";
import { isLater, type Eventually } from "../protocol/eventually.ts";
import type { Result } from "../protocol/result.ts";
import { toOwned } from "../room/borrowed-buffer.ts";
import type { MemoryAccount, MemoryBudget } from "../room/memory-budget.ts";
import type { GatedRoom } from "../room/message-gate.ts";
import type { Clock, HostPeer, LineWatcher, Message } from "../room/ports.ts";
import type { HookRunner } from "./hook-runner.ts";
import type { Hooks, MemberInfo, RoomInfo } from "./hooks.ts";
import { readMessageAnswer, type Verdict } from "./message-answer.ts";

/** What is known of the room, from outside. */
export interface RoomCard {
  readonly room: RoomInfo;
  member(player: PlayerId): MemberInfo;
}

export interface MessageHookGateOptions {
  readonly host: HostPeer;
  readonly room: GatedRoom;
  readonly card: RoomCard;
  readonly runner: HookRunner;
  readonly onMessage: NonNullable<Hooks["onMessage"]>;
  readonly budget: MemoryBudget;
  readonly clock: Pick<Clock, "after">;
}

/** Messages, and bytes of them, that wait before their player is not read from; it is again when half of that is left. */
const HOLD_MESSAGES = 64;
const HOLD_BYTES = 262_144;
/** Bytes that may still come then, from the read that is under way. Where a runtime cannot stop reading, this ends it. */
const REST_BYTES = 131_072;
/** What a message takes up here besides its bytes, about. */
const MESSAGE_BYTES = 256;
/** How long messages of a player that has left go on being asked about, before the host is told that it left. */
const FAREWELL_MS = 5_000;

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The messages of one player, while the hook thinks about the one before them. */
interface Waiting {
  readonly member: MemberInfo;
  readonly messages: Message[];
  readonly account: MemoryAccount;
  bytes: number;
  restBytes: number;
  isHeld: boolean;
  /** The player has left: the host hears of it after the player's last message. */
  farewell: RoomEvent | undefined;
}

type Answer = Eventually<Result<Verdict, unknown>>;

export class MessageHookGate implements HostPeer {
  readonly #options: MessageHookGateOptions;
  readonly #host: HostPeer;
  readonly #waiting = new Map<PlayerId, Waiting>();

  constructor(options: MessageHookGateOptions) {
    this.#options = options;
    this.#host = options.host;
  }

  get isBehind(): boolean {
    return this.#host.isBehind;
  }

  get shouldDeferJoins(): boolean {
    return this.#host.shouldDeferJoins;
  }

  get lines(): LineWatcher | undefined {
    return this.#host.lines;
  }

  tell(...events: readonly RoomEvent[]): void {
    const told = events.filter((event) => !this.#isFarewell(event));
    if (told.length > 0) this.#host.tell(...told);
  }

  message(from: PlayerId, data: Uint8Array, isText: boolean): void {
    const waiting = this.#waiting.get(from);
    if (waiting !== undefined) return this.#enqueue(from, waiting, { data: toOwned(data), isText });
    const member = this.#options.card.member(from);
    const answer = this.#ask(member, { data, isText });
    if (!isLater(answer)) return this.#follow(from, { data, isText }, answer);
    const account = this.#options.budget.open({ cut: () => this.#cut(from) });
    const begun: Waiting = {
      member,
      messages: [],
      account,
      bytes: 0,
      restBytes: 0,
      isHeld: false,
      farewell: undefined,
    };
    this.#waiting.set(from, begun);
    const first = { data: toOwned(data), isText };
    account.add(costOf(first));
    this.#work(from, begun, first, answer).then(undefined, (error: unknown) => this.#meetBug(from, error));
  }

  /** What waits was said to the game before. */
  gameChanged(): void {
    for (const [from, waiting] of this.#waiting) this.#end(from, waiting);
    this.#host.gameChanged?.();
  }

  close(name: CloseName, reason?: string): void {
    for (const { account } of this.#waiting.values()) account.close();
    this.#waiting.clear();
    this.#host.close(name, reason);
  }

  #ask(member: MemberInfo, { data, isText }: Message): Answer {
    const { runner, card, onMessage } = this.#options;
    const { room } = card;
    return runner.ask(
      "onMessage",
      room,
      () => onMessage({ room, member, data: isText ? fromUtf8.decode(data) : new Uint8Array(data), isBinary: !isText }),
      readMessageAnswer,
    );
  }

  async #work(from: PlayerId, waiting: Waiting, first: Message, answer: Answer): Promise<void> {
    let message: Message | undefined = first;
    let asked = answer;
    while (message !== undefined) {
      const answered = await asked;
      if (this.#waiting.get(from) !== waiting) return; // the room is over
      this.#follow(from, message, answered);
      waiting.account.add(-costOf(message));
      this.#options.room.hostBacklogChanged();
      message = this.#dequeue(from, waiting);
      if (message !== undefined) asked = this.#ask(waiting.member, message);
    }
    this.#end(from, waiting);
  }

  #follow(from: PlayerId, { data, isText }: Message, answered: Result<Verdict, unknown>): void {
    const { room } = this.#options;
    if (!answered.ok) return room.players?.endConnection(from, "internal_error");
    const verdict = answered.value;
    switch (verdict.is) {
      case "pass":
        return this.#host.message(from, data, isText);
      case "replace": {
        const replaced = toFrame(verdict);
        return this.#host.message(from, replaced.data, replaced.isText);
      }
      case "drop":
        return;
      case "refuse":
        return room.players?.refuseMessage(from, fitCloseReason(verdict.reason));
      default:
        verdict satisfies never;
    }
  }

  #enqueue(from: PlayerId, waiting: Waiting, message: Message): void {
    const { room } = this.#options;
    const cost = costOf(message);
    if (waiting.isHeld) waiting.restBytes += cost;
    if (waiting.restBytes > REST_BYTES) {
      return room.players?.endConnection(from, "rate_limited", "Too much came while your last message was looked at.");
    }
    waiting.messages.push(message);
    waiting.bytes += cost;
    waiting.account.add(cost);
    if (waiting.isHeld || (waiting.messages.length < HOLD_MESSAGES && waiting.bytes < HOLD_BYTES)) return;
    waiting.isHeld = true;
    room.players?.setPlayerPaused(from, true);
  }

  #dequeue(from: PlayerId, waiting: Waiting): Message | undefined {
    const message = waiting.messages.shift();
    if (message === undefined) return undefined;
    waiting.bytes -= costOf(message);
    if (waiting.isHeld && waiting.messages.length <= HOLD_MESSAGES / 2 && waiting.bytes <= HOLD_BYTES / 2) {
      waiting.isHeld = false;
      waiting.restBytes = 0;
      this.#options.room.players?.setPlayerPaused(from, false);
    }
    return message;
  }

  #end(from: PlayerId, { account, farewell, isHeld }: Waiting): void {
    this.#waiting.delete(from);
    account.close();
    if (isHeld) this.#options.room.players?.setPlayerPaused(from, false);
    if (farewell !== undefined) this.#host.tell(farewell);
  }

  /** A player that has left has messages here that it sent before: the host hears them first, as far as the hook is quick. */
  #isFarewell(event: RoomEvent): boolean {
    const waiting = event.cmd === "player_left" ? this.#waiting.get(event.player) : undefined;
    if (waiting === undefined || event.cmd !== "player_left") return false;
    waiting.farewell = event;
    this.#options.clock.after(FAREWELL_MS, () => {
      if (this.#waiting.get(event.player) === waiting) this.#end(event.player, waiting);
    });
    return true;
  }

  /** The memory is used up and what waits here for this player is the most of it. */
  #cut(from: PlayerId): void {
    const waiting = this.#waiting.get(from);
    this.#options.room.players?.endConnection(from, "overloaded");
    if (waiting !== undefined) this.#end(from, waiting);
  }

  /** An exception outside of a call of the transport: the player's connection ends, and the error goes where those of timers go. */
  #meetBug(from: PlayerId, error: unknown): void {
    const waiting = this.#waiting.get(from);
    this.#options.room.players?.endConnection(from, "internal_error");
    if (waiting !== undefined) this.#end(from, waiting);
    this.#options.clock.after(0, () => {
      throw error;
    });
  }
}

/** Bytes as a binary frame, text as it is, everything else as JSON. */
function toFrame({ data, json }: { readonly data: unknown; readonly json: string }): Message {
  if (data instanceof Uint8Array) return { data, isText: false };
  return { data: utf8.encode(typeof data === "string" ? data : json), isText: true };
}

function costOf({ data }: Message): number {
  return MESSAGE_BYTES + data.length;
}
