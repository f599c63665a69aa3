/** The recordings of the rooms of this node. */
import { failure, success, type Result } from "../protocol/result.ts";
import type { MemoryBudget } from "../room/memory-budget.ts";
import type { Clock } from "../room/ports.ts";
import type { Room } from "../room/room.ts";
import type { RoomTap } from "../room/room-tap.ts";
import { Recording } from "./recording.ts";

export interface RecordingsOptions {
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  /** Bytes that may wait for the reader of one recording. @default 8 MiB */
  readonly queueBytes?: number;
}

/** Recordings of one room at one time: each costs the room a copy of every frame. */
export const MAX_RECORDINGS_OF_ROOM = 4;
/** More than the largest frame, and seconds of a busy room. */
const QUEUE_BYTES = 8_388_608;

export class Recordings {
  readonly #options: RecordingsOptions;
  readonly #ofRooms = new WeakMap<Room, Set<Recording>>();

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  /** Begins a recording of a room with a host page that is open. `"too_many"`: it has as many as it may have. */
  start(room: Room): Result<Recording, "too_many"> {
    const { clock, budget, queueBytes = QUEUE_BYTES } = this.#options;
    const ofRoom = this.#ofRooms.get(room) ?? new Set();
    this.#ofRooms.set(room, ofRoom);
    if (ofRoom.size >= MAX_RECORDINGS_OF_ROOM) return failure("too_many");
    const recording = new Recording({
      room,
      clock,
      budget,
      queueBytes,
      onEnd() {
        ofRoom.delete(recording);
        room.tap = tapOf([...ofRoom]);
      },
    });
    ofRoom.add(recording);
    room.tap = tapOf([...ofRoom]);
    return success(recording);
  }
}

/** One tap for all of these; `undefined` for none. */
function tapOf(taps: readonly RoomTap[]): RoomTap | undefined {
  if (taps.length < 2) return taps[0];
  return {
    told: (event) => taps.forEach((tap) => tap.told(event)),
    heard: (from, data, isText) => taps.forEach((tap) => tap.heard(from, data, isText)),
    commanded: (command) => taps.forEach((tap) => tap.commanded(command)),
    hostAway: () => taps.forEach((tap) => tap.hostAway()),
    hostBack: (missed) => taps.forEach((tap) => tap.hostBack(missed)),
    closed: (why) => taps.forEach((tap) => tap.closed(why)),
  };
}
