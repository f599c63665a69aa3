/**
 * The audience of a room (P5.6): watchers beside the players, thousands of them. What they vote is counted where it is read, here or at the node of the socket,
 * and reaches the host as one report, four times a second at most; what the host says to them all is one frame for all. Nothing is kept for a watcher: one that
 * does not read is closed.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PollId } from "../protocol/commands.ts";
import type { AudienceEvent, RoomEvent } from "../protocol/events.ts";
import type { AudienceConnection } from "./audience-connection.ts";
import { PacedReport } from "./paced-report.ts";
import type { AudienceNode, Clock, RoomDirectory, SeatlessLine, VoteReport, WatcherLimits } from "./ports.ts";
import { SharedWatchers, type SharedWatchersOwner } from "./shared-watchers.ts";
import type { TrafficCounter } from "./traffic.ts";
import { VoteRound } from "./vote-round.ts";
import { Watchers } from "./watchers.ts";

export interface RoomAudienceOptions {
  /** The room's code. */
  readonly room: string;
  readonly limits: WatcherLimits;
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

/** Reports, and states for joins and leaves, are told four times a second at most. Another node tells its sums as often. */
export const REPORT_EVERY_MS = 250;
/** Rounds of votes that are over, and of which other nodes have not told their last votes. */
const MAX_CLOSING_ROUNDS = 64;

/** A round that is over. `awaited`: nodes that have not told their last votes in it. */
interface ClosingRound {
  readonly round: VoteRound;
  readonly awaited: Set<SharedWatchers>;
}

export class RoomAudience implements SharedWatchersOwner {
  readonly #options: RoomAudienceOptions;
  readonly #here: Watchers;
  /** Watchers of nodes that count votes themselves. */
  readonly #shared = new Map<AudienceNode, SharedWatchers>();
  /** The same, of nodes where no watcher is left, and which have not told their last votes. */
  readonly #leaving = new Set<SharedWatchers>();
  readonly #votes: PacedReport;
  readonly #counts: PacedReport;
  /** Told in their order, and before anything of the present round. */
  #closing: ClosingRound[] = [];
  #report: AudienceEvent | undefined;

  constructor(options: RoomAudienceOptions) {
    const { room, limits, clock, traffic, directory, isHostHeld } = options;
    this.#options = options;
    const everyMs = REPORT_EVERY_MS;
    this.#votes = new PacedReport({
      clock,
      everyMs,
      isHeld: () => this.#closing.length > 0 || isHostHeld(),
      tell: () => this.#tellVotes(this.#round),
    });
    this.#counts = new PacedReport({ clock, everyMs, isHeld: isHostHeld, tell: () => this.#tellCount() });
    this.#here = new Watchers(new VoteRound(0, undefined), {
      room,
      limits,
      clock,
      traffic,
      ban: (visitor) => directory.ban(visitor),
      onVote: () => this.#votes.request(),
      onLeft: () => this.#counts.request(),
    });
  }

  get room(): string {
    return this.#options.room;
  }

  /** Watchers, wherever their sockets are. */
  get size(): number {
    let size = this.#here.size;
    for (const shared of this.#shared.values()) size += shared.size;
    return size;
  }

  /** What the host was told last of the votes. */
  get report(): AudienceEvent | undefined {
    return this.#report;
  }

  /** Lets a watcher in, for which there is a place. `speaksControl`: it came as a player of `couchwire.v1`. */
  add(line: SeatlessLine, { visitor }: WatchRequest, speaksControl: boolean): AudienceConnection {
    const { audienceNode: node } = line;
    const watchers = node === undefined ? this.#here : this.#sharedAt(node);
    const watcher = watchers.add(line, visitor, speaksControl);
    this.#counts.request();
    return watcher;
  }

  /** Sends one frame to all. A slow watcher does not hold up the others. */
  send(data: Uint8Array, isText: boolean): void {
    const { limits, traffic } = this.#options;
    traffic.countIn(data.length);
    this.#here.send(data, isText);
    for (const shared of this.#shared.values()) shared.send(data, isText, limits.sendQueue, traffic);
  }

  /**
   * Opens a poll, or ends it. What was voted before and not told is told first, so that each vote is in a report: what is known here at once, and the rest when
   * the other nodes have told their last votes. The poll that is open goes on, and is told again, for a host page that was reloaded.
   */
  open(poll: PollId | undefined): void {
    const former = this.#round;
    if (poll === former.poll) {
      if (poll === undefined) return;
      former.hasNews = true;
      return this.#votes.request();
    }
    if (this.#closing.length === 0) this.#votes.tellNow();
    this.#votes.close();
    const round = new VoteRound(former.number + 1, poll);
    this.#here.round = round;
    this.#report = undefined;
    for (const shared of this.#shared.values()) shared.begin(round);
    this.#closing.push({ round: former, awaited: new Set([...this.#shared.values(), ...this.#leaving]) });
    if (this.#closing.length > MAX_CLOSING_ROUNDS) this.#giveUpAwaited();
    this.#settle();
  }

  ban(watcher: AudienceConnection): string | undefined {
    return this.#here.ban(watcher);
  }

  /** No watcher of the node is left; if one comes, the votes of that are another share. */
  left(shared: SharedWatchers): void {
    this.#counts.request();
    if (shared.size > 0 || !this.#remove(shared)) return;
    this.#leaving.add(shared);
    shared.end();
  }

  /** A node has counted votes. */
  reported(shared: SharedWatchers, { round: number, sum, isLast, frames, bytes }: VoteReport): void {
    const closing = this.#closing.find(({ round }) => round.number === number);
    const round = closing?.round ?? (number === this.#round.number ? this.#round : undefined);
    const isAwaited = closing === undefined || closing.awaited.has(shared);
    // Votes that belong nowhere are not lost in silence.
    if (round === undefined || !isAwaited) return this.failed(shared);
    const { traffic } = this.#options;
    traffic.framesIn += frames;
    traffic.bytesIn += bytes;
    if (sum !== undefined) round.count(shared, sum);
    if (sum !== undefined && closing === undefined) this.#votes.request();
    if (isLast) closing?.awaited.delete(shared);
    this.#settle();
  }

  /** Its votes may be lost: the watchers of the node are to come back. */
  failed(shared: SharedWatchers): void {
    shared.close("restarting");
    this.over(shared);
    this.#counts.request();
  }

  over(shared: SharedWatchers): void {
    this.#remove(shared);
    this.#leaving.delete(shared);
    for (const { awaited } of this.#closing) awaited.delete(shared);
    this.#round.forget(shared);
    this.#settle();
  }

  /** The host takes more again. */
  hostKeepsUp(): void {
    this.#settle();
    this.#counts.goOn();
    this.#votes.goOn();
  }

  /** Closes every watcher's connection. The host is told nothing. */
  close(name: CloseName, reason?: string): void {
    this.#votes.close();
    this.#counts.close();
    this.#closing = [];
    this.#leaving.clear();
    const allShared = [...this.#shared.values()];
    this.#shared.clear();
    this.#here.close(name, reason);
    for (const shared of allShared) shared.close(name, reason);
  }

  get #round(): VoteRound {
    return this.#here.round;
  }

  #sharedAt(node: AudienceNode): SharedWatchers {
    const known = this.#shared.get(node);
    if (known !== undefined) return known;
    const { room, limits } = this.#options;
    const shared = new SharedWatchers(this, (listener) => node.open({ room, limits, round: this.#round }, listener));
    this.#shared.set(node, shared);
    return shared;
  }

  /** `false`: it is none of those that watchers come to. */
  #remove(shared: SharedWatchers): boolean {
    for (const [node, its] of this.#shared) if (its === shared) return this.#shared.delete(node);
    return false;
  }

  /** Polls are opened faster than these nodes answer. */
  #giveUpAwaited(): void {
    for (const shared of this.#closing[0]?.awaited ?? []) this.failed(shared);
  }

  /** Tells what is complete, where the host takes it. */
  #settle(): void {
    if (this.#closing.length === 0) return;
    while (this.#isNextComplete) {
      const round = this.#closing.shift()?.round;
      if (round?.hasNews === true) this.#tellVotes(round);
    }
    if (this.#closing.length === 0) this.#votes.goOn();
  }

  /** Whether the first of the rounds that are over is done with, or may be told. A host that is behind and opens more polls is told nevertheless. */
  get #isNextComplete(): boolean {
    const isHeld = this.#options.isHostHeld() && this.#closing.length <= MAX_CLOSING_ROUNDS;
    const [first] = this.#closing; // looked at last: a host that takes more again has been told of some
    return first?.awaited.size === 0 && !(isHeld && first.round.hasNews);
  }

  #tellVotes(round: VoteRound): void {
    const { poll } = round;
    const report: AudienceEvent = {
      cmd: "audience",
      count: this.size,
      ...round.takeReport(),
      ...(poll !== undefined && { poll }),
    };
    if (round === this.#round) this.#report = report;
    this.#options.tell(report);
  }

  #tellCount(): void {
    this.#options.tell({ cmd: "state_delta", audience: this.size });
  }
}
