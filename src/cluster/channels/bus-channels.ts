/**
 * The channels of nodes that share a bus and no directory: each node numbers and keeps what it hears, in epochs of its own, and tells the others what is
 * published on it. What a line publishes is heard at all nodes, but a line that was cut goes on only at the node where it was.
 */
import { nanoid } from "nanoid";
import type { Channel, ChannelSubscriber } from "../../channels/channel.ts";
import {
  ChannelUnavailableError,
  publicationOf,
  type ChannelService,
  type Followed,
} from "../../channels/channel-service.ts";
import { Channels, type ChannelsOptions } from "../../channels/channels.ts";
import type { ChannelPosition } from "../../protocol/channels/channel-command.ts";
import type { CloseName } from "../../protocol/close-codes.ts";
import { isLater, type Eventually } from "../../protocol/eventually.ts";
import type { Result } from "../../protocol/result.ts";
import type { Bus, NodeId, Unsubscribe } from "../ports.ts";
import { Subjects } from "../subjects.ts";
import { decodeChannelMail, encodeChannelMail, type AnyChannelMail, type ChannelMail } from "./channel-mail.ts";

export interface BusChannelsOptions extends Omit<ChannelsOptions, "onForgotten"> {
  readonly bus: Bus;
  /** The first part of all subjects. */
  readonly prefix: string;
  /** Something could not be passed on, or a subscription has failed. */
  readonly onFailure: (error: unknown) => void;
}

/** A channel that this node hears on the bus: as long as it keeps anything of it. */
interface Hearing {
  /** Fulfilled when the subscription stands; rejects where it cannot. */
  readonly begun: Promise<void>;
  hasBegun: boolean;
  isOver: boolean;
  end: Unsubscribe | undefined;
  /** The number of the last publication that came from each node. */
  readonly last: Map<NodeId, number>;
}

/** Nodes whose numbers are known, for each channel. */
const MAX_SENDERS = 1_024;
const AWAY = "The bus between the nodes cannot be reached now. Come back in a moment.";

export class BusChannels implements ChannelService {
  readonly #options: BusChannelsOptions;
  readonly #subjects: Subjects;
  readonly #self: NodeId = nanoid();
  readonly #channels: Channels;
  readonly #hearings = new Map<string, Hearing>();
  /** The number of this node's last publication on each channel that it keeps. */
  readonly #lastSent = new Map<string, number>();
  #sent = 0;
  #stopHearingAll: Unsubscribe | undefined;
  #wasDown = false;
  #isClosed = false;

  constructor({ onPublished, ...options }: BusChannelsOptions) {
    this.#options = { onPublished, ...options };
    this.#subjects = new Subjects(options.prefix);
    this.#channels = new Channels({ ...options, onForgotten: ({ name }) => this.#forget(name) });
    options.bus.onStatus?.((isUp) => this.#statusChanged(isUp));
    void this.#hearAll();
  }

  get channelCount(): number {
    return this.#channels.channelCount;
  }

  get subscriptionCount(): number {
    return this.#channels.subscriptionCount;
  }

  async publish(channel: string, data: unknown): Promise<{ readonly delivered: number }> {
    return { delivered: this.publishJson(channel, publicationOf(channel, data)) };
  }

  /** The lines of this node alone are counted: what other nodes have is not known. */
  publishJson(name: string, json: Uint8Array): number {
    const delivered = this.#channels.publishJson(name, json);
    this.#options.onPublished?.(delivered);
    this.#sent += 1;
    const before = this.#lastSent.get(name) ?? 0;
    if (this.#channels.get(name) !== undefined) this.#lastSent.set(name, this.#sent);
    this.#tell(this.#subjects.channel(name), {
      is: "passed_on",
      from: this.#self,
      number: this.#sent,
      before,
      name,
      data: json,
    });
    return delivered;
  }

  follow(
    name: string,
    subscriber: ChannelSubscriber,
    since: ChannelPosition | undefined,
  ): Eventually<Result<Followed, string>> {
    const hearing = this.#hear(name);
    return hearing.hasBegun
      ? this.#followHere(name, subscriber, since)
      : this.#followLater(hearing, name, subscriber, since);
  }

  unsubscribe(channel: Channel, subscriber: ChannelSubscriber): void {
    this.#channels.unsubscribe(channel, subscriber);
  }

  /** Lines of this node. */
  presence(name: string): number {
    return this.#channels.presence(name);
  }

  knownPresence(name: string): number {
    return this.presence(name);
  }

  endRoom(room: string, why: CloseName): void {
    this.#endHere(room);
    if (why !== "restarting") this.#tell(this.#subjects.endedRooms, { is: "room_ended", room });
  }

  /** Forgets everything; the bus stays open. Safe twice. */
  close(): void {
    this.#isClosed = true;
    this.#stopHearingAll?.();
    for (const name of this.#hearings.keys()) this.#forget(name);
    this.#channels.close();
  }

  #followHere(
    name: string,
    subscriber: ChannelSubscriber,
    since: ChannelPosition | undefined,
  ): Result<Followed, string> {
    const followed = this.#channels.follow(name, subscriber, since);
    if (this.#channels.get(name) === undefined) this.#forget(name);
    return followed;
  }

  async #followLater(
    hearing: Hearing,
    name: string,
    subscriber: ChannelSubscriber,
    since: ChannelPosition | undefined,
  ): Promise<Result<Followed, string>> {
    try {
      await hearing.begun;
    } catch (error) {
      this.#options.onFailure(error);
      throw new ChannelUnavailableError(AWAY, { cause: error });
    }
    if (hearing.isOver) throw new ChannelUnavailableError(AWAY);
    return this.#followHere(name, subscriber, since);
  }

  #hear(name: string): Hearing {
    const known = this.#hearings.get(name);
    if (known !== undefined) return known;
    const subscribed = this.#subscribe(this.#subjects.channel(name), (mail) => this.#take(name, mail));
    const hearing: Hearing = {
      begun: Promise.resolve(subscribed).then(
        (end) => this.#begin(name, hearing, end),
        (error: unknown) => {
          this.#forget(name);
          throw error;
        },
      ),
      hasBegun: false,
      isOver: false,
      end: undefined,
      last: new Map(),
    };
    this.#hearings.set(name, hearing);
    if (!isLater(subscribed)) this.#begin(name, hearing, subscribed);
    hearing.begun.catch(() => {}); // each line that waits for it is told
    return hearing;
  }

  #begin(name: string, hearing: Hearing, end: Unsubscribe): void {
    hearing.end = end;
    hearing.hasBegun = true;
    if (hearing.isOver || this.#hearings.get(name) !== hearing) end();
  }

  /** A subscription of the bus, whose listener gets what can be read. */
  #subscribe(subject: string, listener: (mail: AnyChannelMail) => void): Eventually<Unsubscribe> {
    try {
      return this.#options.bus.subscribe(subject, (data) => {
        const mail = this.#isClosed ? undefined : decodeChannelMail(data);
        if (mail !== undefined) listener(mail);
      });
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #hearAll(): Promise<void> {
    try {
      this.#stopHearingAll = await this.#subscribe(this.#subjects.endedRooms, (mail) => {
        if (mail.is === "room_ended") this.#endHere(mail.room);
      });
      if (this.#isClosed) this.#stopHearingAll();
    } catch (error) {
      this.#options.onFailure(error);
    }
  }

  /** What another node has published. */
  #take(name: string, mail: AnyChannelMail): void {
    const hearing = this.#hearings.get(name);
    if (hearing === undefined || mail.is !== "passed_on" || mail.name !== name || mail.from === this.#self) return;
    if (this.#isMissing(hearing, mail)) this.#renew(name);
    else this.#channels.publishJson(name, mail.data);
  }

  /** Whether something of that node has not come. */
  #isMissing({ last }: Hearing, { from, number, before }: ChannelMail<"passed_on">): boolean {
    const known = last.get(from);
    const [oldest] = last.keys();
    last.delete(from);
    if (last.size >= MAX_SENDERS && oldest !== undefined) last.delete(oldest);
    last.set(from, number);
    return known !== undefined && before !== 0 && before !== known;
  }

  /** The lines that follow it come back, and begin in another epoch. */
  #renew(name: string): void {
    const channel = this.#channels.get(name);
    this.#forget(name);
    if (channel !== undefined) this.#channels.drop(channel, "lost");
  }

  #endHere(room: string): void {
    for (const { name } of this.#channels.ofRoom(room)) this.#forget(name);
    this.#channels.endRoom(room);
  }

  #forget(name: string): void {
    this.#lastSent.delete(name);
    const hearing = this.#hearings.get(name);
    if (hearing === undefined) return;
    this.#hearings.delete(name);
    hearing.isOver = true;
    hearing.end?.();
  }

  /** What was published while the bus was away has not come: every line is told so. */
  #statusChanged(isUp: boolean): void {
    if (isUp && this.#wasDown && !this.#isClosed) for (const name of this.#hearings.keys()) this.#renew(name);
    this.#wasDown = !isUp;
  }

  #tell(subject: string, mail: AnyChannelMail): void {
    void this.#publish(subject, encodeChannelMail(mail));
  }

  async #publish(subject: string, data: Uint8Array): Promise<void> {
    try {
      await this.#options.bus.publish(subject, data);
    } catch (error) {
      this.#options.onFailure(error);
    }
  }
}
