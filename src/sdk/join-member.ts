/** `joinMember`: opens a member's connection to an open room from options. */
import { parseRoomCode } from "../protocol/room-code.ts";
import { environmentOf } from "./environment.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { checkOptions, type KnownOptions } from "./known-options.ts";
import { MemberRoom } from "./member-room.ts";
import { toJson } from "./payload.ts";
import { checkName } from "./player-profile.ts";
import {
  checkText,
  CONNECTION_OPTIONS,
  connectionOptions,
  type ReliableConnectionOptions,
} from "./reliable-connection-options.ts";
import type { Endpoint } from "./reliable-connection.ts";
import { isInPlayground } from "./playground.ts";
import { claimSeat } from "./seat-session.ts";
import { secretSubprotocols } from "./secret-subprotocols.ts";
import { parseServer } from "./server-address.ts";
import { claimFrameSession, claimSession, type ClaimedSession } from "./session.ts";
import { checkTokenSource, withToken, type TokenSource } from "./token-source.ts";

/** Options of `joinMember`. */
export interface JoinMemberOptions extends ReliableConnectionOptions {
  /** The server's address, such as `http://192.168.1.7:8081`; required outside a page. @default the page's origin */
  readonly server?: string | URL;
  /**
   * The token that says who this member is, and for which room. A function is asked before each attempt to connect, and again before the token of an open
   * connection expires: the newer one is shown to the server, and the connection stays. @default none: the room is joined by its code
   */
  readonly token?: TokenSource;
  /**
   * For a room that is joined by its code: the secret by which this member comes back to its seat, 16 to 128 of `A–Z a–z 0–9 _ -`.
   * @default one that `storage` keeps
   */
  readonly session?: string;
  /** The display name, where there is no token. */
  readonly name?: string;
  /** A spectator has no seat and listens. With a token, at most what that says. @default "member" */
  readonly role?: "member" | "spectator";
  /** The room's PIN, if it has one. */
  readonly pin?: string;
  /** What the room's code gets when this member joins: at most 1 KiB of JSON. */
  readonly data?: unknown;
}

const OPTIONS: KnownOptions<JoinMemberOptions> = {
  ...CONNECTION_OPTIONS,
  server: true,
  token: true,
  session: true,
  name: true,
  role: true,
  pin: true,
  data: true,
};

const CONNECTION_DEFAULTS = { outboxBytes: 1_048_576, maxFrameBytes: 1_048_576 };
const SESSION = /^[A-Za-z0-9_-]{16,128}$/;
const MAX_DATA_BYTES = 1_024;

/**
 * Joins an open room, by its name and a token, or by its code. Returns at once: listen to what it tells; what is sent meanwhile waits for the connection.
 * @throws {CouchwireError} `invalid_argument` at a name without a token, and at other options that make no sense.
 */
export function joinMember(room: string, options: JoinMemberOptions = {}): MemberRoom {
  checkOptions(options, OPTIONS, "joinMember");
  if (typeof room !== "string" || room === "") {
    throw invalid(`joinMember takes the name or the code of an open room; this is ${quote(room)}.`);
  }
  const { token, role } = options;
  for (const option of ["pin", "session"] as const) checkText(option, options[option]);
  const name = checkName(options.name);
  if (role !== undefined && role !== "member" && role !== "spectator") {
    throw invalid(`\`role\` has to be "member" or "spectator"; this is ${quote(role)}.`);
  }
  const server = parseServer(options.server);
  const connection = connectionOptions(options, CONNECTION_DEFAULTS);
  const query = { ...(role !== undefined && { role }), ...dataQuery(options.data) };
  if (token !== undefined) {
    checkTokenSource(token);
    if (typeof token === "string") checkRoom(room, token);
    const endpoint = (text?: string): Endpoint => ({
      address: `${server.ws}/ws`,
      query: { events: "1", ...query },
      secrets: secretSubprotocols({ token: text }),
    });
    const target = (): Endpoint | Promise<Endpoint> => withToken(token, endpoint);
    return open({ ...connection, server: server.http, session: undefined, target }, options);
  }
  const code = parseRoomCode(room.trim());
  if (code === undefined) {
    throw invalid(`Without a token a room is joined by its code, four letters such as "BCDF"; this is ${quote(room)}.`);
  }
  const session = claimMemberSession(options, `couchwire:member:${server.http}/${code}`);
  const target = (): Endpoint => ({
    address: `${server.ws}/${code}`,
    query: { role: "member", ...(name !== undefined && { name }), ...query },
    secrets: secretSubprotocols({ session: session.secret, pin: options.pin }),
  });
  return open({ ...connection, server: server.http, session, target }, options);
}

function open(plan: ConstructorParameters<typeof MemberRoom>[0], options: JoinMemberOptions): MemberRoom {
  const room = new MemberRoom(plan, environmentOf(options));
  if (options.onConnecting !== undefined) room.on("connecting", options.onConnecting);
  return room;
}

/**
 * A token is for one room, whatever else is said.
 * @throws {CouchwireError} `invalid_argument` at the token of another room
 */
function checkRoom(room: string, token: string): void {
  if (parseRoomCode(room) !== undefined) return; // the token of a room that has a code as well has its name
  let named: unknown;
  try {
    const [, payload = ""] = token.split(".");
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    const claims: { readonly room?: unknown } = JSON.parse(new TextDecoder().decode(bytes));
    named = claims.room;
  } catch {
    return; // the server says what is wrong with it
  }
  if (typeof named === "string" && named !== room)
    throw invalid(`The token is for the room ${quote(named)}, not ${quote(room)}.`);
}

/** @throws {CouchwireError} `invalid_argument` */
function dataQuery(data: unknown): { readonly data?: string } {
  if (data === undefined) return {};
  const json = toJson(data, "`data` has to be what JSON can hold.");
  if (new TextEncoder().encode(json).length > MAX_DATA_BYTES) {
    throw invalid(`\`data\` may have ${MAX_DATA_BYTES} bytes of JSON, and has more.`);
  }
  return { data: json };
}

function claimMemberSession({ storage, session }: JoinMemberOptions, name: string): ClaimedSession {
  if (session !== undefined) {
    if (!SESSION.test(session)) throw invalid("`session` has to be 16 to 128 of A–Z a–z 0–9 _ -.");
    return { secret: session, notes: undefined, note() {}, release() {}, forget() {} };
  }
  if (storage === "frame" || (storage === undefined && isInPlayground())) return claimFrameSession(name);
  return storage === undefined ? claimSeat(name, false) : claimSession(storage, name);
}
