/** What a room is given to live with: its limits, and the world beyond its ports. */
import type { MemoryBudget } from "./memory-budget.ts";
import type { Clock, PlayerPeerFactory, RoomChannels, RoomDirectory, WaitingPeerFactory } from "./ports.ts";
import type { MessageGate } from "./message-gate.ts";
import type { RoomObserver } from "./room-observer.ts";
import type { RoomWatcher } from "./room-watcher.ts";
import type { SeatLimits } from "./player-manager.ts";

export interface RoomLimits extends SeatLimits {
  /** Upper bound of `max_players`; a host that asks for more gets this many. */
  readonly maxPlayers: number;
  /** Upper bound of `audience`; a host that asks for more gets this many. */
  readonly maxAudience: number;
  /** Spectators at one time, of a room whose host is in this process. @default none */
  readonly maxSpectators?: number;
  /** Milliseconds an away host's room is kept. */
  readonly hostGraceMs: number;
}

export interface RoomEnvironment {
  readonly directory: RoomDirectory;
  readonly observer: RoomObserver;
  readonly limits: RoomLimits;
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  /** Starts the conversation with a player that takes a seat. */
  readonly openPeer: PlayerPeerFactory;
  /** Starts what is said to a phone that waits for a seat. */
  readonly openWaiting: WaitingPeerFactory;
  /** Is told what happens to the room and its players. */
  readonly watcher?: RoomWatcher | undefined;
  /** Where the host publishes what pages beside the game follow. @default there are no channels, and no page hears it */
  readonly channels?: RoomChannels | undefined;
  /** Stands between the players and the host. A room without one passes messages on as they come. */
  readonly gate?: MessageGate | undefined;
  /** Whether the host is code in this process: then what is refused was no frame, and observers hear nothing of it. @default false */
  readonly isHostInProcess?: boolean;
}
