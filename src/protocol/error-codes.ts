/** Why a host's frame was refused (P4.2). The connection and the room stay as they were. */
export const ERROR_CODES = {
  invalid_message: "the frame is not one CBOR map, or JSON object, within the limits",
  unknown_command: "there is no command of that name",
  invalid_field: "a field is missing, has the wrong type or is out of range",
  not_prepared: "the command needs a room, and `prepare` has not opened one yet",
  rate_limited: "too many frames in too short a time",
  too_large: "a field is over its size limit",
  room_limit: "the server has no room, or no room code, left",
  unavailable: "what the command needs cannot be reached now",
  unauthorized: "this connection may not do that",
} as const;

/** The name of an entry of `ERROR_CODES`. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** A refused host frame, as the `error` event (P2.13) tells it. */
export interface Refusal {
  /** The kind of mistake, for programs. */
  readonly code: ErrorCode;
  /** For people: what was wrong and what is allowed. */
  readonly reason: string;
  /** The refused command, where it could be read. */
  readonly in?: string;
}
