/** UUIDs as text and as the 16 bytes that ghost-sync's wire carries (RFC 9562, section 4). */

export const UUID_BYTES = 16;
/** The UUID of no member: on ghost-sync's wire what the room itself says comes from it. */
export const NIL_UUID = "00000000-0000-0000-0000-000000000000";

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const HEX_DIGITS = 16;
/** Digits in each group of the text. */
const GROUP_ENDS: ReadonlySet<number> = new Set([4, 6, 8, 10]);

/** Whether this is the text of a UUID, in either case. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The bytes of a UUID's text. */
export function uuidBytes(uuid: string): Uint8Array {
  const digits = uuid.replaceAll("-", "");
  return Uint8Array.from({ length: UUID_BYTES }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), HEX_DIGITS),
  );
}

/** The text of a UUID's bytes, in lower case. */
export function uuidText(bytes: Uint8Array): string {
  let uuid = "";
  for (const [at, byte] of bytes.entries()) {
    if (GROUP_ENDS.has(at)) uuid += "-";
    uuid += byte.toString(HEX_DIGITS).padStart(2, "0");
  }
  return uuid;
}
