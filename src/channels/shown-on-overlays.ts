/** What hosts show on the overlays of their streams: the newest publication on the channel `overlay` of each room, for pages that come later. */
import type { MemoryBudget } from "../room/memory-budget.ts";
import type { RoomChannels } from "../room/ports.ts";

/** The channel of a room whose newest publication its overlay shows. */
export const OVERLAY_CHANNEL = "overlay";
/** Bytes of such a publication. A longer one goes to the lines that follow the channel, and no overlay shows it. */
export const MAX_SHOWN_BYTES = 16_384;
/** Rooms of which something is kept. Past them the one that was kept first is forgotten. */
const MAX_ROOMS = 4_096;
/** What an entry takes up beside its text. */
const ENTRY_BYTES = 128;

const utf8 = new TextDecoder();

/** The channels of rooms, with what overlays show of them. */
export interface ShownOnOverlays extends RoomChannels {
  /** What the host of this room shows, as JSON; `undefined` where it shows nothing. */
  shownBy(code: string): string | undefined;
}

/** Keeps what is published for overlays on its way to the channels. Where memory runs short all of it is forgotten: the next publication brings it back. */
export function keepShown(channels: RoomChannels, budget: MemoryBudget): ShownOnOverlays {
  const shown = new Map<string, string>();
  const account = budget.open({
    cut() {
      for (const code of shown.keys()) forget(code);
      return "stays";
    },
  });

  function forget(code: string): void {
    const json = shown.get(code);
    if (json === undefined) return;
    shown.delete(code);
    account.add(-sizeOf(json));
  }

  function keep(code: string, json: string): void {
    forget(code);
    const [oldest] = shown.size < MAX_ROOMS ? [] : shown.keys();
    if (oldest !== undefined) forget(oldest);
    shown.set(code, json);
    account.add(sizeOf(json));
  }

  return {
    publish(code, channel, json) {
      if (channel === OVERLAY_CHANNEL && json.length <= MAX_SHOWN_BYTES) keep(code, utf8.decode(json));
      return channels.publish(code, channel, json);
    },
    followers: (code, channel) => channels.followers(code, channel),
    end(code, why) {
      forget(code);
      channels.end(code, why);
    },
    shownBy: (code) => shown.get(code),
  };
}

function sizeOf(json: string): number {
  return 2 * json.length + ENTRY_BYTES;
}
