/** The UUIDs that members of open rooms have on ghost-sync's wire (P7.3). */
import { createHash } from "node:crypto";
import { isUuid, NIL_UUID, uuidBytes, uuidText, UUID_BYTES } from "../../protocol/ghost-sync/uuid-bytes.ts";

const VERSION_AT = 6;
const VARIANT_AT = 8;

/**
 * The UUID of the member of this id: the id itself where it is a UUID; the nil UUID for what the room itself says (`""`); else the UUIDv5 of the id in the
 * name space of its room, which is the UUIDv5 of the room's name in the nil UUID. So a member is the same one to all who are in its room.
 */
export function memberUuid(room: string, id: string): string {
  if (id === "") return NIL_UUID;
  return isUuid(id) ? id.toLowerCase() : uuidV5(uuidV5(NIL_UUID, room), id);
}

/** RFC 9562, section 5.5. */
function uuidV5(namespace: string, name: string): string {
  const digest = createHash("sha1").update(uuidBytes(namespace)).update(name, "utf8").digest();
  const bytes = new Uint8Array(digest.subarray(0, UUID_BYTES));
  bytes[VERSION_AT] = ((bytes[VERSION_AT] ?? 0) & 0x0f) | 0x50;
  bytes[VARIANT_AT] = ((bytes[VARIANT_AT] ?? 0) & 0x3f) | 0x80;
  return uuidText(bytes);
}
