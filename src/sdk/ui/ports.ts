/** What the elements need of a room or of a player, so that they work with each game's types. `createRoom` and `joinRoom` return them. */
import type { Release } from "../kit/kit-element.ts";

/** A player of a room, as `room.players` has it. */
export interface ShownPlayer {
  readonly id: number;
  readonly name: string;
  /** Anything that CSS takes for a colour. */
  readonly color?: string;
  readonly isAway: boolean;
  /** `avatar` is a place in `AVATARS`. */
  readonly meta?: Readonly<Record<string, unknown>>;
  setProfile?(changes: { readonly avatar: number }): void;
}

/** A room that gathers its players. `State` is what stands in its `state`. */
export interface GatheringRoom<State extends object = Record<string, unknown>> {
  readonly joinUrl: string;
  readonly code: string;
  readonly players: readonly ShownPlayer[];
  readonly maxPlayers: number;
  /** Phones that watch. */
  readonly audience?: number;
  /** Phones that wait for a seat. */
  readonly waiting?: number;
  readonly state: { all(): Readonly<Partial<State>>; on(listener: () => void): Release };
  on(event: "join" | "profile", listener: (player: ShownPlayer) => void): Release;
  on(event: "leave" | "away" | "back" | "state" | "reconnected" | "moved" | "reopened", listener: () => void): Release;
  kick(player: number): void;
  rescue(player: number): Promise<string>;
}

/** Values under keys, such as `room.state`. */
export interface WatchedState {
  get(key: string): unknown;
  on(key: string, listener: () => void): Release;
}

/** A clock, and the state in which a deadline stands: that of the room on the TV, and that of `me.room` on a phone. */
export interface TimedRoom {
  now(): number;
  readonly state: WatchedState;
  readonly room?: { readonly state: WatchedState };
}

/** A room whose players have scores in their states. */
export interface ScoredRoom {
  readonly players: readonly (ShownPlayer & { readonly state: WatchedState })[];
  on(event: "join" | "leave" | "away" | "back" | "profile", listener: () => void): Release;
}
