/**
 * The channels of many nodes (P8.7). Each channel in use has a home, which the directory knows: it numbers the publications and keeps the last of them. Other
 * nodes publish there, and where lines follow the channel there, mirror it with the same epoch and numbers. So a line goes on at any node.
 */
import type { Channel, ChannelSubscriber } from "../../channels/channel.ts";
import {
  ChannelUnavailableError,
  publicationOf,
  type ChannelService,
  type Followed,
} from "../../channels/channel-service.ts";
import { Channels } from "../../channels/channels.ts";
import type { ChannelPosition } from "../../protocol/channels/channel-command.ts";
import type { CloseName } from "../../protocol/close-codes.ts";
import type { Eventually } from "../../protocol/eventually.ts";
import type { Result } from "../../protocol/result.ts";
import type { MemoryAccount, MemoryBudget } from "../../room/memory-budget.ts";
import type { Cancel, Clock } from "../../room/ports.ts";
import type { Homes } from "../homes.ts";
import { MAIL_KINDS } from "../mail/mail-kinds.ts";
import type { NodeMail } from "../mail/node-mail.ts";
import type { Bus, NodeId } from "../ports.ts";
import {
  decodeChannelMail,
  encodeChannelMail,
  type AnyChannelMail,
  type ChannelMail,
  type ChannelQuestion,
} from "./channel-mail.ts";
import { ChannelPlace } from "./channel-place.ts";
import { ChannelQuestions } from "./channel-questions.ts";
import type { WaitingAction } from "./waiting-actions.ts";

export interface NodeChannelsOptions {
  readonly mail: Pick<NodeMail, "send" | "on" | "broadcast" | "onBroadcast" | "onLost" | "hold">;
  readonly homes: Pick<Homes, "claim" | "find" | "settle" | "release">;
  readonly bus: Pick<Bus, "isUp" | "onStatus">;
  readonly leaseMs: number;
  readonly clock: Clock;
  /** Counts what is kept, what waits, and who follows it. */
  readonly budget: MemoryBudget;
  /** Is told of each publication from here, and how many lines get it. @default it is not told */
  readonly onPublished?: ((delivered: number) => void) | undefined;
  /** The directory could not be reached; it is tried again. */
  readonly onFailure: (error: unknown) => void;
  /** @default 16384 */
  readonly maxChannels?: number | undefined;
}

/** Channels of which this node knows where they are. */
const MAX_PLACES = 65_536;
const PLACE_BYTES = 1_024;
/** How often places are looked for that are not needed any more, and how long one is kept. */
const SWEEP_MS = 10_000;
const PLACE_IDLE_MS = 60_000;
/** Rooms that ended while the bus was away. */
const MAX_UNTOLD_ROOMS = 10_000;

const CLOSED = "The server is closing.";
const TOO_MANY = "The server knows of too many channels. Come back later.";

export class NodeChannels implements ChannelService {
  readonly #options: NodeChannelsOptions;
  /** The channels that are at home here, and the mirrors of others. */
  readonly #channels: Channels;
  readonly #places = new Map<string, ChannelPlace>();
  readonly #questions: ChannelQuestions;
  readonly #account: MemoryAccount;
  readonly #untoldRooms = new Set<string>();
  #stopSweep: Cancel | undefined;
  #isClosed = false;

  constructor(options: NodeChannelsOptions) {
    const { mail, bus, clock, budget, maxChannels } = options;
    this.#options = options;
    this.#questions = new ChannelQuestions(mail);
    this.#account = budget.open({
      cut: () => {
        for (const place of this.#places.values()) place.cut();
        return "stays";
      },
    });
    this.#channels = new Channels({
      clock,
      budget,
      maxChannels,
      onForgotten: (channel) => this.#places.get(channel.name)?.forgotten(channel),
    });
    mail.on(MAIL_KINDS.channels, (from, body) => this.#take(from, decodeChannelMail(body)));
    mail.onBroadcast(MAIL_KINDS.channels, (_, body) => this.#hearAll(decodeChannelMail(body)));
    mail.onLost((node) => this.#lost(node));
    bus.onStatus?.((isUp) => {
      if (isUp) this.#tellUntoldRooms();
    });
  }

  get channelCount(): number {
    return this.#channels.channelCount;
  }

  get subscriptionCount(): number {
    return this.#channels.subscriptionCount;
  }

  async publish(channel: string, data: unknown): Promise<{ readonly delivered: number }> {
    return { delivered: await this.publishJson(channel, publicationOf(channel, data)) };
  }

  publishJson(name: string, json: Uint8Array): Eventually<number> {
    const home = this.#places.get(name)?.home;
    if (home !== undefined) return this.#published(home.publish(json));
    return this.#ask<number>(name, (resolve, fail) => ({
      is: "publication",
      json: json.slice(),
      done: (delivered) => resolve(this.#published(delivered)),
      fail,
    }));
  }

  follow(
    name: string,
    subscriber: ChannelSubscriber,
    since: ChannelPosition | undefined,
  ): Eventually<Result<Followed, string>> {
    if (this.#places.get(name)?.home !== undefined) return this.#channels.follow(name, subscriber, since);
    return this.#ask<Result<Followed, string>>(name, (done, fail) => ({
      is: "subscriber",
      subscriber,
      since,
      done,
      fail,
    }));
  }

  unsubscribe(channel: Channel, subscriber: ChannelSubscriber): Eventually<void> {
    if (!channel.has(subscriber)) return undefined;
    this.#channels.unsubscribe(channel, subscriber);
    return channel.isMirror ? this.#places.get(channel.name)?.remote?.tellCount() : undefined;
  }

  presence(name: string): Eventually<number> {
    const home = this.#places.get(name)?.home;
    if (home !== undefined) return home.lines;
    return this.#ask<number>(name, (resolve, fail) => ({
      is: "question",
      atHome: ({ lines }) => resolve(lines),
      elsewhere: (remote) => resolve(remote?.presence() ?? 0),
      fail,
    }));
  }

  knownPresence(name: string): number {
    const place = this.#places.get(name);
    return place?.home?.lines ?? Math.max(place?.remote?.lines ?? 0, this.#channels.presence(name));
  }

  /** Each home tells those that follow one of its channels, behind what was published there. */
  endRoom(room: string, why: CloseName): void {
    if (why === "restarting" || this.#isClosed) return;
    this.#endHere(room);
    if (this.#options.bus.isUp !== false) this.#tellAll(room);
    else if (this.#untoldRooms.size < MAX_UNTOLD_ROOMS) this.#untoldRooms.add(room);
  }

  /** Forgets everything. Channels that are at home here go to nodes that follow them. Safe twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopSweep?.();
    for (const place of this.#places.values()) place.close();
    this.#places.clear();
    this.#channels.close();
    this.#account.close();
  }

  #published(delivered: number): number {
    this.#options.onPublished?.(delivered);
    return delivered;
  }

  async #ask<Answer>(
    name: string,
    actionOf: (resolve: (answer: Eventually<Answer>) => void, fail: (error: Error) => void) => WaitingAction,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => this.#do(name, actionOf(resolve, reject)));
  }

  #do(name: string, action: WaitingAction): void {
    const place = this.#placeOf(name);
    if (place === undefined) action.fail(new ChannelUnavailableError(this.#isClosed ? CLOSED : TOO_MANY));
    else place.do(action);
  }

  /** `undefined`: there are too many. */
  #placeOf(name: string): ChannelPlace | undefined {
    const known = this.#places.get(name);
    if (known !== undefined || this.#isClosed) return known;
    if (this.#places.size >= MAX_PLACES) this.#forgetUnused(0);
    if (this.#places.size >= MAX_PLACES) return undefined;
    const place = new ChannelPlace(name, {
      ...this.#options,
      channels: this.#channels,
      questions: this.#questions,
      count: (bytes) => this.#account.add(bytes),
      onOver: (over) => this.#forget(over),
      again: (again, action) => this.#do(again, action),
    });
    this.#places.set(name, place);
    this.#account.add(PLACE_BYTES);
    this.#stopSweep ??= this.#options.clock.after(SWEEP_MS, () => this.#sweep());
    return place;
  }

  #forget(place: ChannelPlace): void {
    if (this.#places.get(place.name) !== place) return;
    this.#places.delete(place.name);
    this.#account.add(-PLACE_BYTES);
  }

  #sweep(): void {
    this.#forgetUnused(PLACE_IDLE_MS);
    this.#stopSweep = this.#places.size === 0 ? undefined : this.#options.clock.after(SWEEP_MS, () => this.#sweep());
  }

  #forgetUnused(idleMs: number): void {
    const before = this.#options.clock.now() - idleMs;
    for (const place of this.#places.values()) if (place.isUnused && place.usedAt <= before) place.close();
  }

  #take(from: NodeId, mail: AnyChannelMail | undefined): void {
    switch (mail?.is) {
      case "follow":
      case "count":
      case "publish":
      case "recall":
      case "presence":
        return this.#answer(from, mail);
      case "leave":
        return this.#leave(from, mail);
      case "followed":
      case "done":
      case "elsewhere":
      case "kept":
        return this.#questions.answer(from, mail);
      case "publication":
        return this.#hear(from, mail);
      case "ended":
        return this.#places.get(mail.name)?.ended(from, mail.epoch);
      case "moved":
        return this.#places.get(mail.name)?.moved(from, mail.epoch);
      case "room_ended":
      case "passed_on":
      case undefined:
        return; // is not said by mail, or of a later version
      default:
        mail satisfies never;
    }
  }

  /** The directory says that the channel is at home here, or has said so: where this node does not know it yet, it looks. */
  #answer(from: NodeId, question: ChannelQuestion): void {
    const refuse = (): void => this.#tell(from, { is: "elsewhere", request: question.request });
    const home = this.#places.get(question.name)?.home;
    if (home !== undefined) home.answer(from, question);
    else if (this.#isClosed) refuse();
    else {
      const atHome = toOwned(question);
      this.#do(question.name, {
        is: "question",
        atHome: (found) => found.answer(from, atHome),
        elsewhere: refuse,
        fail: refuse,
      });
    }
  }

  #leave(from: NodeId, { name, epoch }: ChannelMail<"leave">): void {
    const home = this.#places.get(name)?.home;
    if (home?.channel.epoch === epoch) home.drop(from);
  }

  #hear(from: NodeId, mail: ChannelMail<"publication">): void {
    const remote = this.#places.get(mail.name)?.remote;
    if (remote?.home === from) remote.heard(mail);
  }

  #hearAll(mail: AnyChannelMail | undefined): void {
    if (mail?.is === "room_ended") this.#endHere(mail.room);
  }

  #endHere(room: string): void {
    for (const { name } of this.#channels.ofRoom(room)) this.#places.get(name)?.end();
  }

  #tellAll(room: string): void {
    this.#options.mail.broadcast(MAIL_KINDS.channels, encodeChannelMail({ is: "room_ended", room }));
  }

  #tellUntoldRooms(): void {
    for (const room of this.#untoldRooms) this.#tellAll(room);
    this.#untoldRooms.clear();
  }

  #lost(node: NodeId): void {
    this.#questions.lost(node);
    for (const place of this.#places.values()) place.lost(node);
  }

  #tell(to: NodeId, mail: AnyChannelMail): void {
    this.#options.mail.send(to, MAIL_KINDS.channels, encodeChannelMail(mail));
  }
}

/** What is said by mail is a view of it. */
function toOwned(question: ChannelQuestion): ChannelQuestion {
  return question.is === "publish" ? { ...question, data: question.data.slice() } : question;
}
