/** The channels of this node (P8): publishes, subscribes, and forgets the channels that are not in use. */
import { nanoid } from "nanoid";
import type { ChannelPosition } from "../protocol/channels/channel-command.ts";
import {
  isChannelName,
  MAX_CHANNEL_NAME_BYTES,
  MAX_PUBLICATION_BYTES,
  roomChannel,
  roomGroupOf,
} from "../protocol/channels/channel-name.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { MemoryAccount, MemoryBudget } from "../room/memory-budget.ts";
import type { Cancel, Clock } from "../room/ports.ts";
import { Channel, type ChannelSubscriber } from "./channel.ts";
import { ChannelShares, MAX_CHANNELS_OF_SUB } from "./channel-shares.ts";

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
  /** Counts what is kept, and who follows it. */
  readonly budget: MemoryBudget;
  /** Is told of each publication, and how many lines get it. @default it is not told */
  readonly onPublished?: ((delivered: number) => void) | undefined;
  /** @default 16384 */
  readonly maxChannels?: number;
}

/** Channels at one time. Past them one without subscribers is forgotten for each new one that a line follows. */
const MAX_CHANNELS = 16_384;
/** How often old publications and idle channels are looked for. */
const SWEEP_MS = 10_000;
/** What a channel takes up beside its publications and its subscribers. */
const CHANNEL_BYTES = 1_024;
/** What one subscription takes up. */
const SUBSCRIPTION_BYTES = 512;

const TOO_MANY_CHANNELS = "The server has no room for another channel. Come back later.";
const TOO_MANY_OF_SUB = `Too many channels: at most ${MAX_CHANNELS_OF_SUB} on all lines of one \`sub\` together.`;

const utf8 = new TextEncoder();

export class Channels implements ChannelPublisher {
  readonly #clock: Clock;
  readonly #budget: MemoryBudget;
  readonly #maxChannels: number;
  readonly #onPublished: ((delivered: number) => void) | undefined;
  readonly #channels = new Map<string, Channel>();
  /** Those without subscribers, in the order in which they were last used. */
  readonly #unused = new Set<Channel>();
  /** The channels of rooms, by how their names begin. */
  readonly #ofRooms = new Map<string, Set<Channel>>();
  readonly #shares = new ChannelShares();
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
    // Of a channel that is not there no line has an epoch to come back with. So nothing is lost where it cannot be made, and no other gives way to it.
    const channel = this.#channels.get(name) ?? (this.#isFull ? undefined : this.#make(name));
    if (channel !== undefined && channel.subscriberCount === 0) this.#noteUse(channel);
    const delivered = channel?.publish(json, this.#clock.now()) ?? 0;
    this.#onPublished?.(delivered);
    return delivered;
  }

  /** The subscriber hears what is published from now on, or the sentence says why not. Safe for one that is subscribed. */
  subscribe(name: string, subscriber: ChannelSubscriber): Result<Channel, string> {
    const known = this.#channels.get(name);
    if (known?.has(subscriber) === true) return success(known);
    if (!this.#shares.take(subscriber.sub, name)) return failure(TOO_MANY_OF_SUB);
    const channel = known ?? this.#makeInPlace(name);
    if (channel === undefined) {
      this.#shares.giveBack(subscriber.sub, name);
      return failure(TOO_MANY_CHANNELS);
    }
    this.#unused.delete(channel);
    channel.subscribe(subscriber);
    this.#account.add(SUBSCRIPTION_BYTES);
    return success(channel);
  }

  /** Safe for one that is not subscribed. */
  unsubscribe(channel: Channel, subscriber: ChannelSubscriber): void {
    if (!channel.unsubscribe(subscriber, this.#clock.now()) || this.#isClosed) return;
    this.#giveBack(channel, subscriber);
    if (channel.subscriberCount === 0) this.#noteUse(channel);
  }

  /** The room of this code is over: its channels are forgotten, and their subscribers are told. A channel of the next room of the code has another epoch. */
  endRoom(code: string): void {
    const beginning = roomChannel(code, "");
    for (const channel of this.#ofRooms.get(roomGroupOf(beginning) ?? "") ?? []) {
      if (!channel.name.startsWith(beginning)) continue;
      this.#forget(channel);
      for (const subscriber of channel.takeSubscribers()) {
        this.#giveBack(channel, subscriber);
        subscriber.ended();
      }
    }
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
    this.#ofRooms.clear();
    this.#shares.clear();
    this.#account.close();
  }

  /** No new channel can be made. */
  get #isFull(): boolean {
    return this.#isClosed || this.#channels.size >= this.#maxChannels;
  }

  /** A new channel, in the place of the one that is unused for longest where there is no other. */
  #makeInPlace(name: string): Channel | undefined {
    if (this.#isClosed) return undefined;
    const [oldest] = this.#unused;
    if (this.#isFull && oldest !== undefined) this.#forget(oldest);
    return this.#isFull ? undefined : this.#make(name);
  }

  #make(name: string): Channel {
    const channel = new Channel(name, nanoid(), { budget: this.#budget, now: this.#clock.now() });
    this.#channels.set(name, channel);
    this.#group(channel)?.add(channel);
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
    this.#ungroup(channel);
    this.#unused.delete(channel);
    this.#account.add(-CHANNEL_BYTES);
    channel.close();
  }

  #group({ name }: Channel): Set<Channel> | undefined {
    const beginning = roomGroupOf(name);
    if (beginning === undefined) return undefined;
    const group = this.#ofRooms.get(beginning) ?? new Set<Channel>();
    this.#ofRooms.set(beginning, group);
    return group;
  }

  #ungroup(channel: Channel): void {
    const group = this.#group(channel);
    group?.delete(channel);
    if (group?.size === 0) this.#ofRooms.delete(roomGroupOf(channel.name) ?? "");
  }

  /** What a subscription took up is free. */
  #giveBack({ name }: Channel, { sub }: ChannelSubscriber): void {
    this.#shares.giveBack(sub, name);
    this.#account.add(-SUBSCRIPTION_BYTES);
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
