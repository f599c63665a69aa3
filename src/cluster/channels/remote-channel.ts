/**
 * A channel that is at home at another node: publishes there, and where lines follow it here, keeps a mirror of it, whose lines the home counts. A line is
 * answered when the home has counted it, so that what is published from then on says that the line gets it.
 */
import type { Channel, PastPublication } from "../../channels/channel.ts";
import { ChannelUnavailableError, TOO_MANY_CHANNELS } from "../../channels/channel-service.ts";
import type { Channels } from "../../channels/channels.ts";
import type { ChannelPosition } from "../../protocol/channels/channel-command.ts";
import { failure, success } from "../../protocol/result.ts";
import type { Cancel, Clock } from "../../room/ports.ts";
import { MAIL_KINDS } from "../mail/mail-kinds.ts";
import type { NodeMail } from "../mail/node-mail.ts";
import type { NodeId } from "../ports.ts";
import { encodeChannelMail, type ChannelAnswer, type ChannelMail } from "./channel-mail.ts";
import type { ChannelQuestions } from "./channel-questions.ts";
import { bytesOf, type WaitingPublication, type WaitingSubscriber } from "./waiting-actions.ts";

export interface RemoteChannelOptions {
  readonly name: string;
  readonly home: NodeId;
  /** As the directory knows it. */
  readonly epoch: string;
  readonly channels: Channels;
  readonly questions: ChannelQuestions;
  readonly mail: Pick<NodeMail, "send" | "hold">;
  readonly clock: Pick<Clock, "now">;
  /** Counts bytes that wait for the home; negative ones wait no more. */
  readonly count: (bytes: number) => void;
  /** The home has answered. */
  readonly onConfirmed: () => void;
  /** The channel is not at home there, or that node is lost: its home is to be found again, and to do what could not be done. */
  readonly onGone: (undone: Undone) => void;
}

/** What another home is to do. */
export interface Undone {
  /** In their order, before all others. */
  readonly publications?: readonly WaitingPublication[];
  readonly subscribers?: readonly WaitingSubscriber[];
}

/** Publications that are under way to one home. */
const MAX_UNDER_WAY = 1_024;
/** Publications that are taken from a home at once, and their bytes: a little more than a home keeps. */
const MAX_RECALLED = 1_100;
const MAX_RECALLED_BYTES = 1_200_000;

const HOME_LOST =
  "The node that keeps this channel was lost. Whether what was published has arrived is not known: those that follow the channel are told what they miss.";
const TOO_MUCH = "Too much is published on this channel at once. Come back later.";

export class RemoteChannel {
  readonly home: NodeId;
  readonly #options: RemoteChannelOptions;
  #epoch: string;
  /** The home sends its publications to this node. */
  #isFollowing = false;
  #isAsking = false;
  /** What waits for that. */
  #forMirror: WaitingSubscriber[] = [];
  /** What waits until the home has counted the lines: it is told, or it is not known. */
  #forCount: ((isTold: boolean) => void)[] = [];
  readonly #underWay = new Map<number, WaitingPublication>();
  #release: Cancel | undefined;
  #isGone = false;
  /** Lines that follow it at all nodes, as the home has said last. */
  lines = 0;

  constructor(options: RemoteChannelOptions) {
    this.#options = options;
    this.home = options.home;
    this.#epoch = options.epoch;
  }

  /** Nothing needs it here. */
  get isUnused(): boolean {
    return !this.#isFollowing && !this.#isAsking && this.#underWay.size === 0;
  }

  /** A mirror that followed the channel at an earlier home, or before that was lost, goes on here. */
  resume(): void {
    const { mirror } = this;
    if (mirror === undefined) return;
    if (mirror.subscriberCount === 0) this.#options.channels.drop(mirror, "lost");
    else this.#ask(mirror);
  }

  publish(publication: WaitingPublication): void {
    if (this.#underWay.size >= MAX_UNDER_WAY) return publication.fail(new ChannelUnavailableError(TOO_MUCH));
    const { questions, name } = this.#asked;
    const request = questions.ask(
      this.home,
      { is: "publish", name, epoch: this.#epoch, data: publication.json },
      (answer) => {
        this.#land(request);
        if (answer?.is === "done") this.#published(publication, answer.number);
        else if (answer === undefined) publication.fail(new ChannelUnavailableError(HOME_LOST));
        else this.#options.onGone({ publications: [publication, ...this.takeUnderWay()] });
      },
    );
    this.#underWay.set(request, publication);
    this.#options.count(bytesOf(publication));
  }

  follow(waiting: WaitingSubscriber): void {
    if (this.#isFollowing) return this.#add(waiting);
    this.#forMirror.push(waiting);
    this.#ask(undefined);
  }

  /** Tells the home how many lines follow the channel here. Fulfilled when it knows, or is lost. */
  tellCount(): Promise<void> | undefined {
    if (!this.#isFollowing) return undefined;
    return new Promise((resolve) => this.#count(() => resolve()));
  }

  async presence(): Promise<number> {
    const { questions, name } = this.#asked;
    return new Promise((resolve, reject) => {
      questions.ask(this.home, { is: "presence", name }, (answer) => {
        if (answer !== undefined) this.#options.onConfirmed();
        if (answer?.is === "done") resolve(answer.number);
        else if (answer === undefined)
          reject(new ChannelUnavailableError("The node that keeps this channel was lost."));
        else resolve(0); // it was in use no more
      });
    });
  }

  /** A publication of the home. */
  heard({ epoch, offset, data }: ChannelMail<"publication">): void {
    const { mirror } = this;
    if (!this.#isFollowing || mirror?.epoch !== epoch || offset <= mirror.offset) return;
    if (offset === mirror.offset + 1) mirror.publish(data, this.#options.clock.now());
    else this.#options.onGone({});
  }

  /** Whether it follows the channel in this epoch, and has all of it. */
  has(epoch: string): boolean {
    return this.#isFollowing && this.mirror?.epoch === epoch;
  }

  /** The mirror is forgotten. */
  leave(): void {
    if (!this.#isFollowing) return;
    this.#stop();
    const { mail, name } = this.#asked;
    mail.send(this.home, MAIL_KINDS.channels, encodeChannelMail({ is: "leave", name, epoch: this.#epoch }));
  }

  /** That node is the home no more. Returns what waits for it to send its publications. */
  end(): readonly WaitingSubscriber[] {
    this.#isGone = true;
    this.#stop();
    const waiting = this.#forMirror;
    this.#forMirror = [];
    return waiting;
  }

  /** Publications that are under way to a home that has said that it is none: as it takes what it is sent in order, it does nothing with them. */
  takeUnderWay(): readonly WaitingPublication[] {
    const publications = [...this.#underWay.values()];
    for (const request of this.#underWay.keys()) {
      this.#options.questions.forget(request);
      this.#land(request);
    }
    return publications;
  }

  get mirror(): Channel | undefined {
    const channel = this.#options.channels.get(this.#options.name);
    return channel?.isMirror === true ? channel : undefined;
  }

  get #asked(): RemoteChannelOptions {
    return this.#options;
  }

  #stop(): void {
    this.#isFollowing = false;
    this.#release?.();
    this.#release = undefined;
  }

  /** The publication is under way no more. */
  #land(request: number): void {
    const publication = this.#underWay.get(request);
    if (publication !== undefined && this.#underWay.delete(request)) this.#options.count(-bytesOf(publication));
  }

  #published(publication: WaitingPublication, delivered: number): void {
    this.lines = delivered;
    this.#options.onConfirmed();
    publication.done(delivered);
  }

  #ask(since: Channel | undefined): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { questions, name } = this.#asked;
    const kept = new RecalledPublications(this.#options.clock);
    const { epoch = "", offset = 0, subscriberCount: lines = 0 } = since ?? {};
    questions.ask(this.home, { is: "follow", name, epoch, offset, lines }, (answer) => {
      if (answer?.is === "kept") return kept.add(answer);
      this.#isAsking = false;
      if (answer?.is === "followed") this.#followed(answer, kept.all);
      else this.#refused(answer, {});
    });
  }

  #followed({ epoch, offset, isWhole }: ChannelMail<"followed">, kept: readonly PastPublication[]): void {
    const { channels, name, mail, onConfirmed } = this.#options;
    this.#epoch = epoch;
    this.#isFollowing = true;
    this.#release = mail.hold(this.home);
    if (this.#isGone) return this.leave();
    onConfirmed();
    const former = this.mirror;
    const goesOn = former?.epoch === epoch && isWhole === 1 && catchUp(former, kept, offset);
    if (former !== undefined && !goesOn) channels.drop(former, "lost");
    const mirror = this.mirror ?? channels.open(name, epoch, { offset, isMirror: true });
    const waiting = this.#forMirror;
    this.#forMirror = [];
    if (mirror === undefined) {
      this.leave();
      for (const each of waiting) each.done(failure(TOO_MANY_CHANNELS));
      return;
    }
    if (former !== undefined) this.#count(() => {}); // lines that the question has named may have left meanwhile
    for (const each of waiting) this.#add(each);
  }

  /** The home is lost, or has said that it is none. */
  #refused(answer: ChannelAnswer | undefined, undone: Undone): void {
    this.#options.onGone({ ...undone, publications: answer === undefined ? [] : this.takeUnderWay() });
  }

  #add(waiting: WaitingSubscriber): void {
    const { channels, name } = this.#options;
    const joined = channels.subscribe(name, waiting.subscriber);
    if (!joined.ok) return waiting.done(joined);
    this.#count((isTold) => {
      if (isTold) this.#place(waiting, joined.value);
      else this.#options.onGone({ subscribers: [waiting] });
    });
  }

  /** From where a line hears the channel, in the turn in which the home has said that it counts. */
  #place(waiting: WaitingSubscriber, mirror: Channel): void {
    const { since } = waiting;
    const placed = this.#options.channels.placeIn(mirror, since);
    const mayBeAtHome = since !== undefined && since.epoch === mirror.epoch && since.offset < mirror.offset;
    if (placed.recovered || !mayBeAtHome) return waiting.done(success(placed));
    this.#recall(waiting, mirror, since);
  }

  /** Asks the home for what the mirror does not reach back to. */
  #recall(waiting: WaitingSubscriber, mirror: Channel, { epoch, offset }: ChannelPosition): void {
    const { questions, name, channels, clock } = this.#options;
    const kept = new RecalledPublications(clock);
    questions.ask(this.home, { is: "recall", name, epoch, offset, before: mirror.keptFrom }, (answer) => {
      if (answer?.is === "kept") return kept.add(answer);
      if (answer?.is !== "done") return this.#refused(answer, { subscribers: [waiting] });
      if (answer.number === 1) mirror.keepEarlier(kept.all);
      waiting.done(success(channels.placeIn(mirror, waiting.since)));
    });
  }

  /** What one turn changes is told at once. */
  #count(onTold: (isTold: boolean) => void): void {
    this.#forCount.push(onTold);
    if (this.#forCount.length === 1) queueMicrotask(() => this.#tellLines());
  }

  #tellLines(): void {
    const waiting = this.#forCount;
    this.#forCount = [];
    const { mirror } = this;
    const tellAll = (isTold: boolean): void => {
      for (const onTold of waiting) onTold(isTold);
    };
    if (mirror === undefined || !this.#isFollowing) return tellAll(false);
    const { questions, name } = this.#asked;
    const lines = mirror.subscriberCount;
    questions.ask(this.home, { is: "count", name, epoch: this.#epoch, lines }, (answer) => {
      if (answer?.is === "done") this.lines = answer.number;
      else this.#refused(answer, {});
      tellAll(answer?.is === "done");
    });
  }
}

/** The publications before an answer, as far as they may be kept. */
class RecalledPublications {
  readonly all: PastPublication[] = [];
  readonly #clock: Pick<Clock, "now">;
  #bytes = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  add(answer: ChannelAnswer & { readonly is: "kept" }): void {
    this.#bytes += answer.data.length;
    if (this.all.length >= MAX_RECALLED || this.#bytes > MAX_RECALLED_BYTES) return;
    // The bytes are a view of a mail.
    this.all.push({ offset: answer.offset, data: answer.data.slice(), at: this.#clock.now() - answer.ageMs });
  }
}

/** Publishes on a mirror what it has missed. Returns whether it has everything up to `offset` then. */
function catchUp(mirror: Channel, missed: readonly PastPublication[], offset: number): boolean {
  for (const { data, at, offset: each } of missed) if (each === mirror.offset + 1) mirror.publish(data, at);
  return mirror.offset === offset;
}
