/**
 * What a room needs from the world, and nothing more. What stands behind a port (a wire, a game in this process, a link to another node) is
 * not the room's business (docs/ARCHITECTURE.md, "A room is an actor with ports").
 *
 * The promise common to all ports: a call never throws, never waits, and never calls back into the room before it has returned, unless its
 * comment says so. What is told arrives in that order. After `close` further calls do nothing.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PlayerId } from "../protocol/commands.ts";
import type { RoomEvent } from "../protocol/events.ts";
import type { Eventually } from "../protocol/eventually.ts";
import type { Attempt } from "../protocol/peer-query.ts";
import type { GameNotice } from "../protocol/reliable/control-frames.ts";
import type { FrameMemory } from "./frame-memory.ts";
import type { PassingTerms } from "./passing-terms.ts";
import type { PlayerRateLimits } from "./player-rate-limiter.ts";
import type { TallyCounts } from "./tally.ts";
import type { VoteRound } from "./vote-round.ts";

/**
 * The game. It gives commands by `Room.command`. A host whose connection may be lost and come back says so by `Room.hostAway` and
 * `Room.hostBack`, and by `Room.hostLeft` when it is gone for good.
 */
export interface HostPeer {
  /**
   * Tells the events of one happening, in order and with no other between them. `player_joined` and `player_left` change the room's state
   * as well: a host that wants the whole of it asks `Room.state`. A host that cannot take more may call `Room.hostLeft` or `hostAway` from here.
   */
  tell(...events: readonly RoomEvent[]): void;
  /** What a player said. The bytes may be a view of a shared buffer: a host that stores them copies them. It may give commands from here. */
  message(from: PlayerId, data: Uint8Array, isText: boolean): void;
  /** Whether so much waits for the host that its players are to wait. After a change the host calls `Room.hostBacklogChanged`. */
  readonly isBehind: boolean;
  /** Whether the host has so much to read that no newcomer should be announced: newcomers alone could fill its queue. */
  readonly shouldDeferJoins: boolean;
  /** The room is another game's: what players said to the game before, and what that has saved, is dropped. @default nothing of it is kept */
  gameChanged?(): void;
  /** The room is over, and nothing is kept for the host any more. `reason` replaces the sentence of the close code where there is a better one. */
  close(name: CloseName, reason?: string): void;
  /** What a host in this process is told and asked besides. @default the events alone */
  readonly lines?: LineWatcher | undefined;
}

/** What a host in this process is told of its players' connections, and asked for them. It may give no commands from here. */
export interface LineWatcher {
  /** The connection of this player has ended, or its seat is given up, and why. Called before the events that come of it; not where an away player's time is up. */
  ended(player: PlayerId, why: DepartureReason): void;
  /** What a returning page of this player gets first where it counts frames and starts from nothing; outside the count. */
  initialFrames(player: PlayerId): readonly Message[];
}

/** One message of a player, or for one. */
export interface Message {
  readonly data: Uint8Array;
  /** Text is valid UTF-8. */
  readonly isText: boolean;
}

/** A connection, as far as a room knows of it. */
export interface Line {
  /** Ends the connection with that close code. `reason` replaces the table's sentence where there is a better one. */
  close(name: CloseName, reason?: string): void;
}

/** A player's connection, as far as a room knows of it. */
export interface PlayerLine extends Line {
  /** Stops reading from the player, so that its own network holds it back, until `resume`. Frames of the read that is under way may still come. */
  pause(): void;
  resume(): void;
  /** Measures the way to the player and back; `rtt` tells it when it is known. */
  probe(): void;
  /** Milliseconds to the player and back when last measured. */
  readonly rtt: number | undefined;
}

/** The connection of a phone without a seat, which watches or waits for one: the room writes to it with no session between. */
export interface SeatlessLine extends PlayerLine {
  /** Sends one frame; text is valid UTF-8. The bytes may be a view of a shared buffer, and on their way to others. */
  send(data: Uint8Array, isText: boolean): void;
  /** Bytes that were sent and have not left this process yet. */
  readonly queued: number;
  /** The node at which its socket is, where that counts the votes of its watchers itself. @default the connection passes on what its peer says */
  readonly audienceNode?: AudienceNode | undefined;
}

/** What an audience needs of the connection of one watcher. */
export type WatcherLine = Pick<SeatlessLine, "close" | "send" | "queued">;

/** What a watcher may send, and what may wait for it. */
export interface WatcherLimits extends PlayerRateLimits {
  /** Bytes waiting for one watcher before it is closed as a slow consumer. */
  readonly sendQueue: number;
}

/** Another node, as the audience of a room knows it (P5.6). One object for as long as what is said between the two nodes arrives. */
export interface AudienceNode {
  /** Opens a share of the audience there, which has no watcher yet. */
  open(terms: ShareTerms, listener: ShareListener): AudienceShare;
}

/** What a node has to know to count votes for a room. */
export interface ShareTerms {
  /** The room's code. */
  readonly room: string;
  readonly limits: WatcherLimits;
  /** In which votes are counted. */
  readonly round: VoteRound;
}

/** The watchers of a room whose sockets are at one other node. It does what it is told in this order, and in one order with what it is told of each connection. */
export interface AudienceShare {
  /** Bytes of what was said to all that have not arrived there. */
  readonly queued: number;
  /** From now on the node counts what this peer says, and sends it what is said to all. `speaksControl`: control frames of it are no votes. */
  add(line: SeatlessLine, speaksControl: boolean): void;
  /** Says something to all that are there. */
  send(data: Uint8Array, isText: boolean): void;
  /** Votes are counted in this round from now on. The node tells its last votes in the round before. */
  begin(round: VoteRound): void;
  /** No watcher is there any more. The node tells its last votes, and then that it is over. Safe twice. */
  end(): void;
}

/** Is told what a share has counted. Never called within a call of the share. */
export interface ShareListener {
  reported(report: VoteReport): void;
  /** A report was not understood, and its votes are not known. */
  failed(): void;
  /** Nothing more comes: it has ended, or the node is lost, with its watchers and the votes that it has not told. Called once. */
  over(): void;
}

export interface VoteReport {
  /** The number of the round. */
  readonly round: number;
  /** In a poll all its votes so far, otherwise those since the report before. `undefined`: there are no new ones. */
  readonly sum: TallyCounts | undefined;
  /** These were its last votes in the round. */
  readonly isLast: boolean;
  /** Votes, and their bytes, that were read since the report before. */
  readonly frames: number;
  readonly bytes: number;
}

/** What a phone is told that waits for a seat (P5.7), where its wire has words for that, and what it says meanwhile. */
export interface WaitingPeer {
  /** It is at this place of the line, from 1. */
  tellPosition(position: number): void;
  /** It has found no seat, and watches instead. */
  tellWatching(): void;
  /** Reads what it says: data, which is to be kept for it, a valid control frame, or an invalid one. */
  read(data: Uint8Array, isText: boolean): ReceivedFrame;
}

/** Starts what is said to a phone without a seat. */
export type WaitingPeerFactory = (line: SeatlessLine, isReliable: boolean) => WaitingPeer;

/** How a connection takes a conversation up. */
export interface ResumeRequest {
  /** The peer speaks `couchwire.v1`: counts travel both ways. */
  readonly isReliable: boolean;
  /** Data frames the peer has got, if it remembers; a page that starts from nothing does not. */
  readonly received?: number | undefined;
  /** The life of the conversation in which it counted them. */
  readonly epoch?: string | undefined;
  /** Which of the page's connections it is, if it says so. */
  readonly attempt?: Attempt | undefined;
  /** Data frames that it has said before it got its place, and that are passed on: it need not send them again. @default none */
  readonly saidBefore?: number | undefined;
  /**
   * The game whose page it is (P5.9.7); `""` where the page does not know. A peer that says neither does not follow its room to another game's page: its
   * connection goes on.
   */
  readonly game?: string | undefined;
}

/** What a new connection gets first, outside the count. `isComing`: this frame is among what waited, and follows anyway. */
export type InitialFrames = (isFresh: boolean, isComing: (data: Uint8Array) => boolean) => readonly Message[];

/** A frame that was read: a message, a valid control frame, or an invalid one, after which the connection is to be closed. */
export type ReceivedFrame = Uint8Array | "control" | "nonsense";

/**
 * The conversation with one player. Where the player may come back it outlives the player's connections; otherwise it ends with its
 * connection. It reads what the player sends, and sends or keeps what the player is to get.
 */
export interface PlayerPeer {
  /** What is sent may have to be sent again, so its bytes are stored as they are (`toOwned`). Otherwise they may be a view of a shared buffer. */
  readonly isKeeping: boolean;
  /** Bytes that are kept for the player. */
  readonly keptBytes: number;
  /** What waits for a connected player: in the queue of its connection, or here until that takes more (64 bytes a frame are added here). */
  readonly waitingBytes: number;

  /**
   * Whether a connected player is behind already and `bytes` more would be over the limit. What waited for it when it connected is not
   * counted until it has caught up once, or it would be closed as soon as it is back; nor is what has waited longer than it may.
   */
  isSlow(limit: number, bytes: number): boolean;

  /** Whether a newer attempt is already connected, of the same page or of one that has just taken its place: this one is stale. */
  isStaleAttempt(request: ResumeRequest): boolean;

  /** Whether these counts can be the peer's: it cannot have got more than was sent in this life of the conversation. */
  canResume(request: ResumeRequest): boolean;

  /**
   * Goes on over a new connection: the initial frames, then what waited. Returns how many frames the player will never get. Peers and lines of
   * one room come from one adapter, so `line` is one that this peer understands. With a `notice` the player is told of it first, as by `turnTo`.
   */
  attach(line: Line, request: ResumeRequest, initialFrames: InitialFrames, notice?: GameNotice): number;

  /**
   * The room is another game's: what the old one said and has not arrived is dropped, and is not missed. Returns whether the player was told, which only
   * one can be that counts frames. A player whose page goes to another one then is sent nothing more over this connection, and what it says is not passed
   * on: what is said to it is kept for that other page.
   */
  turnTo(notice: GameNotice): boolean;

  /**
   * The connection is gone. `isSilent`: it is unknown since when, so what it did not confirm counts as never arrived;
   * otherwise what was sent counts as arrived, unless the player itself says else when it comes back.
   */
  detach(isSilent: boolean): void;

  /** Sends a frame, or keeps it for the next connection. */
  send(data: Uint8Array, isText: boolean): void;

  /** As `send`, for a frame that need not arrive if it has to wait. Its bytes are the peer's to store. */
  sendPassing(data: Uint8Array, isText: boolean, terms: PassingTerms): void;

  /** Tells the player that a message of it was refused, if its wire has a word for that and it keeps up. */
  refuse(reason: string): void;

  /** The connection takes more: what waited here goes out, then the newest volatile frames. */
  flush(): void;

  /** The player's memory has become smaller for what is kept here: the oldest frames go that may. */
  fit(): void;

  /**
   * Lets go of all that can be done without: over a live connection what was sent and is kept in case it has to be sent again, for an away
   * player everything. Returns whether the conversation can go on: not where frames are gone that wait for this connection.
   */
  shed(): boolean;

  /**
   * Takes an acknowledgement that tells something new, before anything else is asked of the frame: there are no more of those than
   * frames sent, so they need no other limit. `false`: it is something else.
   */
  takeAck(data: Uint8Array, isText: boolean): boolean;

  /** Reads what the player sent. */
  read(data: Uint8Array, isText: boolean): ReceivedFrame;

  /** A frame has begun to come and is not over. A peer that waits to hear that it gets through is told so. */
  noticePart(): void;

  /** Frames that the player said it lost before it could send them, since this was last asked. */
  takeSkipped(): number;

  /** All frames up to this number have arrived. */
  confirm(through: number): void;
}

/** Starts the conversation of a new seat. What it keeps counts in `memory`; `isResumable`: the player may come back to the seat. */
export type PlayerPeerFactory = (player: PlayerId, memory: FrameMemory, isResumable: boolean) => PlayerPeer;

/** Which room a connection belongs to, once it has a code, and which player it is. */
export interface PeerIds {
  readonly room?: string | undefined;
  readonly player?: PlayerId;
}

/**
 * What a transport tells of one connection that was let in: a seat's, or a host's. The transport calls it directly. After another connection
 * has taken the place of this one, or the room has closed it, every call does nothing.
 */
export interface ConnectionHandler {
  /** One frame of the peer, as it came. */
  message(data: Uint8Array, isText: boolean): void;
  /** A frame has begun and is not over: more of what the peer says is on its way. */
  part(): void;
  /** The connection takes more: all that it was sent has left this process. */
  drained(): void;
  /** The peer has answered `confirm` of this count. */
  confirmed(count: number): void;
  /** The connection has ended, or is as good as ended. Safe twice. */
  gone(why: DepartureReason): void;
  /**
   * The peer floods the connection with pings or pongs. Bans it for a while if it can be recognized, and returns the sentence that says
   * for how long.
   */
  ban(): string | undefined;
  /** A program has banned the peer: it leaves for good what it has here, with that sentence. @default its connection ends */
  expel?(reason: string): void;
  /** Whether this connection of that age gives way where no place is left (P5.9.10), and in which order: 0 first. `undefined` for one in use. */
  idleRank(ageMs: number): number | undefined;
  /** Whose connection it is, for the log. */
  readonly ids: PeerIds;
}

/** Ends what was scheduled. Safe twice, and after it has happened. */
export type Cancel = () => void;

/** Time, as far as a room knows of it. */
export interface Clock {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** The time of day that clients are told: milliseconds since 1970, of a clock that never goes back either. */
  time(): number;
  /** Calls `action` once, after so many milliseconds. */
  after(delayMs: number, action: () => void): Cancel;
}

/** Where a room gets its code from and is found by it. */
export interface RoomDirectory {
  /**
   * `name`: the game's. Takes a free code for the room and makes it findable, in one step; or says why not. Answers at once, or later where the directory is on
   * another machine. A code that comes when the room is over already is released. A rejected promise is a bug, of which `command` tells the host.
   */
  register(name: string): Eventually<RoomRegistration | RegistrationFailure>;
  /** Whether the room may become this game's; a failure says why not. */
  mayPlay(name: string): Eventually<RegistrationFailure | undefined>;
  /** The address of the phone page of the room of this code: the host's own with the code in it (`joinUrl`), or one that leads to it. */
  phonePage(code: string, joinUrl: string | undefined): string;
  /** The room is over, whether it ever had a code or not. */
  forget(why: CloseName): void;
  /** What a record of the room holds has changed: its settings, seats or bans, or what its host keeps. @default there are no records */
  changed?(): void;
  /** A new address that gives its opener a seat in the room of this code. */
  seatTransferLink(code: string): SeatTransferLink;
  /** Bans a visitor that sent too much for a while. Returns the sentence that says for how long. */
  ban(visitor: string): string;
}

/** The channels of all rooms: publish and subscribe (P8). */
export interface RoomChannels {
  /**
   * Publishes on a channel of the room of this code. `json`: in UTF-8, a view that is not to be kept. Answers with a sentence where the channel cannot be
   * reached; never rejects.
   */
  publish(code: string, channel: string, json: Uint8Array): Eventually<string | undefined>;
  /** Lines that follow this channel of the room. */
  followers(code: string, channel: string): number;
  /**
   * The room is over: the lines that follow its channels are told so and follow them no more, and what was published there is forgotten. A room that is over
   * because this node is restarting goes on at another one, and so do its channels there.
   */
  end(code: string, why: CloseName): void;
}

export interface SeatTransferLink {
  readonly url: string;
  /** What the phone that opens the address shows: like a session, stored and compared hashed. */
  readonly proof: string;
}

/**
 * No room or no code is left; the host's network has opened too many rooms; the program behind the server does not want this room, with its sentence; a
 * bug of that program; or the server ends.
 */
export type RegistrationFailure =
  | "no_room_left"
  | "network_limit"
  | RegistrationRefusal
  | "internal_error"
  | "restarting";

export interface RegistrationRefusal {
  readonly refusal: string;
}

export interface RoomRegistration {
  /** `undefined` for a room that is found by its name alone. */
  readonly code: string | undefined;
  /** What the log calls the room. @default its code */
  readonly id?: string;
  /** Gives the code back; the room is found no more. Safe twice. */
  release(): void;
}

/** Why a connection is no longer in the room: its peer left on purpose, it was cut, or the room closed it. */
export type DepartureReason = "left" | "cut" | CloseName;
