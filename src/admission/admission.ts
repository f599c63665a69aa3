/**
 * Decides who may come in: authorize, locate, admit. Each step answers at once or later; where all answer at once, so does the admission, in the
 * same call. Knows ports, not sockets, so the peers of every transport are admitted in the same way.
 */
import type { Hub } from "../hub/hub.ts";
import { admitHost, admitPlayer } from "./admit.ts";
import { authorize, type AuthorizedPeer, type AuthorizeOptions } from "./authorize.ts";
import { rejected, type AdmissionOutcome, type ArrivingPort, type ConnectRequest } from "./connect-request.ts";
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
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

function ifStillThere(port: ArrivingPort, admit: () => AdmissionOutcome): Eventually<AdmissionOutcome> {
  return whenAnswered(port.isStillThere(), (isStillThere) => (isStillThere ? admit() : HUNG_UP));
}

export function createAdmission(options: AdmissionOptions): Admission {
  const { hub, locator = hub } = options;

  function enter(port: ArrivingPort, peer: AuthorizedPeer): Eventually<AdmissionOutcome> {
    if (peer.for === "host") {
      return whenAnswered(locateHost(peer, locator), (host) =>
        ifStillThere(port, () => admitHost(port, peer, host, hub)),
      );
    }
    return whenAnswered(locatePlayer(peer, locator), (found) =>
      ifStillThere(port, () => admitPlayer(port, peer, found, hub)),
    );
  }

  return {
    admit: (port, request) =>
      whenAnswered(authorize(request, options), (authorized) => {
        if (!authorized.ok) return rejected(authorized.failure.name, authorized.failure.reason);
        return enter(port, authorized.value);
      }),
  };
}
