/** Open rooms at other nodes, as far as clients over TCP know of them. Behind this port is the cluster (`cluster/`); a node by itself has none. */
import type { AdmissionOutcome, Refused } from "../../admission/connect-request.ts";
import type { MemberPort, MemberRequest } from "../../admission/member-rooms.ts";
import type { Elsewhere } from "../../admission/other-nodes.ts";
import type { Eventually } from "../../protocol/eventually.ts";

export interface OtherRooms {
  /**
   * Where this room is at home. `"here"`: at this node, or nowhere; a name that the client may open is this node's from then on. A refusal: that cannot be known
   * now.
   */
  whereIs(room: MemberRequest["room"], mayOpen: boolean): Eventually<"here" | Elsewhere | Refused>;
  /** As `MemberRooms.join`, at that node. `shownRoom`: how the client asked for the room, which its frames name. */
  join(port: MemberPort, request: MemberRequest, shownRoom: string, home: string): Eventually<AdmissionOutcome>;
}
