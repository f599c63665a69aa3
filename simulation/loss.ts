/** What a loss of nodes does to rooms and peers, and for how long. */
import type { DirectoryMeter } from "./directory-server.ts";
import { Samples, type Spread } from "./figures.ts";

/** What came of the loss of nodes, in milliseconds from that moment. */
export interface Recovery {
  readonly lostNodes: number;
  readonly lostRooms: number;
  /** Until a room whose home was lost is open again. */
  readonly rooms: Spread;
  /** Until a host, or a phone, that was cut off is in its room again. */
  readonly hosts: Spread;
  readonly phones: Spread;
  /** Until all peers of a room that lost some are back. */
  readonly wholeRooms: Spread;
  /** Peers that were not back when the simulation ended, and those that were told that there is no such room. */
  readonly stillAway: number;
  readonly turnedAway: number;
  /** Rooms that a surviving node has taken: the mean, and the most. */
  readonly takenMean: number;
  readonly takenMost: number;
  /** Surviving nodes whose lease was over though they were well. */
  readonly lapsedLeases: number;
  /** Of the directory, until all were back. */
  readonly load: DirectoryMeter;
}

/** Follows those that a loss of nodes has cut off until they are back. */
export class Loss {
  readonly rooms = new Samples();
  readonly hosts = new Samples();
  readonly phones = new Samples();
  missing = 0;
  readonly #at: number;
  readonly #phones: number;
  readonly #isMissing: Uint8Array;
  /** Milliseconds after which each was back; 0 for those that were never cut off. */
  readonly #backAfter: Float64Array;

  constructor(at: number, phones: number, peers: number) {
    this.#at = at;
    this.#phones = phones;
    this.#isMissing = new Uint8Array(peers);
    this.#backAfter = new Float64Array(peers);
  }

  note(peer: number): void {
    this.#isMissing[peer] = 1;
    this.missing += 1;
  }

  back(peer: number, now: number): void {
    if (this.#isMissing[peer] !== 1) return;
    this.forget(peer);
    this.#backAfter[peer] = now - this.#at;
    (peer < this.#phones ? this.phones : this.hosts).add(now - this.#at);
  }

  forget(peer: number): void {
    if (this.#isMissing[peer] !== 1) return;
    this.#isMissing[peer] = 0;
    this.missing -= 1;
  }

  reopened(now: number): void {
    this.rooms.add(now - this.#at);
  }

  wholeRooms(roomOf: Uint32Array): Spread {
    const last = new Map<number, number>();
    this.#backAfter.forEach((ms, peer) => {
      const room = roomOf[peer] ?? 0;
      if (ms > 0) last.set(room, Math.max(ms, last.get(room) ?? 0));
    });
    const samples = new Samples();
    for (const ms of last.values()) samples.add(ms);
    return samples.spread;
  }
}
