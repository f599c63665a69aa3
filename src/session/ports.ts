/**
 * What a transport's connection offers to the sessions that speak over it: a WebSocket, a socket of another wire, a link to another node.
 *
 * The promise common to all ports: a call never throws, never waits, and never calls back before it has returned. Frames arrive in the
 * order sent. After `close` a port sends nothing more, and further calls do nothing.
 */
import type { Result } from "../protocol/result.ts";
import type { Line, PlayerLine } from "../room/ports.ts";

/** The token by which a peer is on its line, as far as its session knows of it. */
export interface PortToken {
  /** Milliseconds for which it still counts. */
  readonly msLeft: number;
  /** Takes a newer one that the peer shows, which says until when it counts (seconds since 1970); or says why it does not count. */
  renew(token: string): Promise<Result<{ readonly exp: number }, string>>;
}

export interface Port extends Line {
  /** @default the peer came without a token */
  readonly token?: PortToken | undefined;
  /**
   * Sends one frame; text is valid UTF-8. The bytes may be a view of a shared buffer, and on their way to others: they do not change, and a
   * port that needs them after the call copies them (`toOwned`).
   */
  send(data: Uint8Array, isText: boolean): void;
  /** Sends one frame of two parts, one behind the other, with the same promises; so that `data` need not be copied. */
  sendParts(head: Uint8Array, data: Uint8Array, isText?: boolean): void;
  /** As `send`, for a frame that leaves in one write with the next one, or with a `confirm`, before the caller returns. */
  sendCorked(data: Uint8Array, isText: boolean): void;
  /** Asks the peer to say that everything sent so far has arrived; the transport then calls `confirmed` with this count. A probe asks it again. */
  confirm(count: number): void;
  /** Bytes taken by `send` that have not left this process yet. */
  readonly queued: number;
  /** More would only be queued; the transport calls `drained` when that is over. */
  readonly isBusy: boolean;
}

/** The connection of a host. Its frames are what a `HostEncoder` made. */
export interface HostPort extends Port {
  /** Stops reading from the peer, so that its own network holds it back, until `resume`. Frames of the read that is under way may still come. */
  pause(): void;
  resume(): void;
}

/** The connection of a phone. */
export interface PlayerPort extends Port, PlayerLine {}
