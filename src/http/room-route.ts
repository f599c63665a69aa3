/** `GET /CODE`: the metadata of a room for programs (P1.3), the way to its phone page for people (P1.4). */

import type { RequestHandler } from "express";
import { parseRoomCode } from "../protocol/room-code.ts";
import { isNavigation, sendPage, sendText } from "./answers.ts";
import type { Games } from "./games.ts";
import { foreignGamePage, gameNotServedPage, roomNotFoundPage } from "./pages.ts";

/** What the pages want to know of a room; `Room` has more. */
export interface FoundRoom {
  readonly name: string;
  readonly joinUrl: string | undefined;
}

export interface RoomLookup {
  find(code: string): FoundRoom | undefined;
}

/** As the original splits paths: one segment of four bytes is a room, if only one that does not exist. */
export const ROOM_PATH = /^\/[^/]{4}$/;

export function roomRoute(rooms: RoomLookup, games: Games): RequestHandler {
  return (request, response) => {
    const segment = request.path.slice(1);
    const code = parseRoomCode(segment);
    const room = code === undefined ? undefined : rooms.find(code);
    // The answer changes as soon as the room closes, and differs by `Accept` at the same address.
    response.set("Cache-Control", "no-store").vary("Accept");

    if (!isNavigation(request)) {
      if (room === undefined) sendText(response, 404, "Game not found");
      else sendText(response, 200, room.name);
    } else if (code === undefined || room === undefined) {
      sendPage(response, 404, roomNotFoundPage(code ?? decodeURIComponent(segment)));
    } else if (games.find(room.name) !== undefined) {
      response.redirect(302, `/games/${encodeURIComponent(room.name)}/player.html?room=${code}`);
    } else {
      const link = foreignLink(room.joinUrl, code);
      sendPage(response, 200, link === undefined ? gameNotServedPage(code, room.name) : foreignGamePage(link, code));
    }
  };
}

/** The host's `join_url` with the code in it. Anything but a web page is no link: `javascript:` least of all. */
function foreignLink(joinUrl: string | undefined, code: string): URL | undefined {
  if (joinUrl === undefined || !URL.canParse(joinUrl)) return undefined;
  const url = new URL(joinUrl);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  // `https://bank.example@elsewhere.example/` leads to the latter: nothing in a link may look like another host.
  url.username = "";
  url.password = "";
  url.searchParams.set("room", code);
  return url;
}
