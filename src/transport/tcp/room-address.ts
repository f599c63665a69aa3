/** What a client over TCP asks for in `JoinRoom`: a room's name or code, and behind a `?` what it shows for it, as in the address of a WebSocket (P7.8). */

export interface RoomAddress {
  /** The name or the code. */
  readonly room: string;
  readonly query: URLSearchParams;
}

/** A name may have a question mark; only one that one of these words follows begins the query. */
const QUERY = /\?(?=(?:token|pin|name|role|data)=)/;

export function readRoomAddress(text: string): RoomAddress {
  const at = text.search(QUERY);
  return at === -1
    ? { room: text, query: new URLSearchParams() }
    : { room: text.slice(0, at), query: new URLSearchParams(text.slice(at + 1)) };
}
