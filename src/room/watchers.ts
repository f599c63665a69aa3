/**
 * Watchers whose sockets are at this node: sends them what is said to all, and counts what they vote. The room's home has them, and each other node at which
 * watchers of the room have arrived.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import { isControl } from "../protocol/reliable/control-frames.ts";
import { AudienceConnection, type AudienceOwner } from "./audience-connection.ts";
import { SHARED_BYTES, toOwned } from "./borrowed-buffer.ts";
import type { Clock, WatcherLimits, WatcherLine } from "./ports.ts";
import { SlotSet } from "./slot-set.ts";
import type { TrafficCounter } from "./traffic.ts";
import type { VoteRound } from "./vote-round.ts";

export interface WatchersOptions {
  /** The room's code. */
  readonly room: string;
  readonly limits: WatcherLimits;
  readonly clock: Pick<Clock, "now">;
  readonly traffic: TrafficCounter;
  /** Keeps out for a while what this visitor shows; returns the sentence that says for how long. */
  readonly ban: (visitor: string) => string | undefined;
  /** A vote was counted. */
  readonly onVote: () => void;
  /** One watcher fewer is here. */
  readonly onLeft: () => void;
}

/** Bytes of the text of a vote. */
export const MAX_VOTE_BYTES = 64;

const NO_VOTE = `A watcher says text of at most ${MAX_VOTE_BYTES} bytes.`;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

export class Watchers implements AudienceOwner {
  /** Where votes are counted now. */
  round: VoteRound;
  readonly #options: WatchersOptions;
  readonly #watchers = new SlotSet<AudienceConnection>();

  constructor(round: VoteRound, options: WatchersOptions) {
    this.round = round;
    this.#options = options;
  }

  get room(): string {
    return this.#options.room;
  }

  get size(): number {
    return this.#watchers.size;
  }

  /** `visitor`: what is banned after a flood. `speaksControl`: it came as a player of `couchwire.v1`. */
  add(line: WatcherLine, visitor: string | undefined, speaksControl: boolean): AudienceConnection {
    const watcher = new AudienceConnection(line, visitor, speaksControl, this);
    this.#watchers.add(watcher);
    return watcher;
  }

  /** Sends one frame to all. A slow watcher does not hold up the others. */
  send(data: Uint8Array, isText: boolean): void {
    const { limits, traffic } = this.#options;
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

  receive(watcher: AudienceConnection, frame: Uint8Array, isText: boolean): void {
    if (!this.#watchers.has(watcher)) return;
    const { limits, clock, traffic, onVote } = this.#options;
    if (!watcher.takeFrame(frame.length, limits, clock.now())) {
      return this.#end(watcher, "rate_limited", this.ban(watcher));
    }
    if (watcher.speaksControl && isText && isControl(frame)) return;
    if (!isText || frame.length > MAX_VOTE_BYTES) return this.#end(watcher, "bad_request", NO_VOTE);
    traffic.countIn(frame.length);
    const { round } = this;
    watcher.place = round.vote(utf8.decode(frame), watcher.votedIn === round.number ? watcher.place : undefined);
    watcher.votedIn = round.number;
    onVote();
  }

  leave(watcher: AudienceConnection): void {
    if (this.#watchers.delete(watcher)) this.#options.onLeft();
  }

  ban({ visitor }: AudienceConnection): string | undefined {
    return visitor === undefined ? undefined : this.#options.ban(visitor);
  }

  /** Closes every watcher's connection, and tells nothing of it. */
  close(name: CloseName, reason?: string): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const { line } of watchers) line.close(name, reason);
  }

  #end(watcher: AudienceConnection, name: CloseName, reason?: string): void {
    watcher.line.close(name, reason);
    this.leave(watcher);
  }
}
