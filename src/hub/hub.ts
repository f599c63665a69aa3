/** The rooms of this node: create, find, count, drain. */
import type { HostEncoder } from "../protocol/host-encoder.ts";
import type { HostPort, RoomObserver, RoomRegistration } from "../room/ports.ts";
import { Room, type RoomLimits } from "../room/room.ts";
import { CodeBook } from "./code-book.ts";

export interface HubOptions {
  readonly limits: RoomLimits;
  /** Rooms with a code at one time; past them `prepare` is refused with `room_limit`. */
  readonly maxRooms: number;
  /** Milliseconds before a freed code is given out again. */
  readonly codeCooldownMs: number;
  readonly observer: RoomObserver;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

export class Hub {
  readonly #options: HubOptions;
  readonly #codes: CodeBook;
  readonly #rooms = new Map<string, Room>();
  #isDraining = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#codes = new CodeBook({ cooldownMs: options.codeCooldownMs, now: options.now });
  }

  /** A room for a host that has just connected. It gets its code, and counts, once the host prepares it. */
  createRoom(host: HostPort, encoder: HostEncoder): Room {
    const { limits, observer } = this.#options;
    const directory = { register: () => this.#register(room) };
    const room: Room = new Room(host, encoder, { directory, observer, limits });
    return room;
  }

  /** The room of this code, in upper case. */
  find(code: string): Room | undefined {
    return this.#rooms.get(code);
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  get playerCount(): number {
    let count = 0;
    for (const room of this.#rooms.values()) count += room.playerCount;
    return count;
  }

  /** Opens no more rooms and asks everybody in the open ones to come back after the restart. Safe twice. */
  drain(): void {
    this.#isDraining = true;
    for (const room of this.#rooms.values()) room.close("restarting");
  }

  #register(room: Room): RoomRegistration | undefined {
    if (this.#isDraining || this.#rooms.size >= this.#options.maxRooms) return undefined;
    const code = this.#codes.take();
    if (code === undefined) return undefined;
    this.#rooms.set(code, room);
    return {
      code,
      release: () => {
        if (this.#rooms.get(code) !== room) return;
        this.#rooms.delete(code);
        this.#codes.release(code);
      },
    };
  }
}
