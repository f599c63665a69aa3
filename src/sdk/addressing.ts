/** Translates recipients and delivery options of a game into fields of the wire. */
import type { WireDelivery } from "./host-wire.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { checkOptions, type KnownOptions } from "./known-options.ts";

/** A player, or its id. */
export type PlayerRef = number | { readonly id: number; readonly isGone?: boolean };

/** One player, or several: objects, ids, or both. */
export type PlayerRefs = PlayerRef | Iterable<PlayerRef>;

/** How a frame for players is delivered. */
export interface SendOptions {
  /** Players that do not get the frame. */
  readonly except?: PlayerRefs;
  /**
   * Only the newest counts, as with positions: a player who cannot take it now gets the next one instead. A name, of 1 to 64
   * bytes, keeps several things apart: `"ball"`, `"score"`. @default false
   */
  readonly volatile?: boolean | string;
  /**
   * Milliseconds that the frame may wait for a player who cannot take it, from 1 to 3,600,000: after them it is not sent any
   * more, as with a buzz. @default as long as it takes
   */
  readonly ttl?: number;
  /**
   * The name under which the server keeps this frame for each player it goes to, in place of the last of that name: a phone
   * that begins from nothing, such as a reloaded one, gets it again. At most 64 bytes of UTF-8, and 16 names a player.
   */
  readonly retain?: string;
}

const SEND_OPTIONS: KnownOptions<SendOptions> = { except: true, volatile: true, ttl: true, retain: true };

/** How a player is removed. */
export interface KickOptions {
  /** The reason that the player is told; at most 123 bytes of it are sent. */
  readonly reason?: string;
  /** Whether the phone may never come back to this room. @default false */
  readonly ban?: boolean;
}

/** Ids are unsigned 32-bit integers on the wire. */
const MAX_PLAYER_ID = 0xffff_ffff;

/**
 * The id of a player; `undefined` for one who has left, and whose id may be another's in the room that came after.
 * @throws {CouchwireError} `invalid_argument`
 */
export function idOf(player: PlayerRef): number | undefined {
  const id = typeof player === "object" && player !== null ? player.id : player;
  if (!Number.isInteger(id) || id < 0 || id > MAX_PLAYER_ID) {
    throw invalid(`A player's id is a whole number such as 1; this is ${quote(id)}.`);
  }
  return typeof player === "object" && player.isGone === true ? undefined : id;
}

/** The ids of the players, without those who have left. @throws {CouchwireError} `invalid_argument` */
export function listPlayers(to: PlayerRefs, option = "to"): readonly number[] {
  const isList = typeof to === "object" && to !== null && Symbol.iterator in to;
  const isOne = typeof to === "number" || (typeof to === "object" && to !== null && "id" in to);
  if (!isList && !isOne) {
    throw invalid(`\`${option}\` has to be a player, an id or a list of them; this is ${quote(to)}.`);
  }
  return (isList ? [...to] : [to]).map(idOf).filter((id) => id !== undefined);
}

/** @throws {CouchwireError} `invalid_argument` */
export function checkKickOptions(options: KickOptions): KickOptions {
  checkOptions(options, { reason: true, ban: true }, "kick");
  return options;
}

/** @throws {CouchwireError} `invalid_argument` */
export function deliveryOf(options: SendOptions): WireDelivery {
  checkOptions(options, SEND_OPTIONS, "send");
  const { except, volatile: name = false, ttl, retain } = options;
  checkVolatile(name);
  checkTtl(ttl);
  return {
    ...(except !== undefined && { except: listPlayers(except, "except") }),
    ...(name !== false && { volatile: name }),
    ...(ttl !== undefined && { ttl }),
    ...(retain !== undefined && { retain }),
  };
}

const MAX_VOLATILE_NAME_BYTES = 64;
const MAX_TTL_MS = 3_600_000;
const utf8 = new TextEncoder();

/** @throws {CouchwireError} `invalid_argument` for a value that is neither a name nor a boolean */
export function checkVolatile(name: boolean | string): void {
  if (typeof name === "boolean") return;
  if (typeof name !== "string") throw invalid(`\`volatile\` has to be true or a name; this is ${quote(name)}.`);
  const { length } = utf8.encode(name);
  if (length >= 1 && length <= MAX_VOLATILE_NAME_BYTES) return;
  throw invalid(`The name in \`volatile\` may have 1 to ${MAX_VOLATILE_NAME_BYTES} bytes; this has ${length}.`);
}

/** @throws {CouchwireError} `invalid_argument` */
export function checkTtl(ttl: number | undefined): void {
  if (ttl === undefined || (Number.isInteger(ttl) && ttl >= 1 && ttl <= MAX_TTL_MS)) return;
  throw invalid(`\`ttl\` has to be whole milliseconds from 1 to ${MAX_TTL_MS}; this is ${quote(ttl)}.`);
}
