/** The seats of a room: found by player, by session, and by the proof of a link that transfers a seat (P5.3). */
import type { PlayerId } from "../protocol/commands.ts";
import { SeatTransfers } from "./seat-transfers.ts";
import { GONE, type Presence, type Seat } from "./seat.ts";

/** Hashes of secrets that only a phone of this room knows: a phone that shows one has not guessed the room's code. */
export interface Credentials {
  readonly sessionHash?: string | undefined;
  /** The proof of a link that transfers a seat: its seat becomes this session's. */
  readonly seatTransferProof?: string | undefined;
  /** Of the phone's token. A link to the seat of another user is worth nothing to it. */
  readonly user?: string | undefined;
}

/** The absence of a player from whose seat no frame ever came. */
interface SilentAbsence {
  readonly seat: Seat;
  /** The seat's presence for as long as the absence lasts. */
  readonly presence: Presence;
}

/** Absences that are over stay listed until they are more than those that last, and this many. */
const MAX_ENDED_ABSENCES = 16;

/** Each look-up for a join, a return, a leave or a message goes through an index, since a room may have thousands of seats. */
export class SeatRegistry {
  readonly #seats = new Map<PlayerId, Seat>();
  readonly #bySession = new Map<string, Seat>();
  readonly #transfers = new SeatTransfers();
  /** In the order in which the host was told of them; some are over. */
  #silentAbsences: SilentAbsence[] = [];
  #connected = 0;
  #spectators = 0;
  #lastPlayer: PlayerId = 0;

  /** Seats of players. */
  get size(): number {
    return this.#seats.size - this.#spectators;
  }

  get spectatorCount(): number {
    return this.#spectators;
  }

  /** In joining order, without spectators. */
  get players(): readonly PlayerId[] {
    if (this.#spectators === 0) return [...this.#seats.keys()];
    return [...this.#seats.values()].filter(({ isSpectator }) => !isSpectator).map(({ player }) => player);
  }

  /** In joining order. */
  get seats(): IterableIterator<Seat> {
    return this.#seats.values();
  }

  /** How many players have a connection to the room. */
  get connectedCount(): number {
    return this.#connected;
  }

  /**
   * The seat that gives way to a newcomer where none is free: one from which no frame ever came, and of which the host was told that its player is
   * away. Otherwise made-up sessions that hang up could fill the room.
   */
  get longestSilentlyAway(): Seat | undefined {
    const absences = this.#silentAbsences;
    for (let first = absences[0]; first !== undefined; first = absences[0]) {
      if (isLasting(first)) return first.seat;
      absences.shift();
    }
    return undefined;
  }

  /** An id that no player of this room has had. */
  nextPlayer(): PlayerId {
    this.#lastPlayer += 1;
    return this.#lastPlayer;
  }

  /** The last id that was given. */
  get lastPlayer(): PlayerId {
    return this.#lastPlayer;
  }

  /** Newcomers get the ids behind this one. */
  goOnFrom(lastPlayer: PlayerId): void {
    this.#lastPlayer = lastPlayer;
  }

  add(seat: Seat): void {
    this.#seats.set(seat.player, seat);
    if (seat.isSpectator) this.#spectators += 1;
    if (seat.sessionHash !== undefined) this.#bySession.set(seat.sessionHash, seat);
  }

  /** Removes the seat, with the link that transfers it. */
  remove(seat: Seat): void {
    this.setPresence(seat, GONE);
    if (this.#seats.delete(seat.player) && seat.isSpectator) this.#spectators -= 1;
    this.#forgetSession(seat);
    this.#transfers.drop(seat.player);
  }

  clear(): void {
    for (const seat of this.#seats.values()) this.setPresence(seat, GONE);
    this.#seats.clear();
    this.#spectators = 0;
    this.#bySession.clear();
    this.#silentAbsences = [];
  }

  /** The player is here, away, or gone. A seat's presence is set here alone, so that the connected ones are counted. */
  setPresence(seat: Seat, presence: Presence): void {
    if (seat.presence.at === "here") this.#connected -= 1;
    if (presence.at === "here") this.#connected += 1;
    seat.presence = presence;
  }

  /** The host has been told that the player of this seat is away. */
  noteAway(seat: Seat): void {
    // A program signs the tokens that name users, so users cannot make up seats; spectators take none.
    if (seat.hasSpoken || seat.isSpectator || seat.user !== undefined) return;
    this.#silentAbsences.push({ seat, presence: seat.presence });
    const mostListed = 2 * this.#seats.size + MAX_ENDED_ABSENCES;
    if (this.#silentAbsences.length > mostListed) this.#silentAbsences = this.#silentAbsences.filter(isLasting);
  }

  /** From now on the seat is this session's alone. */
  handOver(seat: Seat, sessionHash: string | undefined, visitor: string | undefined): void {
    this.#forgetSession(seat);
    seat.handOver(sessionHash, visitor);
    if (sessionHash !== undefined) this.#bySession.set(sessionHash, seat);
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
    return sessionHash === undefined ? undefined : this.#bySession.get(sessionHash);
  }

  /** The phones that were this seat's player's, but for those that are another player's by now. */
  phonesOf(seat: Seat): readonly string[] {
    return seat.sessionHashes.filter((sessionHash) => {
      const owner = this.ofSession(sessionHash);
      return owner === undefined || owner === seat;
    });
  }

  /** Whether a player of this room has this session, or this proof is still good. `now` is in milliseconds, here and below. */
  knows(credentials: Credentials, now: number): boolean {
    return this.ofSession(credentials.sessionHash) !== undefined || this.ofTransfer(credentials, now) !== undefined;
  }

  /** Gives this player's seat to the phone that will show this proof. `false` where there is no such player. */
  addSeatTransfer(player: PlayerId, proof: string, now: number): boolean {
    if (!this.#seats.has(player)) return false;
    this.#transfers.add(proof, player, now);
    return true;
  }

  /** The seat that the proof gives to this phone: a user's seat goes to no other user. Asking does not use the proof up: `dropSeatTransfer` does. */
  ofTransfer({ seatTransferProof: proof, user }: Credentials, now: number): Seat | undefined {
    const player = proof === undefined ? undefined : this.#transfers.playerOf(proof, now);
    const seat = player === undefined ? undefined : this.#seats.get(player);
    const isAnothers = user !== undefined && seat?.user !== undefined && user !== seat.user;
    return isAnothers ? undefined : seat;
  }

  /** The link to this player's seat is used. */
  dropSeatTransfer(player: PlayerId): void {
    this.#transfers.drop(player);
  }

  #forgetSession({ sessionHash }: Seat): void {
    if (sessionHash !== undefined) this.#bySession.delete(sessionHash);
  }
}

function isLasting({ seat, presence }: SilentAbsence): boolean {
  return seat.presence === presence;
}
