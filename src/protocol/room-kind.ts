/** The names of kinds of open rooms. */
const ROOM_KIND = /^[a-z0-9-]{1,32}$/;

export function isRoomKind(text: string): boolean {
  return ROOM_KIND.test(text);
}
