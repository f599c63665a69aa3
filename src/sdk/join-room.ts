/** `joinRoom`: opens a player's connection from options. */
import { parseRoomCode } from "../protocol/room-code.ts";
import type { GameShape } from "./game-types.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { checkOptions, type KnownOptions } from "./known-options.ts";
import {
  checkText,
  CONNECTION_OPTIONS,
  connectionOptions,
  type ReliableConnectionOptions,
} from "./reliable-connection-options.ts";
import type { Endpoint } from "./reliable-connection.ts";
import { isInPlayground, showPlayground } from "./playground.ts";
import { checkMeta, checkName, isMeta, readProfile, type PlayerMeta, type PlayerProfile } from "./player-profile.ts";
import { PlayerRoom, type PhoneRole } from "./player-room.ts";
import { checkRescueToken, isRescueToken, secretSubprotocols } from "./secret-subprotocols.ts";
import {
  codeOfPage,
  forgetRescueOfPage,
  gameOfPageAt,
  parseServer,
  rescueOfPage,
  type ServerEndpoint,
} from "./server-address.ts";
import { claimSeat, hasFreeSeatOnDevice, hasSeatOnDevice } from "./seat-session.ts";
import { claimFrameSession, claimSession, type ClaimedSession } from "./session.ts";
import { withToken } from "./token-source.ts";
import { environmentOf } from "./environment.ts";

/** Options of `joinRoom`. All are optional on the page that a room's QR code leads to. */
export interface JoinRoomOptions extends ReliableConnectionOptions {
  /** Four letters, in either case. @default the CODE of `?room=CODE` in the page's address */
  readonly code?: string;
  /** The server's address, such as `http://192.168.1.7:8081`; required outside a page. @default the page's origin */
  readonly server?: string | URL;
  /** The player's display name: at most 64 characters, as people count them, and 1,024 bytes. */
  readonly name?: string;
  /**
   * What the TV shows of the player beside the name, such as `{ avatar: 3 }`: at most 2 KiB of JSON. There it is `player.meta`; `me.setProfile` changes
   * it. @default {}, or what this page said before it was loaded again
   */
  readonly meta?: PlayerMeta;
  /** The room's PIN, if it has one. */
  readonly pin?: string;
  /** The token of a rescue link, which gives another phone's seat to this one. @default the TOKEN of `?rescue=TOKEN` in the page's address */
  readonly rescue?: string;
  /**
   * Takes the seat that another tab of this browser has, or had, where there is one: see `hasSeat`. A tab that is open still loses
   * it (`replaced`). @default false: a seat that no open tab has is taken, and beside an open tab this is another player
   */
  readonly takeOver?: boolean;
  /**
   * `"audience"`: watches, without a seat, where the room has an audience (`createRoom({ audience })`). Such a phone hears what the TV tells its audience, and
   * says votes: `me.vote("a")`. @default "player"
   */
  readonly role?: PhoneRole;
}

const OPTIONS: KnownOptions<JoinRoomOptions> = {
  ...CONNECTION_OPTIONS,
  code: true,
  server: true,
  name: true,
  meta: true,
  pin: true,
  rescue: true,
  takeOver: true,
  role: true,
};

/** Frames per second. Below the server's 100 per player, so that frames that are not volatile have room. */
const PACE = { perName: 30, inAll: 80 };
const CONNECTION_DEFAULTS = { outboxBytes: 1_048_576, maxFrameBytes: 1_048_576 };

/**
 * Joins a room. Returns at once: listen to what it tells; what is sent meanwhile waits for the connection. A page that is
 * loaded again gets the same seat, and so does a tab that is opened after the one that sat there was closed.
 * @throws {CouchwireError} `invalid_argument` at a code that is not four letters, and at other options that make no sense.
 */
export function joinRoom<Game extends GameShape = GameShape>(options: JoinRoomOptions = {}): PlayerRoom<Game> {
  checkOptions(options, OPTIONS, "joinRoom");
  checkText("pin", options.pin);
  const name = checkName(options.name);
  const code = codeOf(options.code);
  const meta = options.meta === undefined ? undefined : checkMeta(options.meta);
  const { role = "player" } = options;
  if (role !== "player" && role !== "audience") {
    throw invalid(`\`role\` has to be "player" or "audience"; this is ${quote(role)}.`);
  }
  const isWatcher = role === "audience";
  const server = parseServer(options.server);
  const connection = connectionOptions(options, CONNECTION_DEFAULTS);
  const session = isWatcher ? NO_SESSION : claimPlayerSession(options, sessionName(server, code));
  let rescue = options.rescue === undefined ? rescueOfPage() : checkRescueToken(options.rescue);
  if (rescue !== undefined && !isRescueToken(rescue)) rescue = undefined; // The token in the page's address is mangled: the page joins like any other.
  const game = gameOfPageAt(server);
  const endpoint = (token?: string): Endpoint => ({
    address: `${server.ws}/${code}`,
    // With `game` the phone says that it follows the room to another game's page (P5.9.7).
    query: { ...(name !== undefined && { name }), ...(isWatcher ? { role } : { game }) },
    secrets: secretSubprotocols({ session: isWatcher ? undefined : session.secret, pin: options.pin, rescue, token }),
  });
  const target = (): Endpoint | Promise<Endpoint> => withToken(options.token, endpoint);
  const opened = (): void => {
    session.seated?.();
    if (rescue === undefined) return;
    rescue = undefined;
    if (options.rescue === undefined) forgetRescueOfPage();
  };
  const notes = isMeta(session.notes) ? session.notes : {};
  const profile = profileOf(notes["profile"], name, meta);
  const isSdk = notes["isSdk"] === true;
  const tellsProfile = meta !== undefined && !isWatcher;
  const plan = {
    ...connection,
    pace: PACE,
    isWatcher,
    code,
    profile,
    isSdk,
    tellsProfile,
    session,
    server: server.http,
    target,
    opened,
  };
  const room = new PlayerRoom<Game>(plan, environmentOf(options));
  showPlayground(server.http, room);
  if (options.onConnecting !== undefined) room.on("connecting", options.onConnecting);
  return room;
}

/**
 * Whether a tab of this browser other than this page has, or had, a seat in the room: a page that is told that the game has
 * started may offer `joinRoom({ takeOver: true })`. Both arguments default as for `joinRoom`.
 * @throws {CouchwireError} `invalid_argument`
 */
export function hasSeat(code?: string, server?: string | URL): boolean {
  return hasSeatOnDevice(sessionName(parseServer(server), codeOf(code)));
}

/**
 * Whether `joinRoom` takes back a seat that this browser had in the room: the page was loaded again, or its tab was closed. Such a page need
 * not ask for a name again. Both arguments default as for `joinRoom`.
 * @throws {CouchwireError} `invalid_argument`
 */
export function hasFreeSeat(code?: string, server?: string | URL): boolean {
  return hasFreeSeatOnDevice(sessionName(parseServer(server), codeOf(code)));
}

/** A watcher has no seat that a session could keep. */
const NO_SESSION: ClaimedSession = {
  secret: "",
  notes: undefined,
  note: () => undefined,
  release: () => undefined,
  forget: () => undefined,
};

/** What is given now goes before what the page said before it was loaded again. */
function profileOf(notes: unknown, name: string | undefined, meta: PlayerMeta | undefined): PlayerProfile {
  const noted = readProfile(notes);
  const known = name ?? noted?.name;
  return { ...(known !== undefined && { name: known }), meta: meta ?? noted?.meta ?? {} };
}

/** @throws {CouchwireError} `invalid_argument` */
function codeOf(option: string | undefined): string {
  checkText("code", option);
  const text = option ?? codeOfPage();
  if (text === undefined) {
    throw invalid("Which room? The page's address has no ?room=CODE, and there is no { code }.");
  }
  const code = parseRoomCode(text.trim());
  if (code === undefined) throw invalid(`A room code is four letters, such as "BCDF"; this is ${quote(text)}.`);
  return code;
}

function sessionName(server: ServerEndpoint, code: string): string {
  return `couchwire:player:${server.http}/${code}`;
}

function claimPlayerSession({ storage, takeOver = false }: JoinRoomOptions, name: string): ClaimedSession {
  if (storage === "frame" || (storage === undefined && isInPlayground())) return claimFrameSession(name);
  return storage === undefined ? claimSeat(name, takeOver) : claimSession(storage, name);
}
