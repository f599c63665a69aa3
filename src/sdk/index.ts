/** Couchwire for a page: a TV opens a room with `createRoom`, a phone joins it with `joinRoom`. */
export { afterClose, CLOSE_CODES } from "../protocol/close-codes.ts";
export type { AfterClose, CloseCodeEntry, CloseName } from "../protocol/close-codes.ts";
export type { ErrorCode } from "../protocol/error-codes.ts";
export { parseRoomCode } from "../protocol/room-code.ts";
export type { CloseReason, Retry } from "./connection.ts";
export { CouchwireError } from "./couchwire-error.ts";
export type { CouchwireErrorCode } from "./couchwire-error.ts";
export { createRoom } from "./create-room.ts";
export type { CreateRoomOptions } from "./create-room.ts";
export type { HostRoom, HostRoomEvents, RoomState } from "./host-room.ts";
export type { RoomError } from "./host-wire.ts";
export { joinRoom } from "./join-room.ts";
export type { JoinRoomOptions } from "./join-room.ts";
export type { Payload } from "./payload.ts";
export type { PlayerRoom, PlayerRoomEvents } from "./player-room.ts";
export { qrSvg } from "./qr.ts";
export type { QrOptions } from "./qr.ts";
export type { WebSocketClass, WebSocketPort } from "./web-socket-port.ts";
