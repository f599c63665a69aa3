/**
 * Elements for what every party game needs: a lobby, a form to join, a QR code, a countdown, a notice about the connection, a leaderboard.
 * @module
 */
import { ConnectionElement } from "../kit/connection-element.ts";
import { define } from "../kit/define.ts";
import { QrElement } from "../kit/qr-element.ts";
import { CountdownElement, LeaderboardElement } from "./base.ts";
import { JoinElement } from "./join-element.ts";
import { LobbyElement } from "./lobby-element.ts";

export { AVATARS, avatarSvg, CountdownElement, LeaderboardElement, ownCharacter } from "./base.ts";
export type { LeaderboardEntry } from "./base.ts";
export { ConnectionElement } from "../kit/connection-element.ts";
export type { ShownConnection } from "../kit/connection-element.ts";
export { QrElement } from "../kit/qr-element.ts";
export type { InvitingRoom } from "../kit/qr-element.ts";
export { JoinElement } from "./join-element.ts";
export { LobbyElement } from "./lobby-element.ts";
export type { LobbyOptions } from "./lobby-element.ts";
export type { GatheringRoom, ScoredRoom, ShownPlayer, TimedRoom, WatchedState } from "./ports.ts";

define("cw-qr", QrElement);
define("cw-lobby", LobbyElement);
define("cw-join", JoinElement);
define("cw-countdown", CountdownElement);
define("cw-connection", ConnectionElement);
define("cw-leaderboard", LeaderboardElement);
