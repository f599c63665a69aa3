/** The first step of the admission: reads what a peer asks for and shows, and says whether it may ask. Finds no room and takes no place. */
import { hashSecret } from "../hub/hash-secret.ts";
import type { Hub } from "../hub/hub.ts";
import { networkOf } from "../hub/ip-prefix.ts";
import type { MemberToken } from "../auth/tokens.ts";
import {
  parseHostQuery,
  parseMemberQuery,
  parseOpenerQuery,
  parsePlayerQuery,
  parseSessionQuery,
  readToken,
  type HostBytes,
  type HostFormat,
  type MemberQuery,
  type OpenerQuery,
  type QueryParameters,
  type SessionQuery,
} from "../protocol/peer-query.ts";
import { RELIABLE_SUBPROTOCOL } from "../protocol/reliable/control-frames.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { OfferedSubprotocols } from "../protocol/subprotocols.ts";
import type { Clock, ConnectionHandler, ResumeRequest } from "../room/ports.ts";
import type { HostRequest } from "../session/wire-host.ts";
import { rejected, type ConnectRequest, type Rejection } from "./connect-request.ts";
import type { MemberRooms } from "./member-rooms.ts";
import type { TokenGate } from "./token-gate.ts";
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";

/** Judges what a peer shows, such as a token, here or by asking another machine. It is asked after this node has found nothing against the peer. */
export interface Authorizer {
  /**
   * `undefined` lets the peer go on. A rejected promise counts as a bug: the peer is closed with 1011. The peer waits for five seconds at most (P5.9.11), but a
   * promise that is never settled keeps its connection in memory.
   */
  authorize(request: ConnectRequest): Eventually<Rejection | undefined>;
}

/** What a peer shows of its session. */
export interface SessionRequest extends ResumeRequest {
  /** A peer without one is gone for good when its connection is. */
  readonly sessionHash: string | undefined;
}

export interface AuthorizedHost {
  readonly for: "host";
  readonly format: HostFormat;
  readonly bytes: HostBytes;
  /** Secrets in here are hashed. */
  readonly request: HostRequest;
  readonly address: string;
}

export interface AuthorizedPlayer {
  readonly for: "player";
  readonly code: string;
  /** Secrets in here are hashed. */
  readonly request: SessionRequest;
  readonly seatTransferProof: string | undefined;
  readonly name: string | undefined;
  readonly pin: string | undefined;
  /** The game whose page it is. */
  readonly game: string | undefined;
  /** The rest of what it asks for, should its room be an open one. */
  readonly query: QueryParameters;
  /** What a ban after a flood applies to: the session where there is one, else the phone's network and program. */
  readonly visitor: string;
  readonly address: string;
}

/** A member with a token. */
export interface AuthorizedMember extends Pick<AuthorizedPlayer, "request" | "visitor" | "address"> {
  readonly for: "member";
  readonly token: MemberToken;
  readonly asked: MemberQuery;
}

/** A page that opens a room of a kind, and watches it. */
export interface AuthorizedOpener extends Pick<AuthorizedPlayer, "request" | "visitor" | "address"> {
  readonly for: "opener";
  readonly asked: OpenerQuery;
}

/** A peer on `/ws` that has shown no token: its first frame says what it wants. */
export interface Undeclared {
  readonly for: "first_frame";
}

/** A line that asks for its rooms later. */
export interface AuthorizedLine {
  readonly for: "line";
  readonly handler: ConnectionHandler;
}

/** A peer that may ask for a place, and what it asks for. */
export type AuthorizedPeer =
  | AuthorizedHost
  | AuthorizedPlayer
  | AuthorizedMember
  | AuthorizedOpener
  | AuthorizedLine
  | Undeclared;

/** The open rooms of this node, and who may come into them. */
export interface MemberAccess {
  readonly rooms: MemberRooms;
  /** Judges tokens. `undefined`: no token counts here. */
  readonly tokenGate: TokenGate | undefined;
  /** Whether a page may open a room of this kind. */
  readonly mayOpenKind: (kind: string) => boolean;
  /** Limits how long a peer on `/ws` may say nothing. */
  readonly clock: Clock;
}

export interface AuthorizeOptions {
  readonly hub: Pick<Hub, "banFor">;
  /** @default there are no open rooms */
  readonly members?: MemberAccess | undefined;
  /** How `from.data` is written for hosts that ask for nothing. */
  readonly bytes: HostBytes;
  /** Which peers have to show a token: `hosts`, `players`. @default none */
  readonly tokensFrom?: ReadonlySet<string> | undefined;
  /** @default every peer that this node has nothing against may ask */
  readonly authorizer?: Authorizer | undefined;
}

const NO_TOKENS = "No token counts here.";
const OTHER_ROOM = "Your token is for another room.";
const RELIABLE_NEEDS_SESSION = "couchwire.v1 needs a session.";

export function authorize(
  connectRequest: ConnectRequest,
  options: AuthorizeOptions,
): Eventually<Result<AuthorizedPeer, Rejection>> {
  return whenAnswered(readPeer(connectRequest, options), (read) =>
    read.ok
      ? whenAnswered(refusalOf(connectRequest, options), (rejection) =>
          rejection === undefined ? read : failure(rejected(rejection.name, rejection.reason)),
        )
      : read,
  );
}

/** What a token that is needed has against the peer, and then what the authorizer has. */
function refusalOf(connectRequest: ConnectRequest, options: AuthorizeOptions): Eventually<Rejection | undefined> {
  const { authorizer } = options;
  const ask = (): Eventually<Rejection | undefined> => authorizer?.authorize(connectRequest);
  const { target } = connectRequest;
  const isNeeded =
    (target.for === "host" && options.tokensFrom?.has("hosts") === true) ||
    (target.for === "player" && options.tokensFrom?.has("players") === true);
  if (!isNeeded) return ask();
  return whenAnswered(refusalOfToken(connectRequest, options), (rejection) => rejection ?? ask());
}

/** A host's token may be for any room; a phone's names the room's code. */
async function refusalOfToken(
  { target, query, subprotocols, headers, address }: ConnectRequest,
  { members }: AuthorizeOptions,
): Promise<Rejection | undefined> {
  const token = readToken(query, subprotocols, headers["authorization"]);
  if (!token.ok) return { name: "unauthorized", reason: token.failure };
  if (members?.tokenGate === undefined) return { name: "unauthorized", reason: NO_TOKENS };
  const judged = await members.tokenGate.judge(token.value, address);
  if (!judged.ok) return judged.failure;
  const isForIt = target.for !== "player" || judged.value.room.toUpperCase() === target.code;
  return isForIt ? undefined : { name: "unauthorized", reason: OTHER_ROOM };
}

function readPeer(
  connectRequest: ConnectRequest,
  options: AuthorizeOptions,
): Eventually<Result<AuthorizedPeer, Rejection>> {
  const { target, query } = connectRequest;
  switch (target.for) {
    case "host": {
      const kind = query.get("kind");
      return kind === null ? readHost(connectRequest, options.bytes) : readOpener(connectRequest, kind, options);
    }
    case "player":
      return readPlayer(connectRequest, target.code, options.hub);
    case "member":
      return readMember(connectRequest, options);
    case "line":
      return success(target);
    default:
      return target satisfies never;
  }
}

function readHost(
  { query, subprotocols, address }: ConnectRequest,
  defaultBytes: HostBytes,
): Result<AuthorizedHost, Rejection> {
  const asked = parseHostQuery(query, defaultBytes, subprotocols);
  if (!asked.ok) return failure(rejected("bad_request", asked.failure));
  const request = requestOf(asked.value, subprotocols);
  if (!request.ok) return request;
  const { format, bytes, state } = asked.value;
  return success({ for: "host", format, bytes, request: { ...request.value, states: state }, address });
}

function readPlayer(
  { query, subprotocols, address, agent }: ConnectRequest,
  code: string,
  hub: Pick<Hub, "banFor">,
): Result<AuthorizedPlayer, Rejection> {
  const asked = parsePlayerQuery(query, subprotocols);
  if (!asked.ok) return failure(rejected("bad_request", asked.failure));
  const request = requestOf(asked.value, subprotocols);
  if (!request.ok) return request;
  const visitor = visitorOf(request.value, address, agent);
  const ban = hub.banFor(visitor);
  if (ban !== undefined) return failure(rejected("rate_limited", ban));
  const { name, pin, rescue, game } = asked.value;
  return success({
    for: "player",
    code,
    request: request.value,
    game,
    seatTransferProof: rescue === undefined ? undefined : hashSecret(rescue),
    name,
    pin,
    query,
    visitor,
    address,
  });
}

function readOpener(
  { query, subprotocols, address, agent }: ConnectRequest,
  kind: string,
  { hub, members }: AuthorizeOptions,
): Result<AuthorizedOpener, Rejection> {
  const asked = parseOpenerQuery(query, kind);
  if (!asked.ok) return failure(rejected("bad_request", asked.failure));
  const session = parseSessionQuery(query, subprotocols);
  if (!session.ok) return failure(rejected("bad_request", session.failure));
  const request = requestOf(session.value, subprotocols);
  if (!request.ok) return request;
  if (members?.mayOpenKind(kind) !== true)
    return failure(rejected("unauthorized", `Rooms of kind ${kind} are not opened here.`));
  const visitor = visitorOf(request.value, address, agent);
  const ban = hub.banFor(visitor);
  if (ban !== undefined) return failure(rejected("rate_limited", ban));
  return success({ for: "opener", asked: asked.value, request: request.value, visitor, address });
}

function readMember(
  { query, subprotocols, headers, address }: ConnectRequest,
  { hub, members }: AuthorizeOptions,
): Eventually<Result<AuthorizedMember | Undeclared, Rejection>> {
  const token = readToken(query, subprotocols, headers["authorization"]);
  if (!token.ok) return failure(rejected("unauthorized", token.failure));
  if (token.value === undefined) return success({ for: "first_frame" });
  if (members?.tokenGate === undefined) return failure(rejected("unauthorized", NO_TOKENS));
  return members.tokenGate.judge(token.value, address).then((judged): Result<AuthorizedMember, Rejection> => {
    if (!judged.ok) return failure(rejected(judged.failure.name, judged.failure.reason));
    const asked = parseMemberQuery(query);
    if (!asked.ok) return failure(rejected("bad_request", asked.failure));
    const session = parseSessionQuery(query, subprotocols);
    if (!session.ok) return failure(rejected("bad_request", session.failure));
    const { received, epoch, attempt } = session.value;
    const isReliable = subprotocols.selected === RELIABLE_SUBPROTOCOL;
    // One `sub` has one seat in a room, whichever of its sessions it shows. No `session` of the query has a space in it.
    const sessionHash = hashSecret(`sub ${judged.value.sub}`);
    const ban = hub.banFor(sessionHash);
    if (ban !== undefined) return failure(rejected("rate_limited", ban));
    const request = { sessionHash, received, epoch, attempt, isReliable };
    return success({ for: "member", token: judged.value, asked: asked.value, request, visitor: sessionHash, address });
  });
}

/** What a ban after a flood applies to. */
function visitorOf({ sessionHash }: SessionRequest, address: string, agent: string): string {
  return sessionHash ?? hashSecret(`${networkOf(address)} ${agent}`);
}

function requestOf(
  { session, received, epoch, attempt }: SessionQuery,
  { selected }: OfferedSubprotocols,
): Result<SessionRequest, Rejection> {
  const isReliable = selected === RELIABLE_SUBPROTOCOL;
  if (isReliable && session === undefined) return failure(rejected("bad_request", RELIABLE_NEEDS_SESSION));
  return success({
    sessionHash: session === undefined ? undefined : hashSecret(session),
    received,
    epoch,
    attempt,
    isReliable,
  });
}
