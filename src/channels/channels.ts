/** The channels of this node (P8): publishes, subscribes, and forgets the channels that are not in use. */
import { nanoid } from "nanoid";
import type { ChannelPosition } from "../protocol/channels/channel-command.ts";
import { roomChannel, roomGroupOf } from "../protocol/channels/channel-name.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { MemoryAccount, MemoryBudget } from "../room/memory-budget.ts";
import type { Cancel, Clock } from "../room/ports.ts";
import { Channel, type ChannelOptions, type ChannelSubscriber } from "./channel.ts";
import { publicationOf, TOO_MANY_CHANNELS, type ChannelService, type Followed } from "./channel-service.ts";
import { ChannelShares, MAX_CHANNELS_OF_SUB } from "./channel-shares.ts";

export interface ChannelsOptions {
  readonly clock: Clock;
  /** Counts what is kept, and who follows it. */
  readonly budget: MemoryBudget;
  /** Is told of each publication, and how many lines get it. @default it is not told */
  readonly onPublished?: ((delivered: number) => void) | undefined;
  /** @default 16384 */
  readonly maxChannels?: number | undefined;
  /** A channel that was not in use is forgotten. @default it is not told */
  readonly onForgotten?: ((channel: Channel) => void) | undefined;
}

/** Channels at one time. Past them one without subscribers is forgotten for each new one that a line follows. */
const MAX_CHANNELS = 16_384;
/** How often old publications and idle channels are looked for. */
const SWEEP_MS = 10_000;
/** What a channel takes up beside its publications and its subscribers. */
const CHANNEL_BYTES = 1_024;
/** What one subscription takes up. */
const SUBSCRIPTION_BYTES = 512;

const TOO_MANY_OF_SUB = `Too many channels: at most ${MAX_CHANNELS_OF_SUB} on all lines of one \`sub\` together.`;

export class Channels implements ChannelService {
  readonly #clock: Clock;
  readonly #budget: MemoryBudget;
  readonly #maxChannels: number;
  readonly #onPublished: ((delivered: number) => void) | undefined;
  readonly #onForgotten: ((channel: Channel) => void) | undefined;
  readonly #channels = new Map<string, Channel>();
  /** Those without subscribers, in the order in which they were last used. */
  readonly #unused = new Set<Channel>();
  /** The channels of rooms, by how their names begin. */
  readonly #ofRooms = new Map<string, Set<Channel>>();
  readonly #shares = new ChannelShares();
  readonly #account: MemoryAccount;
  #stopSweep: Cancel | undefined;
  #isClosed = false;

  constructor({ clock, budget, onPublished, onForgotten, maxChannels = MAX_CHANNELS }: ChannelsOptions) {
    this.#clock = clock;
    this.#budget = budget;
    this.#maxChannels = maxChannels;
    this.#onPublished = onPublished;
    this.#onForgotten = onForgotten;
    this.#account = budget.open({
      cut: () => {
        for (const channel of this.#unused) this.#forgetUnused(channel);
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
    return { delivered: this.publishJson(channel, publicationOf(channel, data)) };
  }

  /** Publishes on this node: the one place through which each publication goes. Name and JSON (in UTF-8, at most `MAX_PUBLICATION_BYTES`) are sound. Returns how many lines get it. */
  publishJson(name: string, json: Uint8Array): number {
    // Of a channel that is not there no line has an epoch to come back with. So nothing is lost where it cannot be made, and no other gives way to it.
    const channel = this.#channels.get(name) ?? (this.#isFull ? undefined : this.#make(name));
    if (channel !== undefined && !channel.isFollowed) this.#noteUse(channel);
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

  follow(name: string, subscriber: ChannelSubscriber, since: ChannelPosition | undefined): Result<Followed, string> {
    const followed = this.subscribe(name, subscriber);
    return followed.ok ? success(this.placeIn(followed.value, since)) : followed;
  }

  /** From where a subscriber that has got to `since` hears the channel, out of what is kept here. */
  placeIn(channel: Channel, since: ChannelPosition | undefined): Followed {
    return since !== undefined && this.reachesBackTo(channel, since)
      ? { channel, offset: since.offset, recovered: true }
      : { channel, offset: channel.offset, recovered: false };
  }

  /** Safe for one that is not subscribed. */
  unsubscribe(channel: Channel, subscriber: ChannelSubscriber): void {
    if (!channel.unsubscribe(subscriber, this.#clock.now()) || this.#isClosed) return;
    this.#giveBack(channel, subscriber);
    if (!channel.isFollowed) this.#noteUse(channel);
  }

  get(name: string): Channel | undefined {
    return this.#channels.get(name);
  }

  /** A new channel of that name and epoch, which is not there; `undefined` where no other has to make room. */
  open(name: string, epoch: string, options: Pick<ChannelOptions, "offset" | "isMirror"> = {}): Channel | undefined {
    const channel = this.#makeInPlace(name, epoch, options);
    if (channel !== undefined) this.#noteUse(channel);
    return channel;
  }

  /** So many other nodes follow the channel: while there are any, it is in use. */
  setFollowers(channel: Channel, nodes: number): void {
    channel.followedBy(nodes, this.#clock.now());
    if (channel.isFollowed) this.#unused.delete(channel);
    else this.#noteUse(channel);
  }

  /** Forgets a channel, and tells its subscribers why. A channel of that name has another epoch then. */
  drop(channel: Channel, why: "ended" | "lost"): void {
    if (this.#channels.get(channel.name) !== channel) return;
    this.#forget(channel);
    for (const subscriber of channel.takeSubscribers()) {
      this.#giveBack(channel, subscriber);
      if (why === "ended") subscriber.ended();
      else subscriber.lost();
    }
  }

  /** The channels of the room of this code. */
  ofRoom(code: string): readonly Channel[] {
    const beginning = roomChannel(code, "");
    const group = this.#ofRooms.get(roomGroupOf(beginning) ?? "") ?? [];
    return [...group].filter(({ name }) => name.startsWith(beginning));
  }

  /** The room of this code is over: its channels are forgotten, and their subscribers are told. A channel of the next room of the code has another epoch. */
  endRoom(code: string): void {
    for (const channel of this.ofRoom(code)) this.drop(channel, "ended");
  }

  /** Whether all that was published on the channel after this position can be had. */
  reachesBackTo(channel: Channel, since: ChannelPosition): boolean {
    return channel.reachesBackTo(since, this.#clock.now());
  }

  /** Lines that are subscribed. */
  presence(name: string): number {
    return this.#channels.get(name)?.subscriberCount ?? 0;
  }

  knownPresence(name: string): number {
    return this.presence(name);
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
  #makeInPlace(
    name: string,
    epoch?: string,
    options?: Pick<ChannelOptions, "offset" | "isMirror">,
  ): Channel | undefined {
    if (this.#isClosed) return undefined;
    const [oldest] = this.#unused;
    if (this.#isFull && oldest !== undefined) this.#forgetUnused(oldest);
    return this.#isFull ? undefined : this.#make(name, epoch, options);
  }

  #make(name: string, epoch = nanoid(), options: Pick<ChannelOptions, "offset" | "isMirror"> = {}): Channel {
    const channel = new Channel(name, epoch, { ...options, budget: this.#budget, now: this.#clock.now() });
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

  #forgetUnused(channel: Channel): void {
    this.#forget(channel);
    this.#onForgotten?.(channel);
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
    for (const channel of this.#channels.values()) if (channel.isIdle(now)) this.#forgetUnused(channel);
    this.#stopSweep = this.#channels.size === 0 ? undefined : this.#clock.after(SWEEP_MS, () => this.#sweep());
  }
}
