/** The events of a host's room. */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PlayerHealth } from "../protocol/events.ts";
import type { ConnectFailure } from "./connect-failure.ts";
import type { CloseReason, Retry } from "./reconnecting-socket.ts";
import type { GameShape } from "./game-types.ts";
import type { RoomError } from "./host-wire.ts";
import type { Player } from "./player.ts";

/** The room as it is. */
export interface RoomState<Game extends GameShape = GameShape> {
  /** The game's name. */
  readonly name: string;
  /** In joining order. */
  readonly players: readonly Player<Game>[];
  /** Seats in all. */
  readonly maxPlayers: number;
  /** Whether the room takes new players: it is neither locked nor full. */
  readonly isOpen: boolean;
  /** Watchers. */
  readonly audience: number;
  /** Phones that wait for a seat. */
  readonly waiting: number;
}

/** How the watchers have voted. */
export interface Tally {
  /** Votes by their text, of at most 64 texts: in a poll since it was opened, else since the last `tally`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Votes for other texts than those. */
  readonly other: number;
  /** Watchers in all. */
  readonly watchers: number;
  /** The poll that is open, as `room.poll` called it; `undefined` where none is. */
  readonly poll: string | number | undefined;
}

/** Frames that never arrive, because a buffer was full. */
export interface HostGap<Game extends GameShape = GameShape> {
  /** The player with missing frames; `undefined` if the TV's own connection lost frames of any player. */
  readonly player: Player<Game> | undefined;
  /** Missing frames to the TV. */
  readonly lost: number;
  /** Missing frames from the TV; 0 for a player's gap. */
  readonly unsent: number;
}

/** The events of a room with their listeners' arguments. */
export interface HostRoomEvents<Game extends GameShape = GameShape> {
  /** A phone took a seat. */
  join: [player: Player<Game>];
  /** A player is gone for good. */
  leave: [player: Player<Game>];
  /** A player's phone gave another name, or said something else of it: see `player.name` and `player.meta`. */
  profile: [player: Player<Game>];
  /** A player has been disconnected for a while. The seat is kept, frames wait, and `players` still lists the player. */
  away: [player: Player<Game>];
  /** The player has reconnected. `missed` frames for it could not be kept. */
  back: [player: Player<Game>, missed: number];
  /** A player sent a text frame. */
  text: [player: Player<Game>, text: string];
  /** A player sent an object or a list as JSON. Emitted after `text`. Numbers, strings and `null` are emitted as `text` only. */
  json: [player: Player<Game>, value: unknown];
  /** A player sent a binary frame. */
  binary: [player: Player<Game>, bytes: Uint8Array<ArrayBuffer>];
  /** Watchers have voted: at most four times a second, however many they are. */
  tally: [tally: Tally];
  /** Something about the room changed. */
  state: [state: RoomState<Game>];
  /** The state of the players' connections by their ids, as requested by `health`. */
  health: [players: ReadonlyMap<number, PlayerHealth>];
  /** Frames were lost. */
  gap: [gap: HostGap<Game>];
  /** The server refused a command. `reason` is a sentence for people; `in` names the command, if it is known. */
  error: [error: RoomError];
  /** An attempt to connect failed; the failure has the cause and the server's address. The SDK tries again by itself. */
  connecting: [failure: ConnectFailure];
  /** The TV's own connection is down, or an attempt to reconnect failed. The SDK tries again by itself, and the room waits. */
  reconnecting: [retry: Retry];
  /** The TV has reconnected to the same room. What waited follows. */
  reconnected: [];
  /** The room was lost, for instance by a restart of the server, and a new one was opened: another code, no players yet. */
  reopened: [room: { readonly code: string }];
  /** The server's address for phones has changed: show `joinUrl` and `qr()` again. Only if the server found the address by itself. */
  moved: [address: { readonly joinUrl: string }];
  /** The room is over for good. `name` is the close code's name in `CLOSE_CODES`. */
  close: [close: CloseReason & { readonly name: CloseName | undefined }];
}

/** As `Emitter` takes them. */
export const NO_LISTENERS: { readonly [Name in keyof HostRoomEvents]: readonly [] } = {
  join: [],
  leave: [],
  profile: [],
  away: [],
  back: [],
  text: [],
  json: [],
  binary: [],
  tally: [],
  state: [],
  health: [],
  gap: [],
  error: [],
  connecting: [],
  reconnecting: [],
  reconnected: [],
  reopened: [],
  moved: [],
  close: [],
};
