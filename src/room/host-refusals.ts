/** What a room answers a command that it understands and cannot follow now (P2.13). */
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import type { HostCommandName, PlayerId } from "../protocol/commands.ts";
import type { Refusal } from "../protocol/error-codes.ts";

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

export const NO_ROOM_LEFT: Refusal = {
  code: "room_limit",
  in: "prepare",
  reason: `${CLOSE_CODES.overloaded.reason} No room, or no room code, is left.`,
};

export const HELD_BACK: Refusal = {
  code: "rate_limited",
  reason: "That is more than a host may say. You are read again in a moment; nothing is lost.",
};
