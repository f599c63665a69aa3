/** Tells from the head of a request which room it is for. It is a hint: a worker that gets another's socket passes it on by a link. */
import { decodeJwt } from "jose";
import { sessionOfUser } from "../../admission/authorize.ts";
import { hashSecret } from "../../hub/hash-secret.ts";
import { eitherSecret, readSubprotocols } from "../../protocol/subprotocols.ts";
import { readToken } from "../../protocol/peer-query.ts";
import { RELIABLE_SUBPROTOCOL } from "../../protocol/reliable/control-frames.ts";
import { isOpenRoomName } from "../../protocol/open-room-name.ts";
import { parseRoomCode } from "../../protocol/room-code.ts";
import { MEMBERS_PATH } from "../../transport/websocket/handshake.ts";
import { keyOfCode, keyOfName, sessionAlias } from "../room-keys.ts";
import { readRequestHead, type RequestHead } from "./request-head.ts";

/** Where a request belongs. */
export type WorkerRoute =
  /** A plain request: any worker answers it, and the next one of the connection may be for another. */
  | { readonly to: "any" }
  /** An upgrade that is for no room that the head names. */
  | { readonly to: "any_upgrade" }
  /** An upgrade for the room that has one of these keys in the directory; the first that is there counts. */
  | { readonly to: "room"; readonly keys: readonly string[] }
  /** A page that opens a room, or comes back to the one that has these aliases or keys in the directory. */
  | { readonly to: "opener"; readonly alias: string | undefined; readonly keys: readonly string[] };

export interface RouteOptions {
  /** The path below which the server is. */
  readonly withoutBasePath: (url: string) => string;
  /** Whether tokens count here. */
  readonly hasTokens: boolean;
}

const NO_KEYS: readonly string[] = [];

export function routeOf(bytes: Buffer, { withoutBasePath, hasTokens }: RouteOptions): WorkerRoute {
  const head = readRequestHead(bytes);
  if (head === undefined || !head.isUpgrade) return { to: "any" };
  const url = withoutBasePath(head.url);
  const queryAt = url.indexOf("?");
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  const query = new URLSearchParams(queryAt === -1 ? "" : url.slice(queryAt + 1));
  const claims = hasTokens ? claimsOf(head, query) : {};
  if (path === "/CREATE") return routeOfOpener(head, query, claims);
  if (path === MEMBERS_PATH) {
    const { room } = claims;
    return typeof room === "string" && isOpenRoomName(room)
      ? { to: "room", keys: keysOf(room) }
      : { to: "any_upgrade" };
  }
  const code = parseRoomCode(path.slice(1));
  return code === undefined ? { to: "any_upgrade" } : { to: "room", keys: [keyOfCode(code)] };
}

function routeOfOpener(head: RequestHead, query: URLSearchParams, { sub }: Claims): WorkerRoute {
  const offered = readSubprotocols(head.headers.get("sec-websocket-protocol"));
  const session = eitherSecret("session", query.get("session"), offered);
  const shown = (session.ok ? session.value : null) ?? undefined;
  const isReliable = offered.selected === RELIABLE_SUBPROTOCOL;
  const ofUser = typeof sub === "string" ? sessionOfUser({ sub }, shown, isReliable) : undefined;
  const hash = ofUser ?? (shown === undefined ? undefined : hashSecret(shown));
  const isOpener = query.get("kind") !== null;
  const name = isOpener ? query.get("name") : null;
  return {
    to: "opener",
    alias: hash === undefined ? undefined : sessionAlias(isOpener ? "opener" : "host", hash),
    keys: name === null || !isOpenRoomName(name) ? NO_KEYS : [keyOfName(name)],
  };
}

/** The room that a token names, which may be a name or a code. */
function keysOf(room: string): readonly string[] {
  return [keyOfName(room), keyOfCode(room.toUpperCase())];
}

interface Claims {
  readonly room?: unknown;
  readonly sub?: unknown;
}

/** What a token says of itself. The worker judges it. */
function claimsOf({ headers }: RequestHead, query: URLSearchParams): Claims {
  const offered = readSubprotocols(headers.get("sec-websocket-protocol"));
  const shown = readToken(query, offered, headers.get("authorization"));
  if (!shown.ok || shown.value === undefined) return {};
  try {
    return decodeJwt(shown.value);
  } catch {
    return {}; // it is no token
  }
}
