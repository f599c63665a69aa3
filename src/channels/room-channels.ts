/** What hosts publish to the pages that follow their games: channels of the name `room:CODE:…` (P8.5). */
import { roomChannel } from "../protocol/channels/channel-name.ts";
import { isLater } from "../protocol/eventually.ts";
import type { RoomChannels } from "../room/ports.ts";
import { ChannelUnavailableError, type ChannelService } from "./channel-service.ts";

export function createRoomChannels(channels: ChannelService): RoomChannels {
  return {
    publish(code, channel, json) {
      const published = channels.publishJson(roomChannel(code, channel), json);
      return isLater(published) ? failureOf(published) : undefined;
    },

    followers: (code, channel) => channels.knownPresence(roomChannel(code, channel)),

    end(code, why) {
      channels.endRoom(code, why);
    },
  };
}

/** The sentence why a publication has failed. */
async function failureOf(published: PromiseLike<number>): Promise<string | undefined> {
  try {
    await published;
    return undefined;
  } catch (error) {
    return error instanceof ChannelUnavailableError ? error.message : "The server made a mistake.";
  }
}
