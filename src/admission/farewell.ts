/** What a member of an open room is told in a frame before its connection is closed, for clients that do not look at close codes (P6.5, P6.9). */
import { CLOSE_CODES, type CloseName } from "../protocol/close-codes.ts";
import type { Message } from "../room/ports.ts";
import { errorFrame } from "../session/member-encoder.ts";

/** The frame before a Close of this name and reason, where there is one. */
export type Farewell = (name: CloseName, reason: string) => Message | undefined;

/** The error codes of the members' wire, by close code. */
const ERRORS = new Map<CloseName, string>([
  ["room_full", "room_full"],
  ["rate_limited", "rate_limited"],
  ["unauthorized", "refused"],
  ["internal_error", "internal_error"],
]);

export const memberFarewell: Farewell = (name, reason) => {
  // Without a sentence of its own it is a PIN that is missing or wrong; a refusal of the room's code has one.
  const isPin = name === "unauthorized" && reason === CLOSE_CODES.unauthorized.reason;
  const code = isPin ? "unauthorized" : ERRORS.get(name);
  return code === undefined ? undefined : errorFrame(code, reason);
};
