/** The first step of the admission: reads what a peer asks for and shows, and says whether it may ask. Finds no room and takes no place. */
import { hashSecret } from "../hub/hash-secret.ts";
import type { Hub } from "../hub/hub.ts";
import { networkOf } from "../hub/ip-prefix.ts";
import {
  parseHostQuery,
  parsePlayerQuery,
  type HostBytes,
  type HostFormat,
  type SessionQuery,
} from "../protocol/peer-query.ts";
import { RELIABLE_SUBPROTOCOL } from "../protocol/reliable/control-frames.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { OfferedSubprotocols } from "../protocol/subprotocols.ts";
import type { ResumeRequest } from "../room/ports.ts";
import type { HostRequest } from "../session/wire-host.ts";
import { rejected, type ConnectRequest, type Rejection } from "./connect-request.ts";
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
  /** What a ban after a flood applies to: the session where there is one, else the phone's network and program. */
  readonly visitor: string;
  readonly address: string;
}

/** A peer that may ask for a place, and what it asks for. */
export type AuthorizedPeer = AuthorizedHost | AuthorizedPlayer;

export interface AuthorizeOptions {
  readonly hub: Pick<Hub, "banFor">;
  /** How `from.data` is written for hosts that ask for nothing. */
  readonly bytes: HostBytes;
  /** @default every peer that this node has nothing against may ask */
  readonly authorizer?: Authorizer | undefined;
}

const RELIABLE_NEEDS_SESSION = "couchwire.v1 needs a session.";

export function authorize(
  connectRequest: ConnectRequest,
  options: AuthorizeOptions,
): Eventually<Result<AuthorizedPeer, Rejection>> {
  const { target } = connectRequest;
  const read =
    target.for === "host"
      ? readHost(connectRequest, options.bytes)
      : readPlayer(connectRequest, target.code, options.hub);
  const { authorizer } = options;
  if (authorizer === undefined || !read.ok) return read;
  return whenAnswered(authorizer.authorize(connectRequest), (rejection) =>
    rejection === undefined ? read : failure(rejected(rejection.name, rejection.reason)),
  );
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
  const visitor = request.value.sessionHash ?? hashSecret(`${networkOf(address)} ${agent}`);
  const ban = hub.banFor(visitor);
  if (ban !== undefined) return failure(rejected("rate_limited", ban));
  const { name, pin, rescue } = asked.value;
  return success({
    for: "player",
    code,
    request: request.value,
    seatTransferProof: rescue === undefined ? undefined : hashSecret(rescue),
    name,
    pin,
    visitor,
    address,
  });
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
