/** What a recording hears of a room with a host page. A room without one pays a look at a field for each frame. */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PlayerId } from "../protocol/commands.ts";
import type { RoomEvent } from "../protocol/events.ts";
import type { RoomCommand } from "./room.ts";

/** Called in the middle of the room's work, in the order in which things happen: it does not call the room, and never throws. */
export interface RoomTap {
  /** The room has told its host this. */
  told(event: RoomEvent): void;
  /** The host has been given what a player said. The bytes may be a view of a shared buffer. */
  heard(from: PlayerId, data: Uint8Array, isText: boolean): void;
  /** The host has given a command, or a program in its place. The bytes may be a view of a shared buffer. */
  commanded(command: RoomCommand): void;
  /** The host's connection is gone, and the room waits for it. */
  hostAway(): void;
  /** The host is back, or has another connection, without so many of the frames that were for it. */
  hostBack(missed: number): void;
  /** The room is over. */
  closed(why: CloseName): void;
}
