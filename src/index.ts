/**
 * What the package offers to a program that embeds the server. The list is written by hand.
 * @module
 */
export {
  createServer,
  type AttachOptions,
  type CouchwireServer,
  type ServerAddress,
  type ServerExtras,
} from "./server.ts";
export { OptionsError, type Options, type OptionsInput } from "./config.ts";
export {
  createTokens,
  type MemberClaims,
  type MemberToken,
  type TokenOptions,
  type TokenRefusal,
  type Tokens,
} from "./auth/tokens.ts";
export type { NetworkEvidence } from "./address/lan-addresses.ts";
export type { NetworkSource, PhoneObstacle, PhoneReach } from "./address/public-url.ts";
export type { Ban, BanOptions, Bans, BanTarget } from "./hub/bans.ts";
export { Hub } from "./hub/hub.ts";
export { Room } from "./room/room.ts";
export type {
  ConnectHook,
  CreateHook,
  Hooks,
  JoinHook,
  LeaveHook,
  MemberInfo,
  MessageAnswer,
  MessageHook,
  Refusable,
  RoomInfo,
} from "./games/hooks.ts";
export type { Json, LeaveReason, Role } from "./games/game-room.ts";
export type { RoomEventFields, RoomEventListener, RoomEventName } from "./games/room-events.ts";
export type { ServerActivity, ServerObserver } from "./server-observer.ts";
export type { DepartureReason } from "./room/ports.ts";
export type { RoomActivity } from "./room/room-observer.ts";
export type { Traffic } from "./room/traffic.ts";
export { defineRoom } from "./games/define-room.ts";
export { defineBot } from "./games/bot.ts";
