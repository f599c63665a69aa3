/**
 * Decides who may come in: authorize, locate, admit. Each step answers at once or later; where all answer at once, so does the admission, in the
 * same call. Knows ports, not sockets, so the peers of every transport are admitted in the same way.
 */
import type { BanCheck, BanKeys } from "../hub/bans.ts";
import type { Hub, LookUp } from "../hub/hub.ts";
import { admitHost, admitPlayer, joinRequestOf } from "./admit.ts";
import { admitMember, admitMemberByCode, admitOpener, prepareFarewell } from "./admit-member.ts";
import {
  authorize,
  type AuthorizedMember,
  type AuthorizedOpener,
  type AuthorizedPeer,
  type AuthorizedPlayer,
  type AuthorizeOptions,
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
import { hashSecret } from "../hub/hash-secret.ts";
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
import { RELIABLE_SUBPROTOCOL } from "../protocol/reliable/control-frames.ts";
import type { Room } from "../room/room.ts";
import { FirstFrame } from "./first-frame.ts";
import { locateHost, locatePlayer, type Locator } from "./locate.ts";

export interface AdmissionOptions extends AuthorizeOptions {
  readonly hub: Hub;
  /** Where rooms are found. @default the hub */
  readonly locator?: Locator | undefined;
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

const NO_OPEN_ROOMS = "There are no open rooms here.";
const NOT_OPEN = "This room has a host page: it takes players, not members.";

export function createAdmission(options: AdmissionOptions): Admission {
  const { hub, locator = hub, members, bans, connectGuard, joinGuard } = options;

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
        return { at: "admitted", handler: new FirstFrame(port, members.clock) };
      default:
        return peer satisfies never;
    }
  }

  function enter(port: ArrivingPort, peer: AuthorizedPeer): Eventually<AdmissionOutcome> {
    switch (peer.for) {
      case "host":
        return whenAnswered(locateHost(peer, locator), (host) =>
          ifStillThere(port, peer, () => admitHost(port, peer, host, hub)),
        );
      case "player":
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
      whenAnswered(banned({ address: request.address }) ?? connectGuard?.admit(request), (rejection) => {
        if (rejection !== undefined) {
          prepareRefusal(port, request);
          return rejected(rejection.name, rejection.reason);
        }
        return whenAnswered(authorize(request, options), (authorized) => {
          if (!authorized.ok) {
            const { name, reason } = authorized.failure;
            if (name === "rate_limited") prepareRefusal(port, request);
            return rejected(name, reason);
          }
          return banned(keysOf(authorized.value)) ?? enter(port, authorized.value);
        });
      }),
  };
}

/** A peer on `/ws` is told in a frame too that it was refused, but not what is wrong with its token. */
function prepareRefusal(port: ArrivingPort, { target, subprotocols }: ConnectRequest): void {
  if (target.for === "member") prepareFarewell(port, subprotocols.selected === RELIABLE_SUBPROTOCOL);
}

/** What a peer shows, by which it may be banned. */
function keysOf(peer: AuthorizedPeer): BanKeys {
  switch (peer.for) {
    case "host":
    case "player":
    case "opener":
      return { sessionHash: peer.request.sessionHash, address: peer.address };
    case "member":
      return { user: peer.token.sub, tokenSessionHash: hashSecret(peer.token.session_id), address: peer.address };
    case "first_frame":
    case "line":
      return {}; // its address was looked at, and all else it has yet to say
    default:
      return peer satisfies never;
  }
}
