/** What a host asks for (P2.2–P2.7, P5.3): one command a frame. Wire names stay as they are on the wire. */

/** P2.14: small integers, ascending from 1 in each room, never reused in it. */
export type PlayerId = number;

export interface PrepareCommand {
  readonly cmd: "prepare";
  /** Seats wanted; the server's own upper bound may leave fewer. `0` makes a room that nobody can join. */
  readonly max_players: number;
  /** The game's name: what `GET /CODE` answers, and the folder its pages are looked for in. `""` where absent. */
  readonly name: string;
  /** Where phones join when the game's pages are not served here: an http or https address. */
  readonly join_url?: string;
}

export interface StartCommand {
  readonly cmd: "start";
}

/** Takes new players again after `start`. */
export interface OpenCommand {
  readonly cmd: "open";
}

export interface KickCommand {
  readonly cmd: "kick";
  readonly player: PlayerId;
  /** Told to the player as the close reason; cut to what a Close frame holds. */
  readonly reason?: string;
}

interface Addressed {
  /** Who gets the frame, in this order. */
  readonly to: Recipients;
  /** The frame's payload; for `to_str` its UTF-8. */
  readonly data: Uint8Array;
}

/** Binary for players (P2.5). */
export interface ToCommand extends Addressed {
  readonly cmd: "to";
}

/** Text for players (P2.6). */
export interface ToStrCommand extends Addressed {
  readonly cmd: "to_str";
}

export interface StopCommand {
  readonly cmd: "stop";
}

/** `everybody` is a `to` that arrived empty; one that is empty only after skipping its holes is an empty list: nobody. */
export type Recipients = "everybody" | readonly PlayerId[];

export type HostCommand =
  | PrepareCommand
  | StartCommand
  | OpenCommand
  | KickCommand
  | ToCommand
  | ToStrCommand
  | StopCommand;

export type HostCommandName = HostCommand["cmd"];
