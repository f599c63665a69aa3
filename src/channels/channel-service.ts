/** The channels as the lines, the rooms and the API see them: those of this node alone (`Channels`), or those of many nodes (`cluster/channels/`). */
import { isChannelName, MAX_CHANNEL_NAME_BYTES, MAX_PUBLICATION_BYTES } from "../protocol/channels/channel-name.ts";
import type { ChannelPosition } from "../protocol/channels/channel-command.ts";
import type { CloseName } from "../protocol/close-codes.ts";
import type { Eventually } from "../protocol/eventually.ts";
import type { Result } from "../protocol/result.ts";
import type { Channel, ChannelSubscriber } from "./channel.ts";

/** Publishes on the channels of a server. */
export interface ChannelPublisher {
  /**
   * Publishes on a channel, and resolves with the number of lines that get it. `data` is any JSON value, of at most 256 KiB as JSON; a channel's name is 1 to
   * 256 bytes of UTF-8. Rejects with `TypeError` for anything else, and says what is wrong. Where many nodes share the channels it rejects with
   * `ChannelUnavailableError` while the node that keeps the channel cannot be reached.
   */
  publish(channel: string, data: unknown): Promise<{ readonly delivered: number }>;
}

/** From where a new subscriber hears a channel. */
export interface Followed {
  readonly channel: Channel;
  /** The publications behind this one follow. They are kept in the channel. */
  readonly offset: number;
  /** Whether `offset` is where the subscriber had got to, and nothing is missing. */
  readonly recovered: boolean;
}

/** What answers at once answers in the same call; a node that has to ask another one answers later, and rejects with `ChannelUnavailableError`. */
export interface ChannelService extends ChannelPublisher {
  readonly channelCount: number;
  /** Subscriptions of all lines of this node together. */
  readonly subscriptionCount: number;
  /** Publishes; returns how many lines get it. Name and JSON (in UTF-8, at most `MAX_PUBLICATION_BYTES`) are sound. The JSON is not kept. */
  publishJson(name: string, json: Uint8Array): Eventually<number>;
  /** The subscriber hears what is published, from `since` on where that can be had; or the sentence says why not. Safe for one that is subscribed. */
  follow(
    name: string,
    subscriber: ChannelSubscriber,
    since: ChannelPosition | undefined,
  ): Eventually<Result<Followed, string>>;
  /** Safe for one that is not subscribed. Answers when it counts no more; never rejects. */
  unsubscribe(channel: Channel, subscriber: ChannelSubscriber): Eventually<void>;
  /** Lines that are subscribed. */
  presence(name: string): Eventually<number>;
  /** The same as far as this node knows it without asking. */
  knownPresence(name: string): number;
  /** The room of this code is over, for good unless `why` is `restarting`. */
  endRoom(code: string, why: CloseName): void;
  close(): void;
}

/** A channel cannot be used now: the node that keeps it is lost, or cannot be found. */
export class ChannelUnavailableError extends Error {
  override readonly name = "ChannelUnavailableError";
}

/** Why a channel cannot be followed where there are as many as there may be. */
export const TOO_MANY_CHANNELS = "The server has no room for another channel. Come back later.";

const utf8 = new TextEncoder();

/** The JSON of what is to be published. Throws `TypeError` where the name or the data is wrong. */
export function publicationOf(channel: unknown, data: unknown): Uint8Array {
  if (typeof channel !== "string" || !isChannelName(channel)) {
    throw new TypeError(`A channel's name is text of 1 to ${MAX_CHANNEL_NAME_BYTES} bytes of UTF-8.`);
  }
  const json = jsonOf(data);
  if (json.length > MAX_PUBLICATION_BYTES) throw new TypeError(tooLarge(json.length));
  return json;
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
