/** Kinds of rooms whose host is code in this process: `defineRoom` and the built-in kind `relay`. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { StandIn } from "./bot.ts";
import type { GameRoom, HistoryLimits, JoinAnswer, JoinDetails, LeaveReason, Member } from "./game-room.ts";

/** What a kind of room does. Every handler may be asynchronous. One that throws, rejects or takes longer than five seconds harms its own room at most. */
export interface RoomDefinition<State = undefined, Incoming = unknown> {
  /** The name of the kind: 1 to 32 of `a–z 0–9 -`. */
  readonly kind: string;
  /** Seats. @default the server's limit */
  readonly maxPlayers?: number;
  /** Spectators at one time. @default 1000 */
  readonly maxSpectators?: number;
  /** What becomes of a newcomer that finds no seat, for the room is full or locked. @default "refuse" */
  readonly overflow?: "refuse" | "spectator";
  /** Milliseconds that an empty room is kept, from its creation on; `Infinity`: for ever. @default 300000 */
  readonly emptyRoomMs?: number;
  /** Passes what members say on to all others, or to those of its `to`, after `onMessage` or `onBinary`. @default false */
  readonly relays?: boolean;
  /** Takes messages of spectators too. @default false */
  readonly spectatorsSpeak?: boolean;
  /** Lets a bot play for each member that is away for longer than `afterMs`, counted from `onAway`, until it is back. @default its seat waits */
  readonly standIn?: StandIn;
  /** What is kept of what was said to all and told to newcomers. @default none */
  readonly history?: HistoryLimits;
  /** Checks what members say, before `onMessage`: any Standard Schema, such as one of zod. */
  readonly message?: StandardSchemaV1<unknown, Incoming>;
  createState?(): State;
  /** The room is new. Newcomers wait until this is done. */
  onCreate?(room: GameRoom<State>): void | Promise<void>;
  /**
   * Asks for a newcomer, which is in the room once this has answered: it hears `joined` first, then what was said to it meanwhile. What the room says before
   * the first `await` waits for that as well, so the newcomer hears a `broadcast` too. Not asked for a member that comes back to its seat.
   */
  onJoin?(room: GameRoom<State>, member: Member, details: JoinDetails): JoinAnswer | Promise<JoinAnswer>;
  onMessage?(room: GameRoom<State>, member: Member, message: Incoming): void | Promise<void>;
  onBinary?(room: GameRoom<State>, member: Member, bytes: Uint8Array): void | Promise<void>;
  onAway?(room: GameRoom<State>, member: Member): void | Promise<void>;
  onBack?(room: GameRoom<State>, member: Member): void | Promise<void>;
  onLeave?(room: GameRoom<State>, member: Member, reason: LeaveReason): void | Promise<void>;
  /** The last seat was taken. Called once for each filling. */
  onFull?(room: GameRoom<State>): void | Promise<void>;
  /** The last seat was given up. */
  onEmpty?(room: GameRoom<State>): void | Promise<void>;
  onClose?(room: GameRoom<State>, reason: LeaveReason): void | Promise<void>;
}

/** A kind of room, as `defineRoom` returns it, for `createServer({}, { rooms: [...] })`. */
export type RoomKind = Readonly<RoomDefinition<unknown>>;

/** Defines a kind of room. Throws `TypeError` with a sentence where an option is wrong. */
export function defineRoom<State = undefined, Incoming = unknown>(
  definition: RoomDefinition<State, Incoming>,
): RoomKind {
  return Object.freeze({ ...definition });
}

/** The built-in kind: what a member says goes to all others, or to those of its `to`. Newcomers get the last 50 messages. */
export const relay: RoomKind = defineRoom({ kind: "relay", relays: true, history: { frames: 50 } });
