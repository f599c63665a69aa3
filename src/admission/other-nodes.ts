/** The nodes beside this one, as far as the admission knows of them. Behind this port is the cluster (`cluster/`); a node by itself has none. */
import type { Eventually } from "../protocol/eventually.ts";
import type { AuthorizedPeer } from "./authorize.ts";
import type { AdmissionOutcome, ArrivingPort, ConnectRequest, Refused } from "./connect-request.ts";

/** Another node, at which a peer's room is at home. */
export interface Elsewhere {
  readonly home: string;
  /** The name of an open room that was asked for by its code. */
  readonly name?: string | undefined;
}

export interface OtherNodes {
  /**
   * Whether the peer's room is at home at this node now; also `true` for a peer that needs no room that exists. Asks no other machine.
   */
  isHere(peer: AuthorizedPeer): boolean;
  /** Whether the code or name that the peer asks for is this node's, and no room has it. Asks no other machine. */
  isNowhere(peer: AuthorizedPeer): boolean;
  /**
   * Where the peer's room is at home. `"here"`: at this node, or nowhere. A room whose home was lost is opened again here before this answers. A name that the peer
   * may open is this node's from then on, unless `mayOpen` is `false`. A refusal: that cannot be known now.
   */
  whereIs(peer: AuthorizedPeer, mayOpen?: boolean): Eventually<"here" | Elsewhere | Refused>;
  /** Lets the peer in at that node. From then on this node passes on what is said. */
  open(port: ArrivingPort, request: ConnectRequest, home: string): Eventually<AdmissionOutcome>;
}
