/** One channel that a line follows: hands on what is published, and knows how far the line has got where it is sent what it missed. */
import type { Channel, ChannelSubscriber } from "./channel.ts";

/** The line, as far as a subscription uses it. */
export interface SubscribedLine {
  /** Returns whether the line gets it. */
  send(frame: Uint8Array): boolean;
  /** The room is over whose channel of this name it was. */
  ended(name: string): void;
  /** A channel cannot go on here. */
  lost(): void;
}

export class Subscription implements ChannelSubscriber {
  readonly sub: string;
  channel: Channel | undefined;
  /** The publication that is to be sent next, out of what is kept; `undefined`: the line has them all. */
  next: number | undefined;
  readonly #line: SubscribedLine;

  constructor(line: SubscribedLine, sub: string) {
    this.#line = line;
    this.sub = sub;
  }

  /** Its turn comes behind the answer, and behind what was missed. */
  hear(frame: Uint8Array): boolean {
    return this.channel !== undefined && this.next === undefined ? this.#line.send(frame) : true;
  }

  ended(): void {
    if (this.channel !== undefined) this.#line.ended(this.channel.name);
  }

  lost(): void {
    this.#line.lost();
  }

  /** The line has all publications up to this one. */
  begin(channel: Channel, offset: number): void {
    this.channel = channel;
    this.next = offset < channel.offset ? offset + 1 : undefined;
  }

  /** The publication that is to be sent next; `undefined` where there is none, or where it is gone. */
  get nextFrame(): Uint8Array | undefined {
    return this.next === undefined ? undefined : this.channel?.frameOf(this.next);
  }

  /** That one is sent. */
  goOn(): void {
    if (this.channel !== undefined && this.next !== undefined) this.begin(this.channel, this.next);
  }
}
