/**
 * What game code in this process sees of its room: the room, its members, and what a kind of room is made of (`defineRoom`). An open room has
 * no host page; this code, or the built-in kind `relay`, is its host.
 */
import type { Bot } from "./bot.ts";

/** A value that JSON can carry. `undefined` fields are left out, as `JSON.stringify` does. */
export type Json = unknown;

/** A member has a seat; a spectator has none, hears what all hear, and may say nothing but what the room allows. */
export type Role = "member" | "spectator";

/** What is known of a member: what others see and the room keeps with the seat. At most 4 KiB of JSON. */
export type MemberMeta = Readonly<Record<string, Json>>;

/** Why a member is not in the room any more, or why its line ended. */
export type LeaveReason =
  /** It left on purpose. */
  | "left"
  /** Its line broke and it did not come back in time. */
  | "cut"
  /** It was silent for too long. */
  | "timeout"
  | "kicked"
  /** Another line with the same identity took its place. */
  | "replaced"
  /** It did not read what it was sent. */
  | "slow_consumer"
  /** It sent too much. */
  | "rate_limited"
  /** It sent what cannot be understood, ten times in a row. */
  | "bad_request"
  /** Its token has expired. */
  | "token_expired"
  | "room_closed"
  | "restarting";

/** One person or bot in a room. The same object for as long as the seat lasts, over reconnects. */
export interface Member {
  /** The token's `sub`, a UUID over TCP, or `p1`, `p2`, … for who joined by code. Unique in its room. */
  readonly id: string;
  /** The display name; the id if none was given. */
  readonly name: string;
  readonly role: Role;
  /** Its line is down, and its seat is kept. */
  readonly isAway: boolean;
  readonly isBot: boolean;
  readonly meta: MemberMeta;
  /** Bytes that wait for it. */
  readonly queued: number;
  /** Milliseconds to the member and back when last measured. */
  readonly rtt: number | undefined;
  /** When it joined, in milliseconds since 1970. */
  readonly joinedAt: number;
  /** Merges these fields into `meta` and tells the others (P6.7). `undefined` removes a field. Throws where `meta` would be larger than 4 KiB. */
  setMeta(fields: MemberMeta): void;
}

/** How far a message has come. */
export interface Delivery {
  /** Members and spectators it was sent to. */
  readonly sent: number;
  /** Members that are away, for whom it is kept. */
  readonly kept: number;
  /** No such member is in the room. */
  readonly nobody: boolean;
}

/** Some members: one, one by its id, or several. */
export type MemberRecipients = Member | string | Iterable<Member | string>;

/** What the room has heard or said to all, newest last. */
export interface HistoryEntry {
  /** The id of its sender; `""` for the room itself. */
  readonly from: string;
  readonly data: Json;
  /** From 1, without holes. */
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
}

/** How a room says something. */
export interface SayOptions {
  /** Whom the message is from, as members see it. @default the room itself, `""` */
  readonly from?: Member;
  /**
   * The newest frame of each such name is kept with the seat, and sent again to a page that comes back to it with nothing, such as one that was reloaded. At
   * most 16 names of 64 bytes. @default it is not kept
   */
  readonly retain?: string;
}

/** A room of a kind, as its handlers see it. After it is closed, calls do nothing. */
export interface GameRoom<State = unknown> {
  readonly kind: string;
  /** The name of an open room; `undefined` for one that has only a code. */
  readonly name: string | undefined;
  /** The room code; `undefined` where it has none. */
  readonly code: string | undefined;
  /** What was given when it was created. */
  readonly meta: Json;
  readonly maxPlayers: number;
  readonly isLocked: boolean;
  readonly isClosed: boolean;
  /**
   * It goes on where another process ended, with its state, its members, which are away, and its history. Its timers are gone: `onCreate`, which is called
   * again, sets those that it needs.
   */
  readonly isReopened: boolean;
  /** With spectators, in the order in which they joined. */
  readonly members: readonly Member[];
  member(id: string): Member | undefined;

  /** Sends to all, spectators too. Bytes go as a binary frame, everything else as JSON. */
  broadcast(data: Json, options?: SayOptions): Delivery;
  broadcastToOthers(member: Member, data: Json, options?: SayOptions): Delivery;
  send(to: MemberRecipients, data: Json, options?: SayOptions): Delivery;
  sendWhere(matches: (member: Member) => boolean, data: Json, options?: SayOptions): Delivery;

  readonly state: State;
  /** Grows by one with each `update`. */
  readonly version: number;
  /**
   * Replaces the state by what `change` returns (or, if that returns `undefined`, keeps the object it was given, changed in place). Updates happen one after
   * another, also where `change` is asynchronous (5 s at most), so none is lost. Rejects with what `change` throws; the state stays.
   */
  update(change: (state: State) => State | void | Promise<State | void>): Promise<State>;

  /** The newest of the text messages that went to all, oldest first. @param limit @default all that is kept */
  history(limit?: number): readonly HistoryEntry[];

  /** Calls `action` once after so many milliseconds, unless the room ends. A timer of the same name is replaced. */
  after(name: string, ms: number, action: () => void | Promise<void>): void;
  /** Calls `action` again and again. */
  every(name: string, ms: number, action: () => void | Promise<void>): void;
  /** Ends the timer of that name. Safe where there is none. */
  cancel(name: string): void;

  /** No new members. Those with a seat may come back. */
  lock(): void;
  open(): void;
  /** Ends the stay of a member, and refuses a newcomer that the kind is asked about (4503). With `ban` neither its session nor its user may come back to this room. */
  kick(member: Member, reason?: string, options?: { readonly ban?: boolean }): void;
  /** Ends the room: all members are closed with 1001. */
  close(reason?: string): void;
  /**
   * Seats a bot, as a member like any other; throws where no seat is free. With `for` it takes no seat: it plays that of this member, which is away, and gives
   * it back when the member returns. It hears what the member is told from now on, and first the frames that are kept by a name (`retain`); what waits for the
   * member goes on waiting for it.
   */
  addBot(bot: Bot, options?: { readonly for?: Member; readonly name?: string }): Member;
}

/** What a newcomer brings: `data` of its query, 1 KiB of JSON at most. */
export interface JoinDetails {
  readonly data: Json;
}

/** An answer of `onJoin`: nothing lets in, a sentence refuses, `role` chooses. */
export type JoinAnswer = void | string | { readonly role: Role };

/** What is kept of what was said to all. Whichever limit is reached first. */
export interface HistoryLimits {
  readonly frames: number;
  /** @default 1 MiB */
  readonly bytes?: number;
  /** Milliseconds. @default Infinity */
  readonly ms?: number;
}
