/** To whom a host sends, and how: what a game says, and what that is on the wire. */
import type { WireDelivery } from "./host-wire.ts";
import { invalid, quote } from "./invalid-argument.ts";

/** How a frame for players is delivered. */
export interface SendOptions {
  /** Whom to leave out: for `broadcast`, and for lists. */
  readonly except?: number | Iterable<number>;
  /**
   * Only the newest counts, as with positions: a player who cannot take it now gets the next one instead. @default false
   */
  readonly volatile?: boolean;
  /**
   * The name under which the server keeps this frame for each player it goes to, in place of the last of that name: a phone
   * that begins from nothing, such as a reloaded one, gets it again. At most 64 bytes of UTF-8, and 16 names a player.
   */
  readonly retain?: string;
}

/** How a player is removed. */
export interface KickOptions {
  /** Told to the player; 123 bytes of it fit. */
  readonly reason?: string;
  /** The phone may not come back to this room, under whatever name. @default false */
  readonly ban?: boolean;
}

/** Ids are unsigned and have 32 bits on the wire. */
const MAX_PLAYER_ID = 0xffff_ffff;

/** @throws {CouchwireError} `invalid_argument` */
export function checkPlayer(player: number): void {
  if (Number.isInteger(player) && player >= 0 && player <= MAX_PLAYER_ID) return;
  throw invalid(`A player's id is a whole number such as 1; this is ${quote(player)}.`);
}

/** @throws {CouchwireError} `invalid_argument` */
export function listPlayers(to: number | Iterable<number>, option = "to"): readonly number[] {
  const isList = typeof to === "object" && to !== null && Symbol.iterator in to;
  if (typeof to !== "number" && !isList) {
    throw invalid(`\`${option}\` has to be a player's id or a list of them; this is ${quote(to)}.`);
  }
  const players = typeof to === "number" ? [to] : [...to];
  players.forEach(checkPlayer);
  return players;
}

export function deliveryOf({ except, volatile: isVolatile = false, retain }: SendOptions): WireDelivery {
  return {
    ...(except !== undefined && { except: listPlayers(except, "except") }),
    ...(isVolatile && { volatile: true }),
    ...(retain !== undefined && { retain }),
  };
}
