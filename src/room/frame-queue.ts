/**
 * Frames that wait for a peer without a session, whose connection is behind: the first of them may be dropped when it has waited too long
 * (P5.9.1), and those behind it keep their order. What is handed to the connection can be dropped no more.
 */
import type { FrameMemory } from "./frame-memory.ts";
import type { WaitingFrame } from "./volatile-frames.ts";

export class FrameQueue {
  readonly #memory: FrameMemory;
  #frames: WaitingFrame[] = [];
  #bytes = 0;

  constructor(memory: FrameMemory) {
    this.#memory = memory;
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  /** Bytes of payload. */
  get bytes(): number {
    return this.#bytes;
  }

  push(frame: WaitingFrame): void {
    this.#frames.push(frame);
    this.#bytes += frame.data.length;
    this.#memory.take(frame);
  }

  /** Sends frames for as long as `canSend` says, without those that have waited too long. */
  drain(now: number, canSend: () => boolean, send: (frame: WaitingFrame) => void): void {
    let sent = 0;
    for (const frame of this.#frames) {
      const isExpired = frame.expiresAt <= now;
      if (!isExpired && !canSend()) break;
      sent += 1;
      this.#bytes -= frame.data.length;
      this.#memory.giveBack(frame);
      if (!isExpired) send(frame);
    }
    if (sent > 0) this.#frames = this.#frames.slice(sent);
  }

  clear(): void {
    for (const frame of this.#frames) this.#memory.giveBack(frame);
    this.#frames = [];
    this.#bytes = 0;
  }
}
