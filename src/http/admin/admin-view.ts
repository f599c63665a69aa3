/** What the admin page remembers of a server: the timelines of its rooms and its traffic, both from what observers are told. */
import type { MemoryBudget } from "../../room/memory-budget.ts";
import type { RoomObserver } from "../../room/room-observer.ts";
import { RoomTimelines } from "./room-timelines.ts";
import { TrafficHistory, type TrafficHistoryOptions } from "./traffic-history.ts";

export interface AdminViewOptions extends TrafficHistoryOptions {
  /** Where the timelines count. Called when the first room opens. */
  readonly budget: () => Pick<MemoryBudget, "open">;
}

export interface AdminView {
  readonly observer: RoomObserver;
  readonly timelines: RoomTimelines;
  readonly history: TrafficHistory;
}

export function createAdminView(options: AdminViewOptions): AdminView {
  const timelines = new RoomTimelines(options);
  const history = new TrafficHistory(options);
  const observer: RoomObserver = {
    roomOpened({ room, name, traffic }) {
      history.roomOpened(room, traffic);
      timelines.opened(room, { event: "roomOpened", name });
    },
    roomClosed({ room, why }) {
      history.roomClosed(room);
      timelines.closed(room, { event: "roomClosed", why });
    },
    gameChanged: ({ room, name }) => timelines.add(room, { event: "gameChanged", name }),
    playerJoined: ({ room, player }) => timelines.add(room, { event: "playerJoined", player }),
    playerAway: ({ room, player, why }) => timelines.add(room, { event: "playerAway", player, why }),
    playerBack: ({ room, player, missed }) => timelines.add(room, { event: "playerBack", player, missed }),
    playerLeft: ({ room, player, why }) => timelines.add(room, { event: "playerLeft", player, why }),
    playerGap: ({ room, player, lost }) => timelines.add(room, { event: "playerGap", player, lost }),
    joinRefused: ({ room, why }) => timelines.add(room, { event: "joinRefused", why }),
    frameRefused({ room, code }) {
      if (room !== undefined) timelines.add(room, { event: "frameRefused", code });
    },
    hostAway: ({ room }) => timelines.add(room, { event: "hostAway" }),
    hostBack: ({ room, missed }) => timelines.add(room, { event: "hostBack", missed }),
    hostCongested: ({ room, isCongested }) => timelines.add(room, { event: "hostCongested", isCongested }),
  };
  return { observer, timelines, history };
}
