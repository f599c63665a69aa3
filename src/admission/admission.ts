/**
 * Decides who may come in: authorize, locate, admit. Each step answers at once or later; where all answer at once, so does the admission, in the
 * same call. Knows ports, not sockets, so the peers of every transport are admitted in the same way.
 */
import type { Hub, LookUp } from "../hub/hub.ts";
import { admitHost, admitPlayer } from "./admit.ts";
import { admitMember, admitMemberByCode, admitOpener } from "./admit-member.ts";
import {
  authorize,
  type AuthorizedMember,
  type AuthorizedOpener,
  type AuthorizedPeer,
  type AuthorizedPlayer,
  type AuthorizeOptions,
  type Undeclared,
} from "./authorize.ts";
import { rejected, type AdmissionOutcome, type ArrivingPort, type ConnectRequest } from "./connect-request.ts";
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
import { FirstFrame } from "./first-frame.ts";
import { locateHost, locatePlayer, type Locator } from "./locate.ts";

export interface AdmissionOptions extends AuthorizeOptions {
  readonly hub: Hub;
  /** Where rooms are found. @default the hub */
  readonly locator?: Locator | undefined;
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

function ifStillThere(port: ArrivingPort, admit: () => Eventually<AdmissionOutcome>): Eventually<AdmissionOutcome> {
  return whenAnswered(port.isStillThere(), (isStillThere) => (isStillThere ? admit() : HUNG_UP));
}

export function createAdmission(options: AdmissionOptions): Admission {
  const { hub, locator = hub, members } = options;

  function admitByCode(port: ArrivingPort, player: AuthorizedPlayer, found: LookUp): Eventually<AdmissionOutcome> {
    if (typeof found === "string") return admitPlayer(port, player, found, hub);
    if (members?.rooms.hasCode(player.code) === true) return admitMemberByCode(port, player, found, hub, members);
    const role = player.query.get("role");
    if (role === "member" || role === "spectator") return rejected("bad_request", NOT_OPEN);
    return admitPlayer(port, player, found, hub);
  }

  function enterOpenRoom(
    port: ArrivingPort,
    peer: AuthorizedMember | AuthorizedOpener | Undeclared,
  ): Eventually<AdmissionOutcome> {
    if (members === undefined) return rejected("unauthorized", NO_OPEN_ROOMS);
    switch (peer.for) {
      case "member":
        return ifStillThere(port, () => admitMember(port, peer, members));
      case "opener":
        return ifStillThere(port, () => admitOpener(port, peer, members));
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
          ifStillThere(port, () => admitHost(port, peer, host, hub)),
        );
      case "player":
        return whenAnswered(locatePlayer(peer, locator), (found) =>
          ifStillThere(port, () => admitByCode(port, peer, found)),
        );
      case "line": {
        const { handler } = peer;
        return ifStillThere(port, () => ({ at: "admitted", handler }));
      }
      default:
        return enterOpenRoom(port, peer);
    }
  }

  return {
    admit: (port, request) =>
      whenAnswered(authorize(request, options), (authorized) => {
        if (!authorized.ok) return rejected(authorized.failure.name, authorized.failure.reason);
        return enter(port, authorized.value);
      }),
  };
}
