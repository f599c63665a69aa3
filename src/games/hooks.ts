/** Hooks: functions of a program that are asked before something happens, in all rooms, and may refuse or change it. */
import type { JoinAnswer, Json, LeaveReason, Role } from "./game-room.ts";

/** A room, as hooks and events name it. */
export interface RoomInfo {
  /** `host` for a room with a host page. */
  readonly kind: string;
  readonly code: string | undefined;
  readonly name: string | undefined;
}

/** A member of an open room, or a player of a host-run one (`id` is its player id as text). */
export interface MemberInfo {
  readonly id: string;
  readonly name: string;
  readonly role: Role | "player";
  /** Who the token says that a player of a host-run room is (`sub`). A member's `id` in an open room is that already. @default it came without one */
  readonly user?: string;
}

/** A connection that `onConnect` is asked about. */
export interface ConnectHook {
  readonly address: string;
  /** Of the request, names in lower case; empty over TCP. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly transport: "websocket" | "tcp";
  /** The path that it asks for, without the query, such as `/CREATE`; empty over TCP. */
  readonly target: string;
}

/** A room that `onCreate` is asked about. */
export interface CreateHook {
  /** `host` for a room with a host page. */
  readonly kind: string;
  readonly name: string | undefined;
  readonly address: string;
}

/** A newcomer that `onJoin` is asked about. */
export interface JoinHook {
  readonly room: RoomInfo;
  readonly member: MemberInfo;
  /** What it brought as `data` in its query. */
  readonly data: Json;
}

/** A message that `onMessage` is asked about. */
export interface MessageHook {
  readonly room: RoomInfo;
  readonly member: MemberInfo;
  /** Text of a host-run room as a string, of an open room as its parsed `data`; bytes as they are. */
  readonly data: Json;
  readonly isBinary: boolean;
}

/** A member that has no seat any more, for `onLeave`. */
export interface LeaveHook {
  readonly room: RoomInfo;
  readonly member: MemberInfo;
  readonly reason: LeaveReason;
}

/** Nothing lets in; a sentence refuses. */
export type Refusable = void | string | Promise<void | string>;
/** Nothing passes the message on. */
export type MessageAnswer = void | { readonly replace: Json } | { readonly drop: true } | { readonly refuse: string };
type Told = void | Promise<void>;

/**
 * Functions that are asked or told, each at most five seconds. One that throws, rejects or never settles is logged and refuses what it was asked about
 * (1011); a hook that is only told something harms nothing.
 */
export interface Hooks {
  readonly onConnect?: (event: ConnectHook) => Refusable;
  readonly onCreate?: (event: CreateHook) => Refusable;
  readonly onJoin?: (event: JoinHook) => JoinAnswer | Promise<JoinAnswer>;
  readonly onMessage?: (event: MessageHook) => MessageAnswer | Promise<MessageAnswer>;
  readonly onLeave?: (event: LeaveHook) => Told;
  /** A member has begun to be behind: so many bytes wait for it. Called once until it has caught up. */
  readonly onBackpressure?: (event: {
    readonly room: RoomInfo;
    readonly member: MemberInfo;
    readonly queued: number;
  }) => Told;
  readonly onRoomFull?: (event: { readonly room: RoomInfo }) => Told;
  readonly onRoomEmpty?: (event: { readonly room: RoomInfo }) => Told;
  readonly onRoomClose?: (event: { readonly room: RoomInfo; readonly reason: string }) => Told;
  readonly onShutdown?: () => Told;
}
