/** What the server tells a host (P2.8–P2.13): one event a frame, `cmd` first, fields in this order on the wire. */
import type { PlayerId, PollId, SavedValue } from "./commands.ts";
import type { ErrorCode } from "./error-codes.ts";
import { hasOwn } from "./has-own.ts";

/** The whole room (P2.8): after every change, and for a host that is told changes (P5.9.12) where it needs the whole. */
export interface StateEvent {
  readonly cmd: "state";
  /** The game's name. */
  readonly name: string;
  /** In joining order. */
  readonly players: readonly PlayerId[];
  readonly max_players: number;
  /** Open, and not full. */
  readonly accept_conns: boolean;
  /** Watchers (P5.6), in a room that has an audience. */
  readonly audience?: number;
  /** Phones that wait for a seat (P5.7), in a room that has a waiting line. */
  readonly waiting?: number;
  /** The host is told changes from now on, as it asked. */
  readonly delta?: true;
}

/** The settings that differ from what the host was told last (P5.9.12). Joins and leaves are told by `player_joined` and `player_left`. */
export interface StateDeltaEvent {
  readonly cmd: "state_delta";
  readonly name?: string;
  readonly max_players?: number;
  readonly accept_conns?: boolean;
  readonly audience?: number;
  readonly waiting?: number;
}

/** The room is open under this code (P2.2). */
export interface PrepareReplyEvent {
  readonly cmd: "prepare_reply";
  /** The room code. */
  readonly key: string;
}

/** A player has taken a seat (P2.9). */
export interface PlayerJoinedEvent {
  readonly cmd: "player_joined";
  readonly player: PlayerId;
  /** The display name that the phone gave, or its token. */
  readonly name?: string;
  /** The `sub` of its token, if it came with one. */
  readonly user?: string;
}

/** The player's line has been down for a while; the seat is kept (P5.4). */
export interface PlayerAwayEvent {
  readonly cmd: "player_away";
  readonly player: PlayerId;
}

/** A player who was away is here again (P5.4). */
export interface PlayerBackEvent {
  readonly cmd: "player_back";
  readonly player: PlayerId;
  /** Frames for the player that the buffer did not hold. */
  readonly missed: number;
}

/** Frames of a player were lost before they could be sent (P5.5). */
export interface GapEvent {
  readonly cmd: "gap";
  readonly player: PlayerId;
  /** Missing frames. */
  readonly lost: number;
}

/** What was saved, for a host that returns (P5.3.6, P5.9.8). */
export interface RestoreEvent {
  readonly cmd: "restore";
  /** What was last given to `save` without a key, if anything was. */
  readonly data?: SavedValue;
  /** What is kept under each key, if anything is. */
  readonly keys?: Readonly<Record<string, SavedValue>>;
}

/** How the connection of one player is. */
export interface PlayerHealth {
  /** Milliseconds to the phone and back when last measured, or `null` where it was not yet. */
  readonly rtt: number | null;
  /** Bytes that wait for the phone. */
  readonly queued: number;
  /** Whether the phone is disconnected; its seat is kept. */
  readonly away: boolean;
}

/** How the players' lines are (P5.3). */
export interface HealthEvent {
  readonly cmd: "health";
  /** By player id, as text. */
  readonly players: Readonly<Record<string, PlayerHealth>>;
}

/** A link, good once and for minutes, that gives the player's seat to the phone that opens it (P5.3). */
export interface RescueReplyEvent {
  readonly cmd: "rescue_reply";
  readonly player: PlayerId;
  /** The address that the other phone opens. */
  readonly url: string;
}

/** PINs are being guessed at this room (P5.9.5). */
export interface GuessingEvent {
  readonly cmd: "guessing";
  /** Wrong PINs in the last minute. */
  readonly count: number;
}

/** How the watchers have voted (P5.6): at most four times a second, however many they are. */
export interface AudienceEvent {
  readonly cmd: "audience";
  /** Watchers. */
  readonly count: number;
  /** Votes by their text, of at most 64 texts: since the report before or, in a poll, since it was opened. */
  readonly tally: Readonly<Record<string, number>>;
  /** Votes for other texts than those, where there are any. */
  readonly other?: number;
  /** The poll that is open. */
  readonly poll?: PollId;
}

/** A player is gone for good, and so is the seat (P2.10). */
export interface PlayerLeftEvent {
  readonly cmd: "player_left";
  readonly player: PlayerId;
}

/** A host frame was refused; everything stays as it was (P2.13). */
export interface ErrorEvent {
  readonly cmd: "error";
  /** A sentence for people: what was wrong and what is allowed. */
  readonly reason: string;
  /** The kind of mistake, for programs. */
  readonly code: ErrorCode;
  /** The refused command, where it could be read. */
  readonly in?: string;
}

/** A binary frame of a player (P2.11). Never built on the server's hot path: see `SeatEncoder`. */
export interface FromEvent {
  readonly cmd: "from";
  readonly from: PlayerId;
  readonly data: Uint8Array;
}

/** A text frame of a player (P2.12). */
export interface FromStrEvent {
  readonly cmd: "from_str";
  readonly from: PlayerId;
  readonly data: string;
}

/** What the room says about itself; what players say is `FromEvent` and `FromStrEvent`. */
export type RoomEvent =
  | StateEvent
  | StateDeltaEvent
  | PrepareReplyEvent
  | PlayerJoinedEvent
  | PlayerLeftEvent
  | PlayerAwayEvent
  | PlayerBackEvent
  | GapEvent
  | RestoreEvent
  | HealthEvent
  | RescueReplyEvent
  | GuessingEvent
  | AudienceEvent
  | ErrorEvent;

/** Anything that a host is told. */
export type HostEvent = RoomEvent | FromEvent | FromStrEvent;

/** The name of an event, as in `cmd`. */
export type HostEventName = HostEvent["cmd"];

const NAMES: Readonly<Record<HostEventName, true>> = {
  state: true,
  state_delta: true,
  prepare_reply: true,
  player_joined: true,
  player_left: true,
  player_away: true,
  player_back: true,
  gap: true,
  restore: true,
  health: true,
  rescue_reply: true,
  guessing: true,
  audience: true,
  error: true,
  from: true,
  from_str: true,
};

function isEventName(text: string): text is HostEventName {
  return hasOwn(NAMES, text);
}

/** The names of all events. */
export const HOST_EVENTS: readonly HostEventName[] = Object.keys(NAMES).filter(isEventName);
