/** The names of open rooms, and the ids of their members: any text that is 1 to 128 bytes of UTF-8. */

export const MAX_OPEN_ROOM_NAME_BYTES = 128;

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Half a surrogate pair, which JSON can carry, is no UTF-8. */
export function isOpenRoomName(text: string): boolean {
  if (text === "" || text.length > MAX_OPEN_ROOM_NAME_BYTES) return false;
  const bytes = utf8.encode(text);
  return bytes.length <= MAX_OPEN_ROOM_NAME_BYTES && strictUtf8.decode(bytes) === text;
}
