/** The wire as data, for those who write a host, a player or a transport of their own (`couchwire/protocol`). */
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
  HostCommand,
  HostCommandName,
  KickCommand,
  OpenCommand,
  PlayerId,
  PrepareCommand,
  Recipients,
  StartCommand,
  StopCommand,
  ToCommand,
  ToStrCommand,
} from "./commands.ts";
export { decodeHostFrame } from "./decode-host-frame.ts";
export { ERROR_CODES, type ErrorCode, type Refusal } from "./error-codes.ts";
export type {
  ErrorEvent,
  FromEvent,
  FromStrEvent,
  HostEvent,
  PlayerJoinedEvent,
  PlayerLeftEvent,
  PrepareReplyEvent,
  RoomEvent,
  StateEvent,
} from "./events.ts";
export {
  createHostEncoder,
  type HostBytes,
  type HostEncoder,
  type HostFormat,
  type SeatEncoder,
} from "./host-encoder.ts";
export { RELIABLE_SUBPROTOCOL, type Control, type Hello } from "./reliable/control-frames.ts";
export {
  parseHostQuery,
  parsePlayerQuery,
  type HostQuery,
  type PlayerQuery,
  type QueryParameters,
} from "./peer-query.ts";
export { parseRoomCode, ROOM_CODE_ALPHABET, ROOM_CODE_LENGTH } from "./room-code.ts";
export { readSubprotocols, type OfferedSubprotocols, type SecretName } from "./subprotocols.ts";
export type { Result } from "./result.ts";
