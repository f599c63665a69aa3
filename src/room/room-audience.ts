/**
 * The audience of a room (P5.6): watchers beside the players, thousands of them. What they vote is counted here and reaches the host as one report, four times
 * a second at most; what the host says to them all is one frame for all. Nothing is kept for a watcher: one that does not read is closed.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PollId } from "../protocol/commands.ts";
import type { AudienceEvent, RoomEvent } from "../protocol/events.ts";
import { isControl } from "../protocol/reliable/control-frames.ts";
import { AudienceConnection, type AudienceOwner } from "./audience-connection.ts";
import { SHARED_BYTES, toOwned } from "./borrowed-buffer.ts";
import { PacedReport } from "./paced-report.ts";
import type { PlayerRateLimits } from "./player-rate-limiter.ts";
import type { Clock, RoomDirectory, SeatlessLine } from "./ports.ts";
import { Tally } from "./tally.ts";
import type { TrafficCounter } from "./traffic.ts";

export interface RoomAudienceOptions {
  /** The room's code. */
  readonly room: string;
  /** Watchers at one time. */
  readonly capacity: number;
  readonly limits: PlayerRateLimits & {
    /** Bytes waiting for one watcher before it is closed as a slow consumer. */
    readonly sendQueue: number;
  };
  readonly clock: Clock;
  readonly directory: Pick<RoomDirectory, "ban">;
  readonly traffic: TrafficCounter;
  /** Whether the host takes nothing now: it is away, or behind. */
  readonly isHostHeld: () => boolean;
  /** Tells the host. */
  readonly tell: (event: RoomEvent) => void;
}

/** What a watcher of a room shows. */
export interface WatchRequest {
  /** What is banned after a flood. */
  readonly visitor?: string | undefined;
}

/** Bytes of the text of a vote. */
export const MAX_VOTE_BYTES = 64;
/** Reports, and states for joins and leaves, are told four times a second at most. */
const REPORT_EVERY_MS = 250;

const NO_VOTE = `A watcher says text of at most ${MAX_VOTE_BYTES} bytes.`;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

export class RoomAudience implements AudienceOwner {
  readonly #options: RoomAudienceOptions;
  readonly #watchers = new Set<AudienceConnection>();
  readonly #votes: PacedReport;
  readonly #counts: PacedReport;
  #tally = new Tally();
  #report: AudienceEvent | undefined;
  #poll: PollId | undefined;
  /** Grows by one with each poll. */
  #pollNumber = 0;

  constructor(options: RoomAudienceOptions) {
    this.#options = options;
    const { clock, isHostHeld: isHeld } = options;
    const everyMs = REPORT_EVERY_MS;
    this.#votes = new PacedReport({ clock, everyMs, isHeld, tell: () => this.#tellVotes() });
    this.#counts = new PacedReport({ clock, everyMs, isHeld, tell: () => this.#tellCount() });
  }

  get room(): string {
    return this.#options.room;
  }

  /** Watchers. */
  get size(): number {
    return this.#watchers.size;
  }

  /** What the host was told last of the votes. */
  get report(): AudienceEvent | undefined {
    return this.#report;
  }

  get capacity(): number {
    return this.#options.capacity;
  }

  /** Lets a watcher in, for which there is a place. `speaksControl`: it came as a player of `couchwire.v1`. */
  add(line: SeatlessLine, { visitor }: WatchRequest, speaksControl: boolean): AudienceConnection {
    const watcher = new AudienceConnection(line, visitor, speaksControl, this);
    this.#watchers.add(watcher);
    this.#counts.request();
    return watcher;
  }

  /** Sends one frame to all. A slow watcher does not hold up the others. */
  send(data: Uint8Array, isText: boolean): void {
    const { limits, traffic } = this.#options;
    traffic.countIn(data.length);
    // The same bytes for all, so that a transport frames them once.
    const shared = data.length >= SHARED_BYTES ? toOwned(data) : data;
    for (const watcher of this.#watchers) {
      const { line } = watcher;
      const { queued } = line;
      if (queued > 0 && queued + data.length > limits.sendQueue) {
        this.#end(watcher, "slow_consumer");
        continue;
      }
      traffic.countOut(data.length);
      line.send(shared, isText);
    }
  }

  /**
   * Opens a poll, or ends it. What was voted before and not told is told first, so that each vote is in a report. The poll that is open goes on, and is told
   * again, for a host page that was reloaded.
   */
  open(poll: PollId | undefined): void {
    if (poll === this.#poll) {
      if (poll !== undefined) this.#votes.request();
      return;
    }
    this.#votes.tellNow();
    this.#votes.close();
    this.#poll = poll;
    this.#report = undefined;
    this.#pollNumber += 1;
    this.#tally = new Tally();
  }

  receive(watcher: AudienceConnection, frame: Uint8Array, isText: boolean): void {
    if (!this.#watchers.has(watcher)) return;
    const { limits, clock, traffic } = this.#options;
    if (!watcher.takeFrame(frame.length, limits, clock.now())) {
      return this.#end(watcher, "rate_limited", this.ban(watcher));
    }
    if (watcher.speaksControl && isText && isControl(frame)) return;
    if (!isText || frame.length > MAX_VOTE_BYTES) return this.#end(watcher, "bad_request", NO_VOTE);
    traffic.countIn(frame.length);
    this.#count(watcher, utf8.decode(frame));
    this.#votes.request();
  }

  leave(watcher: AudienceConnection): void {
    if (this.#watchers.delete(watcher)) this.#counts.request();
  }

  ban({ visitor }: AudienceConnection): string | undefined {
    return visitor === undefined ? undefined : this.#options.directory.ban(visitor);
  }

  /** The host takes more again. */
  hostKeepsUp(): void {
    this.#counts.goOn();
    this.#votes.goOn();
  }

  /** Closes every watcher's connection. The host is told nothing. */
  close(name: CloseName, reason?: string): void {
    this.#votes.close();
    this.#counts.close();
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const { line } of watchers) line.close(name, reason);
  }

  #end(watcher: AudienceConnection, name: CloseName, reason?: string): void {
    watcher.line.close(name, reason);
    this.leave(watcher);
  }

  /** Without a poll each vote counts; in a poll the newest of each watcher. */
  #count(watcher: AudienceConnection, text: string): void {
    const hasVoted = this.#poll !== undefined && watcher.votedIn === this.#pollNumber;
    watcher.place = this.#tally.vote(text, hasVoted ? watcher.place : undefined);
    watcher.votedIn = this.#pollNumber;
  }

  #tellVotes(): void {
    const poll = this.#poll;
    const { counts } = this.#tally;
    if (poll === undefined) this.#tally = new Tally();
    this.#report = { cmd: "audience", count: this.size, ...counts, ...(poll !== undefined && { poll }) };
    this.#options.tell(this.#report);
  }

  #tellCount(): void {
    this.#options.tell({ cmd: "state_delta", audience: this.size });
  }
}
