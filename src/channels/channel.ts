/**
 * One channel of this node: its subscribers, and its last publications, for those that were cut off. It is told the time and knows no sockets.
 */
import { publicationFrame, publishedData } from "../protocol/channels/channel-frames.ts";
import type { ChannelPosition } from "../protocol/channels/channel-command.ts";
import { FrameMemory } from "../room/frame-memory.ts";
import type { MemoryBudget } from "../room/memory-budget.ts";

/** Hears what is published on one channel. */
export interface ChannelSubscriber {
  /** The user whose token it is. */
  readonly sub: string;
  /**
   * One publication, as the frame that tells it: the same bytes for all subscribers, which are not changed afterwards. Returns whether the subscriber gets it.
   * Called in the order of the publications; it may leave the channel from here.
   */
  hear(frame: Uint8Array): boolean;
  /** The room is over whose channel it was: it is subscribed no more. */
  ended(): void;
  /** What was published since may be lost, or is kept under another epoch: it is subscribed no more, and is to come back with its last position. */
  lost(): void;
}

/** How a channel begins. */
export interface ChannelOptions {
  readonly budget: MemoryBudget;
  readonly now: number;
  /** The number of the last publication before. @default 0 */
  readonly offset?: number | undefined;
  /** Whether another node numbers its publications. @default false */
  readonly isMirror?: boolean | undefined;
}

/** Publications that are kept. */
const MAX_KEPT = 1_024;
/** Bytes of their frames, each counted with 64 bytes more than its length. */
const MAX_KEPT_BYTES = 1_048_576;
/** How long they are kept. */
const MAX_AGE_MS = 60_000;
/** How long a mirror stays when its last subscriber has left: one that comes back soon need not wait for the node that has them all. */
const MIRROR_IDLE_MS = 10_000;
/** So many places at the front of the list are left empty before it is made shorter. */
const MAX_EMPTY = 256;

interface Publication {
  /** Its frame. */
  readonly data: Uint8Array;
  readonly at: number;
}

/** A publication that another node has kept. */
export interface PastPublication {
  readonly offset: number;
  /** JSON in UTF-8. */
  readonly data: Uint8Array;
  /** When it was published. */
  readonly at: number;
}

export class Channel {
  readonly name: string;
  /** The life in which the offsets count: a channel that was forgotten and is used again has another. */
  readonly epoch: string;
  readonly #subscribers = new Set<ChannelSubscriber>();
  readonly #memory: FrameMemory;
  /** What is kept, the oldest at `#first`. */
  #kept: (Publication | undefined)[] = [];
  #first = 0;
  #offset: number;
  /** Other nodes that follow it. */
  #followers = 0;
  #isMirror: boolean;
  /** When it last had a subscriber or, where it is no mirror, a publication. */
  #usedAt: number;

  constructor(name: string, epoch: string, { budget, now, offset = 0, isMirror = false }: ChannelOptions) {
    this.name = name;
    this.epoch = epoch;
    this.#offset = offset;
    this.#isMirror = isMirror;
    this.#usedAt = now;
    this.#memory = new FrameMemory({ budget, limitBytes: MAX_KEPT_BYTES, holder: { cut: () => this.#dropAll() } });
  }

  /** The number of the last publication; 0 before the first. */
  get offset(): number {
    return this.#offset;
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  /** Whether another node numbers its publications, and this one has them from there. */
  get isMirror(): boolean {
    return this.#isMirror;
  }

  /** Whether subscribers or other nodes follow it. */
  get isFollowed(): boolean {
    return this.#subscribers.size > 0 || this.#followers > 0;
  }

  /** The number of the oldest publication that is kept; of the next one where none is. */
  get keptFrom(): number {
    return this.#offset - this.#keptCount + 1;
  }

  /** Neither is anything kept here, nor does anything listen. */
  isIdle(now: number): boolean {
    this.expire(now);
    if (this.isFollowed) return false;
    if (this.#isMirror) return now - this.#usedAt >= MIRROR_IDLE_MS;
    return this.#keptCount === 0 && now - this.#usedAt >= MAX_AGE_MS;
  }

  /** So many other nodes follow it. */
  followedBy(nodes: number, now: number): void {
    if (nodes < this.#followers) this.#usedAt = now;
    this.#followers = nodes;
  }

  /** This node numbers the publications from now on. */
  takeOver(): void {
    this.#isMirror = false;
  }

  has(subscriber: ChannelSubscriber): boolean {
    return this.#subscribers.has(subscriber);
  }

  subscribe(subscriber: ChannelSubscriber): void {
    this.#subscribers.add(subscriber);
  }

  /** Returns whether it was subscribed. */
  unsubscribe(subscriber: ChannelSubscriber, now: number): boolean {
    const wasSubscribed = this.#subscribers.delete(subscriber);
    if (wasSubscribed) this.#usedAt = now;
    return wasSubscribed;
  }

  /** All subscribers, which are subscribed no more. */
  takeSubscribers(): readonly ChannelSubscriber[] {
    const all = [...this.#subscribers];
    this.#subscribers.clear();
    return all;
  }

  /** Keeps the publication and tells it to all subscribers. `data`: JSON in UTF-8. Returns how many get it. */
  publish(data: Uint8Array, now: number): number {
    if (!this.#isMirror) this.#usedAt = now;
    this.#offset += 1;
    const frame = publicationFrame(this.name, data, this.#offset);
    this.#keep({ data: frame, at: now });
    let delivered = 0;
    for (const subscriber of this.#subscribers) if (subscriber.hear(frame)) delivered += 1;
    return delivered;
  }

  /** Whether all that was published after this position is still here. */
  reachesBackTo({ epoch, offset }: ChannelPosition, now: number): boolean {
    this.expire(now);
    return epoch === this.epoch && offset <= this.#offset && offset >= this.#offset - this.#keptCount;
  }

  /** The frame of the publication of this number; `undefined` where it is not kept, or not there yet. */
  frameOf(offset: number): Uint8Array | undefined {
    const fromEnd = this.#offset - offset;
    return fromEnd < 0 || fromEnd >= this.#keptCount ? undefined : this.#kept[this.#kept.length - 1 - fromEnd]?.data;
  }

  /** Those after this one that are kept, the oldest first. */
  *keptAfter(offset: number): Generator<PastPublication> {
    for (let next = Math.max(offset + 1, this.keptFrom); next <= this.#offset; next++) {
      const kept = this.#kept[this.#kept.length - 1 - (this.#offset - next)];
      if (kept === undefined) return;
      yield { offset: next, data: publishedData(kept.data, this.name, next), at: kept.at };
    }
  }

  /** Keeps publications that came before the oldest one here, as far as they reach up to it. */
  keepEarlier(earlier: readonly PastPublication[]): void {
    const oldest = this.keptFrom;
    const fitting = earlier.filter(({ offset }) => offset < oldest);
    if (fitting.some(({ offset }, index) => offset !== oldest - fitting.length + index)) return;
    const publications = fitting.map(({ data, offset, at }) => ({
      data: publicationFrame(this.name, data, offset),
      at,
    }));
    this.#kept = [...publications, ...this.#kept.slice(this.#first)];
    this.#first = 0;
    for (const publication of publications) this.#memory.take(publication);
    this.#dropOverfull();
  }

  /** Lets go of publications that are too old. */
  expire(now: number): void {
    for (let oldest = this.#oldest; oldest !== undefined && now - oldest.at > MAX_AGE_MS; oldest = this.#oldest) {
      this.#dropOldest(oldest);
    }
  }

  /** The channel is forgotten: what is kept counts no more. */
  close(): void {
    this.#dropAll();
    this.#memory.close();
  }

  get #keptCount(): number {
    return this.#kept.length - this.#first;
  }

  get #oldest(): Publication | undefined {
    return this.#kept[this.#first];
  }

  #keep(publication: Publication): void {
    this.expire(publication.at);
    this.#kept.push(publication);
    this.#memory.take(publication);
    this.#dropOverfull();
  }

  #dropOverfull(): void {
    for (let oldest = this.#oldest; oldest !== undefined && this.#isOverfull; oldest = this.#oldest) {
      this.#dropOldest(oldest);
    }
  }

  get #isOverfull(): boolean {
    return this.#keptCount > MAX_KEPT || this.#memory.isOverLimit;
  }

  #dropOldest(oldest: Publication): void {
    this.#memory.giveBack(oldest);
    this.#kept[this.#first] = undefined;
    this.#first += 1;
    if (this.#first < MAX_EMPTY && this.#keptCount > 0) return;
    this.#kept.splice(0, this.#first);
    this.#first = 0;
  }

  /** The memory of the process is used up, and this channel holds the most of it. */
  #dropAll(): void {
    for (let oldest = this.#oldest; oldest !== undefined; oldest = this.#oldest) this.#dropOldest(oldest);
  }
}
