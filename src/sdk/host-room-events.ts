/** What a host hears of its room. */
import type { CloseName } from "../protocol/close-codes.ts";
import type { CloseReason, Retry } from "./connection.ts";
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

/** What happens in a room, and what the listeners are called with. */
export interface HostRoomEvents {
  /** A phone took a seat. Ids are small integers from 1, never given out again in the same room. */
  join: [player: number];
  /** A player is gone for good. */
  leave: [player: number];
  /** A player sent a text frame. */
  text: [player: number, text: string];
  /** A player sent a text frame that is JSON; told after `text`, and only where somebody listens. */
  json: [player: number, value: unknown];
  /** A player sent a binary frame. */
  binary: [player: number, bytes: Uint8Array<ArrayBuffer>];
  /** Something about the room changed. */
  state: [state: RoomState];
  /** The server refused a command: `reason` is for people, `in` names the command where it is known. */
  error: [error: RoomError];
  /** The connection was lost, and with it the room; it is tried again by itself. */
  reconnecting: [retry: Retry];
  /** A new room was opened after a lost connection: another code, and nobody in it yet. */
  reopened: [room: { readonly code: string }];
  /** The room is over, and does not come back. `name` is the code's name in `CLOSE_CODES`. */
  close: [close: CloseReason & { readonly name: CloseName | undefined }];
}
