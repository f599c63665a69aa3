/** A channel that is at home here: numbers its publications, sends them to the nodes that follow it, and knows how many lines each of them has. */
import type { Channel } from "../../channels/channel.ts";
import type { Channels } from "../../channels/channels.ts";
import type { Cancel, Clock } from "../../room/ports.ts";
import { MAIL_KINDS } from "../mail/mail-kinds.ts";
import type { NodeMail } from "../mail/node-mail.ts";
import type { NodeId } from "../ports.ts";
import { encodeChannelMail, type AnyChannelMail, type ChannelQuestion } from "./channel-mail.ts";

export interface HomeChannelOptions {
  readonly channel: Channel;
  readonly channels: Channels;
  readonly mail: Pick<NodeMail, "send" | "hold">;
  readonly clock: Pick<Clock, "now">;
}

interface Follower {
  lines: number;
  /** Ends the watch for its silence. */
  readonly release: Cancel;
}

export class HomeChannel {
  readonly channel: Channel;
  readonly #options: HomeChannelOptions;
  readonly #followers = new Map<NodeId, Follower>();

  constructor(options: HomeChannelOptions) {
    this.channel = options.channel;
    this.#options = options;
  }

  /** Lines at all nodes. */
  get lines(): number {
    return this.channel.subscriberCount + this.#linesElsewhere;
  }

  /** Returns how many lines get it. */
  publish(json: Uint8Array): number {
    const { channel } = this;
    const delivered = channel.publish(json, this.#options.clock.now()) + this.#linesElsewhere;
    if (this.#followers.size > 0) {
      const { name, epoch, offset } = channel;
      this.#tell({ is: "publication", name, epoch, offset, data: json });
    }
    return delivered;
  }

  answer(from: NodeId, question: ChannelQuestion): void {
    const { request } = question;
    if (question.is === "presence") return this.#send(from, { is: "done", request, number: this.lines });
    if (question.is === "follow") return this.#follow(from, question);
    if (question.epoch !== this.channel.epoch) return this.#send(from, { is: "elsewhere", request });
    switch (question.is) {
      case "publish":
        return this.#send(from, { is: "done", request, number: this.publish(question.data) });
      case "count":
        return this.#count(from, question);
      case "recall": {
        const isWhole = this.#recall(from, request, question);
        return this.#send(from, { is: "done", request, number: isWhole ? 1 : 0 });
      }
      default:
        question satisfies never;
    }
  }

  /** The node follows it no more, or is lost. Safe for one that does not follow it. */
  drop(node: NodeId): void {
    this.#followers.get(node)?.release();
    if (this.#followers.delete(node)) this.#noteFollowers();
  }

  /** It is at home here no more, for which the nodes that follow it are told why. */
  end(why: "ended" | "moved"): void {
    const { name, epoch } = this.channel;
    this.#tell({ is: why, name, epoch });
    for (const { release } of this.#followers.values()) release();
    this.#followers.clear();
  }

  #follow(from: NodeId, question: ChannelQuestion & { readonly is: "follow" }): void {
    this.#followers.get(from)?.release();
    this.#followers.set(from, { lines: question.lines, release: this.#options.mail.hold(from) });
    this.#noteFollowers();
    const { epoch, offset } = this.channel;
    const isWhole = this.#recall(from, question.request, { ...question, before: offset + 1 });
    this.#send(from, { is: "followed", request: question.request, epoch, offset, isWhole: isWhole ? 1 : 0 });
  }

  #count(from: NodeId, { request, lines }: ChannelQuestion & { readonly is: "count" }): void {
    const follower = this.#followers.get(from);
    if (follower === undefined) return this.#send(from, { is: "elsewhere", request });
    follower.lines = lines;
    this.#send(from, { is: "done", request, number: this.lines });
  }

  /** Sends the publications after `offset` and before `before`. `false`: not all of them are kept. */
  #recall(
    to: NodeId,
    request: number,
    { epoch, offset, before }: { readonly epoch: string; readonly offset: number; readonly before: number },
  ): boolean {
    const now = this.#options.clock.now();
    if (!this.channel.reachesBackTo({ epoch, offset }, now)) return false;
    for (const kept of this.channel.keptAfter(offset)) {
      if (kept.offset >= before) break;
      const ageMs = Math.max(0, Math.round(now - kept.at));
      this.#send(to, { is: "kept", request, offset: kept.offset, ageMs, data: kept.data });
    }
    return true;
  }

  get #linesElsewhere(): number {
    let lines = 0;
    for (const follower of this.#followers.values()) lines += follower.lines;
    return lines;
  }

  #noteFollowers(): void {
    this.#options.channels.setFollowers(this.channel, this.#followers.size);
  }

  /** The same bytes to each node that follows it. */
  #tell(mail: AnyChannelMail): void {
    const body = encodeChannelMail(mail);
    for (const node of this.#followers.keys()) this.#options.mail.send(node, MAIL_KINDS.channels, body);
  }

  #send(to: NodeId, mail: AnyChannelMail): void {
    this.#options.mail.send(to, MAIL_KINDS.channels, encodeChannelMail(mail));
  }
}
