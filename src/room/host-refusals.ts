/** The errors for commands that a room understands and cannot follow now (P2.13). */
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import type { HostCommandName, PlayerId } from "../protocol/commands.ts";
import type { Refusal } from "../protocol/error-codes.ts";
import type { RegistrationFailure, RegistrationRefusal } from "./ports.ts";

export function notPrepared(command: HostCommandName): Refusal {
  return {
    code: "not_prepared",
    in: command,
    reason: `There is no room yet: send \`prepare\` before \`${command}\`.`,
  };
}

export function noSuchPlayer(player: PlayerId): Refusal {
  return {
    code: "invalid_field",
    in: "rescue",
    reason: `\`player\` has to be in the room; there is no player ${player}.`,
  };
}

export function tooManyChannels(limit: number): Refusal {
  return {
    code: "invalid_field",
    in: "publish",
    reason: `\`channel\` has to be one of the ${limit} on which this room has published: a room has no more.`,
  };
}

export function unavailableChannel(reason: string): Refusal {
  return { code: "unavailable", in: "publish", reason };
}

const REGISTRATION_REASONS = {
  no_room_left: `${CLOSE_CODES.overloaded.reason} No room, or no room code, is left.`,
  network_limit: "Too many rooms were opened from your network.",
} as const;

export function noRoom(why: keyof typeof REGISTRATION_REASONS | RegistrationRefusal): Refusal {
  if (typeof why === "object") return { code: "unauthorized", in: "prepare", reason: why.refusal };
  return { code: "room_limit", in: "prepare", reason: REGISTRATION_REASONS[why] };
}

export function noGame(failed: RegistrationFailure): Refusal {
  const reason =
    typeof failed === "object" ? failed.refusal : "Whether this game may be played could not be found out.";
  return { code: "unauthorized", in: "game", reason };
}
