/** What a room is given to live with: its limits, and the world beyond its ports. */
import type { HostRates } from "./host-throttle.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import type { Clock, RoomDirectory } from "./ports.ts";
import type { RoomObserver } from "./room-observer.ts";
import type { SeatLimits } from "./player-manager.ts";

export interface RoomLimits extends SeatLimits, HostRates {
  /** Upper bound of `max_players`; a host that asks for more gets this many. */
  readonly maxPlayers: number;
  /** Bytes kept for an away host; past them its players are held back. */
  readonly hostBuffer: number;
  /** Milliseconds an away host's room is kept. */
  readonly hostGraceMs: number;
}

export interface RoomEnvironment {
  readonly directory: RoomDirectory;
  readonly observer: RoomObserver;
  readonly limits: RoomLimits;
  readonly clock: Clock;
  readonly budget: MemoryBudget;
}
