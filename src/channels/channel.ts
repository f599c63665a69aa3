/**
 * One channel of this node: its subscribers, and its last publications, for those that were cut off. It is told the time and knows no sockets.
 */
import { publicationFrame } from "../protocol/channels/channel-frames.ts";
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
}

/** Publications that are kept. */
const MAX_KEPT = 1_024;
/** Bytes of their frames, each counted with 64 bytes more than its length. */
const MAX_KEPT_BYTES = 1_048_576;
/** How long they are kept. */
const MAX_AGE_MS = 60_000;
/** So many places at the front of the list are left empty before it is made shorter. */
const MAX_EMPTY = 256;

interface Publication {
  readonly data: Uint8Array;
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
  #offset = 0;
  /** When it last had a subscriber or a publication. */
  #usedAt: number;

  constructor(name: string, epoch: string, { budget, now }: { readonly budget: MemoryBudget; readonly now: number }) {
    this.name = name;
    this.epoch = epoch;
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

  /** Neither is anything kept here, nor does anything listen. */
  isIdle(now: number): boolean {
    this.expire(now);
    return this.#subscribers.size === 0 && this.#keptCount === 0 && now - this.#usedAt >= MAX_AGE_MS;
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
    this.#usedAt = now;
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
