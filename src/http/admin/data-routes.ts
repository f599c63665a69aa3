/** `/data/`: what the pages of the admin server show, as JSON. The pages ask again every two seconds. */
import { Router, type Request, type Response } from "express";
import type { PlayerId } from "../../protocol/commands.ts";
import { HOST_RUN_KIND } from "../../protocol/room-kind.ts";
import type { RoomsView, RoomSummary } from "../api/rooms-view.ts";
import { sendAdminError } from "./admin-answers.ts";
import type { RoomTimelines } from "./room-timelines.ts";
import { SAMPLE_MS, type TrafficHistory } from "./traffic-history.ts";

export interface AdminTotals {
  readonly rooms: number;
  readonly players: number;
  /** Players among them without a connection. */
  readonly away: number;
  readonly connections: number;
  readonly memory: { readonly used: number; readonly limit: number; readonly cuts: number };
}

export interface AdminData {
  readonly rooms: Pick<RoomsView, "search" | "get">;
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
const MAX_LISTED = 100;
/** Rooms that one search looks at. */
const MAX_SEARCHED = 10_000;
/** Characters of a search that count. */
const MAX_SEARCH_LENGTH = 64;

export function dataRoutes(data: AdminData): Router {
  const router = Router({ strict: true, caseSensitive: true });
  router.get("/overview", async (request, response) => {
    response.json(await overviewOf(data, request));
  });
  router.get("/rooms/:id", async (request, response) => {
    sendRoom(response, await roomOf(data, request.params.id, queryOf(request, "version")));
  });
  return router;
}

function sendRoom(response: Response, found: object | undefined): void {
  if (found !== undefined) response.json(found);
  else sendAdminError(response, 404, "room_not_found", "There is no such room, and none is remembered.");
}

async function overviewOf(data: AdminData, request: Request): Promise<object> {
  const { rooms, totals, history, version, wallClock } = data;
  const since = Number(queryOf(request, "since"));
  const search = queryOf(request, "search").trim().slice(0, MAX_SEARCH_LENGTH).toLowerCase();
  const found = await rooms.search({ text: search, limit: MAX_LISTED, within: MAX_SEARCHED });
  const withRate = (room: RoomSummary): object => ({ ...room, rate: history.rateOf(labelOf(room)) });
  return {
    now: wallClock(),
    version,
    sampleMs: SAMPLE_MS,
    totals: totals(),
    samples: history.samples.filter(({ at }) => !(at <= since)),
    rooms: found.rooms.map(withRate),
    isAll: found.isAll,
  };
}

/** `undefined` where there is no such room and none is remembered. The timeline is left out where the page has this version of it. */
async function roomOf(data: AdminData, id: string, known: string): Promise<object | undefined> {
  const { rooms, playerNames, timelines, history, wallClock } = data;
  const room = await (await rooms.get(id))?.details();
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

/** What the log calls a room: an open room by its name, if it has one. */
function labelOf({ kind, name, code }: Pick<RoomSummary, "kind" | "name" | "code">): string {
  return (kind === HOST_RUN_KIND ? code : (name ?? code)) ?? "";
}

function queryOf({ query }: Request, name: string): string {
  const value = query[name];
  return typeof value === "string" ? value : "";
}
