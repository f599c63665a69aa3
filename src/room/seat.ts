/** One player's place in a room. With a session it outlives the player's connections (P5.4). */
import type { PlayerId } from "../protocol/commands.ts";
import type { ReconnectGrace } from "./reconnect-grace.ts";
import { PlayerRateLimiter, type PlayerRateLimits } from "./player-rate-limiter.ts";
import { TokenBucket } from "../protocol/token-bucket.ts";
import type { FrameMemory } from "./frame-memory.ts";
import type { ConnectionHandler, DepartureReason, Message, PeerIds, PlayerLine, PlayerPeer } from "./ports.ts";
import { RetainedFrames, type Retention } from "./retained-frames.ts";
import { RETURNS } from "./returns.ts";

/** Whether the player is connected. Away is a player with a session and without a connection; a seat that is gone counts no more. */
export type Presence = SeatConnection | ReconnectGrace | { readonly at: "gone" };

/** Phones that this seat belonged to before transfers, which a ban includes. */
const MAX_FORMER_SESSIONS = 16;

/** What holds for all seats of a room. */
export interface SeatTerms {
  readonly limits: PlayerRateLimits & {
    /** Bytes of all frames that are kept for a player. */
    readonly seatBuffer: number;
  };
}

export interface SeatOptions {
  readonly player: PlayerId;
  readonly sessionHash: string | undefined;
  readonly user: string | undefined;
  /** The hash of its token's `session_id`. */
  readonly tokenSessionHash: string | undefined;
  /** The hash of the session as its phone shows it, where its token makes another of it. */
  readonly shownSessionHash: string | undefined;
  readonly isSpectator: boolean;
  readonly visitor: string | undefined;
  /** The display name. */
  readonly name: string | undefined;
  readonly peer: PlayerPeer;
  /** Where what is kept for the player counts. */
  readonly memory: FrameMemory;
  readonly terms: SeatTerms;
  /** When it was taken, in milliseconds. */
  readonly now: number;
  /** The sessions that it belonged to before, the earliest first. @default none */
  readonly formerHashes?: readonly string[] | undefined;
}

/** The seat is gone. */
export const GONE: Presence = { at: "gone" };

/** Most seats idle, so what a player needs only to send something, or to come back, is created then. */
export class Seat {
  readonly player: PlayerId;
  /** A transfer may replace the conversation of a seat without a session by one that can be resumed. */
  peer: PlayerPeer;
  /** What is banned after a flood. */
  visitor: string | undefined;
  presence: Presence = GONE;
  /** A message has come from the player, over any connection. */
  hasSpoken = false;
  /** The host reads no more from this player for now. */
  isPaused = false;
  /** What the player has heard of the last change of the room's game, until a page comes that may know it. */
  heardOfGame: "all" | "nothing" | "its name" = "all";
  /** It watches: its seat is none of the players'. */
  readonly isSpectator: boolean;
  /** Whom the player's token names. */
  user: string | undefined;
  /** Of the newest token. */
  tokenSessionHash: string | undefined;
  /** What the newest phone shows as its session, where that is not the seat's own hash. */
  shownSessionHash: string | undefined;
  /** The display name that it came with. */
  readonly name: string | undefined;
  /** When it was taken, in milliseconds of the room's clock. */
  readonly takenAt: number;
  readonly memory: FrameMemory;
  readonly #terms: SeatTerms;
  #rateLimiter: PlayerRateLimiter | undefined;
  #sessionHash: string | undefined;
  #formerHashes: Set<string> | undefined;
  #returns: TokenBucket | undefined;
  #retained: RetainedFrames | undefined;

  constructor({
    player,
    sessionHash,
    user,
    tokenSessionHash,
    shownSessionHash,
    isSpectator,
    visitor,
    name,
    peer,
    memory,
    terms,
    now,
    formerHashes,
  }: SeatOptions) {
    this.player = player;
    this.user = user;
    this.tokenSessionHash = tokenSessionHash;
    this.shownSessionHash = shownSessionHash;
    this.isSpectator = isSpectator;
    this.#sessionHash = sessionHash;
    this.visitor = visitor;
    this.name = name;
    this.peer = peer;
    this.memory = memory;
    this.#terms = terms;
    this.takenAt = Math.floor(now); // small whole numbers take no memory of their own
    if (formerHashes !== undefined && formerHashes.length > 0) this.#formerHashes = new Set(formerHashes);
  }

  get rateLimiter(): PlayerRateLimiter {
    return (this.#rateLimiter ??= new PlayerRateLimiter(this.#terms.limits, this.takenAt));
  }

  /** The hashed session that may come back to this seat. */
  get sessionHash(): string | undefined {
    return this.#sessionHash;
  }

  /** The sessions that this seat belonged to before transfers. */
  get formerHashes(): readonly string[] | undefined {
    return this.#formerHashes && [...this.#formerHashes];
  }

  /** The sessions that this seat belonged to before transfers, and its own, last: all phones of the same player. */
  get sessionHashes(): readonly string[] {
    return [...(this.#formerHashes ?? []), ...(this.#sessionHash === undefined ? [] : [this.#sessionHash])];
  }

  /** From now on the seat is this session's alone: the same player, on another phone. */
  handOver(sessionHash: string | undefined, visitor: string | undefined): void {
    if (this.#sessionHash !== undefined) {
      const former = (this.#formerHashes ??= new Set());
      former.add(this.#sessionHash);
      const [oldest] = former;
      if (oldest !== undefined && former.size > MAX_FORMER_SESSIONS) former.delete(oldest);
    }
    this.#sessionHash = sessionHash;
    this.visitor = visitor;
    this.#returns = undefined;
  }

  /** Counts a return; `false` where the player has come back too often. `now` is in milliseconds. */
  takeReturn(now: number): boolean {
    this.#returns ??= new TokenBucket(RETURNS, now);
    return this.#returns.take(1, now);
  }

  /** Keeps a frame for a page that comes back with nothing. */
  retain(retention: Retention, frame: Message): void {
    if (this.sessionHash === undefined) return; // no page can come back to this seat
    this.#retained ??= new RetainedFrames(this.memory);
    this.#retained.keep(retention, frame);
    this.peer.fit();
  }

  /**
   * Frees the memory of retained frames, and of what the conversation can do without. Returns whether the connection can go on: not where frames are
   * gone that wait for it.
   */
  shed(): boolean {
    this.#retained?.shed();
    return this.peer.shed();
  }

  /** Forgets what was retained: it is another game's. */
  dropRetained(): void {
    this.#retained?.clear();
  }

  /** Returns how many retained frames were lost since this was last asked. A page that starts from nothing misses them. */
  takeLostRetained(): number {
    return this.#retained?.takeLost() ?? 0;
  }

  /** The retained frames, oldest first, without those that come anyway. */
  retainedExcept(isComing: (data: Uint8Array) => boolean): readonly Message[] {
    return this.#retained?.except(isComing) ?? [];
  }
}

/** The manager of a room's players, which its seats' connections call. */
export interface SeatOwner {
  /** The room's code. */
  readonly room: string;
  /** One frame that came over the seat's connection. */
  receive(connection: SeatConnection, frame: Uint8Array, isText: boolean): void;
  /** The seat's connection has ended. */
  leave(seat: Seat, why: DepartureReason): void;
  /** Keeps the seat's player out for a while; returns the sentence that says for how long. */
  ban(seat: Seat): string | undefined;
  /** Ends the stay of the seat's player for good. */
  expel(seat: Seat, reason: string): void;
}

/** A connection of this age that has sent nothing may give way (P5.9.10), after hosts without a room: phones that only watch are silent too. */
const SILENT_MS = 60_000;

/** One connection of a seat's player. It ends when another connection takes the seat. */
export class SeatConnection implements ConnectionHandler {
  readonly at = "here";
  readonly seat: Seat;
  readonly line: PlayerLine;
  readonly #owner: SeatOwner;
  /** A frame of any kind has come over this connection. */
  #hasSpoken = false;

  constructor(seat: Seat, line: PlayerLine, owner: SeatOwner) {
    this.seat = seat;
    this.line = line;
    this.#owner = owner;
  }

  get player(): PlayerId {
    return this.seat.player;
  }

  get ids(): PeerIds {
    return { room: this.#owner.room, player: this.seat.player };
  }

  /** `false` once another connection has the seat, or the seat is gone: nothing of this one counts any more. */
  get isCurrent(): boolean {
    return this.seat.presence === this;
  }

  message(data: Uint8Array, isText: boolean): void {
    this.#hasSpoken = true;
    if (this.isCurrent) this.#owner.receive(this, data, isText);
  }

  part(): void {
    if (this.isCurrent) this.seat.peer.noticePart();
  }

  drained(): void {
    if (this.isCurrent) this.seat.peer.flush();
  }

  confirmed(count: number): void {
    if (this.isCurrent) this.seat.peer.confirm(count);
  }

  gone(why: DepartureReason): void {
    if (this.isCurrent) this.#owner.leave(this.seat, why);
  }

  ban(): string | undefined {
    return this.isCurrent ? this.#owner.ban(this.seat) : undefined;
  }

  expel(reason: string): void {
    if (this.isCurrent) this.#owner.expel(this.seat, reason);
  }

  idleRank(ageMs: number): number | undefined {
    return !this.#hasSpoken && ageMs >= SILENT_MS ? 1 : undefined;
  }
}
