/** What a host asks for (P2.2–P2.7, P5.3): one command a frame. Wire names stay as they are on the wire. */

/** P2.14: small integers, ascending from 1 in each room, never reused in it. */
export type PlayerId = number;

/** Opens the room; the answer is `prepare_reply` (P2.2). */
export interface PrepareCommand {
  readonly cmd: "prepare";
  /** Seats wanted; the server's own upper bound may leave fewer. `0` makes a room that no phone can join. */
  readonly max_players: number;
  /** The game's name: what `GET /CODE` answers, and the folder its pages are looked for in. `""` where absent. */
  readonly name: string;
  /** Where phones join when the game's pages are not served here: an http or https address. */
  readonly join_url?: string;
  /** What a phone has to show to get a seat: 1 to 32 bytes of UTF-8. A phone that comes back does not need it. */
  readonly pin?: string;
  /** Anything worth knowing about the room, as JSON text of at most 4 KiB, for the room look-up. */
  readonly meta?: string;
  /** What becomes of a phone that finds the room full (P5.7): it is closed with 4510, waits for a seat, or watches. `refuse` where absent. */
  readonly overflow?: Overflow;
  /** Watchers wanted beside the players (P5.6); the server's own upper bound may leave fewer. Without it there are none. */
  readonly audience?: number;
  /** Phones that may wait for a seat at one time, where `overflow` is `queue`. 50 where absent. */
  readonly queue?: number;
}

/** What becomes of a phone that finds the room full (P5.7). */
export type Overflow = "refuse" | "queue" | "audience";

/** Locks the room: no newcomer gets in until `open` (P2.3). */
export interface StartCommand {
  readonly cmd: "start";
}

/** Takes new players again after `start`. */
export interface OpenCommand {
  readonly cmd: "open";
}

/** Removes a player for good: its phone gets close code 4503 (P2.4). */
export interface KickCommand {
  readonly cmd: "kick";
  /** The player that is removed. */
  readonly player: PlayerId;
  /** Told to the player as the close reason; cut to what a Close frame holds. */
  readonly reason?: string;
  /** The session may not return to this room. */
  readonly ban?: boolean;
}

interface Addressed {
  /** The players that get the frame, in this order. */
  readonly to: Recipients;
  /** The frame's payload; for `to_str` its UTF-8. */
  readonly data: Uint8Array;
  /** Players that do not get it all the same. */
  readonly except?: readonly PlayerId[];
  /** For a player who cannot take it now, a newer volatile frame of the same name replaces this one. `true` is the name `""`. */
  readonly volatile?: boolean | string;
  /** Milliseconds that it may wait before it is first written to a player's connection; after that it is dropped. */
  readonly ttl?: number;
  /** The last frame of this name is kept for each player, and sent again to a phone that comes back with nothing. */
  readonly retain?: string;
  /** It is kept behind what is kept under its name, and not in its place. */
  readonly append?: true;
  /** It is kept, and not sent now. */
  readonly silent?: true;
}

/** Binary for players (P2.5). */
export interface ToCommand extends Addressed {
  readonly cmd: "to";
}

/** Text for players (P2.6). */
export interface ToStrCommand extends Addressed {
  readonly cmd: "to_str";
}

/** Binary for all watchers (P5.6). */
export interface ToAudienceCommand {
  readonly cmd: "to_audience";
  /** The frame's payload. */
  readonly data: Uint8Array;
}

/** Text for all watchers (P5.6). */
export interface ToAudienceStrCommand {
  readonly cmd: "to_audience_str";
  /** The frame's payload: UTF-8. */
  readonly data: Uint8Array;
}

/** Opens a poll of the watchers, which ends the one before (P5.6): from then on the newest vote of each counts. */
export interface PollCommand {
  readonly cmd: "poll";
  /** What the reports call it. Without it no poll is open from now on. */
  readonly id?: PollId;
}

/** What a host calls a poll: a text of 1 to 64 bytes, or a whole number. */
export type PollId = string | number;

/** Makes the room another game's (P5.9.7): what the game before it said and saved is dropped. */
export interface GameCommand {
  readonly cmd: "game";
  /** As for `prepare`, and not empty. The name of the present game drops nothing. */
  readonly name: string;
  /** Where phones join. Without it the present game's stays, and another game has none. */
  readonly join_url?: string;
  /** As for `prepare`. Without it the number stays. */
  readonly max_players?: number;
}

/** Publishes on a channel of this room, for pages beside the game that follow it (P8.5). */
export interface PublishCommand {
  readonly cmd: "publish";
  /** The channel's name within the room: `room:CODE:` stands before it. */
  readonly channel: string;
  /** What is published: JSON in UTF-8. On the wire any value that JSON has. */
  readonly data: Uint8Array;
}

/** Ends the room: the phones get close code 1001 (P2.7). */
export interface StopCommand {
  readonly cmd: "stop";
}

/** Keeps a checkpoint of the game for the host's return (P5.3.6). */
export interface SaveCommand {
  readonly cmd: "save";
  /** Text or bytes, at most 64 KiB. */
  readonly data: string | Uint8Array;
  /** How many frames the checkpoint takes into account, of a host that counts; those after it come again. */
  readonly received?: number;
}

/** Keeps values by their keys for the host's return, all of the command or, past the limit, none (P5.9.8). */
export interface SaveKeysCommand {
  readonly cmd: "save";
  /** What is kept under each key; `null` forgets one. On the wire `key` and `data` stand for one of them. */
  readonly keys: ReadonlyMap<string, SavedValue | null>;
  /** As in a checkpoint. Without it, what was said of earlier frames holds on. */
  readonly received?: number;
}

/** What a host may keep: text or bytes. */
export type SavedValue = string | Uint8Array;

/** Asks for the players' health every so many seconds; 0 ends it (P5.3). */
export interface HealthCommand {
  readonly cmd: "health";
  /** Seconds, 0 to 3600. */
  readonly every: number;
}

/** Asks for a link that gives a player's seat to another phone (P5.3). */
export interface RescueCommand {
  readonly cmd: "rescue";
  /** The player whose seat another phone shall get. */
  readonly player: PlayerId;
}

/** `everybody` is a `to` that arrived empty; one that is empty only after skipping its holes is an empty list: no player. */
export type Recipients = "everybody" | readonly PlayerId[];

/** Any command of a host. */
export type HostCommand =
  | PrepareCommand
  | StartCommand
  | OpenCommand
  | KickCommand
  | ToCommand
  | ToStrCommand
  | SaveCommand
  | SaveKeysCommand
  | GameCommand
  | HealthCommand
  | RescueCommand
  | PublishCommand
  | ToAudienceCommand
  | ToAudienceStrCommand
  | PollCommand
  | StopCommand;

/** The name of a command, as in `cmd`. */
export type HostCommandName = HostCommand["cmd"];
