/** The seats of a room by their owners: each belongs to a player, and may belong to a session or to the holder of a rescue link (P5.3). */
import type { PlayerId } from "../protocol/commands.ts";
import { SeatTransfers } from "./seat-transfers.ts";
import type { Seat } from "./seat.ts";

/** What shows that a phone knows the room without having guessed its code. Both are hashes. */
export interface Credentials {
  readonly sessionHash?: string | undefined;
  /** The proof of a rescue link: the seat it was made for becomes this session's. */
  readonly rescue?: string | undefined;
}

export class SeatRegistry {
  readonly #seats = new Map<PlayerId, Seat>();
  readonly #rescues = new SeatTransfers();
  #lastPlayer: PlayerId = 0;

  get size(): number {
    return this.#seats.size;
  }

  /** In joining order. */
  get players(): readonly PlayerId[] {
    return [...this.#seats.keys()];
  }

  /** In joining order. */
  get seats(): IterableIterator<Seat> {
    return this.#seats.values();
  }

  /**
   * The seat that gives way to a newcomer where none is free: one from which no frame ever came, and whose player the host knows to be away. Or made-up
   * sessions that hang up could fill the room.
   */
  get longestSilentlyAway(): Seat | undefined {
    let longest: { readonly seat: Seat; readonly since: number } | undefined;
    for (const seat of this.#seats.values()) {
      const { presence } = seat;
      if (seat.hasSpoken || presence.at !== "away" || !presence.isHostTold) continue;
      if (longest === undefined || presence.since < longest.since) longest = { seat, since: presence.since };
    }
    return longest?.seat;
  }

  /** An id that no player of this room has had. */
  nextPlayer(): PlayerId {
    this.#lastPlayer += 1;
    return this.#lastPlayer;
  }

  add(seat: Seat): void {
    this.#seats.set(seat.player, seat);
  }

  /** The seat is gone, and no link gives it to another phone. */
  remove(seat: Seat): void {
    this.#seats.delete(seat.player);
    this.#rescues.drop(seat.player);
  }

  clear(): void {
    this.#seats.clear();
  }

  get(player: PlayerId): Seat | undefined {
    return this.#seats.get(player);
  }

  /** Those of these players that are in the room. */
  those(players: readonly PlayerId[]): readonly Seat[] {
    const seats: Seat[] = [];
    for (const player of players) {
      const seat = this.#seats.get(player);
      if (seat !== undefined) seats.push(seat);
    }
    return seats;
  }

  ofSession(sessionHash: string | undefined): Seat | undefined {
    if (sessionHash === undefined) return undefined;
    for (const seat of this.#seats.values()) if (seat.sessionHash === sessionHash) return seat;
    return undefined;
  }

  /** The phones that were this seat's player's, but for those that are another player's by now. */
  phonesOf(seat: Seat): readonly string[] {
    return seat.sessionHashes.filter((sessionHash) => {
      const owner = this.ofSession(sessionHash);
      return owner === undefined || owner === seat;
    });
  }

  /** Whether a player in here has this session, or this is the proof of a rescue link that is still good. `now` is in milliseconds, here and below. */
  knows({ sessionHash, rescue }: Credentials, now: number): boolean {
    return this.ofSession(sessionHash) !== undefined || (rescue !== undefined && this.#rescues.isGood(rescue, now));
  }

  /** The phone that shows this proof gets this player's seat. `false` where there is no such player. */
  addSeatTransfer(player: PlayerId, proof: string, now: number): boolean {
    if (!this.#seats.has(player)) return false;
    this.#rescues.add(proof, player, now);
    return true;
  }

  /** The seat that this proof gives, once. */
  redeem(proof: string, now: number): Seat | undefined {
    const player = this.#rescues.redeem(proof, now);
    return player === undefined ? undefined : this.#seats.get(player);
  }
}
