/**
 * Couchwire for a page: a TV opens a room with `createRoom`, a phone joins it with `joinRoom`.
 * @module
 */
export { afterClose, CLOSE_CODES } from "../protocol/close-codes.ts";
export type { AfterClose, CloseCodeEntry, CloseName } from "../protocol/close-codes.ts";
export type { ErrorCode } from "../protocol/error-codes.ts";
export { parseRoomCode } from "../protocol/room-code.ts";
export type { PlayerHealth } from "../protocol/events.ts";
export type { KickOptions, PlayerRef, PlayerRefs, SendOptions } from "./addressing.ts";
export type { ConnectCause, ConnectFailure } from "./connect-failure.ts";
export type { CloseReason, Retry } from "./reconnecting-socket.ts";
export { CouchwireError } from "./couchwire-error.ts";
export type { CouchwireErrorCode } from "./couchwire-error.ts";
export { createRoom } from "./create-room.ts";
export type { CreateRoomOptions } from "./create-room.ts";
export type {
  EventAnswer,
  EventArguments,
  EventData,
  EventName,
  GameListeners,
  GameShape,
  PlainEventName,
  PlayerStateOf,
  RequestName,
  StateOf,
} from "./game-types.ts";
export type { StartGameOptions } from "./evening.ts";
export type { HostRoom } from "./host-room.ts";
export type { Overflow } from "../protocol/commands.ts";
export type { HostGap, HostRoomEvents, RoomState, Tally } from "./host-room-events.ts";
export type { RoomError } from "./host-wire.ts";
export { joinMember } from "./join-member.ts";
export type { JoinMemberOptions } from "./join-member.ts";
export type { MemberRoom, MemberRoomEvents, MemberSendOptions, PastMessage, RoomMember } from "./member-room.ts";
export { hasFreeSeat, hasSeat, joinRoom } from "./join-room.ts";
export type { JoinRoomOptions } from "./join-room.ts";
export type { AskOptions } from "./open-asks.ts";
export type { JoinedRoom } from "./joined-room.ts";
export type { ReliableConnectionOptions } from "./reliable-connection-options.ts";
export type { Payload } from "./payload.ts";
export { PLAYER_COLORS } from "./player-colors.ts";
export type { PlayerMeta, ProfileChanges } from "./player-profile.ts";
export type { Player, PlayerDelivery } from "./player.ts";
export type { PhoneRole, PhoneState, PlayerRoom, PlayerRoomEvents, PlayerSendOptions } from "./player-room.ts";
export { qrSvg } from "./qr.ts";
export type { QrOptions } from "./qr.ts";
export type { ReadableState, SharedState, StateChanges } from "./state/shared-state.ts";
export type { PlayerSet } from "./roster.ts";
export type { SessionStorage } from "./session.ts";
export type { TokenSource } from "./token-source.ts";
export type { WebSocketClass, WebSocketPort } from "./client-socket.ts";
