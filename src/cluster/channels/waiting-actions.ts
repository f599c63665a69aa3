/** What is asked of a channel whose home is not known, in its order. Publications are limited: lines wait for their answers one at a time anyway. */
import type { ChannelSubscriber } from "../../channels/channel.ts";
import type { Followed } from "../../channels/channel-service.ts";
import type { ChannelPosition } from "../../protocol/channels/channel-command.ts";
import type { Result } from "../../protocol/result.ts";
import type { HomeChannel } from "./home-channel.ts";
import type { RemoteChannel } from "./remote-channel.ts";

/** Something to be published. */
export interface WaitingPublication {
  readonly is: "publication";
  /** Not changed by the caller any more. */
  readonly json: Uint8Array;
  done(delivered: number): void;
  fail(error: Error): void;
}

/** A line that wants to follow the channel. */
export interface WaitingSubscriber {
  readonly is: "subscriber";
  readonly subscriber: ChannelSubscriber;
  readonly since: ChannelPosition | undefined;
  done(followed: Result<Followed, string>): void;
  fail(error: Error): void;
}

/** What depends on where the channel is at home. */
export interface WaitingQuestion {
  readonly is: "question";
  atHome(home: HomeChannel): void;
  /** `undefined`: this node cannot keep another channel. */
  elsewhere(remote: RemoteChannel | undefined): void;
  fail(error: Error): void;
}

export type WaitingAction = WaitingPublication | WaitingSubscriber | WaitingQuestion;

const MAX_PUBLICATIONS = 1_024;
const MAX_BYTES = 4_194_304;
/** What a publication takes up beside its bytes. */
const OVERHEAD_BYTES = 512;

/** What a publication that waits takes up. */
export function bytesOf({ json }: WaitingPublication): number {
  return json.length + OVERHEAD_BYTES;
}

export class WaitingActions {
  /** Counts bytes that wait; negative ones wait no more. */
  readonly #count: (bytes: number) => void;
  #all: WaitingAction[] = [];
  #publications = 0;
  #bytes = 0;

  constructor(count: (bytes: number) => void) {
    this.#count = count;
  }

  get size(): number {
    return this.#all.length;
  }

  /** Whether one more publication of so many bytes may not wait. */
  isFullFor(bytes: number): boolean {
    return this.#publications >= MAX_PUBLICATIONS || this.#bytes + bytes > MAX_BYTES;
  }

  push(action: WaitingAction): void {
    this.#all.push(action);
    this.#add(action, 1);
  }

  /** Before all others. */
  unshift(actions: readonly WaitingAction[]): void {
    this.#all.unshift(...actions);
    for (const action of actions) this.#add(action, 1);
  }

  shift(): WaitingAction | undefined {
    const action = this.#all.shift();
    if (action !== undefined) this.#add(action, -1);
    return action;
  }

  /** Those that wait to be published, which wait no more. */
  takePublications(): readonly WaitingPublication[] {
    const publications: WaitingPublication[] = [];
    const others: WaitingAction[] = [];
    for (let next = this.shift(); next !== undefined; next = this.shift()) {
      if (next.is === "publication") publications.push(next);
      else others.push(next);
    }
    this.#all = others;
    return publications;
  }

  #add(action: WaitingAction, sign: 1 | -1): void {
    if (action.is !== "publication") return;
    const bytes = bytesOf(action);
    this.#publications += sign;
    this.#bytes += sign * bytes;
    this.#count(sign * bytes);
  }
}
