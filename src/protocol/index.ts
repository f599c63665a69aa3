/**
 * The wire as data, for a host, a player or a transport of your own (`couchwire/protocol`).
 * @module
 */
export {
  afterClose,
  CLOSE_CODES,
  fitCloseReason,
  MAX_CLOSE_REASON_BYTES,
  type AfterClose,
  type CloseCodeEntry,
  type CloseName,
} from "./close-codes.ts";
export type {
  GameCommand,
  HealthCommand,
  HostCommand,
  HostCommandName,
  KickCommand,
  OpenCommand,
  Overflow,
  PlayerId,
  PollCommand,
  PollId,
  PrepareCommand,
  PublishCommand,
  Recipients,
  RescueCommand,
  SaveCommand,
  SavedValue,
  SaveKeysCommand,
  StartCommand,
  StopCommand,
  ToAudienceCommand,
  ToAudienceStrCommand,
  ToCommand,
  ToStrCommand,
} from "./commands.ts";
export { decodeHostFrame } from "./decode-host-frame.ts";
export { ERROR_CODES, type ErrorCode, type Refusal } from "./error-codes.ts";
export {
  HOST_EVENTS,
  type AudienceEvent,
  type ErrorEvent,
  type FromEvent,
  type FromStrEvent,
  type GapEvent,
  type GuessingEvent,
  type HealthEvent,
  type HostEvent,
  type HostEventName,
  type PlayerAwayEvent,
  type PlayerBackEvent,
  type PlayerHealth,
  type PlayerJoinedEvent,
  type PlayerLeftEvent,
  type PrepareReplyEvent,
  type RescueReplyEvent,
  type RestoreEvent,
  type RoomEvent,
  type StateDeltaEvent,
  type StateEvent,
} from "./events.ts";
export { HOST_COMMANDS } from "./parse-command.ts";
export { RELIABLE_SUBPROTOCOL, type Control, type Hello } from "./reliable/control-frames.ts";
export {
  parseHostQuery,
  parsePlayerQuery,
  type HostBytes,
  type HostFormat,
  type Attempt,
  type HostQuery,
  type HostStates,
  type PlayerQuery,
  type QueryParameters,
} from "./peer-query.ts";
export { parseRoomCode, ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH } from "./room-code.ts";
export { readSubprotocols, type OfferedSubprotocols, type SecretName } from "./subprotocols.ts";
export type { Result } from "./result.ts";
