/** What the pages of the admin server show, of the rooms of this node. */
import type { PlayerId } from "../../protocol/commands.ts";
import type { Eventually } from "../../protocol/eventually.ts";
import { HOST_RUN_KIND } from "../../protocol/room-kind.ts";
import type { NodeRooms } from "../api/node-rooms.ts";
import type { RoomSummary } from "../api/rooms-view.ts";
import type { RoomTimelines } from "./room-timelines.ts";
import { SAMPLE_MS, type RoomRate, type TrafficHistory, type TrafficSample } from "./traffic-history.ts";

export interface AdminTotals {
  readonly rooms: number;
  readonly players: number;
  /** Players among them without a connection. */
  readonly away: number;
  readonly connections: number;
  readonly memory: { readonly used: number; readonly limit: number; readonly cuts: number };
}

/** What the page of all rooms asks for. */
export interface OverviewQuestion {
  /** The newest sample that it has; `NaN`: it has none. */
  readonly since: number;
  /** In lower case. */
  readonly search: string;
}

export interface Overview {
  readonly now: number;
  readonly version: string;
  readonly sampleMs: number;
  readonly totals: AdminTotals;
  readonly samples: readonly TrafficSample[];
  readonly rooms: readonly (RoomSummary & { readonly rate: RoomRate })[];
  readonly isAll: boolean;
}

/** Answers the pages. */
export interface AdminDesk {
  overview(question: OverviewQuestion): Eventually<Overview>;
  /** `undefined` where there is no such room and none is remembered. The timeline is left out where the page has this version of it. */
  room(id: string, known: string): Eventually<object | undefined>;
}

export interface NodeDeskOptions {
  readonly rooms: Pick<NodeRooms, "search" | "get">;
  /** The names of a room's players by the numbers that its timeline has. `id` is what the API calls the room. */
  readonly playerNames: (id: string) => ReadonlyMap<PlayerId, string>;
  readonly totals: () => AdminTotals;
  readonly timelines: RoomTimelines;
  readonly history: TrafficHistory;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** Rooms that one answer lists. */
export const MAX_LISTED = 100;
/** Rooms that one search looks at. */
const MAX_SEARCHED = 10_000;

export class NodeDesk implements AdminDesk {
  readonly #options: NodeDeskOptions;

  constructor(options: NodeDeskOptions) {
    this.#options = options;
  }

  overview({ since, search }: OverviewQuestion): Overview {
    const { rooms, totals, history, version, wallClock } = this.#options;
    const found = rooms.search({ text: search, limit: MAX_LISTED, within: MAX_SEARCHED });
    return {
      now: wallClock(),
      version,
      sampleMs: SAMPLE_MS,
      totals: totals(),
      samples: history.samples.filter(({ at }) => !(at <= since)),
      rooms: found.rooms.map((room) => ({ ...room, rate: history.rateOf(labelOf(room)) })),
      isAll: found.isAll,
    };
  }

  room(id: string, known: string): object | undefined {
    const room = this.#options.rooms.get(id)?.details();
    const { playerNames, timelines, history, wallClock } = this.#options;
    // Of a room that is over, the name under which the log knew it is in its address.
    const label = room === undefined ? id.replace(/^name:/, "") : labelOf(room);
    const timeline = timelines.get(label);
    if (room === undefined && timeline === undefined) return undefined;
    const isNews = timeline !== undefined && String(timeline.version) !== known;
    return {
      now: wallClock(),
      room: room === undefined ? null : { ...room, rate: history.rateOf(label) },
      names: Object.fromEntries(room === undefined ? [] : playerNames(id)),
      ...(isNews && { timeline }),
    };
  }

  /** Whether the room is open here. */
  has(id: string): boolean {
    return this.#options.rooms.get(id) !== undefined;
  }
}

/** What the log calls a room: an open room by its name, if it has one. */
function labelOf({ kind, name, code }: Pick<RoomSummary, "kind" | "name" | "code">): string {
  return (kind === HOST_RUN_KIND ? code : (name ?? code)) ?? "";
}
