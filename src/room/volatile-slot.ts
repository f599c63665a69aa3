/** The newest volatile frame of a peer that cannot take it now (P5.3.4). A newer one takes its place. */
import type { FrameMemory } from "./frame-memory.ts";
import type { OutboxFrame } from "./outbox.ts";

export class VolatileSlot {
  readonly #memory: FrameMemory;
  #frame: OutboxFrame | undefined;

  constructor(memory: FrameMemory) {
    this.#memory = memory;
  }

  get frame(): OutboxFrame | undefined {
    return this.#frame;
  }

  put(data: Uint8Array, isText: boolean): void {
    this.take();
    this.#frame = { data, isText };
    this.#memory.take(this.#frame);
  }

  /** The frame that waits, if one does; it waits no more. */
  take(): OutboxFrame | undefined {
    const frame = this.#frame;
    this.#frame = undefined;
    if (frame !== undefined) this.#memory.giveBack(frame);
    return frame;
  }
}
