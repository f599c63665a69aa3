/**
 * Decides who may come in: authorize, locate, admit. Each step answers at once or later; where all answer at once, so does the admission, in the
 * same call. Knows ports, not sockets, so the peers of every transport are admitted in the same way.
 */
import { banKeysOf } from "../auth/token-ban-keys.ts";
import type { VerifiedToken } from "../auth/token-claims.ts";
import type { BanCheck, BanKeys } from "../hub/bans.ts";
import type { Hub, LookUp } from "../hub/hub.ts";
import { admitHost, admitPlayer, joinRequestOf } from "./admit.ts";
import { admitMember, admitMemberByCode, admitOpener, prepareFarewell } from "./admit-member.ts";
import {
  authorize,
  lineTokenOf,
  type AuthorizedHost,
  type AuthorizedMember,
  type AuthorizedOpener,
  type AuthorizedPeer,
  type AuthorizedPlayer,
  type AuthorizedLine,
  type AuthorizeOptions,
  type MemberAccess,
  type Undeclared,
} from "./authorize.ts";
import type { ConnectGuard } from "./connect-guard.ts";
import {
  rejected,
  type AdmissionOutcome,
  type ArrivingPort,
  type ConnectRequest,
  type Refused,
  type Rejection,
} from "./connect-request.ts";
import type { JoinGuard } from "./join-guard.ts";
import { LineToken } from "./line-token.ts";
import type { OtherNodes } from "./other-nodes.ts";
import { NO_TOKENS } from "./token-gate.ts";
import { isForRoom, OTHER_ROOM } from "./token-roles.ts";
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { RELIABLE_SUBPROTOCOL } from "../protocol/reliable/control-frames.ts";
import type { ConnectionHandler } from "../room/ports.ts";
import type { Room } from "../room/room.ts";
import { locateHost, locatePlayer, type Locator } from "./locate.ts";

export interface AdmissionOptions extends AuthorizeOptions {
  readonly hub: Hub;
  /** Where rooms are found. @default the hub */
  readonly locator?: Locator | undefined;
  /** Where rooms are that are not here. @default there are no other nodes */
  readonly otherNodes?: OtherNodes | undefined;
  /** Whom a program has banned. @default no peer */
  readonly bans?: BanCheck | undefined;
  /** Asked before anything else. @default every connection may go on */
  readonly connectGuard?: ConnectGuard | undefined;
  /** Asked before a phone takes a seat. @default every phone may go on */
  readonly joinGuard?: JoinGuard | undefined;
}

export interface Admission {
  /**
   * Decides what becomes of a peer. A peer that is gone before its place is taken gets none. The caller reads nothing from the
   * peer, and tells its port nothing, until the answer is there.
   */
  admit(port: ArrivingPort, request: ConnectRequest): Eventually<AdmissionOutcome>;
}

/** The outcome for a peer that has hung up meanwhile. It hears nothing of it. */
const HUNG_UP = rejected("normal");

const NO_CHANNELS = "There are no channels here.";
const NO_OPEN_ROOMS = "There are no open rooms here.";
const NOT_OPEN = "This room has a host page: it takes players, not members.";

export function createAdmission(options: AdmissionOptions): Admission {
  const { hub, locator = hub, otherNodes, members, bans, connectGuard, joinGuard } = options;
  const isCodeHere = otherNodes && ((code: string): boolean => hub.find(code) !== undefined);
  const authorizing: AuthorizeOptions = { ...options, isCodeHere };

  /** A peer may hang up, or be banned, while others are asked about it. */
  function ifStillThere(
    port: ArrivingPort,
    peer: AuthorizedPeer,
    admit: () => Eventually<AdmissionOutcome>,
  ): Eventually<AdmissionOutcome> {
    return whenAnswered(port.isStillThere(), (isStillThere) =>
      isStillThere ? (banned(keysOf(peer)) ?? admit()) : HUNG_UP,
    );
  }

  function banned(keys: BanKeys): Refused | undefined {
    const reason = bans?.reasonFor(keys);
    return reason === undefined ? undefined : rejected("kicked", reason);
  }

  function admitByCode(port: ArrivingPort, player: AuthorizedPlayer, found: LookUp): Eventually<AdmissionOutcome> {
    if (typeof found === "string") return ifStillThere(port, player, () => admitPlayer(port, player, found, hub));
    if (members?.rooms.hasCode(player.code) === true) {
      return ifStillThere(port, player, () => admitMemberByCode(port, player, found, hub, members));
    }
    const role = player.query.get("role");
    if (role === "member" || role === "spectator") return rejected("bad_request", NOT_OPEN);
    return whenAnswered(refusalOfGuard(player, found), (rejection) =>
      rejection === undefined
        ? ifStillThere(port, player, () => admitPlayer(port, player, found, hub))
        : rejected(rejection.name, rejection.reason),
    );
  }

  function enterOpenRoom(
    port: ArrivingPort,
    peer: AuthorizedMember | AuthorizedOpener | Undeclared,
  ): Eventually<AdmissionOutcome> {
    if (members === undefined) return rejected("unauthorized", NO_OPEN_ROOMS);
    switch (peer.for) {
      case "member":
        return ifStillThere(port, peer, () => admitMember(port, peer, members));
      case "opener":
        return ifStillThere(port, peer, () => admitOpener(port, peer, members));
      case "first_frame":
        return ifStillThere(port, peer, () => openLine(port, peer, members));
      default:
        return peer satisfies never;
    }
  }

  /** A peer on `/ws` that wants no room. */
  function openLine(port: ArrivingPort, { address }: Undeclared, { channels }: MemberAccess): AdmissionOutcome {
    if (channels === undefined) return rejected("unauthorized", NO_CHANNELS);
    const judge = (text: string): Promise<Result<LineToken, Rejection>> => judgeForChannels(text, address);
    return { at: "admitted", handler: channels.open(port, { address, token: port.token, judge }) };
  }

  /** Judges the token of `connect` (P8.1). */
  async function judgeForChannels(text: string, address: string): Promise<Result<LineToken, Rejection>> {
    const gate = members?.tokenGate;
    if (gate === undefined) return failure({ name: "unauthorized", reason: NO_TOKENS });
    const judged = await gate.judge(text, address);
    if (!judged.ok) return judged;
    const token = new LineToken({ token: judged.value, gate, address });
    const ban = banned({ ...token.banKeys, address });
    return ban === undefined ? success(token) : failure(ban);
  }

  function hostOf(port: ArrivingPort, peer: AuthorizedHost): Eventually<AdmissionOutcome> {
    return whenAnswered(locateHost(peer, locator), (host) =>
      ifStillThere(port, peer, () => {
        let handler: ConnectionHandler | undefined;
        const isHere = (room: string): boolean => handler?.ids.room === room.toUpperCase();
        port.token = lineTokenOf(peer.token, members, peer.address, isHere);
        const outcome = admitHost(port, peer, host, hub);
        if (outcome.at !== "refused") ({ handler } = outcome);
        return outcome;
      }),
    );
  }

  /** The node at which a peer arrives asks the program about it. */
  function guardFor({ isLinked }: ConnectRequest): ConnectGuard | undefined {
    return isLinked === true ? undefined : connectGuard;
  }

  /** Lets the peer in where its room is at home. */
  function enter(port: ArrivingPort, peer: AuthorizedPeer, request: ConnectRequest): Eventually<AdmissionOutcome> {
    if (otherNodes === undefined || otherNodes.isHere(peer)) return enterHere(port, peer);
    if (request.isLinked === true) return enterLinked(port, peer, otherNodes);
    return whenAnswered(otherNodes.whereIs(peer), (where) => {
      if (where === "here") return enterHere(port, peer);
      if ("at" in where) return where;
      return ifStillThere(port, peer, () => {
        port.token = undefined; // its home watches over that
        return otherNodes.open(port, request, where.home);
      });
    });
  }

  /** A peer that another node has sent here, and whose room is not open here. */
  function enterLinked(port: ArrivingPort, peer: AuthorizedPeer, nodes: OtherNodes): Eventually<AdmissionOutcome> {
    if (nodes.isNowhere(peer)) return enterHere(port, peer);
    // It may have been taken over without a place for it, and be opened now.
    return whenAnswered(nodes.whereIs(peer, false), (where) => {
      if (where !== "here" && "at" in where) return where;
      // Otherwise the room has just moved, or is about to open: another look-up finds out.
      return nodes.isHere(peer) ? enterHere(port, peer) : rejected("restarting");
    });
  }

  function enterHere(port: ArrivingPort, peer: AuthorizedPeer): Eventually<AdmissionOutcome> {
    switch (peer.for) {
      case "host":
        return hostOf(port, peer);
      case "player":
        // The room may not have been here when the token was looked at.
        if (!isRoomOf(peer, peer.token?.room, members)) return rejected("unauthorized", OTHER_ROOM);
        return whenAnswered(locatePlayer(peer, locator), (found) => admitByCode(port, peer, found));
      case "line": {
        const { handler } = peer;
        return ifStillThere(port, peer, () => ({ at: "admitted", handler }));
      }
      default:
        return enterOpenRoom(port, peer);
    }
  }

  /** The guard is not asked about a phone that comes back to its seat, nor about one that the room refuses anyway. */
  function refusalOfGuard(player: AuthorizedPlayer, found: Room): Eventually<Rejection | undefined> {
    if (joinGuard === undefined) return undefined;
    const request = joinRequestOf(player);
    return found.knows(request) || found.refusalFor(request) !== undefined ? undefined : joinGuard.admit(found, player);
  }

  return {
    admit: (port, request) =>
      whenAnswered(banned({ address: request.address }) ?? guardFor(request)?.admit(request), (rejection) => {
        if (rejection !== undefined) {
          prepareRefusal(port, request);
          return rejected(rejection.name, rejection.reason);
        }
        return whenAnswered(authorize(request, authorizing), (authorized) => {
          if (!authorized.ok) {
            const { name, reason } = authorized.failure;
            if (name === "rate_limited") prepareRefusal(port, request);
            return rejected(name, reason);
          }
          const peer = authorized.value;
          const ban = banned(keysOf(peer));
          if (ban !== undefined) return ban;
          if (peer.for !== "host" && peer.for !== "line")
            port.token = lineTokenOf(peer.token, members, peer.address, (room) => isRoomOf(peer, room, members));
          return enter(port, peer, request);
        });
      }),
  };
}

/** A peer on `/ws` is told in a frame too that it was refused, but not what is wrong with its token. */
function prepareRefusal(port: ArrivingPort, { target, subprotocols }: ConnectRequest): void {
  if (target.for === "member") prepareFarewell(port, subprotocols.selected === RELIABLE_SUBPROTOCOL);
}

/** Whether a token that names this room is for the one that the peer came for. */
function isRoomOf(
  peer: Exclude<AuthorizedPeer, AuthorizedHost | AuthorizedLine>,
  room: string | undefined,
  members: MemberAccess | undefined,
): boolean {
  switch (peer.for) {
    case "player":
      return isForRoom(room, { code: peer.code, name: members?.rooms.nameOf(peer.code) });
    case "opener":
      return room === peer.asked.roomName;
    case "member":
    case "first_frame":
      return false; // the token's room is the line's, if it names one
    default:
      return peer satisfies never;
  }
}

/** What a peer shows, by which it may be banned. */
function keysOf(peer: AuthorizedPeer): BanKeys {
  switch (peer.for) {
    case "host":
    case "player":
    case "opener": {
      const { request, shownSessionHash, address, token } = peer;
      return { ...ofToken(token), sessionHash: request.sessionHash, shownSessionHash, address };
    }
    case "member":
    case "first_frame":
      return { ...ofToken(peer.token), address: peer.address };
    case "line":
      return {}; // its address was looked at, and all else it has yet to say
    default:
      return peer satisfies never;
  }
}

function ofToken(token: VerifiedToken | undefined): BanKeys {
  return token === undefined ? {} : banKeysOf(token);
}
