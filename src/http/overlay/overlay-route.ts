/** `/overlay/CODE`: a page for OBS, and what it shows as JSON. It plays no part in the room, takes no place, and needs no token. */
import type { Request, RequestHandler } from "express";
import { whenAnswered, type Eventually } from "../../protocol/eventually.ts";
import { parseRoomCode } from "../../protocol/room-code.ts";
import { allowAnyOrigin, isNavigation, sendJsonError, sendPage } from "../answers.ts";
import { settingOf } from "../page-setting.ts";
import { roomNotFoundPage, tooManyGuessesPage } from "../pages.ts";
import { describeRoom, type AddressOf, type RoomLookup } from "../room-route.ts";
import type { OverlayFacts } from "./overlay-facts.ts";
import { overlayPage } from "./overlay-page.ts";

/** `/overlay/` and a code, in either case. */
export const OVERLAY_PATH = /^\/overlay\/([^/]{4})$/;

export interface OverlayRouteOptions {
  readonly rooms: RoomLookup;
  readonly factsOf: (code: string) => Eventually<OverlayFacts | undefined>;
  readonly addressOf: AddressOf;
  readonly publicUrl: (request: Request) => string;
  readonly basePath: string;
}

export function overlayRoute({ rooms, factsOf, addressOf, publicUrl, basePath }: OverlayRouteOptions): RequestHandler {
  return (request, response) => {
    const typed = OVERLAY_PATH.exec(request.path)?.[1] ?? "";
    const code = parseRoomCode(typed);
    const found =
      code === undefined ? "not_found" : rooms.lookUp(code, addressOf(request), { seatTransferProof: undefined });
    response.set("Cache-Control", "no-store").vary("Accept");
    return whenAnswered(found, (room) => {
      if (isNavigation(request)) {
        const setting = settingOf(request, response, basePath);
        if (room === "not_found")
          return sendPage(response, 404, roomNotFoundPage(setting, code ?? decodeURIComponent(typed)));
        if (room === "too_many_guesses") return sendPage(response, 429, tooManyGuessesPage(setting));
        return sendPage(response, 200, overlayPage(setting, asksForCode(request)));
      }
      if (room === "too_many_guesses") return sendJsonError(response, 429, "rate_limited", "Too many wrong codes.");
      if (room === "not_now") return sendJsonError(response, 503, "overloaded", "Come back in a moment.");
      if (code === undefined || room === "not_found") {
        return sendJsonError(response, 404, "room_not_found", "There is no room of this code.");
      }
      return whenAnswered(factsOf(code), (facts): void => {
        if (facts === undefined) return sendJsonError(response, 503, "overloaded", "Come back in a moment.");
        const { shown, ...rest } = facts;
        const known = describeRoom(room, code, publicUrl(request), room.kind);
        allowAnyOrigin(response).json({ ...known, ...rest, shown: shown === null ? null : JSON.parse(shown) });
      });
    });
  };
}

/** `?code` in the address, or `?code=show`; `?code=hide` hides it. */
function asksForCode({ query: { code } }: Request): boolean {
  return code !== undefined && code !== "hide";
}
