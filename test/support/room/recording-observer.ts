/** Writes down what an observer of rooms is told: the event's name, then its fields in order, without counters and reasons. */
import type { Traffic } from "../../../src/room/traffic.ts";
import type { RoomActivity, RoomObserver } from "../../../src/room/room-observer.ts";

export class RecordingObserver implements RoomObserver {
  readonly seen: unknown[][] = [];
  /** Of the room that was opened last. */
  traffic: Traffic | undefined;
  readonly roomOpened = this.#note("roomOpened");
  readonly gameChanged = this.#note("gameChanged");
  readonly roomClosed = this.#note("roomClosed");
  readonly playerJoined = this.#note("playerJoined");
  readonly playerAway = this.#note("playerAway");
  readonly playerBack = this.#note("playerBack");
  readonly playerLeft = this.#note("playerLeft");
  readonly playerGap = this.#note("playerGap");
  readonly joinRefused = this.#note("joinRefused");
  readonly frameRefused = this.#note("frameRefused");
  readonly hostAway = this.#note("hostAway");
  readonly hostBack = this.#note("hostBack");
  readonly hostCongested = this.#note("hostCongested");

  #note<Name extends keyof RoomActivity>(name: Name): (event: RoomActivity[Name]) => void {
    return (event) => {
      if ("traffic" in event) this.traffic = event.traffic;
      const fields = Object.entries(event).filter(([field]) => field !== "traffic" && field !== "reason");
      this.seen.push([name, ...fields.map(([, value]: [string, unknown]) => value)]);
    };
  }
}
