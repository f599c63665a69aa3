/** `GET /CODE`: a room's metadata for programs (P1.3), a redirect to its phone page for people (P1.4). */

import type { IncomingMessage } from "node:http";
import type { Request, RequestHandler } from "express";
import { foreignLink } from "../hub/foreign-link.ts";
import { hashSecret } from "../hub/hash-secret.ts";
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
import { parseRoomCode } from "../protocol/room-code.ts";
import { allowAnyOrigin, isNavigation, sendJsonError, sendPage, sendText, wantsJson } from "./answers.ts";
import type { Games } from "./games.ts";
import { settingOf } from "./page-setting.ts";
import { foreignGamePage, gameNotServedPage, roomNotFoundPage, roomNotNowPage, tooManyGuessesPage } from "./pages.ts";

/** The part of `Room` that the routes need. */
export interface FoundRoom {
  readonly name: string;
  /** The address of the game's own phone page, if the host gave one. */
  readonly joinUrl: string | undefined;
  /** The host's public metadata, as JSON. */
  readonly meta: string | undefined;
  readonly needsPin: boolean;
  /** Watchers of a room with a host page. */
  readonly audienceCount: number;
  /** Spectators of an open room. */
  readonly spectatorCount: number;
  /** The kind of an open room. */
  readonly kind?: string | undefined;
  readonly state: {
    readonly players: { readonly length: number };
    readonly max_players: number;
    readonly accept_conns: boolean;
  };
}

export interface RoomLookup {
  /**
   * The room of this code (upper case) for a request from this address. A network that guesses too often gets no answer, except with
   * a valid rescue link; `seatTransferProof` is the hash of its token. `not_now`: whether there is such a room cannot be known for a moment.
   */
  lookUp(
    code: string,
    address: string,
    credentials: { readonly seatTransferProof: string | undefined },
  ): Eventually<FoundRoom | "not_found" | "too_many_guesses" | "not_now">;
}

/** Where a request comes from, proxies considered. */
export type AddressOf = (request: IncomingMessage) => string;

/** A path of one segment of four characters is a room's, as in WMBP, even if that room does not exist. */
export const ROOM_PATH = /^\/[^/]{4}$/;

/** The token of a rescue link. It is the only parameter that is passed on to a game's page, so a link cannot plant a session. */
const RESCUE_TOKEN = /^[A-Za-z0-9_-]{16,64}$/;
const RETRY_AFTER_SECONDS = 60;
const NOT_FOUND = "Game not found";
const SECONDS_UNTIL_KNOWN = 1;
const NOT_NOW = "Whether there is such a room cannot be known now. Come back in a moment.";
const TOO_MANY_GUESSES = "Too many wrong codes. Come back in a minute.";

export interface RoomRouteOptions {
  readonly rooms: RoomLookup;
  readonly games: Games;
  readonly addressOf: AddressOf;
  /** The address at which this request's client reaches the server. */
  readonly publicUrl: (request: Request) => string;
  readonly basePath: string;
  /** The kind of the open room of this code (upper case); `undefined` for a hosted one. @default there are no open rooms */
  readonly kindOf?: ((code: string) => string | undefined) | undefined;
}

export function roomRoute({ rooms, games, addressOf, publicUrl, basePath, kindOf }: RoomRouteOptions): RequestHandler {
  return (request, response) => {
    const segment = request.path.slice(1);
    const code = parseRoomCode(segment);
    const token = rescueToken(request);
    const credentials = { seatTransferProof: token === undefined ? undefined : hashSecret(token) };
    const found = code === undefined ? "not_found" : rooms.lookUp(code, addressOf(request), credentials);
    return whenAnswered(found, (room): void => {
      const game = typeof room === "string" ? undefined : games.find(room.name);
      // The answer changes when the room closes, and depends on `Accept`.
      response.set("Cache-Control", "no-store").vary("Accept");

      if (room === "too_many_guesses") {
        response.set("Retry-After", String(RETRY_AFTER_SECONDS));
        if (isNavigation(request)) sendPage(response, 429, tooManyGuessesPage(settingOf(request, response, basePath)));
        else if (wantsJson(request)) sendJsonError(response, 429, "rate_limited", TOO_MANY_GUESSES);
        else sendText(response, 429, TOO_MANY_GUESSES);
      } else if (room === "not_now") {
        response.set("Retry-After", String(SECONDS_UNTIL_KNOWN));
        if (isNavigation(request))
          sendPage(response, 503, roomNotNowPage(settingOf(request, response, basePath), code ?? ""));
        else if (wantsJson(request)) sendJsonError(response, 503, "overloaded", NOT_NOW);
        else sendText(response, 503, NOT_NOW);
      } else if (wantsJson(request)) {
        if (code === undefined || room === "not_found") sendJsonError(response, 404, "room_not_found", NOT_FOUND);
        else allowAnyOrigin(response).json(describeRoom(room, code, publicUrl(request), room.kind ?? kindOf?.(code)));
      } else if (!isNavigation(request)) {
        if (room === "not_found") sendText(response, 404, NOT_FOUND);
        else sendText(response, 200, room.name);
      } else if (code === undefined || room === "not_found") {
        sendPage(
          response,
          404,
          roomNotFoundPage(settingOf(request, response, basePath), code ?? decodeURIComponent(segment)),
        );
      } else if (game !== undefined) {
        const rescue = token === undefined ? "" : `&rescue=${token}`;
        response.redirect(
          302,
          `${basePath}/games/${encodeURIComponent(game.name)}/${encodeURIComponent(game.phonePage)}?room=${code}${rescue}`,
        );
      } else {
        const link = foreignLink(room.joinUrl, code);
        const page =
          link === undefined
            ? gameNotServedPage(settingOf(request, response, basePath), code, room.name)
            : foreignGamePage(settingOf(request, response, basePath), link, code);
        sendPage(response, 200, page);
      }
    });
  };
}

/** The JSON answer of P5.9.2. */
export function describeRoom(
  { name, joinUrl, meta, needsPin, audienceCount, spectatorCount, state }: FoundRoom,
  code: string,
  publicUrl: string,
  kind: string | undefined,
): object {
  return {
    code,
    name,
    ...(kind !== undefined && { kind }),
    players: state.players.length,
    maxPlayers: state.max_players,
    isOpen: state.accept_conns,
    audience: audienceCount + spectatorCount,
    pin: needsPin,
    joinUrl: foreignLink(joinUrl, code)?.href ?? `${publicUrl}/${code}`,
    meta: meta === undefined ? null : JSON.parse(meta),
  };
}

/** Characters that people type, scan or paste around a code: slashes, full stops, spaces, quotation marks. */
const AROUND_CODE = /^[\s\p{P}\p{Cf}]+|[\s\p{P}\p{Cf}]+$/gu;
/** Longer paths are not checked for typing errors: the pattern takes quadratic time, and a path may have 16 KiB. */
const MAX_NEAR_MISS_LENGTH = 64;

/** Redirects a browser from nearly `/CODE` to the room. WebSockets and programs need the exact path. */
export function nearMissRedirect(basePath: string, isCode: (code: string) => boolean): RequestHandler {
  return (request, response, next) => {
    const isReading = request.method === "GET" || request.method === "HEAD";
    const isShort = request.path.length <= MAX_NEAR_MISS_LENGTH;
    const code = isReading && isShort && isNavigation(request) ? codeWithin(request.path) : undefined;
    if (code === undefined || !isCode(code)) next();
    else {
      const query = /\?[^#]*/.exec(request.originalUrl)?.[0] ?? "";
      response.set("Cache-Control", "no-store").vary("Accept").redirect(302, `${basePath}/${code}${query}`);
    }
  };
}

function codeWithin(path: string): string | undefined {
  return parseRoomCode(decodeURIComponent(path).replace(AROUND_CODE, ""));
}

function rescueToken({ query: { rescue } }: Request): string | undefined {
  return typeof rescue === "string" && RESCUE_TOKEN.test(rescue) ? rescue : undefined;
}
