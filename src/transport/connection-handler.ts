/** What becomes of what a connection brings, once it has been received. Small objects: there is one for each idle connection. */
import type { PlayerId } from "../protocol/commands.ts";
import type { DepartureReason, HostPort } from "../room/ports.ts";
import type { Room } from "../room/room.ts";
import type { SeatConnection } from "../room/seat.ts";

/** Which room a connection belongs to, once it has a code, and which player it is. */
export interface PeerIds {
  readonly room?: string | undefined;
  readonly player?: PlayerId;
}

/** Knows the peer, which was decided when the connection arrived. */
export interface ConnectionHandler {
  /** Whose connection it is, for the log. */
  logContext(): PeerIds;
  onFrame(data: Uint8Array, isText: boolean): void;
  /** A frame has begun and is not over: more of what the peer says is on its way. */
  onPart(): void;
  /** The connection has ended, or is as good as ended. May be called twice. */
  onGone(why: DepartureReason): void;
  /** The peer can take more. */
  onDrain(): void;
  /** The peer confirmed that so many frames arrived. */
  onConfirmed(count: number): void;
  /** The peer floods the connection with frames that are not the room's. Keeps it out for a while where it can be known again, and returns the sentence that says for how long. */
  bar(): string | undefined;
  /**
   * Whether this connection of that age gives way where none is left (P5.9.10), and in which order: 0 first. `undefined` for one that is in use.
   */
  idleRank(ageMs: number): number | undefined;
}

/** A page that hosts prepares its room at once. */
const ROOMLESS_MS = 5_000;
/** Phones that only watch may be silent for long, so they give way after hosts without a room. */
const SILENT_MS = 60_000;

export class HostHandler implements ConnectionHandler {
  readonly #room: Room;
  readonly #port: HostPort;

  constructor(room: Room, port: HostPort) {
    this.#room = room;
    this.#port = port;
  }

  logContext(): PeerIds {
    return { room: this.#room.code };
  }

  onFrame(data: Uint8Array, isText: boolean): void {
    this.#room.fromHost(this.#port, data, isText);
  }

  onPart(): void {
    this.#room.partFromHost(this.#port);
  }

  onGone(why: DepartureReason): void {
    this.#room.hostGone(this.#port, why);
  }

  onDrain(): void {
    this.#room.hostDrained();
  }

  onConfirmed(count: number): void {
    this.#room.hostConfirmed(this.#port, count);
  }

  /** A host that returns is limited by itself (P5.9.6). */
  bar(): undefined {}

  idleRank(ageMs: number): number | undefined {
    return this.#room.code === undefined && ageMs >= ROOMLESS_MS ? 0 : undefined;
  }
}

export class PlayerHandler implements ConnectionHandler {
  readonly #room: Room;
  readonly #code: string;
  readonly #visit: SeatConnection;
  #hasSpoken = false;

  constructor(room: Room, code: string, connection: SeatConnection) {
    this.#room = room;
    this.#code = code;
    this.#visit = connection;
  }

  logContext(): PeerIds {
    return { room: this.#code, player: this.#visit.player };
  }

  onFrame(data: Uint8Array, isText: boolean): void {
    this.#hasSpoken = true;
    this.#room.fromPlayer(this.#visit, data, isText);
  }

  onPart(): void {
    this.#room.partFromPlayer(this.#visit);
  }

  onGone(why: DepartureReason): void {
    this.#room.playerGone(this.#visit, why);
  }

  onDrain(): void {
    this.#room.playerDrained(this.#visit);
  }

  onConfirmed(count: number): void {
    this.#room.playerConfirmed(this.#visit, count);
  }

  bar(): string | undefined {
    return this.#room.banPlayer(this.#visit);
  }

  idleRank(ageMs: number): number | undefined {
    return !this.#hasSpoken && ageMs >= SILENT_MS ? 1 : undefined;
  }
}
