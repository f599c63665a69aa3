/** The volatile frames of a peer that cannot take them now (P5.3.4, P5.9.1): the newest of each name, in the order in which they were sent. */
import type { FrameMemory } from "../room/frame-memory.ts";
import type { KeptFrame } from "./kept-frame.ts";

/** Names for one peer. Past them the frame that waits longest is dropped. */
export const MAX_VOLATILE_NAMES = 64;

export class VolatileFrames {
  readonly #memory: FrameMemory;
  /** Created when the first frame waits: most peers take all frames at once. */
  #frames: Map<string, KeptFrame> | undefined;
  #bytes = 0;

  constructor(memory: FrameMemory) {
    this.#memory = memory;
  }

  get isEmpty(): boolean {
    return this.#frames === undefined || this.#frames.size === 0;
  }

  /** Keeps the frame in the place of the one of its name. */
  put(name: string, frame: KeptFrame): void {
    const frames = (this.#frames ??= new Map<string, KeptFrame>());
    this.#drop(name);
    frames.set(name, frame);
    this.#memory.take(frame);
    this.#bytes += frame.data.length;
    // The newest frame waits whatever its size. The others are dropped where all of them are more than may be kept for the peer.
    while (frames.size > MAX_VOLATILE_NAMES || (frames.size > 1 && this.#bytes > this.#memory.limitBytes)) this.take();
  }

  /** Whether the frame of these bytes waits. */
  holds(data: Uint8Array): boolean {
    for (const frame of this.#frames?.values() ?? []) if (frame.data === data) return true;
    return false;
  }

  /** Drops the frames that have waited too long. */
  expire(now: number): void {
    for (const [name, { expiresAt }] of this.#frames ?? []) if (expiresAt <= now) this.#drop(name);
  }

  /** Removes the frame that waits longest. */
  take(): KeptFrame | undefined {
    for (const [name, frame] of this.#frames ?? []) {
      this.#drop(name);
      return frame;
    }
    return undefined;
  }

  /** Drops frames, oldest first, until the peer's memory is within its limit. */
  fit(): void {
    while (this.#memory.isOverLimit && !this.isEmpty) this.take();
  }

  clear(): void {
    for (const frame of this.#frames?.values() ?? []) this.#memory.giveBack(frame);
    this.#frames = undefined;
    this.#bytes = 0;
  }

  #drop(name: string): void {
    const frame = this.#frames?.get(name);
    if (frame === undefined) return;
    this.#frames?.delete(name);
    this.#bytes -= frame.data.length;
    this.#memory.giveBack(frame);
  }
}
