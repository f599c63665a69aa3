/** The last step of the admission into an open room: asks the rooms of this node for a place, in the words of their port. */
import { hashSecret } from "../hub/hash-secret.ts";
import type { Hub } from "../hub/hub.ts";
import type { Eventually } from "../protocol/eventually.ts";
import { parseMemberQuery, type MemberQuery } from "../protocol/peer-query.ts";
import { failure, success } from "../protocol/result.ts";
import type { Room } from "../room/room.ts";
import { eventsEncoder, plainEncoder, type MemberEncoder } from "../session/member-encoder.ts";
import type { AuthorizedMember, AuthorizedOpener, AuthorizedPlayer, MemberAccess } from "./authorize.ts";
import { rejected, type AdmissionOutcome, type ArrivingPort } from "./connect-request.ts";
import { memberFarewell } from "./farewell.ts";
import { joinByCode } from "./join-by-code.ts";
import type { MemberRequest } from "./member-rooms.ts";
import type { TokenGate } from "./token-gate.ts";

const ANOTHER_MEMBER = "This token is another member's, or for another room.";

/** A member with a token. Its role may be less than what the token says, never more. */
export function admitMember(
  port: ArrivingPort,
  { token, asked, request, visitor, address }: AuthorizedMember,
  { rooms, tokenGate }: MemberAccess,
): Eventually<AdmissionOutcome> {
  prepareFarewell(port, request.isReliable);
  const { sub, room, name } = token;
  const role = token.role === "spectator" ? "spectator" : (asked.role ?? token.role);
  return rooms.join(port, {
    room: { by: "name", name: room },
    mayOpen: role !== "spectator",
    id: sub,
    role,
    name,
    pin: undefined,
    data: asked.data,
    session: request,
    encoder: encoderFor(asked, false),
    transport: "websocket",
    address,
    visitor,
    user: sub,
    tokenSessionHash: hashSecret(token.session_id),
    expiresAt: token.expiresAt,
    renew: tokenGate && renewal(tokenGate, { sub, room, address }),
  });
}

/** A phone or a page with the code of an open room. `found`: that room. */
export function admitMemberByCode(
  port: ArrivingPort,
  { code, request, query, name, pin, visitor, address }: AuthorizedPlayer,
  found: Room,
  hub: Hub,
  { rooms }: MemberAccess,
): Eventually<AdmissionOutcome> {
  const asked = parseMemberQuery(query);
  if (!asked.ok) return rejected("bad_request", asked.failure);
  prepareFarewell(port, request.isReliable);
  const { role, data } = asked.value;
  const asMember = {
    mayOpen: false,
    id: undefined,
    role,
    name,
    pin,
    data,
    session: request,
    encoder: encoderFor(asked.value, true),
    transport: "websocket",
    address,
    visitor,
    user: undefined,
    expiresAt: undefined,
    renew: undefined,
  } as const;
  return joinByCode({ port, request: asMember, code, found }, hub, rooms);
}

/** A page that opens a room of a kind. */
export function admitOpener(
  port: ArrivingPort,
  { asked, request, visitor, address }: AuthorizedOpener,
  { rooms }: MemberAccess,
): Eventually<AdmissionOutcome> {
  prepareFarewell(port, request.isReliable);
  const { kind, roomName, data } = asked;
  return rooms.open(port, {
    kind,
    roomName,
    name: undefined,
    data,
    session: request,
    encoder: encoderFor(asked, true),
    transport: "websocket",
    address,
    visitor,
    user: undefined,
    expiresAt: undefined,
    renew: undefined,
  });
}

/** A peer that counts frames is not told in one more: it would count that too. It reads the close reason. */
export function prepareFarewell(port: ArrivingPort, isReliable: boolean): void {
  if (!isReliable) port.farewell = memberFarewell;
}

function encoderFor({ events }: MemberQuery, isUsual: boolean): MemberEncoder {
  return (events ?? isUsual) ? eventsEncoder : plainEncoder;
}

function renewal(
  tokenGate: TokenGate,
  { sub, room, address }: { readonly sub: string; readonly room: string; readonly address: string },
): MemberRequest["renew"] {
  return async (text) => {
    const judged = await tokenGate.judge(text, address);
    if (!judged.ok) return failure(judged.failure.reason);
    const { value } = judged;
    return value.sub === sub && value.room === room ? success(value) : failure(ANOTHER_MEMBER);
  };
}
