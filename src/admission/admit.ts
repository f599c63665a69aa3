/** The last step of the admission: takes a place in the room, or says why there is none. */
import { tokenSessionHashOf } from "../auth/token-ban-keys.ts";
import type { Hub, LookUp } from "../hub/hub.ts";
import { siteOf } from "../hub/ip-prefix.ts";
import type { CloseName } from "../protocol/close-codes.ts";
import type { JoinRequest } from "../room/player-manager.ts";
import { createHostEncoder } from "../session/host-encoder.ts";
import type { HostPort, PlayerPort } from "../session/ports.ts";
import type { WireHost } from "../session/wire-host.ts";
import type { AuthorizedHost, AuthorizedPlayer } from "./authorize.ts";
import { rejected, type AdmissionOutcome } from "./connect-request.ts";
import { TOO_MANY_PINS } from "./join-by-code.ts";

const HOST_CANNOT_RETURN = "This session's room speaks another format, or never sent so many frames.";
const HOST_OF_ANOTHER = "Your token is for one room alone, and this session is not that room's.";
const NO_AUDIENCE = "This room has no audience.";
const TOO_MANY_GUESSES = "Too many wrong codes. Come back in a minute.";
const TOO_MANY_JOINS = "Too many came here at once. Come back in a few seconds.";
const TOO_MANY_RETURNS = "You came back too often. Come back in a few seconds.";
/** Why a host may not take its room up again, where the close code's own sentence says too little. */
const HOST_REFUSALS = new Map<CloseName, string>([
  ["bad_request", HOST_CANNOT_RETURN],
  ["rate_limited", TOO_MANY_RETURNS],
]);

/** `located`: the host as it was found, where it has a room already. */
export function admitHost(
  port: HostPort,
  { format, bytes, request, address, token, shownSessionHash }: AuthorizedHost,
  located: WireHost | undefined,
  hub: Hub,
): AdmissionOutcome {
  if (located === undefined && hub.isDraining) return rejected("restarting");
  // The server draws the codes: a token that names a room takes that one up again, and opens none.
  if (token?.room !== undefined && located?.room.code !== token.room.toUpperCase())
    return rejected("unauthorized", HOST_OF_ANOTHER);
  const owner = { user: token?.sub, tokenSessionHash: token && tokenSessionHashOf(token), shownSessionHash };
  const connected = hub.connectHost(port, createHostEncoder(format, bytes), { ...request, ...owner }, address, located);
  if (!connected.ok) return rejected(connected.failure, HOST_REFUSALS.get(connected.failure));
  return { at: "admitted", handler: connected.value };
}

/** `found`: what the look-up of the player's code gave. */
export function admitPlayer(port: PlayerPort, player: AuthorizedPlayer, found: LookUp, hub: Hub): AdmissionOutcome {
  // The room may have ended by the restart, or be opened behind it: the phone is to come back.
  if (found === "not_found") return rejected(hub.isDraining ? "restarting" : "room_not_found");
  const { code, pin, address, watches } = player;
  const joinRequest = joinRequestOf(player);
  const { sessionHash, seatTransferProof, user } = joinRequest;
  const credentials = { sessionHash, seatTransferProof, user };
  // To show no PIN is no guess: a phone finds out like this that it has to ask for one.
  const isGuess = pin !== undefined && pin !== "" && (found === "too_many_guesses" || !found.knows(credentials));
  if (isGuess && !hub.mayTryPin(code, address)) return rejected("rate_limited", TOO_MANY_PINS);
  if (found === "too_many_guesses") return rejected("rate_limited", TOO_MANY_GUESSES);
  const joined = found.enter(port, joinRequest);
  if (!joined.ok) {
    if (joined.failure === "room_full" && watches)
      return rejected("room_full", found.hasAudience ? undefined : NO_AUDIENCE);
    if (joined.failure === "unauthorized" && isGuess) hub.countWrongPin(found, address);
    const tooMany = found.knows(credentials) ? TOO_MANY_RETURNS : TOO_MANY_JOINS;
    return rejected(joined.failure, joined.failure === "rate_limited" ? tooMany : undefined);
  }
  return joined.value;
}

/** What the room is asked for. A watcher has no session there, and counts no frames. */
export function joinRequestOf({
  request,
  seatTransferProof,
  name,
  pin,
  game,
  visitor,
  address,
  token,
  shownSessionHash,
  watches,
}: AuthorizedPlayer): JoinRequest {
  const tokenSessionHash = token && tokenSessionHashOf(token);
  const network = siteOf(address);
  if (watches) {
    return {
      isReliable: false,
      isSpectator: true,
      pin,
      visitor,
      network,
      user: token?.sub,
      tokenSessionHash,
      shownSessionHash,
    };
  }
  const { sessionHash, received, epoch, attempt, isReliable } = request;
  return {
    sessionHash, // spelled out: V8 is slow to spread an object here
    seatTransferProof,
    isReliable,
    received,
    epoch,
    attempt,
    game,
    name,
    pin,
    visitor,
    network,
    user: token?.sub,
    tokenSessionHash,
    shownSessionHash,
  };
}
