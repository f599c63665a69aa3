/** What a host hears of its room. */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PlayerHealth } from "../protocol/events.ts";
import type { ConnectFailure } from "./connect-failure.ts";
import type { CloseReason, Retry } from "./reconnecting-socket.ts";
import type { RoomError } from "./host-wire.ts";

/** The room as it is. */
export interface RoomState {
  /** The game's name. */
  readonly name: string;
  /** Ids, in joining order. */
  readonly players: readonly number[];
  readonly maxPlayers: number;
  /** Whether a phone would be let in now: not locked, and not full. */
  readonly isOpen: boolean;
}

/** Frames that will never arrive, because no buffer had room for them. */
export interface HostGap {
  /** Whose frames are missing; `undefined` where it is the line of the TV itself that lost some, of whomever. */
  readonly player: number | undefined;
  /** Frames that should have come here. */
  readonly lost: number;
  /** Frames of ours that should have gone out; 0 where it is a player's gap. */
  readonly unsent: number;
}

/** What happens in a room, and what the listeners are called with. */
export interface HostRoomEvents {
  /** A phone took a seat. Ids are small integers from 1, never given out again in the same room. */
  join: [player: number];
  /** A player is gone for good. */
  leave: [player: number];
  /** A player's line has been down for a while. The seat is kept, what is sent waits, and `players` still has the player. */
  away: [player: number];
  /** The player is there again. `missed` frames for it could not be kept. */
  back: [player: number, missed: number];
  /** A player sent a text frame. */
  text: [player: number, text: string];
  /** A player sent an object or a list, as JSON; told after `text`, and only where there is a listener. Any other text is a text. */
  json: [player: number, value: unknown];
  /** A player sent a binary frame. */
  binary: [player: number, bytes: Uint8Array<ArrayBuffer>];
  /** Something about the room changed. */
  state: [state: RoomState];
  /** How the players' lines are, as `health` asked for. */
  health: [players: ReadonlyMap<number, PlayerHealth>];
  /** Frames were lost, and how many. */
  gap: [gap: HostGap];
  /** The server refused a command: `reason` is for people, `in` names the command where it is known. */
  error: [error: RoomError];
  /** An attempt to connect failed, and why: a sentence for people, and the server's address. It is tried again by itself. */
  connecting: [failure: ConnectFailure];
  /** The TV's own line is down, or an attempt to get it back has failed; it is tried again by itself, and the room waits. */
  reconnecting: [retry: Retry];
  /** The line is up again and the room is the same: what waited follows. */
  reconnected: [];
  /** The room was lost, as with a restart of the server, and a new one was opened: another code, and no players yet. */
  reopened: [room: { readonly code: string }];
  /** Phones reach the server under another address: `joinUrl` and `qr()` are to be shown again. Only where the server found the address by itself. */
  moved: [address: { readonly joinUrl: string }];
  /** The room is over, and does not come back. `name` is the code's name in `CLOSE_CODES`. */
  close: [close: CloseReason & { readonly name: CloseName | undefined }];
}

/** Every event there is, so that a misspelt one is noticed. */
export const NOBODY_LISTENS: { readonly [Name in keyof HostRoomEvents]: readonly [] } = {
  join: [],
  leave: [],
  away: [],
  back: [],
  text: [],
  json: [],
  binary: [],
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
