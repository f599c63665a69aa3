/**
 * What a program hears of one room, each happening once. Unlike a `RoomObserver`, which logs and measures every connection, a watcher is told of people:
 * with their names, and not of a player that is back before its host was told of the absence.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PlayerId } from "../protocol/commands.ts";
import type { DepartureReason } from "./ports.ts";

/** What a new player has said of itself. */
export interface JoinedPlayer {
  readonly name?: string | undefined;
  /** Whom its token names. */
  readonly user?: string | undefined;
}

/** Called in the middle of the room's work: it does not call the room, and never throws. */
export interface RoomWatcher {
  opened(room: { readonly code: string; readonly name: string }): void;
  /** The room is another game's, of this name. */
  gameChanged(name: string): void;
  /** `isFull`: this player took the last seat. */
  joined(player: PlayerId, who: JoinedPlayer, isFull: boolean): void;
  away(player: PlayerId): void;
  /** A player that was away has its seat again. */
  back(player: PlayerId): void;
  /** A player has no seat any more. `why`: how its last connection ended, or why the room took the seat. `isEmpty`: it was the last one. */
  left(player: PlayerId, why: DepartureReason, isEmpty: boolean): void;
  /** The room is over, with the players that are in it. Not told of a room that never had a code. */
  closed(why: CloseName, players: readonly PlayerId[]): void;
}
