/** `/data/`: what the pages of the admin server show, as JSON. The pages ask again every two seconds. */
import { Router, type Request, type Response } from "express";
import type { PlayerId } from "../../protocol/commands.ts";
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
  readonly rooms: Pick<RoomsView, "list" | "get">;
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
  router.get("/overview", (request, response, next) => {
    overviewOf(data, request).then((answer) => response.json(answer), next);
  });
  router.get("/rooms/:id", (request, response, next) => {
    const answer = (found: object | undefined): void => sendRoom(response, found);
    roomOf(data, request.params.id, queryOf(request, "version")).then(answer, next);
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
  const { listed, isAll } = await listRooms(rooms, search);
  const withRate = (room: RoomSummary): object => ({ ...room, rate: history.rateOf(labelOf(room)) });
  return {
    now: wallClock(),
    version,
    sampleMs: SAMPLE_MS,
    totals: totals(),
    samples: history.samples.filter(({ at }) => !(at <= since)),
    rooms: listed.map(withRate),
    isAll,
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

const HOST_RUN_KIND = "host";

/** The oldest rooms that fit a search, and whether there are no others. */
async function listRooms(
  rooms: AdminData["rooms"],
  search: string,
): Promise<{ readonly listed: readonly RoomSummary[]; readonly isAll: boolean }> {
  const listed: RoomSummary[] = [];
  let after: string | undefined;
  for (let looked = 0; looked < MAX_SEARCHED; looked += MAX_LISTED) {
    const page = await rooms.list({ after, limit: MAX_LISTED });
    for (const room of page?.rooms ?? []) {
      if (!isFound(room, search)) continue;
      if (listed.length === MAX_LISTED) return { listed, isAll: false };
      listed.push(room);
    }
    after = page?.next;
    if (after === undefined) return { listed, isAll: true };
    if (listed.length === MAX_LISTED) return { listed, isAll: false };
  }
  return { listed, isAll: false };
}

function isFound({ code, name, kind }: RoomSummary, search: string): boolean {
  return search === "" || [code, name, kind].some((text) => text?.toLowerCase().includes(search));
}

function queryOf({ query }: Request, name: string): string {
  const value = query[name];
  return typeof value === "string" ? value : "";
}
