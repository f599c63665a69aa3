/**
 * The connection of one watcher (P5.6): no seat, no session, no outbox. A room may have thousands, so it is one small object, and what most never need is
 * made when they do.
 */
import { PlayerRateLimiter, type PlayerRateLimits } from "./player-rate-limiter.ts";
import type { ConnectionHandler, DepartureReason, PeerIds, WatcherLine } from "./ports.ts";
import { NO_SLOT, type SlotSetMember } from "./slot-set.ts";
import type { TallyPlace } from "./tally.ts";

/** The audience, which its connections call. */
export interface AudienceOwner {
  /** The room's code. */
  readonly room: string;
  /** One frame that came from this watcher. */
  receive(watcher: AudienceConnection, frame: Uint8Array, isText: boolean): void;
  /** The watcher's connection has ended, or is to be forgotten. */
  leave(watcher: AudienceConnection): void;
  /** Keeps the watcher out for a while; returns the sentence that says for how long. */
  ban(watcher: AudienceConnection): string | undefined;
}

/** A connection of this age that has sent nothing may give way (P5.9.10), as that of a player may. */
const SILENT_MS = 60_000;

export class AudienceConnection implements ConnectionHandler, SlotSetMember {
  readonly line: WatcherLine;
  /** What is banned after a flood. */
  readonly visitor: string | undefined;
  /** It came as a player of `couchwire.v1` and was told that it watches: control frames may still come, and are no votes. */
  readonly speaksControl: boolean;
  /** The number of the poll in which it has voted last, and where its vote is counted there. */
  votedIn = 0;
  place: TallyPlace = 0;
  slot = NO_SLOT;
  readonly #owner: AudienceOwner;
  #rateLimiter: PlayerRateLimiter | undefined;
  #hasSpoken = false;

  constructor(line: WatcherLine, visitor: string | undefined, speaksControl: boolean, owner: AudienceOwner) {
    this.line = line;
    this.visitor = visitor;
    this.speaksControl = speaksControl;
    this.#owner = owner;
  }

  get ids(): PeerIds {
    return { room: this.#owner.room };
  }

  /** Counts a frame of so many bytes; `false` where the watcher has sent too much. */
  takeFrame(bytes: number, limits: PlayerRateLimits, now: number): boolean {
    return (this.#rateLimiter ??= new PlayerRateLimiter(limits, now)).take(bytes, now);
  }

  message(data: Uint8Array, isText: boolean): void {
    this.#hasSpoken = true;
    this.#owner.receive(this, data, isText);
  }

  /** The rest is short, and nothing waits for it. A node that counts the votes of its watchers says so once of each that has begun to speak. */
  part(): void {
    this.#hasSpoken = true;
  }

  /** Nothing waits here for the connection to take more. */
  drained(): void {}

  confirmed(): void {}

  gone(_why: DepartureReason): void {
    this.#owner.leave(this);
  }

  ban(): string | undefined {
    return this.#owner.ban(this);
  }

  expel(reason: string): void {
    this.line.close("kicked", reason);
    this.#owner.leave(this);
  }

  idleRank(ageMs: number): number | undefined {
    return !this.#hasSpoken && ageMs >= SILENT_MS ? 1 : undefined;
  }
}
