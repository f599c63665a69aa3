/**
 * Where one channel is at home, as this node knows it: here, at another node, or still to be found. What is asked of the channel meanwhile waits, in its order
 * and for a bounded time.
 */
import { nanoid } from "nanoid";
import type { Channel } from "../../channels/channel.ts";
import { ChannelUnavailableError, TOO_MANY_CHANNELS } from "../../channels/channel-service.ts";
import type { Channels } from "../../channels/channels.ts";
import { failure } from "../../protocol/result.ts";
import type { Cancel, Clock } from "../../room/ports.ts";
import type { Tenant } from "../holding.ts";
import type { Homes } from "../homes.ts";
import type { NodeMail } from "../mail/node-mail.ts";
import type { NodeId } from "../ports.ts";
import { channelKey } from "./channel-key.ts";
import type { ChannelQuestions } from "./channel-questions.ts";
import { HomeChannel } from "./home-channel.ts";
import { RemoteChannel, type Undone } from "./remote-channel.ts";
import { WaitingActions, type WaitingAction } from "./waiting-actions.ts";

/** What all channels of one node share. */
export interface ChannelPlaceOptions {
  readonly channels: Channels;
  readonly homes: Pick<Homes, "claim" | "find" | "settle" | "release">;
  readonly questions: ChannelQuestions;
  readonly mail: Pick<NodeMail, "send" | "hold">;
  readonly clock: Clock;
  readonly leaseMs: number;
  /** Counts bytes that wait; negative ones wait no more. */
  readonly count: (bytes: number) => void;
  /** The directory could not be reached; it is tried again. */
  readonly onFailure: (error: unknown) => void;
  /** Nothing is to be known of the channel here any more. */
  readonly onOver: (place: ChannelPlace) => void;
  /** Something that came back too late for its place is to be done all the same. */
  readonly again: (name: string, action: WaitingAction) => void;
}

/** Milliseconds between tries to find the home, at first and at most. */
const FIRST_PAUSE_MS = 20;
const MAX_PAUSE_MS = 500;
/** The directory is asked so often within a lease whether a home that does not answer is still the home. */
const LOOKS_PER_LEASE = 5;
/** A home is looked for so much longer than two leases: one until its loss is noticed, and one until the directory lets it be taken over. */
const EXTRA_WAIT_MS = 2_000;

const AWAY = "The node that keeps this channel cannot be reached now. Come back in a moment.";
const TOO_MUCH = "Too much waits to be published on this channel. Come back in a moment.";

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

export class ChannelPlace {
  readonly name: string;
  /** When it was last asked something. */
  usedAt: number;
  readonly #options: ChannelPlaceOptions;
  readonly #waiting: WaitingActions;
  #where: HomeChannel | RemoteChannel | undefined;
  /** Since when no home has answered; `undefined`: one has. */
  #unknownSince: number | undefined;
  #tries = 0;
  #isLooking = false;
  #stopWatch: Cancel | undefined;
  #stopPause: Cancel | undefined;
  /** The mirror has all that was published in its epoch, so that this node may go on with it. */
  #hasAll = false;
  #isOver = false;

  constructor(name: string, options: ChannelPlaceOptions) {
    this.name = name;
    this.#options = options;
    this.#waiting = new WaitingActions(options.count);
    this.usedAt = options.clock.now();
  }

  /** The channel, where it is at home here. */
  get home(): HomeChannel | undefined {
    return this.#where instanceof HomeChannel ? this.#where : undefined;
  }

  /** What this node has to do with it, where it is at home elsewhere. */
  get remote(): RemoteChannel | undefined {
    return this.#where instanceof RemoteChannel ? this.#where : undefined;
  }

  /** Nothing here needs to know where it is. */
  get isUnused(): boolean {
    return this.#waiting.size === 0 && !this.#isLooking && this.remote?.isUnused === true;
  }

  do(action: WaitingAction): void {
    this.usedAt = this.#options.clock.now();
    if (this.#where !== undefined && this.#waiting.size === 0) return this.#run(this.#where, action);
    if (action.is === "publication" && this.#waiting.isFullFor(action.json.length)) {
      return action.fail(new ChannelUnavailableError(TOO_MUCH));
    }
    this.#waiting.push(action);
    this.#goOn();
  }

  /** A node is lost, or has begun anew. */
  lost(node: NodeId): void {
    this.home?.drop(node);
    if (this.remote?.home === node) this.#leaveHome(this.remote, {});
  }

  /** The home goes, and has sent everything. */
  moved(from: NodeId, epoch: string): void {
    const { remote } = this;
    if (remote?.home !== from || !remote.has(epoch)) return;
    this.#hasAll = true;
    this.#leaveHome(remote, { publications: remote.takeUnderWay() });
  }

  /** The channel is forgotten here, as nothing follows it. */
  forgotten(channel: Channel): void {
    if (this.home?.channel === channel) this.#release();
    else this.remote?.leave();
  }

  /** The room is over whose channel it was. The home says so to all that follow it. */
  end(): void {
    const { home } = this;
    if (home === undefined) return;
    home.end("ended");
    this.#release();
    this.#options.channels.drop(home.channel, "ended");
  }

  /** The home has said so. */
  ended(from: NodeId, epoch: string): void {
    const { remote } = this;
    if (remote?.home !== from || remote.mirror === undefined || !remote.has(epoch)) return;
    this.#options.channels.drop(remote.mirror, "ended");
    this.#leaveHome(remote, { publications: remote.takeUnderWay() });
  }

  /** This node goes. One that has everything may go on with the channel. */
  close(): void {
    this.home?.end("moved");
    if (this.home !== undefined) this.#options.homes.release(channelKey(this.name));
    this.#end();
    this.#failAll();
  }

  /** The memory of the process is used up: what waits to be published is refused. */
  cut(): void {
    for (const publication of this.#waiting.takePublications()) publication.fail(new ChannelUnavailableError(TOO_MUCH));
  }

  #run(where: HomeChannel | RemoteChannel, action: WaitingAction): void {
    const home = where instanceof HomeChannel ? where : undefined;
    const remote = where instanceof RemoteChannel ? where : undefined;
    switch (action.is) {
      case "publication":
        if (home !== undefined) action.done(home.publish(action.json));
        return remote?.publish(action);
      case "subscriber":
        if (home !== undefined) action.done(this.#options.channels.follow(this.name, action.subscriber, action.since));
        return remote?.follow(action);
      case "question":
        if (home !== undefined) return action.atHome(home);
        return action.elsewhere(remote);
      default:
        action satisfies never;
    }
  }

  /** Does what waits, where it is known where; looks for the home otherwise. */
  #goOn(): void {
    while (this.#where !== undefined) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#run(this.#where, next);
    }
    if (this.#isLooking || this.#isOver) return;
    this.#isLooking = true;
    this.#unknownSince ??= this.#options.clock.now();
    void this.#look();
  }

  /** That node is the home no more, or may have been another one meanwhile. */
  #leaveHome(remote: RemoteChannel, { publications = [], subscribers = [] }: Undone): void {
    const isCurrent = this.#where === remote;
    const actions = [...publications, ...subscribers, ...(isCurrent ? remote.end() : [])];
    if (this.#isOver) {
      for (const action of actions) this.#options.again(this.name, action);
      return;
    }
    this.#waiting.unshift(actions);
    if (isCurrent) this.#where = undefined;
    if (isCurrent) this.#stopWatch?.();
    if (this.#where !== undefined || this.#isNeeded) this.#goOn();
    else this.#end();
  }

  /** Something here waits to know where the channel is at home, or can go on with it. */
  get #isNeeded(): boolean {
    const mirror = this.#mirror;
    return this.#waiting.size > 0 || (mirror !== undefined && (mirror.subscriberCount > 0 || this.#hasAll));
  }

  async #look(): Promise<void> {
    const { onFailure } = this.#options;
    let where: HomeChannel | RemoteChannel | "full" | undefined;
    do {
      if (this.#tries > 0) await this.#pause();
      this.#tries += 1;
      try {
        where = await this.#find();
      } catch (error) {
        onFailure(error);
      }
    } while (where === undefined && !this.#isOver && !this.#isTooLate);
    this.#isLooking = false;
    if (this.#isOver) {
      if (where instanceof HomeChannel) this.#undo(where);
    } else if (where === undefined) this.#giveUp();
    else if (where === "full") this.#refuseAll();
    else this.#settle(where);
  }

  /** Where the channel is at home now: here, where it was nowhere. `undefined`: it cannot be said yet. */
  async #find(): Promise<HomeChannel | RemoteChannel | "full" | undefined> {
    const { homes } = this.#options;
    const key = channelKey(this.name);
    const epoch = (this.#hasAll ? this.#mirror?.epoch : undefined) ?? nanoid();
    const tenant: Tenant = { record: () => utf8.encode(epoch), lost: () => this.#dispossess() };
    if ((await homes.claim([key], () => tenant)).length > 0) return this.#begin(epoch);
    const found = await homes.find(key);
    switch (found.at) {
      case "elsewhere":
        return found.record && this.#remote(found.home, fromUtf8.decode(found.record));
      case "orphaned":
      case "here":
        homes.settle(key, tenant);
        return this.#begin(epoch);
      default:
        return undefined;
    }
  }

  #remote(home: NodeId, epoch: string): RemoteChannel {
    const remote: RemoteChannel = new RemoteChannel({
      ...this.#options,
      name: this.name,
      home,
      epoch,
      onConfirmed: () => this.#confirmed(remote),
      onGone: (undone) => this.#leaveHome(remote, undone),
    });
    return remote;
  }

  /** The channel is at home here from now on. */
  #begin(epoch: string): HomeChannel | "full" {
    const { channels } = this.#options;
    const mirror = this.#mirror;
    if (mirror?.epoch === epoch) mirror.takeOver();
    else if (mirror !== undefined) channels.drop(mirror, "lost");
    const channel = channels.get(this.name) ?? channels.open(this.name, epoch);
    if (channel !== undefined) return new HomeChannel({ ...this.#options, channel });
    this.#options.homes.release(channelKey(this.name));
    return "full";
  }

  /** It has come too late. */
  #undo({ channel }: HomeChannel): void {
    this.#options.homes.release(channelKey(this.name));
    this.#options.channels.drop(channel, "lost");
  }

  #settle(where: HomeChannel | RemoteChannel): void {
    this.#where = where;
    if (where instanceof HomeChannel) this.#confirmed(where);
    else if (this.#isNeeded) {
      where.resume();
      this.#watch();
    } else return this.#end();
    this.#goOn();
  }

  #confirmed(where: HomeChannel | RemoteChannel): void {
    if (this.#where !== where) return;
    this.#unknownSince = undefined;
    this.#hasAll = false; // publications may come from there
    this.#tries = 0;
    this.#stopWatch?.();
  }

  /** A home that does not answer may be lost: the directory knows it as soon as another node may have the channel. */
  #watch(): void {
    const { clock, leaseMs } = this.#options;
    this.#stopWatch = clock.after(leaseMs / LOOKS_PER_LEASE, () => void this.#lookAgain());
  }

  async #lookAgain(): Promise<void> {
    const { remote } = this;
    if (remote === undefined || !this.#isUnconfirmed || this.#isOver) return;
    const found = await this.#options.homes.find(channelKey(this.name)).catch(() => undefined);
    if (this.#where !== remote || !this.#isUnconfirmed || this.#isOver) return;
    const isElsewhere = found !== undefined && !(found.at === "elsewhere" && found.home === remote.home);
    if (isElsewhere) this.#options.questions.lost(remote.home, this.name);
    if (isElsewhere) this.#leaveHome(remote, {});
    else this.#watch();
  }

  get #isUnconfirmed(): boolean {
    return this.#unknownSince !== undefined;
  }

  get #mirror(): Channel | undefined {
    const channel = this.#options.channels.get(this.name);
    return channel?.isMirror === true ? channel : undefined;
  }

  get #isTooLate(): boolean {
    const { clock, leaseMs } = this.#options;
    return this.#unknownSince !== undefined && clock.now() - this.#unknownSince >= 2 * leaseMs + EXTRA_WAIT_MS;
  }

  #pause(): Promise<void> {
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** (this.#tries - 1), MAX_PAUSE_MS);
    return new Promise((resolve) => {
      const stop = this.#options.clock.after(ms * (0.5 + Math.random() / 2), resolve);
      this.#stopPause = () => {
        stop();
        resolve();
      };
    });
  }

  /** The channel is another node's by now, as the directory says. */
  #dispossess(): void {
    const { home } = this;
    if (home === undefined) return;
    home.end("moved");
    this.#options.channels.drop(home.channel, "lost");
    this.#leave();
  }

  #release(): void {
    this.#options.homes.release(channelKey(this.name));
    this.#leave();
  }

  #leave(): void {
    this.#where = undefined;
    if (this.#isNeeded) this.#goOn();
    else this.#end();
  }

  /** Lines that follow the channel come back, and ask again. */
  #giveUp(): void {
    this.#end();
    const mirror = this.#mirror;
    if (mirror !== undefined) this.#options.channels.drop(mirror, "lost");
    this.#failAll();
  }

  #end(): void {
    this.#isOver = true;
    this.#stopWatch?.();
    this.#stopPause?.();
    this.#options.onOver(this);
  }

  #failAll(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.fail(new ChannelUnavailableError(AWAY));
    }
  }

  /** This node cannot keep another channel. */
  #refuseAll(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (next.is === "subscriber") next.done(failure(TOO_MANY_CHANNELS));
      else if (next.is === "publication") next.done(0); // no line follows it yet, and nothing of it can be kept
      else next.elsewhere(undefined);
    }
    this.#end();
  }
}
