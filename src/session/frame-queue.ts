/**
 * Frames that wait for a peer without a session, whose connection is behind: the first of them may be dropped when it has waited too long
 * (P5.9.1), and those behind it keep their order. What is handed to the connection can be dropped no more.
 */
import { costOf, type FrameMemory } from "../room/frame-memory.ts";
import { EXPIRE_EVERY_MS } from "../room/passing-terms.ts";
import type { WaitingFrame } from "./volatile-frames.ts";

export class FrameQueue {
  readonly #memory: FrameMemory;
  #frames: WaitingFrame[] = [];
  #bytes = 0;
  /** When frames that have waited too long were last looked for. */
  #expiredAt = -Infinity;

  constructor(memory: FrameMemory) {
    this.#memory = memory;
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  /** What the frames count for. */
  get bytes(): number {
    return this.#bytes;
  }

  push(frame: WaitingFrame): void {
    this.#frames.push(frame);
    this.#bytes += costOf(frame);
    this.#memory.take(frame);
  }

  /** Sends frames for as long as `canSend` says, without those that have waited too long. */
  drain(now: number, canSend: () => boolean, send: (frame: WaitingFrame) => void): void {
    let sent = 0;
    for (const frame of this.#frames) {
      const isExpired = frame.expiresAt <= now;
      if (!isExpired && !canSend()) break;
      sent += 1;
      this.#drop(frame);
      if (!isExpired) send(frame);
    }
    if (sent > 0) this.#frames = this.#frames.slice(sent);
  }

  /** Drops the frames that have waited too long, wherever they stand. Looks for them every so often only. */
  expire(now: number): void {
    if (now - this.#expiredAt < EXPIRE_EVERY_MS) return;
    this.#expiredAt = now;
    this.#frames = this.#frames.filter((frame) => {
      const isExpired = frame.expiresAt <= now;
      if (isExpired) this.#drop(frame);
      return !isExpired;
    });
  }

  clear(): void {
    for (const frame of this.#frames) this.#memory.giveBack(frame);
    this.#frames = [];
    this.#bytes = 0;
  }

  #drop(frame: WaitingFrame): void {
    this.#bytes -= costOf(frame);
    this.#memory.giveBack(frame);
  }
}
