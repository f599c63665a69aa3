/** The first step of the admission: reads what a peer asks for and shows, and says whether it may ask. Finds no room and takes no place. */
import type { VerifiedToken } from "../auth/token-claims.ts";
import { hashSecret } from "../hub/hash-secret.ts";
import type { Hub } from "../hub/hub.ts";
import { networkOf } from "../hub/ip-prefix.ts";
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
import type { ConnectionHandler, ResumeRequest } from "../room/ports.ts";
import type { HostRequest } from "../session/wire-host.ts";
import type { ChannelLines } from "./channel-port.ts";
import { rejected, type ConnectRequest, type Rejection } from "./connect-request.ts";
import { LineToken } from "./line-token.ts";
import type { MemberRooms } from "./member-rooms.ts";
import { NO_TOKENS, type TokenGate } from "./token-gate.ts";
import { isForRoom, isWatcher, OTHER_ROOM, refusalOfRole, type TokenUse } from "./token-roles.ts";
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

/** What a peer shows of itself. */
export interface Shown {
  /** Its token, where it came with one. */
  readonly token: VerifiedToken | undefined;
  /** The hash of the session as the peer shows it. With a token the session is the user's alone, and another hash stands for it. */
  readonly shownSessionHash: string | undefined;
}

export interface AuthorizedHost extends Shown {
  readonly for: "host";
  readonly format: HostFormat;
  readonly bytes: HostBytes;
  /** Secrets in here are hashed. */
  readonly request: HostRequest;
  readonly address: string;
}

export interface AuthorizedPlayer extends Shown {
  readonly for: "player";
  readonly code: string;
  /** Secrets in here are hashed. */
  readonly request: SessionRequest;
  readonly seatTransferProof: string | undefined;
  readonly name: string | undefined;
  readonly pin: string | undefined;
  /** The game whose page it is. */
  readonly game: string | undefined;
  /** It wants to watch, or its token lets it watch alone: in a room with a host page its session and `couchwire.v1` mean nothing. */
  readonly watches: boolean;
  /** The rest of what it asks for, should its room be an open one. */
  readonly query: QueryParameters;
  /** What a ban after a flood applies to: the session where there is one, else the phone's network and program. */
  readonly visitor: string;
  readonly address: string;
}

/** A member with a token, which names its room and its session. */
export interface AuthorizedMember extends Pick<AuthorizedPlayer, "request" | "visitor" | "address"> {
  readonly for: "member";
  readonly token: MemberToken;
  readonly asked: MemberQuery;
}

/** A token that says all that a member of an open room has to say (P6.1). */
export interface MemberToken extends VerifiedToken {
  readonly room: string;
  readonly session_id: string;
}

/** A page that opens a room of a kind, and watches it. */
export interface AuthorizedOpener extends Shown, Pick<AuthorizedPlayer, "request" | "visitor" | "address"> {
  readonly for: "opener";
  readonly asked: OpenerQuery;
}

/** A peer on `/ws` that has shown no token for a room: its first frame says what it wants. */
export interface Undeclared {
  readonly for: "first_frame";
  /** Of the handshake. */
  readonly token: VerifiedToken | undefined;
  readonly address: string;
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
  /** Serves those on `/ws` that want channels. @default there are none */
  readonly channels?: ChannelLines | undefined;
}

export interface AuthorizeOptions {
  readonly hub: Pick<Hub, "banFor">;
  /** @default there are no open rooms */
  readonly members?: MemberAccess | undefined;
  /** How `from.data` is written for hosts that ask for nothing. */
  readonly bytes: HostBytes;
  /** Which peers have to show a token: `hosts`, `players`. @default none */
  readonly tokensFrom?: ReadonlySet<string> | undefined;
  /**
   * Whether the room of this code is here, so that its name is known, which a token may name instead of the code. Elsewhere its home judges that. @default all are
   */
  readonly isCodeHere?: ((code: string) => boolean) | undefined;
  /** @default every peer that this node has nothing against may ask */
  readonly authorizer?: Authorizer | undefined;
}

const NEEDS_TOKEN = "A token is needed here.";
export const RELIABLE_NEEDS_SESSION = "couchwire.v1 needs a session.";
const WIRES = ["rooms", "channels"] as const;

export function authorize(
  connectRequest: ConnectRequest,
  options: AuthorizeOptions,
): Eventually<Result<AuthorizedPeer, Rejection>> {
  return whenAnswered(readPeer(connectRequest, options), (read) =>
    read.ok
      ? whenAnswered(options.authorizer?.authorize(connectRequest), (rejection) =>
          rejection === undefined ? read : failure(rejected(rejection.name, rejection.reason)),
        )
      : read,
  );
}

function readPeer(
  connectRequest: ConnectRequest,
  options: AuthorizeOptions,
): Eventually<Result<AuthorizedPeer, Rejection>> {
  const { target, query } = connectRequest;
  switch (target.for) {
    case "host": {
      const kind = query.get("kind");
      return kind === null ? readHost(connectRequest, options) : readOpener(connectRequest, kind, options);
    }
    case "player":
      return readPlayer(connectRequest, target.code, options);
    case "member":
      return readMember(connectRequest, options);
    case "line":
      return success(target);
    default:
      return target satisfies never;
  }
}

/**
 * The token of a host or a player, where it shows one. A token that is shown is always judged, also where none is needed: a peer that came in as a
 * stranger would not find out that its token is wrong. Where no token can count, none is looked at.
 */
function tokenFor(
  use: TokenUse,
  { query, subprotocols, headers, address }: ConnectRequest,
  { members, tokensFrom }: AuthorizeOptions,
): Eventually<Result<VerifiedToken | undefined, Rejection>> {
  const isNeeded = tokensFrom?.has(use === "host" ? "hosts" : "players") === true;
  const gate = members?.tokenGate;
  if (gate === undefined) return isNeeded ? failure(rejected("unauthorized", NO_TOKENS)) : success(undefined);
  const shown = readToken(query, subprotocols, headers["authorization"]);
  if (!shown.ok) return failure(rejected("unauthorized", shown.failure));
  if (shown.value === undefined) return isNeeded ? failure(rejected("unauthorized", NEEDS_TOKEN)) : success(undefined);
  return gate.judge(shown.value, address).then((judged) => {
    if (!judged.ok) return failure(rejected(judged.failure.name, judged.failure.reason));
    const refusal = refusalOfRole(judged.value.role, use);
    return refusal === undefined ? judged : failure(rejected("unauthorized", refusal));
  });
}

function readHost(
  connectRequest: ConnectRequest,
  options: AuthorizeOptions,
): Eventually<Result<AuthorizedHost, Rejection>> {
  const { query, subprotocols, address } = connectRequest;
  const asked = parseHostQuery(query, options.bytes, subprotocols);
  if (!asked.ok) return failure(rejected("bad_request", asked.failure));
  const { format, bytes, state } = asked.value;
  return whenAnswered(tokenFor("host", connectRequest, options), (shown): Result<AuthorizedHost, Rejection> => {
    if (!shown.ok) return shown;
    const token = shown.value;
    const session = sessionOf(asked.value, subprotocols, token);
    if (!session.ok) return session;
    const { request, shownSessionHash } = session.value;
    return success({
      for: "host",
      format,
      bytes,
      request: { ...request, states: state },
      address,
      token,
      shownSessionHash,
    });
  });
}

function readPlayer(
  connectRequest: ConnectRequest,
  code: string,
  options: AuthorizeOptions,
): Eventually<Result<AuthorizedPlayer, Rejection>> {
  const { query, subprotocols, address, agent } = connectRequest;
  const asked = parsePlayerQuery(query, subprotocols);
  if (!asked.ok) return failure(rejected("bad_request", asked.failure));
  const { name, pin, rescue, game, role } = asked.value;
  return whenAnswered(tokenFor("player", connectRequest, options), (shown): Result<AuthorizedPlayer, Rejection> => {
    if (!shown.ok) return shown;
    const token = shown.value;
    const openName = options.members?.rooms.nameOf(code);
    if (options.isCodeHere?.(code) !== false && !isForRoom(token?.room, { code, name: openName }))
      return failure(rejected("unauthorized", OTHER_ROOM));
    const watches = role === "audience" || (token !== undefined && isWatcher(token));
    const session = sessionOf(asked.value, subprotocols, token, watches);
    if (!session.ok) return session;
    const { request, shownSessionHash } = session.value;
    const visitor = visitorOf(request, token, address, agent);
    const ban = options.hub.banFor(visitor);
    if (ban !== undefined) return failure(rejected("rate_limited", ban));
    return success({
      for: "player",
      code,
      request,
      game,
      watches,
      seatTransferProof: rescue === undefined ? undefined : hashSecret(rescue),
      name: token?.name ?? name,
      pin,
      query,
      visitor,
      address,
      token,
      shownSessionHash,
    });
  });
}

function readOpener(
  connectRequest: ConnectRequest,
  kind: string,
  options: AuthorizeOptions,
): Eventually<Result<AuthorizedOpener, Rejection>> {
  const { query, subprotocols, address, agent } = connectRequest;
  const { hub, members } = options;
  const read = parseOpenerQuery(query, kind);
  if (!read.ok) return failure(rejected("bad_request", read.failure));
  const asked = read.value;
  const ofSession = parseSessionQuery(query, subprotocols);
  if (!ofSession.ok) return failure(rejected("bad_request", ofSession.failure));
  if (members?.mayOpenKind(kind) !== true)
    return failure(rejected("unauthorized", `Rooms of kind ${kind} are not opened here.`));
  return whenAnswered(tokenFor("host", connectRequest, options), (shown): Result<AuthorizedOpener, Rejection> => {
    if (!shown.ok) return shown;
    const token = shown.value;
    if (!isForRoom(token?.room, { code: undefined, name: asked.roomName }))
      return failure(rejected("unauthorized", OTHER_ROOM));
    const session = sessionOf(ofSession.value, subprotocols, token);
    if (!session.ok) return session;
    const { request, shownSessionHash } = session.value;
    const visitor = visitorOf(request, token, address, agent);
    const ban = hub.banFor(visitor);
    if (ban !== undefined) return failure(rejected("rate_limited", ban));
    return success({ for: "opener", asked, request, visitor, address, token, shownSessionHash });
  });
}

/**
 * A peer on `/ws`. Its query decides which of the two wires it speaks (`wire`), or its token: one in the query is Tapaculo's, one in a header is for a room where
 * it names one, and for channels where it does not (P6.0).
 */
function readMember(
  connectRequest: ConnectRequest,
  { hub, members }: AuthorizeOptions,
): Eventually<Result<AuthorizedMember | Undeclared, Rejection>> {
  const { query, subprotocols, headers, address } = connectRequest;
  const wire = query.get("wire") ?? undefined;
  if (wire !== undefined && !WIRES.some((known) => known === wire))
    return failure(rejected("bad_request", `"wire" has to be rooms or channels.`));
  const shown = readToken(query, subprotocols, headers["authorization"]);
  if (!shown.ok) return failure(rejected("unauthorized", shown.failure));
  if (shown.value === undefined) {
    if (wire === "rooms") return failure(rejected("unauthorized", NEEDS_TOKEN));
    return success({ for: "first_frame", token: undefined, address });
  }
  if (members?.tokenGate === undefined) return failure(rejected("unauthorized", NO_TOKENS));
  return members.tokenGate
    .judge(shown.value, address)
    .then((judged): Result<AuthorizedMember | Undeclared, Rejection> => {
      if (!judged.ok) return failure(rejected(judged.failure.name, judged.failure.reason));
      const token = judged.value;
      const isForChannels =
        wire === undefined ? query.get("token") === null && token.room === undefined : wire === "channels";
      if (isForChannels) return success({ for: "first_frame", token, address });
      const asked = parseMemberQuery(query);
      if (!asked.ok) return failure(rejected("bad_request", asked.failure));
      const session = parseSessionQuery(query, subprotocols);
      if (!session.ok) return failure(rejected("bad_request", session.failure));
      const refusal = refusalOfRole(token.role, "member") ?? refusalOfMember(token);
      if (refusal !== undefined || !isMemberToken(token)) return failure(rejected("unauthorized", refusal));
      const { received, epoch, attempt } = session.value;
      const isReliable = subprotocols.selected === RELIABLE_SUBPROTOCOL;
      // One `sub` has one seat in a room, whichever of its sessions it shows.
      const sessionHash = hashOfUser(token);
      const ban = hub.banFor(sessionHash);
      if (ban !== undefined) return failure(rejected("rate_limited", ban));
      const request = { sessionHash, received, epoch, attempt, isReliable };
      return success({ for: "member", token, asked: asked.value, request, visitor: sessionHash, address });
    });
}

/** What a member's token has to say beside the rest. */
function refusalOfMember({ room, session_id }: VerifiedToken): string | undefined {
  if (room === undefined) return 'Your token has no "room".';
  return session_id === undefined ? 'Your token has no "session_id".' : undefined;
}

function isMemberToken(token: VerifiedToken): token is MemberToken {
  return refusalOfMember(token) === undefined;
}

/** What stands for a user where a session does for others. No session of a query has a space in it, and no session of a user begins like this. */
export function hashOfUser({ sub }: Pick<VerifiedToken, "sub">): string {
  return hashSecret(`sub ${sub}`);
}

/** What stands for a session that is shown beside a token. Text of JSON: another user and another session never make the same one. */
function hashOfUsersSession({ sub }: Pick<VerifiedToken, "sub">, session: string): string {
  return hashSecret(JSON.stringify(["session", sub, session]));
}

/** What a ban after a flood applies to. */
function visitorOf(
  { sessionHash }: SessionRequest,
  token: VerifiedToken | undefined,
  address: string,
  agent: string,
): string {
  if (token !== undefined) return hashOfUser(token);
  return sessionHash ?? hashSecret(`${networkOf(address)} ${agent}`);
}

/**
 * With a token the session is that user's alone: another user's session of the same name is another one. `watches`: a watcher needs no session, whatever it
 * offers.
 */
function sessionOf(
  { session, received, epoch, attempt }: SessionQuery,
  { selected }: OfferedSubprotocols,
  token: VerifiedToken | undefined,
  watches = false,
): Result<{ readonly request: SessionRequest; readonly shownSessionHash: string | undefined }, Rejection> {
  const isReliable = selected === RELIABLE_SUBPROTOCOL;
  if (isReliable && session === undefined && token === undefined && !watches)
    return failure(rejected("bad_request", RELIABLE_NEEDS_SESSION));
  const shownSessionHash = session === undefined ? undefined : hashSecret(session);
  const sessionHash = token === undefined ? shownSessionHash : sessionOfUser(token, session, isReliable);
  return success({ request: { sessionHash, received, epoch, attempt, isReliable }, shownSessionHash });
}

export function sessionOfUser(
  token: Pick<VerifiedToken, "sub">,
  session: string | undefined,
  isReliable: boolean,
): string | undefined {
  if (session !== undefined) return hashOfUsersSession(token, session);
  return isReliable ? hashOfUser(token) : undefined; // what counts frames has to be known again
}

/** The token of a line that is let in by it. `isHere`: as `LineToken` has it. */
export function lineTokenOf(
  token: VerifiedToken | undefined,
  members: Pick<MemberAccess, "tokenGate"> | undefined,
  address: string,
  isHere?: (room: string) => boolean,
): LineToken | undefined {
  const gate = members?.tokenGate;
  return token === undefined || gate === undefined ? undefined : new LineToken({ token, gate, address, isHere });
}
