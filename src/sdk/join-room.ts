/** `joinRoom`: from options to a player's line. */
import { parseRoomCode } from "../protocol/room-code.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { lineOptions, type LineOptions } from "./line-options.ts";
import { PlayerRoom } from "./player-room.ts";
import { codeOfPage, forgetRescueOfPage, parseServer, rescueOfPage } from "./server-address.ts";
import { claimSession, pageStorage } from "./session.ts";
import { surroundingsOf } from "./surroundings.ts";

/** How a room is joined. All of it may be left out on the page that a room's QR code leads to. */
export interface JoinRoomOptions extends LineOptions {
  /** Four letters, in either case. @default the CODE of `?room=CODE` in the page's address */
  readonly code?: string;
  /** The server's address, such as `http://192.168.1.7:8081`; required where there is no page. @default the page's origin */
  readonly server?: string | URL;
  /** What the host may call this player: at most 64 characters. */
  readonly name?: string;
  /** What the host asks newcomers for, where it does. */
  readonly pin?: string;
  /** The token of a rescue link, which gives another phone's seat to this one. @default the TOKEN of `?rescue=TOKEN` in the page's address */
  readonly rescue?: string;
}

const MAX_NAME_LENGTH = 64;
const DEFAULT_OUTBOX_BYTES = 1_048_576;

/**
 * Joins a room. Returns at once: listen to what it tells; what is sent meanwhile waits for the connection. A page that is
 * loaded again gets the same seat.
 * @throws {CouchwireError} `invalid_argument` at a code that is not four letters, and at other options that make no sense.
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
  const name = options.name?.trim();
  if (name !== undefined && name.length > MAX_NAME_LENGTH) {
    throw invalid(`\`name\` may have ${MAX_NAME_LENGTH} characters; this has ${name.length}.`);
  }
  const server = parseServer(options.server);
  const line = lineOptions(options, DEFAULT_OUTBOX_BYTES);
  const session = claimSession(options.storage ?? pageStorage(), `couchwire:player:${server.http}/${code}`);
  let rescue = options.rescue ?? rescueOfPage();
  const address = (): string => {
    const query = new URLSearchParams({ session: session.secret });
    if (name !== undefined && name !== "") query.set("name", name);
    if (options.pin !== undefined) query.set("pin", options.pin);
    if (rescue !== undefined) query.set("rescue", rescue);
    return `${server.ws}/${code}?${query}`;
  };
  const opened = (): void => {
    if (rescue === undefined) return;
    rescue = undefined;
    if (options.rescue === undefined) forgetRescueOfPage();
  };
  return new PlayerRoom({ ...line, code, session, address, opened }, surroundingsOf(options));
}
