/** Kinds of rooms whose host is code in this process: `defineRoom` and the built-in kind `relay`. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { GameRoom, HistoryLimits, JoinAnswer, JoinDetails, LeaveReason, Member } from "./game-room.ts";

/** What a kind of room does. Every handler may be asynchronous. One that throws, rejects or takes longer than five seconds harms its own room at most. */
export interface RoomDefinition<State = undefined, Incoming = unknown> {
  /** The name of the kind: 1 to 32 of `a–z 0–9 -`. */
  readonly kind: string;
  /** Seats. @default the server's limit */
  readonly maxPlayers?: number;
  /** Spectators at one time. @default 1000 */
  readonly maxSpectators?: number;
  /** Whether what spectators say reaches `onMessage` and `onBinary`; otherwise it is refused, each spectator told so. @default "listen" */
  readonly spectatorsMay?: "listen" | "speak";
  /** What becomes of a newcomer that finds no seat. @default "refuse" */
  readonly overflow?: "refuse" | "spectator";
  /** Milliseconds that an empty room is kept, from its creation on; `Infinity`: for ever. @default 300000 */
  readonly emptyRoomMs?: number;
  /** What is kept of what was said to all and told to newcomers. @default none */
  readonly history?: HistoryLimits;
  /** Checks what members say, before `onMessage`: any Standard Schema, such as one of zod. */
  readonly message?: StandardSchemaV1<unknown, Incoming>;
  readonly createState?: () => State;
  readonly onCreate?: (room: GameRoom<State>) => void | Promise<void>;
  readonly onJoin?: (room: GameRoom<State>, member: Member, details: JoinDetails) => JoinAnswer | Promise<JoinAnswer>;
  readonly onMessage?: (room: GameRoom<State>, member: Member, message: Incoming) => void | Promise<void>;
  readonly onBinary?: (room: GameRoom<State>, member: Member, bytes: Uint8Array) => void | Promise<void>;
  readonly onAway?: (room: GameRoom<State>, member: Member) => void | Promise<void>;
  readonly onBack?: (room: GameRoom<State>, member: Member) => void | Promise<void>;
  readonly onLeave?: (room: GameRoom<State>, member: Member, reason: LeaveReason) => void | Promise<void>;
  /** The last seat was taken. Called once for each filling. */
  readonly onFull?: (room: GameRoom<State>) => void | Promise<void>;
  /** The last seat was given up. */
  readonly onEmpty?: (room: GameRoom<State>) => void | Promise<void>;
  readonly onClose?: (room: GameRoom<State>, reason: LeaveReason) => void | Promise<void>;
}

/** A kind of room, as `defineRoom` returns it, for `createServer({}, { rooms: [...] })`. */
export type RoomKind<State = unknown, Incoming = unknown> = Readonly<RoomDefinition<State, Incoming>>;
