/** Joins an open room by its code, over whichever wire, and counts the wrong PINs that are tried there. */
import type { Hub } from "../hub/hub.ts";
import { whenAnswered, type Eventually } from "../protocol/eventually.ts";
import type { Room } from "../room/room.ts";
import { rejected, type AdmissionOutcome } from "./connect-request.ts";
import type { MemberPort, MemberRequest, MemberRooms } from "./member-rooms.ts";

export interface CodeJoin {
  readonly port: MemberPort;
  readonly request: Omit<MemberRequest, "room">;
  /** In upper case. */
  readonly code: string;
  /** The room of this code. */
  readonly found: Room;
}

export const TOO_MANY_PINS = "Too many wrong PINs. Come back in a minute.";

export function joinByCode(
  { port, request, code, found }: CodeJoin,
  hub: Pick<Hub, "mayTryPin" | "countWrongPin">,
  rooms: MemberRooms,
): Eventually<AdmissionOutcome> {
  const { pin, address, session } = request;
  // To show no PIN is no guess: a phone finds out like this that it has to ask for one.
  const isGuess = pin !== undefined && pin !== "" && !found.knows({ sessionHash: session.sessionHash });
  if (isGuess && !hub.mayTryPin(code, address)) return rejected("rate_limited", TOO_MANY_PINS);
  return whenAnswered(rooms.join(port, { ...request, room: { by: "code", code } }), (outcome) => {
    // A refusal of the room's own code has a sentence; that of a PIN has none.
    const isWrongPin = isGuess && outcome.at === "refused" && outcome.name === "unauthorized" && !outcome.reason;
    if (isWrongPin) hub.countWrongPin(found, address);
    return outcome;
  });
}
