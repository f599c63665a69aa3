/** What another process needs to reopen an open room, and what it is reopened from. */
import type { ReopenedRoom } from "../hub/hub.ts";
import { MAX_STATE_BYTES } from "../hub/room-record-codec.ts";
import type { HistoryRecord, OpenRoomRecord, ReopenFailure, RoomRecordBase } from "../hub/room-record.ts";
import type { RoomSnapshot } from "../room/room-snapshot.ts";
import type { Room } from "../room/room.ts";
import { plainEncoder } from "../session/member-encoder.ts";
import type { MemberRoster } from "./member-roster.ts";
import type { MessageHistory } from "./message-history.ts";
import { plainJsonOf } from "./plain-json.ts";

/** What the hub knows of a room's record. */
type OfHub = Pick<RoomRecordBase, "openedAt" | "address" | "pin">;

/** What the host of an open room knows of its record. */
export type GameRecord = Omit<OpenRoomRecord, "opener" | keyof OfHub>;

export interface Reopening {
  readonly record: OpenRoomRecord;
  readonly goOn: (room: Room, reopened: ReopenedRoom) => ReopenFailure | undefined;
}

/** A room could not be reopened. */
export class ReopenError extends Error {
  override readonly name = "ReopenError";
  readonly failure: ReopenFailure;

  constructor(failure: ReopenFailure) {
    super(`The room could not be reopened: ${failure}.`);
    this.failure = failure;
  }
}

/** What a record is made of. */
export interface RecordedRoom {
  readonly snapshot: RoomSnapshot;
  readonly kind: string;
  readonly code: string | undefined;
  readonly name: string | undefined;
  readonly state: unknown;
  readonly version: number;
  readonly roster: MemberRoster;
  readonly lastGuest: number;
  readonly history: MessageHistory;
}

/** Messages of the history that a record holds. */
const MAX_RECORDED_MESSAGES = 1_024;

export function recordOf({ snapshot, roster, history, state, ...known }: RecordedRoom): GameRecord {
  const { name: _name, joinUrl: _joinUrl, pin: _pin, seats, ...settings } = snapshot;
  const json = state === undefined ? undefined : plainJsonOf(state, MAX_STATE_BYTES);
  return {
    sort: "open",
    ...settings,
    ...known,
    state: json,
    isStateLost: state !== undefined && json === undefined,
    members: seats.flatMap((seat) => {
      const member = seat.sessionHash === undefined ? undefined : roster.at(seat.player);
      if (member === undefined) return [];
      const { id, name, isOpener, joinedAt, meta, encoder } = member;
      return { id, seat, name, isOpener, joinedAt, meta: JSON.stringify(meta), hasEvents: encoder !== plainEncoder };
    }),
    history: newestWithin(history.newest(MAX_RECORDED_MESSAGES), MAX_STATE_BYTES),
    lastSeq: history.lastSeq,
  };
}

/** The newest messages that have at most so many bytes together, the oldest first. */
function newestWithin(messages: readonly HistoryRecord[], maxBytes: number): readonly HistoryRecord[] {
  let bytes = 0;
  let first = messages.length;
  for (let message = messages[first - 1]; message !== undefined; message = messages[first - 1]) {
    bytes += message.data.length;
    if (bytes > maxBytes) break;
    first -= 1;
  }
  return messages.slice(first);
}
