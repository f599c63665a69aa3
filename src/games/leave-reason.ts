/** Why a member is gone, as handlers, hooks and events say it. */
import type { DepartureReason } from "../room/ports.ts";
import type { LeaveReason } from "./game-room.ts";

/** The reason that a program is told for what a room or a transport says. */
export function leaveReasonOf(why: DepartureReason): LeaveReason {
  switch (why) {
    case "left":
    case "timeout":
    case "kicked":
    case "replaced":
    case "slow_consumer":
    case "rate_limited":
    case "bad_request":
    case "token_expired":
    case "room_closed":
    case "restarting":
      return why;
    case "normal":
      return "left";
    case "protocol_error":
    case "invalid_text":
    case "too_many_fragments":
    case "frame_too_large":
      return "bad_request";
    case "cut":
    case "internal_error":
    case "overloaded":
    case "unauthorized":
    case "room_not_found":
    case "room_full":
    case "room_locked":
      return "cut";
    default:
      return why satisfies never;
  }
}
