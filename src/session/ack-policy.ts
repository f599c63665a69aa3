/** How a session learns over one connection what has arrived, and what that connection carries besides data. Chosen when the connection attaches. */
import type { PlayerId } from "../protocol/commands.ts";
import type { GameNotice } from "../protocol/reliable/control-frames.ts";
import type { Port } from "./ports.ts";
import type { Message, ReceivedFrame } from "../room/ports.ts";
import type { KeptFrame } from "./kept-frame.ts";

/** Where a connection goes on. */
export interface ConnectionStart {
  readonly epoch: string;
  /** The number of the last frame that the peer has, or is not to get again. */
  readonly had: number;
  /** Frames after that one which the peer never gets. */
  readonly lost: number;
  /** What else a counting peer is told of itself and its room. */
  readonly introduction: Introduction;
  /** What the peer is told right after that, if its page is not the room's game's. */
  readonly notice: GameNotice | undefined;
}

/** Nothing for a host; a player is told who it is and what is played. */
export interface Introduction {
  readonly player?: PlayerId;
  readonly game?: string;
}

/** The policy sends over its connection and keeps the session's `SendWindow` up to date with what was sent and what has arrived. */
export interface AckPolicy {
  /** The connection; `undefined` before there is one, and after `end`. */
  readonly port: Port | undefined;
  /** Sends what a connection begins with: `frames` have no number. */
  begin(start: ConnectionStart, frames: readonly Message[]): void;
  /** Sends the frame that was pushed last, while none waits before it. `isCorked`: it leaves with the frame that follows at once. */
  send(frame: KeptFrame, isCorked: boolean): void;
  /** Sends a frame that has waited, and was just taken out of the window. */
  sendKept(frame: KeptFrame): void;
  /** All that waited when the connection began was sent, as far as the connection takes it. */
  caughtUp(): void;
  /** As `PlayerPeer.refuse`. */
  refuse(reason: string): void;
  /** Tells the peer that the room is another game's. `false`: it has no word for that, or no connection. */
  tellGame(notice: GameNotice): boolean;
  /** The connection is gone, `isSilent` where it is unknown since when. */
  end(isSilent: boolean): void;
  /** As `Session.takeAck`. */
  takeAck(data: Uint8Array, isText: boolean): boolean;
  /** As `Session.read`. */
  read(data: Uint8Array, isText: boolean): ReceivedFrame;
  /** As `Session.noticePart`. `now` is in milliseconds. */
  noticePart(now: number): void;
  /** As `Session.confirm`. */
  confirm(through: number): void;
  /** As `Session.checkpoint`. */
  checkpoint(through: number | undefined): void;
}

/** Puts a frame on the connection as it is. */
export function transmit(port: Port, head: Uint8Array | undefined, data: Uint8Array, isText: boolean): void {
  if (head === undefined) port.send(data, isText);
  else port.sendParts(head, data);
}
