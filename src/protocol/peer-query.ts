/** What hosts and players may say in the query of their addresses (P5.1, P5.2). */
import { MAX_NAME_BYTES } from "./command-fields.ts";
import { parseDisplayName } from "./display-name.ts";
import { isOpenRoomName, MAX_OPEN_ROOM_NAME_BYTES } from "./open-room-name.ts";
import { failure, success, type Result } from "./result.ts";
import { isRoomKind } from "./room-kind.ts";
import { eitherSecret, NOTHING_OFFERED, type OfferedSubprotocols } from "./subprotocols.ts";

/** CBOR in binary frames, or JSON in text frames. */
export type HostFormat = "cbor" | "json";
/** How `from.data` is written in CBOR: an array of integers, as WMBP does, or a byte string. */
export type HostBytes = "array" | "string";

/** The one method of `URLSearchParams` that is needed here. */
export interface QueryParameters {
  /** The first value of this name. */
  get(name: string): string | null;
}

/** How a peer that comes back goes on. */
export interface SessionQuery {
  /** The secret that the peer made up. Not to be kept, logged or compared as it is: hash it. */
  readonly session: string | undefined;
  /** Data frames it had got, and the life of the room in which it counted them. */
  readonly received: number | undefined;
  readonly epoch: string | undefined;
  /** Which of its page's connections this is. */
  readonly attempt: Attempt | undefined;
}

/**
 * Identifies one connection attempt of a page. A request may be under way so long that a later one of the page overtakes it.
 * Then it is stale, and must not take the place of the later one.
 */
export interface Attempt {
  /** The name that the page makes up each time it is loaded. */
  readonly page: string;
  /** Ascending. */
  readonly number: number;
}

/** Whether joins and leaves tell the host the whole `state`, or only what changed in it (P5.9.12). */
export type HostStates = "full" | "delta";

/** What a host asks for in the address `/CREATE`. */
export interface HostQuery extends SessionQuery {
  readonly format: HostFormat;
  readonly bytes: HostBytes;
  readonly state: HostStates;
}

/** What a phone asks for in the address `/CODE`. */
export interface PlayerQuery extends SessionQuery {
  /** The display name. */
  readonly name: string | undefined;
  /** What the phone shows where the room has a PIN. */
  readonly pin: string | undefined;
  /** The token of a rescue link. */
  readonly rescue: string | undefined;
  /** Where it may be. @default a player, or what the room makes of it */
  readonly role: "player" | "audience" | "member" | "spectator" | undefined;
  /** The game whose page it is; `""` where the page does not know. A phone that says neither does not follow the room to another game's page. */
  readonly game: string | undefined;
}

/** What a member of an open room asks for besides, in the address of `/ws` or `/CODE` (P6.1, P6.11). */
export interface MemberQuery {
  /** Whether it is told what happens in the room. @default what the path says */
  readonly events: boolean | undefined;
  readonly role: "member" | "spectator" | undefined;
  /** What the room's code gets of it when it joins; `undefined` where it brings nothing. */
  readonly data: unknown;
}

/** What a page asks for in the address `/CREATE?kind=` (P6.11). */
export interface OpenerQuery extends MemberQuery {
  readonly kind: string;
  /** The name that the room is to have; `undefined`: its code alone. */
  readonly roomName: string | undefined;
}

/** Of a hosted room the first two, of an open one the others. */
const ROLES = ["player", "audience", "member", "spectator"] as const;
/** Bytes of UTF-8 that `data` may have. */
const MAX_DATA_BYTES = 1_024;
const SESSION = /^[A-Za-z0-9_-]{16,128}$/;
const COUNT = /^\d{1,15}$/;
const ATTEMPT = /^([A-Za-z0-9_-]{1,64})\.(\d{1,15})$/;

/** Reads a host's query and secrets; the failure is a sentence for the close reason. `defaultBytes` is for hosts that ask for nothing. */
export function parseHostQuery(
  query: QueryParameters,
  defaultBytes: HostBytes,
  offered: OfferedSubprotocols = NOTHING_OFFERED,
): Result<HostQuery, string> {
  const format = query.get("format") ?? "cbor";
  if (format !== "cbor" && format !== "json") return failure(`"format" has to be cbor or json, not ${quote(format)}.`);
  const bytes = query.get("bytes") ?? defaultBytes;
  if (bytes !== "array" && bytes !== "string")
    return failure(`"bytes" has to be array or string, not ${quote(bytes)}.`);
  const state = query.get("state") ?? "full";
  if (state !== "full" && state !== "delta") return failure(`"state" has to be full or delta, not ${quote(state)}.`);
  const asked = parseSessionQuery(query, offered);
  if (!asked.ok) return asked;
  const { session, received, epoch, attempt } = asked.value;
  return success({ format, bytes, state, session, received, epoch, attempt });
}

/** Reads a player's query and secrets; the failure is a sentence for the close reason. */
export function parsePlayerQuery(
  query: QueryParameters,
  offered: OfferedSubprotocols = NOTHING_OFFERED,
): Result<PlayerQuery, string> {
  const name = parseDisplayName(query.get("name") ?? "");
  if (!name.ok) return failure(`"name" ${name.failure}`);
  const asked = parseSessionQuery(query, offered);
  if (!asked.ok) return asked;
  const pin = eitherSecret("pin", query.get("pin"), offered);
  if (!pin.ok) return pin;
  const rescue = eitherSecret("rescue", query.get("rescue"), offered);
  if (!rescue.ok) return rescue;
  const game = query.get("game") ?? undefined;
  if (game !== undefined && utf8.encode(game).length > MAX_NAME_BYTES)
    return failure(`"game" may have ${MAX_NAME_BYTES} bytes of UTF-8, and has more.`);
  const shownRole = query.get("role");
  const role = ROLES.find((known) => known === shownRole);
  if (shownRole !== null && role === undefined)
    return failure(`"role" has to be one of ${ROLES.join(", ")}, not ${quote(shownRole)}.`);
  const { session, received, epoch, attempt } = asked.value;
  return success({
    name: name.value,
    pin: pin.value ?? undefined,
    rescue: rescue.value ?? undefined,
    game,
    role,
    session,
    received,
    epoch,
    attempt,
  });
}

/** Reads what a member asks for; the failure is a sentence for the close reason. */
export function parseMemberQuery(query: QueryParameters): Result<MemberQuery, string> {
  const events = query.get("events");
  if (events !== null && events !== "0" && events !== "1") {
    return failure(`"events" has to be 0 or 1, not ${quote(events)}.`);
  }
  const shownRole = query.get("role") ?? undefined;
  const role = shownRole === "audience" ? "spectator" : shownRole; // an open room's audience are its spectators
  if (role !== undefined && role !== "member" && role !== "spectator") {
    return failure(`"role" has to be member or spectator, not ${quote(role)}.`);
  }
  const data = parseJoinData(query.get("data"));
  if (!data.ok) return data;
  return success({ events: events === null ? undefined : events === "1", role, data: data.value });
}

/** Reads what a page asks for that opens a room of this kind; the failure is a sentence for the close reason. */
export function parseOpenerQuery(query: QueryParameters, kind: string): Result<OpenerQuery, string> {
  if (!isRoomKind(kind)) return failure(`"kind" has to be 1 to 32 of a-z 0-9 -, not ${quote(kind)}.`);
  const roomName = query.get("name") ?? undefined;
  if (roomName !== undefined && !isOpenRoomName(roomName)) {
    return failure(`"name" has to be 1 to ${MAX_OPEN_ROOM_NAME_BYTES} bytes of UTF-8.`);
  }
  const asked = parseMemberQuery(query);
  return asked.ok ? success({ ...asked.value, kind, roomName }) : asked;
}

const utf8 = new TextEncoder();

/** Reads what a newcomer brings for the program behind the server, as JSON; the failure is a sentence for the close reason. */
export function parseJoinData(json: string | null): Result<unknown, string> {
  if (json === null) return success(undefined);
  const isShort = json.length <= MAX_DATA_BYTES && utf8.encode(json).length <= MAX_DATA_BYTES;
  if (!isShort) return failure(`"data" may have ${MAX_DATA_BYTES} bytes of UTF-8, and has more.`);
  try {
    return success(JSON.parse(json));
  } catch {
    return failure('"data" has to be JSON.');
  }
}

/** The token as it stands in the address, in the subprotocols or in `Authorization`; `undefined` where it stands nowhere. */
export function readToken(
  query: QueryParameters,
  offered: OfferedSubprotocols,
  authorization: string | readonly string[] | undefined,
): Result<string | undefined, string> {
  if (offered.problem !== undefined) return failure(offered.problem);
  const [, bearer] = /^Bearer +(\S*) *$/i.exec(typeof authorization === "string" ? authorization : "") ?? [];
  const either = eitherSecret("token", query.get("token"), offered);
  if (!either.ok) return either;
  const token = either.value ?? bearer;
  return bearer === undefined || bearer === token
    ? success(token)
    : failure('The token in "Authorization" and the one in the address or the subprotocols differ.');
}

/** Reads how a peer comes back; the failure is a sentence for the close reason. */
export function parseSessionQuery(query: QueryParameters, offered: OfferedSubprotocols): Result<SessionQuery, string> {
  if (offered.problem !== undefined) return failure(offered.problem);
  const either = eitherSecret("session", query.get("session"), offered);
  if (!either.ok) return either;
  const token = eitherSecret("token", query.get("token"), offered);
  if (!token.ok) return token;
  const session = either.value ?? undefined;
  // The secret itself is never quoted: close reasons end up in logs.
  if (session !== undefined && !SESSION.test(session))
    return failure('"session" has to be 16 to 128 of A-Z a-z 0-9 _ -.');
  const received = query.get("received");
  if (received !== null && !COUNT.test(received))
    return failure(`"received" has to be a count, not ${quote(received)}.`);
  const epoch = query.get("epoch") ?? undefined;
  const attempt = parseAttempt(query.get("attempt"));
  return attempt.ok
    ? success({ session, received: received === null ? undefined : Number(received), epoch, attempt: attempt.value })
    : attempt;
}

function parseAttempt(text: string | null): Result<Attempt | undefined, string> {
  if (text === null) return success(undefined);
  const [, page, number] = ATTEMPT.exec(text) ?? [];
  if (page === undefined) return failure(`"attempt" has to be a page and a number such as p4g3.7, not ${quote(text)}.`);
  return success({ page, number: Number(number) });
}

function quote(value: string): string {
  return JSON.stringify(value.slice(0, 24));
}
