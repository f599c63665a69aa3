/** The second step of the admission: where the room is found that a peer asks for. */
import type { LookUp } from "../hub/hub.ts";
import type { Credentials } from "../room/seat-registry.ts";
import type { WireHost } from "../session/wire-host.ts";
import type { AuthorizedHost, AuthorizedPlayer } from "./authorize.ts";
import type { Eventually } from "../protocol/eventually.ts";

/** The hub of this node, or a directory on another machine. The promises have the rules of those of an `Authorizer`. */
export interface Locator {
  /** The room of this code for a phone at this address. Counts a wrong code against the network before it answers. */
  lookUp(code: string, address: string, credentials: Credentials): Eventually<LookUp>;
  /** The host that has the session of this hash, with its room. */
  hostOf(sessionHash: string): Eventually<WireHost | undefined>;
}

/** The host with its room; `undefined` where it has none yet. */
export function locateHost({ request }: AuthorizedHost, locator: Locator): Eventually<WireHost | undefined> {
  return request.sessionHash === undefined ? undefined : locator.hostOf(request.sessionHash);
}

export function locatePlayer(
  { code, address, request, seatTransferProof }: AuthorizedPlayer,
  locator: Locator,
): Eventually<LookUp> {
  return locator.lookUp(code, address, { sessionHash: request.sessionHash, seatTransferProof });
}
