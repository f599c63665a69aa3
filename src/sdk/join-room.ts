/** `joinRoom`: from options to a player's line. */
import { parseRoomCode } from "../protocol/room-code.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { PlayerRoom } from "./player-room.ts";
import { codeOfPage, parseServer } from "./server-address.ts";
import { onWake } from "./wake.ts";
import type { WebSocketClass } from "./web-socket-port.ts";

/** How a room is joined. All of it may be left out on the page that a room's QR code leads to. */
export interface JoinRoomOptions {
  /** Four letters, in either case. @default the CODE of `?room=CODE` in the page's address */
  readonly code?: string;
  /** The server's address, such as `http://192.168.1.7:8081`; required where there is no page. @default the page's origin */
  readonly server?: string | URL;
  /** A WebSocket class to use. @default the platform's own */
  readonly WebSocket?: WebSocketClass;
}

/**
 * Joins a room. Returns at once: listen to what it tells; what is sent meanwhile waits for the connection.
 * @throws {CouchwireError} `invalid_argument` at a code that is not four letters, and at an address that is none.
 */
export function joinRoom(options: JoinRoomOptions = {}): PlayerRoom {
  const text = options.code ?? codeOfPage();
  if (text === undefined) {
    throw invalid("Which room? The page's address has no ?room=CODE, and there is no { code }.");
  }
  const code = parseRoomCode(text.trim());
  if (code === undefined) {
    throw invalid(`A room code is four letters, such as "BCDF"; this is ${quote(text)}.`);
  }
  const server = parseServer(options.server);
  return new PlayerRoom(code, () => `${server.ws}/${code}`, {
    WebSocket: options.WebSocket ?? WebSocket,
    onWake,
    random: () => Math.random(),
  });
}
