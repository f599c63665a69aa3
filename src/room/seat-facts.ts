/** What a room says of one of its seats: to its host, to a program, and in its record. */
import type { PlayerId } from "../protocol/commands.ts";
import type { PlayerHealth } from "../protocol/events.ts";
import type { SeatRecord } from "./room-snapshot.ts";
import type { Seat } from "./seat.ts";

/** What is known of one player, or of a spectator. */
export interface SeatFacts extends PlayerHealth {
  readonly player: PlayerId;
  /** The display name. */
  readonly name: string | undefined;
  /** Whom its token names. */
  readonly user: string | undefined;
  readonly isSpectator: boolean;
  /** When it took its seat, in milliseconds of the room's clock. */
  readonly takenAt: number;
}

export function factsOf(seat: Seat): SeatFacts {
  const { player, name, user, isSpectator, takenAt } = seat;
  return { player, name, user, isSpectator, takenAt, ...healthOf(seat) };
}

/** The state of its player's connection. */
export function healthOf({ presence, peer }: Seat): PlayerHealth {
  const line = presence.at === "here" ? presence.line : undefined;
  return {
    rtt: line?.rtt ?? null,
    queued: line === undefined ? peer.keptBytes : peer.waitingBytes,
    away: line === undefined,
  };
}

/** `epochMs`: when the room's clock showed 0, in milliseconds since 1970. A seat whose player cannot come back is no more than its id. */
export function recordOf(seat: Seat, epochMs: number): SeatRecord {
  const { player, sessionHash, isSpectator, visitor } = seat;
  const takenAt = Math.round(seat.takenAt + epochMs);
  if (sessionHash === undefined) return { player, isSpectator, takenAt };
  const { formerHashes, user, tokenSessionHash, shownSessionHash, name } = seat;
  return {
    player,
    sessionHash,
    formerHashes,
    user,
    tokenSessionHash,
    shownSessionHash,
    visitor: visitor === sessionHash ? undefined : visitor,
    name,
    isSpectator,
    takenAt,
  };
}
