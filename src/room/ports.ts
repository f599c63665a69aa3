/**
 * What a room needs from the world, and nothing more. What stands behind a port — a WebSocket, a game in this process,
 * a link to another node — is not the room's business (docs/ARCHITECTURE.md, "A room is an actor with ports").
 *
 * The promise common to all ports: a call never throws, never waits, and never calls back into the room before it has
 * returned. Frames arrive in the order sent. After `close` a port sends nothing more, and further calls do nothing.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PlayerId } from "../protocol/commands.ts";

export interface Port {
  /** Sends one frame; text is valid UTF-8. The bytes may be lent, and on their way to others: they are not changed, and a port that needs them after the call keeps them (`keep`). */
  send(data: Uint8Array, isText: boolean): void;
  /** Sends one frame of two parts, one behind the other, with the same promises; so that `data` need not be copied. */
  sendParts(head: Uint8Array, data: Uint8Array, isText?: boolean): void;
  /** As `send`, for a frame that leaves in one write with the next one, which is sent in the same breath. */
  sendCorked(data: Uint8Array, isText: boolean): void;
  /** Ends the connection with that close code. `reason` replaces the table's sentence where there is a better one. */
  close(name: CloseName, reason?: string): void;
  /** Asks the peer to say that everything sent so far has arrived; its owner then calls `confirmed` with this count. A probe asks it again. */
  confirm(count: number): void;
  /** Bytes taken by `send` that have not left this process yet. */
  readonly queued: number;
  /** More would only be queued; the owner calls `drained` when that is over. */
  readonly isBusy: boolean;
}

/** The game on the TV. Frames are what the room's `HostEncoder` made. */
export interface HostPort extends Port {
  /** Stops reading from the peer, so that its own network holds it back, until `resume`. Frames of the read that is under way may still come. */
  pause(): void;
  resume(): void;
}

/** One phone. */
export interface PlayerPort extends HostPort {
  /** Measures the way to the phone and back; `rtt` tells it when it is known. */
  probe(): void;
  /** Milliseconds to the phone and back when last measured. */
  readonly rtt: number | undefined;
}

/** Which room a connection belongs to, once it has a code, and which player it is. */
export interface PeerIds {
  readonly room?: string | undefined;
  readonly player?: PlayerId;
}

/**
 * What a transport tells of one connection that was let in: a seat's, or a host's. The transport calls it directly. After another connection
 * has taken the place of this one, or the room has closed it, every call does nothing.
 */
export interface ConnectionHandler {
  /** One frame of the peer, as it came. */
  message(data: Uint8Array, isText: boolean): void;
  /** A frame has begun and is not over: more of what the peer says is on its way. */
  part(): void;
  /** The connection takes more: all that it was sent has left this process. */
  drained(): void;
  /** The peer has answered `confirm` of this count. */
  confirmed(count: number): void;
  /** The connection has ended, or is as good as ended. Safe twice. */
  gone(why: DepartureReason): void;
  /**
   * The peer floods the connection with frames that are not the room's. Keeps it out for a while where it can be known again, and returns the
   * sentence that says for how long.
   */
  ban(): string | undefined;
  /** Whether this connection of that age gives way where no place is left (P5.9.10), and in which order: 0 first. `undefined` for one in use. */
  idleRank(ageMs: number): number | undefined;
  /** Whose connection it is, for the log. */
  readonly ids: PeerIds;
}

/** Ends what was scheduled. Safe twice, and after it has happened. */
export type Cancel = () => void;

/** Time, as far as a room knows of it. */
export interface Clock {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Calls `action` once, after so many milliseconds. */
  after(delayMs: number, action: () => void): Cancel;
}

/** Where a room gets its code from and is found by it. */
export interface RoomDirectory {
  /** Takes a free code for the room and makes it findable, in one step; or says why not. */
  register(): RoomRegistration | RegistrationFailure;
  /** The room is over, whether it ever had a code or not. */
  forget(): void;
  /** A new address that gives its opener a seat in the room of this code. */
  seatTransferLink(code: string): SeatTransferLink;
  /** A text that cannot be guessed, to tell one life from another. */
  secret(): string;
  /** This visitor sent too much: it stays out for a while. Returns the sentence that tells it for how long. */
  ban(visitor: string): string;
}

export interface SeatTransferLink {
  readonly url: string;
  /** What the phone that opens the address shows: like a session, stored and compared hashed. */
  readonly proof: string;
}

/** No room or no code is left; or the host's network has opened too many rooms. */
export type RegistrationFailure = "no_room_left" | "network_limit";

export interface RoomRegistration {
  readonly code: string;
  /** Gives the code back; the room is found no more. Safe twice. */
  release(): void;
}

/** Why a connection is no longer in the room: its peer left on purpose, it was cut, or the room closed it. */
export type DepartureReason = "left" | "cut" | CloseName;
