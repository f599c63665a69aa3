/**
 * Decides who may come in: reads what a peer asks for, finds the room, and takes a place in it. Knows ports, not sockets, so the peers
 * of every transport are admitted in the same way.
 */
import { hashSecret } from "../hub/hash-secret.ts";
import type { Hub } from "../hub/hub.ts";
import { networkOf, siteOf } from "../hub/ip-prefix.ts";
import { fitCloseReason, type CloseName } from "../protocol/close-codes.ts";
import { createHostEncoder, type HostBytes } from "../protocol/host-encoder.ts";
import { RELIABLE_SUBPROTOCOL } from "../protocol/reliable/control-frames.ts";
import { parseHostQuery, parsePlayerQuery, type QueryParameters, type SessionQuery } from "../protocol/peer-query.ts";
import { failure, success } from "../protocol/result.ts";
import type { OfferedSubprotocols } from "../protocol/subprotocols.ts";
import { HostConnection } from "../room/host-connection.ts";
import type { ConnectionHandler, PlayerPort } from "../room/ports.ts";

/** What a peer wants to be. */
export type ConnectTarget = { readonly for: "host" } | { readonly for: "player"; readonly code: string };

export interface ConnectRequest {
  readonly target: ConnectTarget;
  readonly query: QueryParameters;
  readonly subprotocols: OfferedSubprotocols;
  /** Where the peer comes from. */
  readonly address: string;
  /** What the peer's program says it is; tells phones behind one address apart a little. */
  readonly agent: string;
}

export interface Rejection {
  readonly name: CloseName;
  readonly reason?: string;
}

export interface AdmissionOptions {
  readonly hub: Hub;
  /** How `from.data` is written for hosts that ask for nothing. */
  readonly bytes: HostBytes;
}

/** What becomes of a peer. The handler is told what the peer says. */
export type AdmissionOutcome =
  | { readonly at: "admitted"; readonly handler: ConnectionHandler }
  | ({ readonly at: "refused" } & Rejection);

export interface Admission {
  admit(port: PlayerPort, request: ConnectRequest): AdmissionOutcome;
}

export function createAdmission({ hub, bytes: defaultBytes }: AdmissionOptions): Admission {
  return {
    admit: (port, request) =>
      request.target.for === "host" ? admitHost(port, request) : admitPlayer(port, request.target.code, request),
  };

  function admitHost(port: PlayerPort, { query, subprotocols, address }: ConnectRequest): AdmissionOutcome {
    const asked = parseHostQuery(query, defaultBytes, subprotocols);
    if (!asked.ok) return refuse("bad_request", asked.failure);
    const { format, bytes } = asked.value;
    const request = requestOf(asked.value, subprotocols);
    if (!request.ok) return refuse("bad_request", request.failure);
    const encoder = createHostEncoder(format, bytes);
    const { session } = request.value;
    let room = session === undefined ? undefined : hub.roomOfHost(session);
    if (room === undefined) {
      room = hub.createRoom(port, encoder, request.value, address);
    } else {
      const back = room.hostBack(port, encoder, request.value);
      if (!back.ok) return refuse(back.failure, HOST_REFUSALS.get(back.failure));
      hub.hostIsAt(room, address);
    }
    return { at: "admitted", handler: new HostConnection(room, port) };
  }

  function admitPlayer(port: PlayerPort, code: string, connectRequest: ConnectRequest): AdmissionOutcome {
    const { query, subprotocols, address, agent } = connectRequest;
    const asked = parsePlayerQuery(query, subprotocols);
    if (!asked.ok) return refuse("bad_request", asked.failure);
    const request = requestOf(asked.value, subprotocols);
    if (!request.ok) return refuse("bad_request", request.failure);
    const { name, pin, rescue } = asked.value;
    const visitor = request.value.session ?? hashSecret(`${networkOf(address)} ${agent}`);
    const barred = hub.banFor(visitor);
    if (barred !== undefined) return refuse("rate_limited", barred);

    const credentials = {
      session: request.value.session,
      rescue: rescue === undefined ? undefined : hashSecret(rescue),
    };
    const room = hub.lookUp(code, address, credentials);
    if (room === "not_found") return refuse("room_not_found");
    // To show no PIN is no guess: a phone finds out like this that it has to ask for one.
    const isGuess = pin !== undefined && pin !== "" && (room === "too_many_guesses" || !room.knows(credentials));
    if (isGuess && !hub.mayTryPin(code, address)) return refuse("rate_limited", TOO_MANY_PINS);
    if (room === "too_many_guesses") return refuse("rate_limited", TOO_MANY_GUESSES);
    const { received, epoch, attempt, isReliable } = request.value;
    const joined = room.join(port, {
      session: credentials.session, // spelled out: spreading took longer than all the rest of it
      rescue: credentials.rescue,
      isReliable,
      received,
      epoch,
      attempt,
      name,
      pin,
      visitor,
      network: siteOf(address),
    });
    if (!joined.ok) {
      if (joined.failure === "unauthorized" && isGuess) hub.countWrongPin(room, address);
      const tooMany = room.knows(credentials) ? TOO_MANY_RETURNS : TOO_MANY_JOINS;
      return refuse(joined.failure, joined.failure === "rate_limited" ? tooMany : undefined);
    }
    return { at: "admitted", handler: joined.value };
  }
}

const HOST_CANNOT_RETURN = "This session's room speaks another format, or never sent so many frames.";
const TOO_MANY_GUESSES = "Too many wrong codes. Come back in a minute.";
const TOO_MANY_PINS = "Too many wrong PINs. Come back in a minute.";
const TOO_MANY_JOINS = "Too many came here at once. Come back in a few seconds.";
const TOO_MANY_RETURNS = "You came back too often. Come back in a few seconds.";
/** Why a host may not take its room up again, where the close code's own sentence says too little. */
const HOST_REFUSALS = new Map<CloseName, string>([
  ["bad_request", HOST_CANNOT_RETURN],
  ["rate_limited", TOO_MANY_RETURNS],
]);
const RELIABLE_NEEDS_SESSION = "couchwire.v1 needs a session.";

function requestOf({ session, received, epoch, attempt }: SessionQuery, { selected }: OfferedSubprotocols) {
  const isReliable = selected === RELIABLE_SUBPROTOCOL;
  if (isReliable && session === undefined) return failure(RELIABLE_NEEDS_SESSION);
  return success({
    session: session === undefined ? undefined : hashSecret(session),
    received,
    epoch,
    attempt,
    isReliable,
  });
}

function refuse(name: CloseName, reason?: string): AdmissionOutcome {
  return { at: "refused", name, ...(reason !== undefined && { reason: fitCloseReason(reason) }) };
}
