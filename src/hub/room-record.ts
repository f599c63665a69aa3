/**
 * What is known of a room that another process needs to reopen it under its code: kept in a file by one node, and in the directory by many. It holds no
 * secret as it was shown: sessions and PINs are hashes. What was said and not confirmed is in no record: the peers of a reopened room are told of that gap.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import type { RoomSnapshot, SeatRecord } from "../room/room-snapshot.ts";
import type { HostSnapshot } from "../session/wire-host.ts";

/** A room of either sort. */
export type RoomRecord = HostRoomRecord | OpenRoomRecord;

/** What a record of either sort holds. */
export interface RoomRecordBase extends Pick<
  RoomSnapshot,
  "maxPlayers" | "meta" | "isLocked" | "bans" | "lastPlayer" | "hasChangedGame"
> {
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  /** Of the peer that opened it; `""` for a program in the server's process. */
  readonly address: string;
  readonly pin?: PinRecord | undefined;
}

/** A room with a host page. */
export interface HostRoomRecord
  extends
    RoomRecordBase,
    Pick<RoomSnapshot, "name" | "joinUrl" | "seats" | "crowd">,
    Pick<HostSnapshot, "saved" | "savedKeys"> {
  readonly sort: "host";
  readonly code: string;
  readonly host: HostRecord;
}

/** An open room, whose host is code of the server's process. Its timers are in no record. */
export interface OpenRoomRecord extends RoomRecordBase {
  readonly sort: "open";
  readonly kind: string;
  readonly code?: string | undefined;
  readonly name?: string | undefined;
  /** The state as JSON; `undefined` where it has none. */
  readonly state?: string | undefined;
  /** The state is too large, or nothing that JSON can carry: the room begins anew, without the members. */
  readonly isStateLost: boolean;
  /** Grows by one with each update of the state. */
  readonly version: number;
  readonly members: readonly MemberRecord[];
  /** The number of the last guest, as in `p3`. */
  readonly lastGuest: number;
  /** The session of the page that has opened the room, hashed. */
  readonly opener?: string | undefined;
  /** The newest of what was said to all, the oldest first. */
  readonly history: readonly HistoryRecord[];
  /** The number of the last message of the history. */
  readonly lastSeq: number;
}

/** A PIN as it is kept. A short one is soon guessed from it: what the hash protects is a password that is used elsewhere too. */
export interface PinRecord {
  readonly salt: string;
  readonly hash: string;
}

/** What the host of a room has shown when it connected last. */
export interface HostRecord extends Pick<HostSnapshot, "encoder" | "states"> {
  readonly sessionHash: string;
  readonly user?: string | undefined;
  readonly tokenSessionHash?: string | undefined;
  readonly shownSessionHash?: string | undefined;
}

/** One member of an open room, with its seat. */
export interface MemberRecord {
  readonly id: string;
  readonly seat: SeatRecord;
  /** What it is called. */
  readonly name: string;
  readonly isOpener: boolean;
  /** In milliseconds since 1970. */
  readonly joinedAt: number;
  /** What others may know of it, as JSON. */
  readonly meta: string;
  /** Whether it is told what happens in the room, beside what is said. */
  readonly hasEvents: boolean;
}

/** One message of the history of an open room. */
export interface HistoryRecord {
  readonly from: string;
  /** The JSON of it in UTF-8. */
  readonly data: Uint8Array;
  readonly seq: number;
  /** In milliseconds since 1970. */
  readonly time: number;
}

/** Why a room was not reopened: its code or name is another's, there is no place for it, the server ends, or it knows no such kind of room. */
export type ReopenFailure = "exists" | "no_room_left" | "restarting" | "unknown_kind";

/** Keeps records of the rooms. Called in the middle of a room's work: it does not call the room, and never throws. */
export interface RecordKeeper<Room> {
  /** The record of this room is another one now. */
  changed(room: Room): void;
  /** The room is over. One that ended by `restarting` is to be reopened. */
  closed(room: Room, why: CloseName): void;
}
