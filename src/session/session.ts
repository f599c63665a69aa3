/** A conversation with one peer, host or player: with a session it outlives its connections, without one it is as good as its connection. */
import type { Attempt } from "../protocol/peer-query.ts";
import type { EncodedFrame } from "./kept-frame.ts";
import type { PassingTerms } from "../room/passing-terms.ts";
import type { Port } from "../room/ports.ts";

/** How a connection takes the conversation up. */
export interface ResumeRequest {
  /** The peer speaks `couchwire.v1`: counts travel both ways. */
  readonly isReliable: boolean;
  /** Data frames the peer has got, if it remembers; a page that starts from nothing does not. */
  readonly received?: number | undefined;
  /** The life of the room in which it counted them. */
  readonly epoch?: string | undefined;
  /** Which of the page's connections it is, if it says so. */
  readonly attempt?: Attempt | undefined;
}

/** What a peer sent: its data, or what else the frame was. After nonsense the connection is to be closed. */
export type ReceivedFrame = Uint8Array | "control" | "nonsense";

/** What a new connection gets first, outside the count. `isComing`: this frame is among what waited, and follows anyway. */
export type InitialFrames = (isFresh: boolean, isComing: (data: Uint8Array) => boolean) => readonly EncodedFrame[];

/** The close reason after nonsense. */
export const NOT_UNDERSTOOD = "That control frame of couchwire.v1 was not understood.";

export interface Session {
  /** The connection of the moment. */
  readonly port: Port | undefined;
  /** What is sent may have to be sent again, so its bytes are to be kept ones (`keep`). Otherwise they may be lent. */
  readonly isKeeping: boolean;
  /** Whether frames wait for a connection, and are more than the buffer may hold. */
  readonly isOverfull: boolean;
  /** Bytes that are kept for the peer: here, and what else is in its memory. */
  readonly keptBytes: number;
  /** What waits for a live peer: in the queue of its connection, or here until that takes more (64 bytes a frame are added here). */
  readonly waitingBytes: number;

  /**
   * Whether a live peer is behind already and `bytes` more would be over the limit. What waited for it when it connected is not
   * counted until it has caught up once, or it would be closed as soon as it is back; nor is what has waited longer than it may.
   */
  isSlow(limit: number, bytes: number): boolean;

  /**
   * Whether a later connection of the same page has been here already, or another page that has just taken the place of
   * this one: a newer attempt is already connected, and this one is stale.
   */
  isStaleAttempt(resumeRequest: ResumeRequest): boolean;

  /** Whether these counts can be the peer's: it cannot have got more than was sent in this life of the room. */
  canResume(resumeRequest: ResumeRequest): boolean;

  /** Goes on over a new connection: the greeting, then what waited. Returns how many frames the peer will never get. */
  attach(port: Port, resumeRequest: ResumeRequest, greeting: InitialFrames): number;

  /**
   * The connection is gone. `isSilent`: it is unknown since when, so what it did not confirm counts as never arrived;
   * otherwise what was sent counts as arrived, unless the peer itself says else when it comes back.
   */
  detach(isSilent: boolean): void;

  /** Sends a frame, or keeps it for the next connection. */
  send(data: Uint8Array, isText: boolean): void;

  /** As `send`, for a frame that leaves in one write with the next one, which is sent in the same breath. */
  sendCorked(data: Uint8Array, isText: boolean): void;

  /** As `send`, for a binary frame that is `head` and then `data`, which may be lent in any case. */
  sendParts(head: Uint8Array, data: Uint8Array): void;

  /** As `send`, for a frame that need not arrive if it has to wait. Its bytes are to be kept ones in any case. */
  sendPassing(data: Uint8Array, isText: boolean, terms: PassingTerms): void;

  /** The connection takes more: what waited here goes out, then the newest volatile frames. */
  flush(): void;

  /** The peer's memory has become smaller for what is kept here: the oldest frames go that may. */
  fit(): void;

  /**
   * Lets go of all that can be done without: over a live connection what was sent and is kept in case it has to be sent again, for an away
   * peer everything. Returns whether the conversation can go on: not where frames are gone that wait for this connection.
   */
  shed(): boolean;

  /**
   * Takes an ack that tells something new, before anything else is asked of the frame: there are no more of those than
   * frames sent, so they need no other limit. `false`: it is something else.
   */
  takeAck(data: Uint8Array, isText: boolean): boolean;

  /** Reads what the peer sent. */
  read(data: Uint8Array, isText: boolean): ReceivedFrame;

  /**
   * A frame has begun to come and is not over. A counting peer is told that it gets through, at most once a second: what it asks
   * waits behind the rest of its frame, which on a poor line takes longer than it would wait for an answer.
   */
  noticePart(): void;

  /** Frames that the peer said it lost before it could send them, since this was last asked. */
  takeSkipped(): number;

  /** A connection without counts has confirmed, through a pong, all frames up to this number. */
  confirm(through: number): void;

  /**
   * A counting peer's state up to this frame is safe: what came after is kept until the next checkpoint says otherwise.
   * One without a count takes the count of the last with it.
   */
  checkpoint(through: number | undefined): void;
}
