/** A WebSocket as a port of a room: the one place where `ws` and a room's promises meet. */
import { WebSocket } from "ws";
import { CLOSE_CODES, type CloseName } from "../../protocol/close-codes.ts";
import type { PlayerPort } from "../../room/ports.ts";

const TEXT = { binary: false, compress: false } as const;
const BINARY = { binary: true, compress: false } as const;
/** What a frame that waits costs besides its bytes, in Node's and the library's own objects; measured, and rounded up. */
const FRAME_OVERHEAD_BYTES = 256;

/**
 * Serves as `PlayerPort` and as `HostPort`. It also remembers whether anything was heard of its peer, for the
 * heartbeat to look at.
 */
export class WebSocketPort implements PlayerPort {
  readonly #socket: WebSocket;
  #isClosing = false;
  #framesQueued = 0;
  /** One function for all frames, so that counting them costs the hot path no allocation. */
  readonly #onSent = (): void => {
    this.#framesQueued -= 1;
    if (this.#framesQueued === 0) this.onDrained?.();
  };

  /**
   * Called when all that was sent has left this process. The socket's own `drain` would not do: it comes only after
   * more was waiting than the socket likes, and our limits may be tighter.
   */
  onDrained: (() => void) | undefined;

  /** Any frame has come since the heartbeat last looked. */
  wasHeard = true;
  /** A ping is out and its pong has not come. */
  awaitsPong = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    const hear = (): void => {
      this.wasHeard = true;
    };
    socket.on("ping", hear);
    socket.on("pong", () => {
      this.wasHeard = true;
      this.awaitsPong = false;
    });
  }

  /** Counts what is in memory: a million frames of one byte are more than a megabyte. */
  get queued(): number {
    const { bufferedAmount } = this.#socket;
    return bufferedAmount === 0 ? 0 : bufferedAmount + this.#framesQueued * FRAME_OVERHEAD_BYTES;
  }

  /** We do not read from this peer, so its silence says nothing about it. */
  get isPaused(): boolean {
    return this.#socket.isPaused;
  }

  /** The room has let go of this peer: what it still says is nobody's business. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  send(data: Uint8Array, isText: boolean): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#framesQueued += 1;
    this.#socket.send(data, isText ? TEXT : BINARY, this.#onSent);
  }

  close(name: CloseName, reason?: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const { code, reason: sentence } = CLOSE_CODES[name];
    this.#socket.resume(); // or the peer's own Close would never be read
    this.#socket.close(code, reason ?? sentence);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  ping(): void {
    this.awaitsPong = true;
    this.#socket.ping();
  }

  /** Cuts the line without a goodbye, for peers that would not hear it. */
  terminate(): void {
    this.#isClosing = true;
    this.#socket.terminate();
  }
}
