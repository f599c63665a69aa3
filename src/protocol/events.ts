/** What the server tells a host (P2.8–P2.13): one event a frame, `cmd` first, fields in this order on the wire. */
import type { PlayerId } from "./commands.ts";
import type { ErrorCode } from "./error-codes.ts";

/** The room as it is, after every change (P2.8). */
export interface StateEvent {
  readonly cmd: "state";
  readonly name: string;
  /** In joining order. */
  readonly players: readonly PlayerId[];
  readonly max_players: number;
  /** Open, and not full. */
  readonly accept_conns: boolean;
}

/** The room is open under this code (P2.2). */
export interface PrepareReplyEvent {
  readonly cmd: "prepare_reply";
  readonly key: string;
}

export interface PlayerJoinedEvent {
  readonly cmd: "player_joined";
  readonly player: PlayerId;
}

export interface PlayerLeftEvent {
  readonly cmd: "player_left";
  readonly player: PlayerId;
}

/** A host frame was refused; everything stays as it was (P2.13). */
export interface ErrorEvent {
  readonly cmd: "error";
  readonly reason: string;
  readonly code: ErrorCode;
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
export type RoomEvent = StateEvent | PrepareReplyEvent | PlayerJoinedEvent | PlayerLeftEvent | ErrorEvent;

export type HostEvent = RoomEvent | FromEvent | FromStrEvent;
