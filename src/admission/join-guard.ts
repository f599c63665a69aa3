/** Asked before a phone takes a seat in a room with a host page. A phone that comes back to its seat takes none, and nothing is asked. */
import type { Eventually } from "../protocol/eventually.ts";
import type { Room } from "../room/room.ts";
import type { AuthorizedPlayer } from "./authorize.ts";
import type { Rejection } from "./connect-request.ts";

export interface JoinGuard {
  /** `undefined` lets the phone go on. A promise is never rejected, and settles within five seconds. */
  admit(room: Room, player: AuthorizedPlayer): Eventually<Rejection | undefined>;
}
