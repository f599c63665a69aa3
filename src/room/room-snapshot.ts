/** What of a room outlives its process: enough to reopen it. What was said and not confirmed is no part of it. */
import type { PlayerId } from "../protocol/commands.ts";
import type { CrowdPlan } from "./crowd-plan.ts";
import type { PinCheck } from "./join-policy.ts";

/** One seat of a player or a spectator. */
export interface SeatRecord {
  readonly player: PlayerId;
  /** Hashed; `undefined` for a player that cannot come back. */
  readonly sessionHash?: string | undefined;
  /** The sessions that the seat belonged to before, the earliest first. */
  readonly formerHashes?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly tokenSessionHash?: string | undefined;
  readonly shownSessionHash?: string | undefined;
  /** What is banned after a flood. */
  readonly visitor?: string | undefined;
  /** The display name. */
  readonly name?: string | undefined;
  readonly isSpectator: boolean;
  /** When it was taken, in milliseconds since 1970. */
  readonly takenAt: number;
}

export interface RoomSnapshot {
  /** The game's name. */
  readonly name: string;
  readonly joinUrl?: string | undefined;
  /** As JSON. */
  readonly meta?: string | undefined;
  readonly maxPlayers: number;
  /** What there is beside the players. @default nothing */
  readonly crowd?: CrowdPlan | undefined;
  readonly isLocked: boolean;
  readonly pin?: string | PinCheck | undefined;
  /** Hashes of sessions, and users, that may not come back, the earliest first. */
  readonly bans: readonly string[];
  /** The room has been another game's before: a page that comes for that one is told so. */
  readonly hasChangedGame: boolean;
  /** The last id that was given to a player. */
  readonly lastPlayer: PlayerId;
  readonly seats: readonly SeatRecord[];
}
