/** The channels of this node (P8): publishes, subscribes, and forgets the channels that are not in use. */
import { nanoid } from "nanoid";
import type { ChannelPosition } from "../protocol/channels/channel-command.ts";
import { isChannelName, MAX_CHANNEL_NAME_BYTES, MAX_PUBLICATION_BYTES } from "../protocol/channels/channel-name.ts";
import type { MemoryAccount, MemoryBudget } from "../room/memory-budget.ts";
import type { Cancel, Clock } from "../room/ports.ts";
import { Channel, type ChannelSubscriber } from "./channel.ts";

/** Publishes on the channels of a server. */
export interface ChannelPublisher {
  /**
   * Publishes on a channel, and resolves with the number of lines that get it. `data` is any JSON value, of at most 256 KiB as JSON; a channel's name is 1 to
   * 256 bytes of UTF-8. Rejects with `TypeError` for anything else, and says what is wrong.
   */
  publish(channel: string, data: unknown): Promise<{ readonly delivered: number }>;
}

export interface ChannelsOptions {
  readonly clock: Clock;
  /** Counts what is kept. */
  readonly budget: MemoryBudget;
  /** Is told of each publication, and how many lines get it. @default no one is */
  readonly onPublished?: ((delivered: number) => void) | undefined;
  /** @default 16384 */
  readonly maxChannels?: number;
}

/** Channels at one time. Past them one without subscribers is forgotten for each new one. */
const MAX_CHANNELS = 16_384;
/** How often old publications and idle channels are looked for. */
const SWEEP_MS = 10_000;
/** What a channel takes up beside its publications and its subscribers. */
const CHANNEL_BYTES = 1_024;

const utf8 = new TextEncoder();

export class Channels implements ChannelPublisher {
  readonly #clock: Clock;
  readonly #budget: MemoryBudget;
  readonly #maxChannels: number;
  readonly #onPublished: ((delivered: number) => void) | undefined;
  readonly #channels = new Map<string, Channel>();
  /** Those without subscribers, in the order in which they were last used. */
  readonly #unused = new Set<Channel>();
  readonly #account: MemoryAccount;
  #stopSweep: Cancel | undefined;
  #isClosed = false;

  constructor({ clock, budget, onPublished, maxChannels = MAX_CHANNELS }: ChannelsOptions) {
    this.#clock = clock;
    this.#budget = budget;
    this.#maxChannels = maxChannels;
    this.#onPublished = onPublished;
    this.#account = budget.open({
      cut: () => {
        this.#forgetUnused();
        return "stays";
      },
    });
  }

  get channelCount(): number {
    return this.#channels.size;
  }

  /** Subscriptions of all lines together. */
  get subscriptionCount(): number {
    let count = 0;
    for (const { subscriberCount } of this.#channels.values()) count += subscriberCount;
    return count;
  }

  async publish(channel: string, data: unknown): Promise<{ readonly delivered: number }> {
    if (typeof channel !== "string" || !isChannelName(channel)) {
      throw new TypeError(`A channel's name is text of 1 to ${MAX_CHANNEL_NAME_BYTES} bytes of UTF-8.`);
    }
    const json = jsonOf(data);
    if (json.length > MAX_PUBLICATION_BYTES) throw new TypeError(tooLarge(json.length));
    return { delivered: this.publishJson(channel, json) };
  }

  /** Publishes on this node: the one place through which each publication goes. Name and JSON (in UTF-8, at most `MAX_PUBLICATION_BYTES`) are sound. Returns how many lines get it. */
  publishJson(name: string, json: Uint8Array): number {
    // Where no channel can be made there is no subscriber either.
    const channel = this.#channelOf(name);
    if (channel !== undefined && channel.subscriberCount === 0) this.#noteUse(channel);
    const delivered = channel?.publish(json, this.#clock.now()) ?? 0;
    this.#onPublished?.(delivered);
    return delivered;
  }

  /** The subscriber hears what is published from now on. `undefined`: there are too many channels. */
  subscribe(name: string, subscriber: ChannelSubscriber): Channel | undefined {
    const channel = this.#channelOf(name);
    if (channel === undefined) return undefined;
    this.#unused.delete(channel);
    channel.subscribe(subscriber);
    return channel;
  }

  /** Safe for one that is not subscribed. */
  unsubscribe(channel: Channel, subscriber: ChannelSubscriber): void {
    channel.unsubscribe(subscriber, this.#clock.now());
    if (channel.subscriberCount === 0) this.#noteUse(channel);
  }

  /** Whether all that was published on the channel after this position can be had. */
  reachesBackTo(channel: Channel, since: ChannelPosition): boolean {
    return channel.reachesBackTo(since, this.#clock.now());
  }

  /** Lines that are subscribed. */
  presence(name: string): number {
    return this.#channels.get(name)?.subscriberCount ?? 0;
  }

  /** Forgets everything. Safe twice. */
  close(): void {
    this.#isClosed = true;
    this.#stopSweep?.();
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
    this.#unused.clear();
    this.#account.close();
  }

  /** The channel of this name, made where it is not there. */
  #channelOf(name: string): Channel | undefined {
    const known = this.#channels.get(name);
    if (known !== undefined || this.#isClosed) return known;
    if (this.#channels.size >= this.#maxChannels) {
      const [oldest] = this.#unused;
      if (oldest === undefined) return undefined;
      this.#forget(oldest);
    }
    const channel = new Channel(name, nanoid(), { budget: this.#budget, now: this.#clock.now() });
    this.#channels.set(name, channel);
    this.#account.add(CHANNEL_BYTES);
    this.#stopSweep ??= this.#clock.after(SWEEP_MS, () => this.#sweep());
    return channel;
  }

  /** Of all channels without subscribers it is the last one to be forgotten. */
  #noteUse(channel: Channel): void {
    if (this.#channels.get(channel.name) !== channel) return; // of a server that is closed
    this.#unused.delete(channel);
    this.#unused.add(channel);
  }

  #forgetUnused(): void {
    for (const channel of this.#unused) this.#forget(channel);
  }

  #forget(channel: Channel): void {
    this.#channels.delete(channel.name);
    this.#unused.delete(channel);
    this.#account.add(-CHANNEL_BYTES);
    channel.close();
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const channel of this.#channels.values()) if (channel.isIdle(now)) this.#forget(channel);
    this.#stopSweep = this.#channels.size === 0 ? undefined : this.#clock.after(SWEEP_MS, () => this.#sweep());
  }
}

/** Why a publication of so many bytes is refused. */
export function tooLarge(bytes: number): string {
  return `The data has ${bytes} bytes as JSON; at most ${MAX_PUBLICATION_BYTES} are allowed.`;
}

function jsonOf(data: unknown): Uint8Array {
  let json: string | undefined;
  try {
    json = JSON.stringify(data);
  } catch (error) {
    throw new TypeError(`The data cannot be written as JSON: ${error instanceof Error ? error.message : ""}`, {
      cause: error,
    });
  }
  if (json === undefined) throw new TypeError(`The data has to be a JSON value, not ${typeof data}.`);
  return utf8.encode(json);
}
