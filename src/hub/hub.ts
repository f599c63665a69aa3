/** The rooms of this node: create, find, count, drain; and who may not look for them for a while. */
import { nanoid } from "nanoid";
import type { HostEncoder } from "../protocol/host-encoder.ts";
import type { HostTicket } from "../room/host-desk.ts";
import type { Clock, HostPort, RoomObserver, RoomRegistration } from "../room/ports.ts";
import { Room, type RoomLimits } from "../room/room.ts";
import { BarList } from "./bar-list.ts";
import { CodeBook } from "./code-book.ts";
import { GuessLimiter } from "./guess-limiter.ts";
import { networkOf } from "./network.ts";

export interface HubOptions {
  readonly limits: RoomLimits;
  /** Rooms with a code at one time; past them `prepare` is refused with `room_limit`. */
  readonly maxRooms: number;
  /** Milliseconds before a freed code is given out again. */
  readonly codeCooldownMs: number;
  /** Wrong codes a minute and address. */
  readonly guessLimit: number;
  /** Milliseconds that a flooder stays out. */
  readonly banMs: number;
  readonly observer: RoomObserver;
  readonly clock: Clock;
  /** The address under which people reach this server, without a slash at the end. */
  readonly publicUrl: () => string;
}

/** What somebody who looks for a code gets: the room, that there is none, or that it has tried too often. */
export type LookUp = Room | "not_found" | "too_many_guesses";

export class Hub {
  readonly #options: HubOptions;
  readonly #codes: CodeBook;
  readonly #guesses: GuessLimiter;
  readonly #bars: BarList;
  readonly #rooms = new Map<string, Room>();
  readonly #roomsOfSessions = new Map<string, Room>();
  /** Where each room's host is. */
  readonly #networks = new WeakMap<Room, string>();
  #isDraining = false;

  constructor(options: HubOptions) {
    const { codeCooldownMs, guessLimit, banMs, clock } = options;
    const now = (): number => clock.now();
    this.#options = options;
    this.#codes = new CodeBook({ cooldownMs: codeCooldownMs, now });
    this.#guesses = new GuessLimiter({ guessLimit, now });
    this.#bars = new BarList({ banMs, now });
  }

  /** A room for a host that has just connected from this address. It gets its code, and counts, once it is prepared. */
  createRoom(host: HostPort, encoder: HostEncoder, ticket?: HostTicket, address = ""): Room {
    const { limits, observer, clock, publicUrl } = this.#options;
    const session = ticket?.session;
    const directory = {
      register: () => this.#register(room),
      forget: () => {
        if (session !== undefined && this.#roomsOfSessions.get(session) === room) this.#roomsOfSessions.delete(session);
      },
      rescueUrl: (code: string, token: string) => `${publicUrl()}/${code}?rescue=${token}`,
      secret: () => nanoid(),
      bar: (visitor: string) => this.#bars.add(visitor),
    };
    const room: Room = new Room(host, encoder, { directory, observer, limits, clock }, ticket);
    this.hostIsAt(room, address);
    if (session !== undefined) this.#roomsOfSessions.set(session, room);
    return room;
  }

  /** The host of this room has come back, and may be somewhere else now. */
  hostIsAt(room: Room, address: string): void {
    this.#networks.set(room, networkOf(address));
  }

  /** The room whose host has this session. */
  roomOfHost(session: string): Room | undefined {
    return this.#roomsOfSessions.get(session);
  }

  /** The room of this code, in upper case, for whoever is allowed to know. */
  find(code: string): Room | undefined {
    return this.#rooms.get(code);
  }

  /**
   * The room of this code for somebody at this address. Wrong codes are counted; past the limit even right ones are
   * refused. A living room is one address, though: rooms that are hosted there are always found from there, and a
   * player who has a seat finds the way back to it.
   */
  lookUp(code: string, address: string, session?: string): LookUp {
    const room = this.#rooms.get(code);
    if (room !== undefined && this.#networks.get(room) === networkOf(address)) return room;
    if (room !== undefined && session !== undefined && room.hasPlayer(session)) return room;
    if (this.#guesses.isOver(address)) {
      this.#guesses.countWrong(address);
      return "too_many_guesses";
    }
    if (room === undefined) this.#guesses.countWrong(address);
    return room ?? "not_found";
  }

  /** Something else that is guessed, such as a PIN, was wrong. */
  countWrong(address: string): void {
    this.#guesses.countWrong(address);
  }

  /** The sentence for a visitor who sent too much and is still barred, or `undefined`. */
  barFor(visitor: string): string | undefined {
    return this.#bars.reasonFor(visitor);
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
    for (const room of [...this.#rooms.values(), ...this.#roomsOfSessions.values()]) room.close("restarting");
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
