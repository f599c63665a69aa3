/** The rooms of this node as the cluster finds them: those with a host page and the open ones, with what another node needs to open them again. */
import type { Logger } from "pino";
import { MAX_RECORD_BYTES } from "./cluster/directory-limits.ts";
import type { KeptRoom, LocalRooms } from "./cluster/room-homes.ts";
import type { OpenRooms } from "./games/open-rooms.ts";
import type { Hub } from "./hub/hub.ts";
import { decodeRoomRecord, encodeRoomRecord } from "./hub/room-record-codec.ts";
import type { RoomRecord } from "./hub/room-record.ts";
import type { Room } from "./room/room.ts";

export interface LocalRoomsOptions {
  /** Whether a member may open a room by naming it. */
  readonly mayOpenByName: boolean;
  readonly logger: Pick<Logger, "warn">;
}

const TOO_LARGE_TO_KEEP =
  "what is known of a room is too large for the directory: another node cannot open it again if this one is lost";

export function createLocalRooms(hub: Hub, rooms: OpenRooms, { mayOpenByName, logger }: LocalRoomsOptions): LocalRooms {
  const told = new WeakSet<Room>();
  const bytesOf = (room: Room, record: RoomRecord): Uint8Array | undefined => {
    const encoded = encodeRoomRecord(record);
    if (encoded.ok && encoded.value.length < MAX_RECORD_BYTES) return encoded.value;
    if (!told.has(room)) logger.warn({ room: room.id, limit: MAX_RECORD_BYTES }, TOO_LARGE_TO_KEEP);
    told.add(room);
    return undefined;
  };
  return {
    mayOpenByName,
    hasCode: (code) => hub.find(code) !== undefined,
    hasHost: (sessionHash) => hub.hostOf(sessionHash) !== undefined,
    hasName: (name) => rooms.hasName(name),
    hasOpener: (sessionHash) => rooms.hasOpener(sessionHash),
    recordOf(room) {
      const record = hub.recordOf(room) ?? rooms.recordOf(room);
      if (record === undefined) return withoutRecord(hub, room);
      const isHostRun = record.sort === "host";
      return {
        isHostRun,
        code: record.code,
        name: isHostRun ? undefined : record.name,
        sessionHash: isHostRun ? record.host.sessionHash : record.opener,
        bytes: bytesOf(room, record),
      };
    },
    whyNotReopen(bytes, coming) {
      const record = decodeRoomRecord(bytes);
      if (!record.ok) return record.failure;
      return record.value.sort === "host"
        ? hub.whyNotReopen(record.value, coming)
        : rooms.whyNotReopen(record.value, coming);
    },
    reopen(bytes) {
      const record = decodeRoomRecord(bytes);
      if (!record.ok) return record.failure;
      const reopened = record.value.sort === "host" ? hub.reopen(record.value) : rooms.reopen(record.value);
      return reopened.ok ? undefined : reopened.failure;
    },
  };
}

/** What is known of a room whose host has no session: it lives, and cannot be opened again. */
function withoutRecord(hub: Hub, room: Room): KeptRoom | undefined {
  const { code } = room;
  if (code === undefined || !hub.hasHostPage(room) || hub.openingOf(room) === undefined) return undefined;
  return { isHostRun: true, code, name: undefined, sessionHash: undefined, bytes: undefined };
}
