/** The names of kinds of open rooms. */
const ROOM_KIND = /^[a-z0-9-]{1,32}$/;
/** What the HTTP API says of rooms with a host page. No open room has a kind of that name. */
export const HOST_RUN_KIND = "host";

export function isRoomKind(text: string): boolean {
  return ROOM_KIND.test(text);
}
