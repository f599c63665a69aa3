/** What a room tells its observers: logs, metrics, hooks. No event contains a payload, a player's name, a PIN, a session or a token. */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PlayerId } from "../protocol/commands.ts";
import type { DepartureReason } from "./ports.ts";
import type { Traffic } from "./traffic.ts";

/** The events of rooms, and the fields of each. `room` is the room's code. */
export interface RoomActivity {
  /** A host has prepared its room, which has its code from now on. `name` is the game's, as the host gave it. */
  readonly roomOpened: {
    readonly room: string;
    readonly name: string;
    /** Counts what passes through the room. The counts grow while the room is open: keep the object and read it when you need them. */
    readonly traffic: Traffic;
  };
  /** The host has made the room another game's, of this name. */
  readonly gameChanged: { readonly room: string; readonly name: string };
  /** The room is over and its code is free. Its players cause no `playerLeft`. */
  readonly roomClosed: { readonly room: string; readonly why: CloseName; readonly traffic: Traffic };
  /** A phone got a seat. */
  readonly playerJoined: { readonly room: string; readonly player: PlayerId };
  /** A player's connection is gone and the seat is kept for the player. */
  readonly playerAway: { readonly room: string; readonly player: PlayerId; readonly why: DepartureReason };
  /** A player resumed its seat over a new connection. `missed` is how many frames the player will never get. */
  readonly playerBack: { readonly room: string; readonly player: PlayerId; readonly missed: number };
  /** A player has no seat any more. */
  readonly playerLeft: { readonly room: string; readonly player: PlayerId; readonly why: DepartureReason };
  /** A phone lost so many of its frames before it could send them. */
  readonly playerGap: { readonly room: string; readonly player: PlayerId; readonly lost: number };
  /** A phone asked for a seat and got none. */
  readonly joinRefused: { readonly room: string; readonly why: CloseName };
  /**
   * A frame or command of a host was refused with that error code. `room` is undefined before the room has a code. `reason` may quote the frame, so it must
   * not be logged.
   */
  readonly frameRefused: { readonly room: string | undefined; readonly code: string; readonly reason: string };
  /** The host's connection is gone, and the room waits for it to come back. */
  readonly hostAway: { readonly room: string };
  /** The host resumed its room over a new connection. `missed` is how many frames the host will never get. */
  readonly hostBack: { readonly room: string; readonly missed: number };
  /** The host reads too slowly and its players are held back; or it has caught up. */
  readonly hostCongested: { readonly room: string; readonly isCongested: boolean };
}

/** One function for each thing that happens. */
export type RoomObserver = {
  readonly [Name in keyof RoomActivity]: (event: RoomActivity[Name]) => void;
};
