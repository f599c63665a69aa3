/**
 * What reads and writes the frames of a WebSocket: our codec on Node's public streams (`codec/`), or the library `ws` (`ws-engine.ts`), which on
 * Bun is Bun's native implementation. Both share everything above this interface: what pings ask, how a connection ends, and the ConnectionManager.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { MemoryAccount } from "../../room/memory-budget.ts";

/** What is wrong with a frame, by the name of its close code. */
export type FrameFault = "protocol_error" | "invalid_text" | "too_many_fragments" | "frame_too_large";

/**
 * Is told what the peer says. The bytes may be a view of a larger chunk: a listener that needs them after the call copies them
 * (`toOwned` in `room/borrowed-buffer.ts`).
 */
export interface FrameListener {
  /** A whole message; text is valid UTF-8. */
  onMessage(data: Uint8Array, isText: boolean): void;
  onPing(payload: Buffer): void;
  onPong(payload: Buffer): void;
  /** The peer's Close, its last frame. `code` is `undefined` where it gave none. */
  onClose(code: number | undefined): void;
  /** A frame that breaks RFC 6455 or a limit. Nothing more is read. */
  onFault(fault: FrameFault): void;
}

export interface SocketListener extends FrameListener {
  /** So many bytes have come, whether they make a whole message or not. An engine that does not see parts counts whole frames. */
  onBytes(count: number): void;
  /** A read is over in the middle of a message: more of it is on its way. Never called by an engine that does not see parts. */
  onPart(): void;
  /** All that was sent has left this process, after some of it had to wait. */
  onDrained(): void;
  /** The peer has ended its side of the connection without a Close. */
  onEnd(): void;
  /** There is no connection any more. Called once, last. */
  onSocketClosed(): void;
}

/** One upgraded connection. After `close` or `terminate` nothing else is sent. */
export interface EngineSocket {
  /** Bytes that wait, since the kernel did not take them. */
  readonly queued: number;
  /** More would only be queued; `onDrained` says when that is over. */
  readonly isBusy: boolean;
  /** Sends one message of `head` and then `data`, each of which may be a view of a larger buffer. */
  send(data: Uint8Array, isText: boolean, head?: Uint8Array): void;
  /** As `send`, for a message that may leave in one write with the next one, which follows at once. */
  sendCorked(data: Uint8Array, isText: boolean): void;
  ping(payload: Uint8Array): void;
  /** As `ping`, in one write with the message that follows at once. */
  pingCorked(payload: Uint8Array): void;
  pong(payload: Uint8Array): void;
  /** Sends a Close, unless the engine has sent one by itself. */
  close(code: number | undefined, reason: string): void;
  /** Drops whole messages that were sent and have not been handed to the kernel, as far as the engine still has them. */
  dropQueue(): void;
  /** Ends this side of the connection after all that was sent. */
  end(): void;
  /** Cuts the connection at once. */
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** A request for a WebSocket that was let in. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What the peer has sent behind its request. */
  readonly head: Buffer;
  readonly subprotocol: string | undefined;
  /** Bytes in one message; over it the peer is told 1009. */
  readonly maxPayload: number;
  /** Counts the bytes that wait to be written and those of a message that is not over. Its owner closes it. */
  readonly memory: MemoryAccount;
}

export interface WebSocketEngine {
  /** Answers the handshake with 101 and goes on from there. The listener is told nothing before this has returned. */
  accept(upgrade: Upgrade, listener: SocketListener): EngineSocket;
}

export type EngineName = "codec" | "ws";
