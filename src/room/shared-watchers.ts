/**
 * Watchers of a room whose sockets are at another node, which counts their votes and sends them what is said to all (`AudienceShare`). Here each has its place
 * in the room, which it got and loses as any other watcher.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import { AudienceConnection, type AudienceOwner } from "./audience-connection.ts";
import type { AudienceShare, SeatlessLine, ShareListener, VoteReport } from "./ports.ts";
import { SlotSet } from "./slot-set.ts";
import type { TrafficCounter } from "./traffic.ts";
import type { VoteRound } from "./vote-round.ts";

/** The audience that has a share of its watchers elsewhere. */
export interface SharedWatchersOwner {
  /** The room's code. */
  readonly room: string;
  ban(watcher: AudienceConnection): string | undefined;
  /** One watcher fewer is there. */
  left(shared: SharedWatchers): void;
  reported(shared: SharedWatchers, report: VoteReport): void;
  /** Its node does not count as it should. */
  failed(shared: SharedWatchers): void;
  /** Its node says nothing more. */
  over(shared: SharedWatchers): void;
}

export class SharedWatchers implements AudienceOwner, ShareListener {
  readonly #owner: SharedWatchersOwner;
  readonly #watchers = new SlotSet<AudienceConnection>();
  readonly #share: AudienceShare;
  #isClosed = false;

  /** `open`: opens the share at its node. */
  constructor(owner: SharedWatchersOwner, open: (listener: ShareListener) => AudienceShare) {
    this.#owner = owner;
    this.#share = open(this);
  }

  get room(): string {
    return this.#owner.room;
  }

  get size(): number {
    return this.#watchers.size;
  }

  add(line: SeatlessLine, visitor: string | undefined, speaksControl: boolean): AudienceConnection {
    const watcher = new AudienceConnection(line, visitor, speaksControl, this);
    this.#watchers.add(watcher);
    this.#share.add(line, speaksControl);
    return watcher;
  }

  /** Sends one frame to the node, for all. `limit`: bytes that may wait for it; where more would, its watchers are closed as slow consumers. */
  send(data: Uint8Array, isText: boolean, limit: number, traffic: TrafficCounter): void {
    const { queued } = this.#share;
    if (queued > 0 && queued + data.length > limit) {
      for (const watcher of this.#watchers) {
        watcher.line.close("slow_consumer");
        this.leave(watcher);
      }
      return;
    }
    traffic.framesOut += this.size;
    traffic.bytesOut += this.size * data.length;
    this.#share.send(data, isText);
  }

  begin(round: VoteRound): void {
    this.#share.begin(round);
  }

  /** The node is to tell its last votes. */
  end(): void {
    this.#share.end();
  }

  /** Closes every watcher's connection, and tells nothing of it, nor of what comes from the node. */
  close(name: CloseName, reason?: string): void {
    this.#isClosed = true;
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const { line } of watchers) line.close(name, reason);
    this.#share.end();
  }

  /** Its node counts what a watcher says, so nothing of that comes here. */
  receive(): void {}

  leave(watcher: AudienceConnection): void {
    if (this.#watchers.delete(watcher)) this.#owner.left(this);
  }

  ban(watcher: AudienceConnection): string | undefined {
    return this.#owner.ban(watcher);
  }

  reported(report: VoteReport): void {
    if (!this.#isClosed) this.#owner.reported(this, report);
  }

  failed(): void {
    if (!this.#isClosed) this.#owner.failed(this);
  }

  over(): void {
    if (!this.#isClosed) this.#owner.over(this);
  }
}
