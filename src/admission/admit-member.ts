/** The last step of the admission into an open room: asks the rooms of this node for a place, in the words of their port. */
import { tokenSessionHashOf } from "../auth/token-ban-keys.ts";
import type { Hub } from "../hub/hub.ts";
import type { Eventually } from "../protocol/eventually.ts";
import { parseMemberQuery, type MemberQuery } from "../protocol/peer-query.ts";
import type { Room } from "../room/room.ts";
import { eventsEncoder, plainEncoder, type MemberEncoder } from "../session/member-encoder.ts";
import {
  hashOfUser,
  RELIABLE_NEEDS_SESSION,
  type AuthorizedMember,
  type AuthorizedOpener,
  type AuthorizedPlayer,
  type MemberAccess,
} from "./authorize.ts";
import { rejected, type AdmissionOutcome, type ArrivingPort } from "./connect-request.ts";
import { memberFarewell } from "./farewell.ts";
import { joinByCode } from "./join-by-code.ts";
import type { LineToken } from "./line-token.ts";
import type { MemberRequest } from "./member-rooms.ts";
import { isWatcher } from "./token-roles.ts";

/** A member with a token. Its role may be less than what the token says, never more. */
export function admitMember(
  port: ArrivingPort,
  { token, asked, request, visitor, address }: AuthorizedMember,
  { rooms }: MemberAccess,
): Eventually<AdmissionOutcome> {
  prepareFarewell(port, request.isReliable);
  const { sub, room, name } = token;
  const role = isWatcher(token) ? "spectator" : (asked.role ?? seatedRole(token));
  const code = room.toUpperCase();
  return rooms.join(port, {
    room: rooms.hasCode(code) ? { by: "code", code } : { by: "name", name: room },
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
    tokenSessionHash: tokenSessionHashOf(token),
    renew: renewalOf(port),
  });
}

/** A phone or a page with the code of an open room. `found`: that room. */
export function admitMemberByCode(
  port: ArrivingPort,
  { code, request, query, name, pin, visitor, address, token, shownSessionHash }: AuthorizedPlayer,
  found: Room,
  hub: Hub,
  { rooms }: MemberAccess,
): Eventually<AdmissionOutcome> {
  const asked = parseMemberQuery(query);
  if (!asked.ok) return rejected("bad_request", asked.failure);
  if (request.isReliable && request.sessionHash === undefined) return rejected("bad_request", RELIABLE_NEEDS_SESSION);
  prepareFarewell(port, request.isReliable);
  const { role, data } = asked.value;
  const isWatching = token !== undefined && isWatcher(token);
  const asMember = {
    mayOpen: false,
    id: token?.sub,
    role: isWatching ? "spectator" : role,
    name,
    pin,
    data,
    // As on `/ws`: one user has one seat.
    session: token === undefined ? request : { ...request, sessionHash: hashOfUser(token) },
    encoder: encoderFor(asked.value, true),
    transport: "websocket",
    address,
    visitor,
    user: token?.sub,
    tokenSessionHash: token && tokenSessionHashOf(token),
    shownSessionHash,
    renew: renewalOf(port),
  } as const;
  return joinByCode({ port, request: asMember, code, found }, hub, rooms);
}

/** A page that opens a room of a kind. */
export function admitOpener(
  port: ArrivingPort,
  { asked, request, visitor, address, token, shownSessionHash }: AuthorizedOpener,
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
    user: token?.sub,
    tokenSessionHash: token && tokenSessionHashOf(token),
    shownSessionHash,
    renew: renewalOf(port),
  });
}

/** A peer that counts frames is not told in one more: it would count that too. It reads the close reason. */
export function prepareFarewell(port: ArrivingPort, isReliable: boolean): void {
  if (!isReliable) port.farewell = memberFarewell;
}

function encoderFor({ events }: MemberQuery, isUsual: boolean): MemberEncoder {
  return (events ?? isUsual) ? eventsEncoder : plainEncoder;
}

/** A token that says nothing leaves it to the room. */
function seatedRole({ role }: Pick<AuthorizedMember["token"], "role">): "member" | undefined {
  return role === undefined ? undefined : "member";
}

/** A token in a frame renews that of the line (P6.10). */
function renewalOf({ token }: { readonly token?: LineToken | undefined }): MemberRequest["renew"] {
  return token && ((text) => token.renew(text));
}
