/** What hosts publish to the pages that follow their games: channels of the name `room:CODE:…` (P8.5). */
import { roomChannel } from "../protocol/channels/channel-name.ts";
import { isLater } from "../protocol/eventually.ts";
import type { RoomChannels } from "../room/ports.ts";
import { ChannelUnavailableError, type ChannelService } from "./channel-service.ts";

export function createRoomChannels(channels: ChannelService): RoomChannels {
  const underWay = new PublicationsUnderWay();
  return {
    publish(code, channel, json) {
      const published = channels.publishJson(roomChannel(code, channel), json);
      return isLater(published) ? underWay.add(code, failureOf(published)) : undefined;
    },

    followers: (code, channel) => channels.knownPresence(roomChannel(code, channel)),

    end(code, why) {
      underWay.whenDone(code, () => channels.endRoom(code, why));
    },
  };
}

/** What rooms have published and another node has not answered: a room ends behind it. */
class PublicationsUnderWay {
  /** By the code of the room. */
  readonly #counts = new Map<string, number>();
  readonly #whenDone = new Map<string, () => void>();

  async add<Outcome>(code: string, published: Promise<Outcome>): Promise<Outcome> {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    const outcome = await published;
    const left = (this.#counts.get(code) ?? 1) - 1;
    if (left > 0) this.#counts.set(code, left);
    else this.#finish(code);
    return outcome;
  }

  whenDone(code: string, action: () => void): void {
    if (this.#counts.has(code)) this.#whenDone.set(code, action);
    else action();
  }

  #finish(code: string): void {
    this.#counts.delete(code);
    const action = this.#whenDone.get(code);
    this.#whenDone.delete(code);
    action?.();
  }
}

/** The sentence why a publication has failed. Never rejects. */
async function failureOf(published: PromiseLike<number>): Promise<string | undefined> {
  try {
    await published;
    return undefined;
  } catch (error) {
    return error instanceof ChannelUnavailableError ? error.message : "The server made a mistake.";
  }
}
