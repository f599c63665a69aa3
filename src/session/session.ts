/** A conversation over the ports of a transport, with a host or with a player: what both kinds of session offer. */
import type { GameNotice } from "../protocol/reliable/control-frames.ts";
import type { InitialFrames, PlayerPeer, ResumeRequest } from "../room/ports.ts";
import type { Port } from "./ports.ts";

export interface Session extends PlayerPeer {
  /** The current connection. */
  readonly port: Port | undefined;
  /** Whether frames wait for a connection, and are more than the buffer may hold. */
  readonly isOverfull: boolean;

  /** A frame that is sent now goes to the connection at once, which takes it without queueing. */
  readonly takesMore: boolean;

  attach(port: Port, request: ResumeRequest, initialFrames: InitialFrames, notice?: GameNotice): number;

  /** What waits or has not arrived is of no use to the peer any more: it is dropped and not missed. */
  settle(): void;

  /** As `send`, for a frame that leaves in one write with the next one, which is sent before the caller returns. */
  sendCorked(data: Uint8Array, isText: boolean): void;

  /** As `send`, for a binary frame that is `head` and then `data`, which may be a view of a shared buffer in any case. */
  sendParts(head: Uint8Array, data: Uint8Array): void;

  /**
   * A counting peer's state up to this frame is safe: what came after is kept until the next checkpoint says otherwise.
   * One without a count takes the count of the last with it.
   */
  checkpoint(through: number | undefined): void;
}
