/** What a room tells those that watch it: logs, metrics, hooks. Never a payload, a name, a PIN, a session or a token. */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PlayerId } from "../protocol/commands.ts";
import type { DepartureReason } from "./ports.ts";
import type { Traffic } from "./traffic.ts";

/** What happens to rooms, by name, with what is told of it. `room` is the room's code. */
export interface RoomActivity {
  /** A host has prepared its room, which has its code from now on. `name` is the game's, as the host gave it. */
  readonly roomOpened: {
    readonly room: string;
    readonly name: string;
    /** Counts what passes through the room. It goes on counting, so keep it and read it when you want to know. */
    readonly traffic: Traffic;
  };
  /** The room is over and its code is free. No `playerLeft` is told of the players who were in it. */
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
  /** A phone that has no seat yet got none. */
  readonly joinRefused: { readonly room: string; readonly why: CloseName };
  /**
   * A frame or command of a host was refused with that error code. A host without a room has no code yet. `reason` quotes the frame, and is for the
   * host alone: it does not belong in a log.
   */
  readonly frameRefused: { readonly room: string | undefined; readonly code: string; readonly reason: string };
  /** The host's connection is gone, and the room waits for the host. */
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
