/**
 * What the package offers to a program that embeds the server. The list is written by hand.
 * @module
 */
export {
  createServer,
  type AttachOptions,
  type CloseOptions,
  type CouchwireServer,
  type ServerAddress,
  type ServerExtras,
} from "./server.ts";
export { OptionsError, type Options, type OptionsInput } from "./config.ts";
export { createTokens, type Tokens } from "./auth/tokens.ts";
export type { TokenClaims, TokenRole, VerifiedToken } from "./auth/token-claims.ts";
export type { RevocationTarget } from "./auth/revocations.ts";
export type { IssuedTokens, TokenIssuer, TokenRequest } from "./auth/token-issuer.ts";
export type { TokenOptions, TokenRefusal } from "./auth/token-signatures.ts";
export { ChannelUnavailableError, type ChannelPublisher } from "./channels/channel-service.ts";
export { defineRoom, relay, type RoomDefinition, type RoomKind } from "./games/define-room.ts";
export { RoomExistsError, ServerClosingError, type NewRoomOptions, type Rooms } from "./games/open-rooms.ts";
export { defineBot, type Bot, type BotOptions, type BotSelf, type StandIn } from "./games/bot.ts";
export type {
  Delivery,
  GameRoom,
  HistoryEntry,
  HistoryLimits,
  JoinAnswer,
  JoinDetails,
  Json,
  LeaveReason,
  Member,
  MemberMeta,
  MemberRecipients,
  Role,
  SayOptions,
} from "./games/game-room.ts";
export type { NetworkEvidence } from "./address/lan-addresses.ts";
export type { NetworkSource, PhoneObstacle, PhoneReach } from "./address/public-url.ts";
export type { Ban, BanOptions, Bans, BanTarget } from "./hub/bans.ts";
export { memoryBus } from "./cluster/memory/memory-bus.ts";
export { memoryDirectory } from "./cluster/memory/memory-directory.ts";
export type { Bus, Directory, DirectoryEntry, DirectoryTerms, NodeId, Unsubscribe } from "./cluster/ports.ts";
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
export type { RoomEventFields, RoomEventListener, RoomEventName } from "./games/room-events.ts";
export type { ServerActivity, ServerObserver } from "./server-observer.ts";
export type { DepartureReason } from "./room/ports.ts";
export type { RoomActivity } from "./room/room-observer.ts";
export type { Traffic } from "./room/traffic.ts";
