/** What hosts publish to the pages that follow their games: channels of the name `room:CODE:…` (P8.5). */
import { roomChannel } from "../protocol/channels/channel-name.ts";
import type { RoomChannels } from "../room/ports.ts";
import type { Channels } from "./channels.ts";

export function createRoomChannels(channels: Channels): RoomChannels {
  return {
    publish(code, channel, json) {
      channels.publishJson(roomChannel(code, channel), json);
    },

    followers: (code, channel) => channels.presence(roomChannel(code, channel)),

    end(code) {
      channels.endRoom(code);
    },
  };
}
