/** A WebSocket as a port of a room: the one place where `ws` and a room's promises meet. */
import { WebSocket } from "ws";
import { CLOSE_CODES, type CloseName } from "../../protocol/close-codes.ts";
import type { PlayerPort } from "../../room/ports.ts";

const TEXT = { binary: false, compress: false } as const;
const BINARY = { binary: true, compress: false } as const;

/**
 * Serves as `PlayerPort` and as `HostPort`. It also remembers whether anything was heard of its peer, for the
 * heartbeat to look at.
 */
export class WebSocketPort implements PlayerPort {
  readonly #socket: WebSocket;
  #isClosing = false;

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

  get queued(): number {
    return this.#socket.bufferedAmount;
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
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data, isText ? TEXT : BINARY);
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
