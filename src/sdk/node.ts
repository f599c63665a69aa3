/** Couchwire for Node: as for a page, with the WebSocket of `ws` where Node has none of its own. */
import { WebSocket as WsWebSocket } from "ws";
import { createRoom as createRoomWith, type CreateRoomOptions } from "./create-room.ts";
import type { GameShape } from "./game-types.ts";
import type { HostRoom } from "./host-room.ts";
import { joinMember as joinMemberWith, type JoinMemberOptions } from "./join-member.ts";
import type { MemberRoom } from "./member-room.ts";
import { joinRoom as joinRoomWith, type JoinRoomOptions } from "./join-room.ts";
import type { PlayerRoom } from "./player-room.ts";
import type { WebSocketClass } from "./client-socket.ts";

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
export type { HostGap, HostRoomEvents, RoomState } from "./host-room-events.ts";
export type { RoomError } from "./host-wire.ts";
export type { JoinMemberOptions } from "./join-member.ts";
export type { MemberRoom, MemberRoomEvents, MemberSendOptions, PastMessage, RoomMember } from "./member-room.ts";
export { hasFreeSeat, hasSeat } from "./join-room.ts";
export type { JoinRoomOptions } from "./join-room.ts";
export type { AskOptions } from "./open-asks.ts";
export type { JoinedRoom } from "./joined-room.ts";
export type { ReliableConnectionOptions } from "./reliable-connection-options.ts";
export type { Payload } from "./payload.ts";
export { PLAYER_COLORS } from "./player-colors.ts";
export type { PlayerMeta } from "./player-profile.ts";
export type { Player, PlayerDelivery } from "./player.ts";
export type { PlayerRoom, PlayerRoomEvents, PlayerSendOptions } from "./player-room.ts";
export { qrSvg } from "./qr.ts";
export type { QrOptions } from "./qr.ts";
export type { PlayerSet } from "./roster.ts";
export type { SessionStorage } from "./session.ts";
export type { TokenSource } from "./token-source.ts";
export type { WebSocketClass, WebSocketPort } from "./client-socket.ts";

/** As the browser's `createRoom`; `server` is required, for there is no page to take it from. */
export function createRoom<Game extends GameShape = GameShape>(
  options: CreateRoomOptions = {},
): Promise<HostRoom<Game>> {
  return createRoomWith<Game>(withWebSocket(options));
}

/** As the browser's `joinRoom`; `code` and `server` are required, for there is no page to take them from. */
export function joinRoom<Game extends GameShape = GameShape>(options: JoinRoomOptions = {}): PlayerRoom<Game> {
  return joinRoomWith<Game>(withWebSocket(options));
}

/** As the browser's `joinMember`; `server` is required, for there is no page to take it from. */
export function joinMember(room: string, options: JoinMemberOptions = {}): MemberRoom {
  return joinMemberWith(room, withWebSocket(options));
}

/** What is no object goes on as it is, to be refused by its value. */
function withWebSocket<Options extends CreateRoomOptions | JoinRoomOptions | JoinMemberOptions>(
  options: Options,
): Options {
  if (typeof options !== "object" || options === null) return options;
  return { ...options, WebSocket: options.WebSocket ?? defaultWebSocket() };
}

function defaultWebSocket(): WebSocketClass {
  return typeof WebSocket === "function" ? WebSocket : WsWebSocket;
}
