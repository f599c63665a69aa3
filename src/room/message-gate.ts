/** A gate between the players of a room and its host: it may change, hold back or refuse what players say before the host hears it. */
import type { HostPeer } from "./ports.ts";
import type { Room } from "./room.ts";

/** What a gate may ask of its room. */
export type GatedRoom = Pick<Room, "hostBacklogChanged" | "players">;

/** Returns what the room takes for its host from now on: all that is for the host passes through it. */
export type MessageGate = (host: HostPeer, room: GatedRoom) => HostPeer;
