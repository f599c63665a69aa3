/** What the role of a token lets its bearer do, wire by wire, and for which room it is. */
import type { TokenRole, VerifiedToken } from "../auth/token-claims.ts";

/** What a peer wants to be by its token. Channels take every role. */
export type TokenUse = "host" | "player" | "member";

/** Roles that have a seat, and roles that watch. What is a player in a room with a host page is a member in an open one. */
const SEATED: readonly (TokenRole | undefined)[] = [undefined, "player", "member"];
const WATCHING: readonly (TokenRole | undefined)[] = ["audience", "spectator"];

const ROLES: Readonly<Record<TokenUse, readonly (TokenRole | undefined)[]>> = {
  host: ["host"],
  player: [...SEATED, ...WATCHING],
  member: [...SEATED, "spectator"],
};

/** Why a token of this role is not for that, as a close reason; `undefined` where it is. */
export function refusalOfRole(role: TokenRole | undefined, use: TokenUse): string | undefined {
  if (ROLES[use].includes(role)) return undefined;
  const whose = role === undefined ? "Your token has no role" : `Your token has the role ${role}`;
  return use === "host" ? `${whose}: only a host opens a room.` : `${whose}: it joins no room here.`;
}

/** The bearer may watch and has no seat. */
export function isWatcher({ role }: Pick<VerifiedToken, "role">): boolean {
  return WATCHING.includes(role);
}

/** Whether a token of one role may be followed by one of the other on the same line: what the line may do stays the same. */
export function isSameKind(one: TokenRole | undefined, other: TokenRole | undefined): boolean {
  return one === other || [SEATED, WATCHING].some((kind) => kind.includes(one) && kind.includes(other));
}

/** A room, as a token may name it: codes in either case, names to the letter. */
export interface NamedRoom {
  /** In upper case. */
  readonly code: string | undefined;
  /** Of an open room. */
  readonly name: string | undefined;
}

export const OTHER_ROOM = "Your token is for another room.";

/** Whether a token that names this room is for it; one that names none is for any. */
export function isForRoom(named: string | undefined, { code, name }: NamedRoom): boolean {
  return named === undefined || named === name || (code !== undefined && named.toUpperCase() === code);
}
