/** One connection of a room's host. */
import type { ConnectionHandler, DepartureReason, HostPort, PeerIds } from "./ports.ts";
import type { Room } from "./room.ts";

/** A page that hosts prepares its room at once. */
const ROOMLESS_MS = 5_000;

export class HostConnection implements ConnectionHandler {
  readonly room: Room;
  readonly #port: HostPort;

  constructor(room: Room, port: HostPort) {
    this.room = room;
    this.#port = port;
  }

  get ids(): PeerIds {
    return { room: this.room.code };
  }

  message(data: Uint8Array, isText: boolean): void {
    this.room.fromHost(this.#port, data, isText);
  }

  part(): void {
    this.room.partFromHost(this.#port);
  }

  drained(): void {
    this.room.hostDrained(this.#port);
  }

  confirmed(count: number): void {
    this.room.hostConfirmed(this.#port, count);
  }

  gone(why: DepartureReason): void {
    this.room.hostGone(this.#port, why);
  }

  /** A host that returns is limited by itself (P5.9.6). */
  ban(): undefined {}

  idleRank(ageMs: number): number | undefined {
    return this.room.code === undefined && ageMs >= ROOMLESS_MS ? 0 : undefined;
  }
}
